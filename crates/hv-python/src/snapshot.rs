//! `Snapshot`: a memory at one moment, to be read for as long as wanted.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use hv_memory::{EpisodeId, Progress};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::answers;
use crate::arrays::Vectors;
use crate::errors::{done, raised};
use crate::pieces::stoppable;
use crate::requests::{causal_policy, conditions, consolidate_policy, key, source, span};
use crate::results::{self, Found};

/// The prefix of all rows.
const ALL: &[u8] = b"";

/// Ids or times.
type Numbers<'py> = Bound<'py, PyArray1<i64>>;

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
        Episodes(Mutex::new(self.0.episodes()))
    }

    /// The id of the episode with a key, an int or a str; None where there is none.
    fn id_of_key(&self, key: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
        Ok(self.0.id_of_key(&self::key(key)?).map(|id| id.0))
    }

    /// The ids of the episodes from a source, bytes or a str: an array of int64 with shape (m,).
    fn ids_of_source<'py>(&self, py: Python<'py>, source: &Bound<'py, PyAny>) -> PyResult<Numbers<'py>> {
        Ok(answers::ids(py, &self.0.ids_of_source(&self::source(source)?)))
    }

    /// The ids of the episodes with a tag: an array of int64 with shape (m,).
    fn ids_of_tag<'py>(&self, py: Python<'py>, tag: &str) -> Numbers<'py> {
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

    /// The application's row of a key, bytes; None where there is none.
    fn row<'py>(&self, py: Python<'py>, key: &[u8]) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let row = done(py, py.detach(|| self.0.row(key)))?;
        Ok(row.map(|row| PyBytes::new(py, &row)))
    }

    /// The application's rows whose keys begin with a prefix, in order: pairs of a key and a value, both bytes, read as they come.
    #[pyo3(signature = (prefix = ALL))]
    fn rows(&self, prefix: &[u8]) -> Rows {
        Rows(Mutex::new(self.0.rows(prefix)))
    }

    /// How many rows the application has.
    fn row_count(&self) -> u64 {
        self.0.row_count()
    }

    /// The k episodes nearest to each cue, as recall_batch finds them, and how they were searched: a list with a
    /// Recall(matches, method, read_in_full) for each cue.
    #[pyo3(signature = (cues, k, conditions = None))]
    fn explain_recall<'py>(
        &self,
        py: Python<'py>,
        cues: &Bound<'py, PyAny>,
        k: usize,
        conditions: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let (cues, conditions) = (Vectors::rows("cues", cues)?, self::conditions(conditions)?);
        let recalls = answers::recalled(py, &self.0, cues.as_slice(), k, &conditions)?;
        recalls.into_iter().map(|recall| answers::explained(py, recall)).collect()
    }

    /// What EpisodicMemory.consolidate would do.
    #[pyo3(signature = (now, policy = None))]
    fn plan_consolidation<'py>(
        &self,
        py: Python<'py>,
        now: i64,
        policy: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let policy = consolidate_policy(policy)?;
        let plan = |progress: &Progress| self.0.plan_consolidation_with(&policy, now, progress);
        answers::consolidation(py, stoppable(py, plan, raised)?)
    }

    /// When an episode was recollected, in microseconds since 1970: an array of int64, in the order of the log.
    fn retrievals<'py>(&self, py: Python<'py>, id: u64) -> PyResult<Numbers<'py>> {
        let times = done(py, py.detach(|| self.0.retrievals(EpisodeId(id))))?;
        Ok(PyArray1::from_vec(py, times))
    }

    /// All retrievals, in the order of the log: (ids, times), arrays of int64 with shape (m,).
    fn retrieval_log<'py>(&self, py: Python<'py>) -> PyResult<(Numbers<'py>, Numbers<'py>)> {
        let (ids, times): (Vec<EpisodeId>, Vec<i64>) =
            done(py, py.detach(|| self.0.retrieval_log()))?.into_iter().unzip();
        Ok((answers::ids(py, &ids), PyArray1::from_vec(py, times)))
    }

    /// Which episodes were recollected within `window` seconds of each other, at least `min_count` times.
    ///
    /// Returns:
    ///     Coactivations(ids, counts, mean_seconds): arrays of int64 with shape (m, 2) and (m,), and of float64 with shape (m,).
    fn coactivations<'py>(&self, py: Python<'py>, window: f64, min_count: u64) -> PyResult<Bound<'py, PyAny>> {
        let window = span("window", window)?;
        let find = |progress: &Progress| self.0.coactivations_with(window, min_count, progress);
        answers::coactivations(py, &stoppable(py, find, raised)?)
    }

    /// The likely causes of an episode, back in time link by link.
    ///
    /// Returns:
    ///     CausalChain(ids, links): arrays of int64 and float64. None where there is no such episode.
    #[pyo3(signature = (id, policy = None))]
    fn causal_chain<'py>(
        &self,
        py: Python<'py>,
        id: u64,
        policy: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let policy = causal_policy(policy)?;
        let follow = |progress: &Progress| self.0.causal_chain_with(EpisodeId(id), &policy, progress);
        let chain = stoppable(py, follow, raised)?;
        chain.map(|chain| answers::chain(py, chain)).transpose()
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
        stoppable(py, |progress| self.0.export_with(&path, progress), raised)
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
pub struct Episodes(pub Mutex<hv_memory::Episodes>);

#[pymethods]
impl Episodes {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let next = self.0.lock().unwrap_or_else(PoisonError::into_inner).next();
        let episode = done(py, next.transpose())?;
        episode.map(|episode| answers::episode(py, episode)).transpose()
    }
}

/// Rows, one after the other.
#[pyclass(module = "hv", frozen)]
pub struct Rows(Mutex<hv_memory::Rows>);

#[pymethods]
impl Rows {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)>> {
        let next = self.0.lock().unwrap_or_else(PoisonError::into_inner).next();
        let row = done(py, next.transpose())?;
        Ok(row.map(|(key, value)| (PyBytes::new(py, &key), PyBytes::new(py, &value))))
    }
}
