//! Stores that are looked at from outside: sizes, damage, and what can be saved of a damaged one.

use std::path::PathBuf;
use std::sync::Mutex;

use hv_memory::{Episode, HV16, Options};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::answers;
use crate::arrays::{Vectors, ready};
use crate::changes::Changes;
use crate::errors::{done, raised};
use crate::memory::EpisodicMemory;
use crate::pieces::stoppable;
use crate::requests::span;
use crate::snapshot::Episodes;

/// Reads a whole store, also one that is too damaged to open, and compares it with its checksums.
///
/// Args:
///     path: the store's folder.
///     wait: how many seconds to wait while another process has the store.
///
/// Returns:
///     hv.memories.Verification(episodes, payloads, damage).
#[pyfunction]
#[pyo3(signature = (path, wait = 0.0))]
pub fn verify(py: Python<'_>, path: PathBuf, wait: f64) -> PyResult<Bound<'_, PyAny>> {
    let options = Options::new().wait(span("wait", wait)?);
    answers::verification(py, stoppable(py, |progress| options.verify_with(&path, progress), raised)?)
}

/// What a store holds, from its index alone: many times as fast as opening it.
///
/// Args:
///     path: the store's folder.
///     wait: how many seconds to wait while another process has the store.
///
/// Returns:
///     (stats, metadata): hv.memories.Stats, and the application's own bytes.
#[pyfunction]
#[pyo3(signature = (path, wait = 0.0))]
pub fn summary(py: Python<'_>, path: PathBuf, wait: f64) -> PyResult<(Bound<'_, PyAny>, Bound<'_, PyBytes>)> {
    let options = Options::new().wait(span("wait", wait)?);
    let summary = done(py, py.detach(|| options.summary(&path)))?;
    Ok((answers::stats(py, &summary.stats)?, PyBytes::new(py, &summary.metadata)))
}

/// Reads what is sound of a store, also of one that is too damaged to open. Reads all of it, and writes nothing.
///
/// Args:
///     path: the store's folder.
///     wait: how many seconds to wait while another process has the store.
#[pyfunction]
#[pyo3(signature = (path, wait = 0.0))]
pub fn salvage(py: Python<'_>, path: PathBuf, wait: f64) -> PyResult<Salvage> {
    ready()?;
    let options = Options::new().wait(span("wait", wait)?);
    Ok(Salvage(Some(stoppable(py, |progress| options.salvage(&path, progress), raised)?)))
}

/// What is sound of a store, to be written to a new one: hv.salvage(path) reads it.
#[pyclass(module = "hv")]
pub struct Salvage(Option<hv_memory::Salvage>);

impl Salvage {
    /// What is sound; an error where an encoding has failed half-way.
    fn sound(&self) -> PyResult<&hv_memory::Salvage> {
        let spoilt =
            || PyValueError::new_err("an earlier `encode` failed half-way; read the store again by hv.salvage");
        self.0.as_ref().ok_or_else(spoilt)
    }
}

#[pymethods]
impl Salvage {
    /// The application's own bytes; None where they are lost.
    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        Ok(self.sound()?.metadata().map(|metadata| PyBytes::new(py, metadata)))
    }

    /// Everything that is not what was written, but for the payloads of lost episodes: a list of hv.memories.Damage.
    #[getter]
    fn damage<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        answers::damage(py, self.sound()?.damage())
    }

    /// The episodes that are lost and whose ids are still known: a list of hv.memories.Lost.
    #[getter]
    fn lost<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.sound()?.lost().iter().map(|lost| answers::lost(py, lost)).collect()
    }

    /// How many episodes have no sound vector. They are not written unless `encode` gives them one.
    #[getter]
    fn without_vector(&self) -> PyResult<usize> {
        Ok(self.sound()?.without_vector())
    }

    /// The episodes that are not lost, in order of id. Those without a sound vector have one of zeros.
    fn episodes(&self) -> PyResult<Episodes> {
        Ok(Episodes(Mutex::new(self.sound()?.episodes())))
    }

    /// Gives new vectors to the episodes that have no sound one. Where the function raises, the store has to be read again.
    ///
    /// Args:
    ///     vectors: a function that gets a list of up to 4,096 episodes, and returns a sequence with an array of uint8 with shape
    ///         (256,) for each, or None where there is none: that episode is lost. An array with shape (n, 256) will do.
    ///     all: whether all episodes get one.
    #[pyo3(signature = (vectors, all = false))]
    fn encode(&mut self, py: Python<'_>, vectors: &Bound<'_, PyAny>, all: bool) -> PyResult<()> {
        self.sound()?;
        let Some(mut salvage) = self.0.take() else { return Ok(()) };
        let mut failed = Ok(());
        let given = |episodes: &[Episode]| match failed {
            Ok(()) => asked(py, vectors, episodes).unwrap_or_else(|error| {
                failed = Err(error);
                Vec::new()
            }),
            Err(_) => Vec::new(),
        };
        let encoded = salvage.encode(all, given);
        failed?;
        self.0 = Some(salvage);
        done(py, encoded)
    }

    /// Makes a store of what is sound in a new folder, all or nothing.
    ///
    /// Args:
    ///     path: the new folder.
    ///     metadata: the application's own bytes; None for those that were saved.
    ///     changes: hv.Changes, whose rows take the place of rows that were saved; what else is in there does not count.
    ///
    /// Returns:
    ///     The new hv.EpisodicMemory.
    #[pyo3(signature = (path, metadata = None, changes = None))]
    fn write(
        &self,
        py: Python<'_>,
        path: PathBuf,
        metadata: Option<Vec<u8>>,
        changes: Option<PyRef<'_, Changes>>,
    ) -> PyResult<EpisodicMemory> {
        let sound = self.sound()?;
        let metadata = metadata.unwrap_or_else(|| sound.metadata().unwrap_or_default().to_vec());
        let changes = changes.map_or_else(hv_memory::Changes::new, |changes| changes.0.clone());
        let write = |progress: &hv_memory::Progress| sound.write(&path, &metadata, &changes, progress);
        Ok(EpisodicMemory::open(stoppable(py, write, raised)?))
    }

    fn __repr__(&self) -> String {
        let text = |sound: &hv_memory::Salvage| {
            format!("<hv.Salvage: {} lost, {} without a vector>", sound.lost().len(), sound.without_vector())
        };
        self.0.as_ref().map_or_else(|| "<hv.Salvage: spoilt>".to_owned(), text)
    }
}

/// The vectors that a function of Python gives episodes.
fn asked(py: Python<'_>, vectors: &Bound<'_, PyAny>, episodes: &[Episode]) -> PyResult<Vec<Option<HV16>>> {
    let made: Vec<_> = episodes.iter().map(|one| answers::episode(py, one.clone())).collect::<PyResult<_>>()?;
    let given = vectors.call1((PyList::new(py, made)?,))?;
    let vector = |one: PyResult<Bound<'_, PyAny>>| {
        let one = one?;
        if one.is_none() { Ok(None) } else { Vectors::one("what `vectors` gives", &one).map(Some) }
    };
    let given: Vec<_> = given.try_iter()?.map(vector).collect::<PyResult<_>>()?;
    if given.len() != episodes.len() {
        let what = format!("`vectors` gave {} vectors for {} episodes; give one for each", given.len(), episodes.len());
        return Err(PyValueError::new_err(what));
    }
    Ok(given)
}
