//! `Snapshot`: a memory at one moment, to be read for as long as wanted.

use std::ops::ControlFlow;
use std::path::PathBuf;

use hv_memory::{EpisodeId, Progress};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::answers;
use crate::arrays::Vectors;
use crate::errors::done;
use crate::requests::{conditions, key, source};
use crate::results::{self, Found};

/// A memory at one moment. What happens to the memory afterwards is not seen here.
#[pyclass(module = "hv", frozen)]
pub struct Snapshot(pub hv_memory::Snapshot);

#[pymethods]
impl Snapshot {
    /// The k episodes nearest to a cue: see EpisodicMemory.recall.
    #[pyo3(signature = (cue, k, conditions = None))]
    fn recall<'py>(
        &self,
        py: Python<'py>,
        cue: &Bound<'py, PyAny>,
        k: usize,
        conditions: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let cue = Vectors::one("cue", cue)?;
        answers::recall(py, &self.0, &cue, k, &self::conditions(conditions)?)
    }

    /// The k episodes nearest to each cue: see EpisodicMemory.recall_batch.
    #[pyo3(signature = (cues, k, conditions = None))]
    fn recall_batch<'py>(
        &self,
        py: Python<'py>,
        cues: &Bound<'py, PyAny>,
        k: usize,
        conditions: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let cues = Vectors::rows("cues", cues)?;
        answers::recall_batch(py, &self.0, cues.as_slice(), k, &self::conditions(conditions)?)
    }

    /// The episode of an id; None where it was never given out or is forgotten.
    fn get<'py>(&self, py: Python<'py>, id: u64) -> PyResult<Option<Bound<'py, PyAny>>> {
        let episode = done(py, py.detach(|| self.0.get(EpisodeId(id))))?;
        episode.map(|episode| answers::episode(py, episode)).transpose()
    }

    /// All episodes, by id. Their payloads are read as they come.
    fn episodes(&self) -> Episodes {
        Episodes(std::sync::Mutex::new(self.0.episodes()))
    }

    /// The id of the episode with a key, an int or a str; None where there is none.
    fn id_of_key(&self, key: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
        Ok(self.0.id_of_key(&self::key(key)?).map(|id| id.0))
    }

    /// The ids of the episodes from a source, bytes or a str: an array of int64 with shape (m,).
    fn ids_of_source<'py>(&self, py: Python<'py>, source: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        Ok(answers::ids(py, &self.0.ids_of_source(&self::source(source)?)))
    }

    /// The ids of the episodes with a tag: an array of int64 with shape (m,).
    fn ids_of_tag<'py>(&self, py: Python<'py>, tag: &str) -> Bound<'py, PyArray1<i64>> {
        answers::ids(py, &self.0.ids_of_tag(tag))
    }

    /// How many episodes come from each source, a dictionary by bytes.
    fn sources<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let sources = PyDict::new(py);
        for (source, episodes) in self.0.sources() {
            sources.set_item(PyBytes::new(py, &source), episodes)?;
        }
        Ok(sources)
    }

    /// How many episodes have each tag.
    fn tags<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let tags = PyDict::new(py);
        for (tag, episodes) in self.0.tags() {
            tags.set_item(tag, episodes)?;
        }
        Ok(tags)
    }

    /// All pairs of episodes with at least a similarity.
    ///
    /// Returns:
    ///     Pairs(indices, distances, similarities), where indices are ids: arrays of int64 with shape (p, 2), the lower id first,
    ///     and of uint16 and float64 with shape (p,).
    fn similar_pairs<'py>(&self, py: Python<'py>, min_similarity: f32) -> PyResult<Bound<'py, PyAny>> {
        let mut pairs: Vec<(usize, Found)> = Vec::new();
        let visit = |found: &[(EpisodeId, EpisodeId, u16)]| {
            let found = found.iter().map(|&(a, b, distance)| {
                let similarity = hv_memory::Match::new(b, distance).similarity();
                (a.0 as usize, (b.0 as usize, distance, f64::from(similarity)))
            });
            pairs.extend(found);
            // Ctrl-C stops it.
            match Python::attach(|py| py.check_signals()) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(error),
            }
        };
        let ended = py.detach(|| self.0.visit_similar_pairs(min_similarity, &Progress::new(), visit));
        match done(py, ended)? {
            ControlFlow::Continue(()) => results::pairs(py, &pairs),
            ControlFlow::Break(error) => Err(error),
        }
    }

    /// Writes all to a new folder, in the format that `hv import` reads.
    fn export(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        done(py, py.detach(|| self.0.export(&path)))
    }

    /// The application's own bytes.
    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &done(py, self.0.metadata())?))
    }

    /// Sizes.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        answers::stats(py, &self.0.stats())
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        format!("<hv.Snapshot: {} episodes>", self.0.len())
    }
}

/// Episodes, one after the other.
#[pyclass(module = "hv", frozen)]
pub struct Episodes(std::sync::Mutex<hv_memory::Episodes>);

#[pymethods]
impl Episodes {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let next = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
        let episode = done(py, next.transpose())?;
        episode.map(|episode| answers::episode(py, episode)).transpose()
    }
}
