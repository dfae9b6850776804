//! `Changes`: several changes of a memory in one durable step.

use hv_memory::EpisodeId;
use pyo3::prelude::*;

use crate::arrays::Vectors;
use crate::requests::{self, Labels};

/// Changes that EpisodicMemory.apply makes together: all of them, durably, or on an error none.
///
/// Episodes are forgotten and revealed first, then stored, then rows change. Rows are the application's own bytes under keys of bytes:
/// Snapshot.row and Snapshot.rows read them.
#[pyclass(module = "hv")]
#[derive(Default)]
pub struct Changes(pub hv_memory::Changes);

impl Changes {
    /// Adds a change, in the way of the library, which takes the changes and gives them back.
    fn and(&mut self, add: impl FnOnce(hv_memory::Changes) -> hv_memory::Changes) {
        self.0 = add(std::mem::take(&mut self.0));
    }
}

#[pymethods]
impl Changes {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Stores an episode: see EpisodicMemory.store.
    #[pyo3(signature = (content, *, time = 0, valence = 0.0, payload = None, key = None, source = None,
                        tags = None, group = 0))]
    #[allow(clippy::too_many_arguments)] // each by its name
    fn store(
        &mut self,
        content: &Bound<'_, PyAny>,
        time: i64,
        valence: f32,
        payload: Option<Vec<u8>>,
        key: Option<&Bound<'_, PyAny>>,
        source: Option<&Bound<'_, PyAny>>,
        tags: Option<Vec<String>>,
        group: u16,
    ) -> PyResult<()> {
        let episode = requests::episode(content, time, valence, payload, key, source, tags, group)?;
        self.and(|changes| changes.store(episode));
        Ok(())
    }

    /// Stores episodes: see EpisodicMemory.store_batch.
    #[pyo3(signature = (contents, *, times = None, valences = None, payloads = None, keys = None,
                        sources = None, tags = None, groups = None))]
    #[allow(clippy::too_many_arguments)] // each by its name
    fn store_batch<'py>(
        &mut self,
        py: Python<'py>,
        contents: &Bound<'py, PyAny>,
        times: Option<&Bound<'py, PyAny>>,
        valences: Option<&Bound<'py, PyAny>>,
        payloads: Option<&Bound<'py, PyAny>>,
        keys: Option<&Bound<'py, PyAny>>,
        sources: Option<&Bound<'py, PyAny>>,
        tags: Option<&Bound<'py, PyAny>>,
        groups: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let contents = Vectors::rows("contents", contents)?;
        let labels = Labels { times, valences, payloads, keys, sources, tags, groups };
        let episodes = labels.episodes(py, contents.as_slice())?;
        self.and(|changes| changes.store_batch(episodes));
        Ok(())
    }

    /// Forgets episodes; an id that is not there changes nothing.
    fn forget(&mut self, ids: Vec<u64>) {
        self.and(|changes| changes.forget(ids.into_iter().map(EpisodeId)));
    }

    /// Hides the episodes that these changes store: nothing finds them until they are revealed. None of them may have a key.
    fn hide(&mut self) {
        self.and(hv_memory::Changes::hide);
    }

    /// Shows hidden episodes from now on; an id that is not there changes nothing.
    fn reveal(&mut self, ids: Vec<u64>) {
        self.and(|changes| changes.reveal(ids.into_iter().map(EpisodeId)));
    }

    /// Puts a row in the place of one of the same key: bytes, at most 1 KiB of key and 1 MiB of value.
    fn put_row(&mut self, key: &[u8], value: &[u8]) {
        self.and(|changes| changes.put_row(key, value));
    }

    /// Deletes the row of a key; one that is not there changes nothing.
    fn delete_row(&mut self, key: &[u8]) {
        self.and(|changes| changes.delete_row(key));
    }

    /// Compacts in the same step: see EpisodicMemory.compact.
    fn compact(&mut self) {
        self.and(hv_memory::Changes::compact);
    }

    /// Whether anything would change.
    fn __bool__(&self) -> bool {
        !self.0.is_empty()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Ok(other) = other.cast::<Self>() else { return Ok(false) };
        Ok(self.0 == other.try_borrow()?.0)
    }
}
