//! `EpisodicMemory`: vectors with what belongs to them, kept in a folder.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hv_memory::{Durability, EpisodeId, HV16, MemoryError, Options, Progress};
use numpy::PyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::answers;
use crate::arrays::{Vectors, ready};
use crate::changes::Changes;
use crate::errors::{closed, done, raised};
use crate::pieces::stoppable;
use crate::requests::{self, Labels, conditions, span};
use crate::snapshot::Snapshot;

/// Vectors with what belongs to them (a time, a payload, a key and so on), found again by similarity: in memory, or in a folder
/// that loses nothing that was acknowledged.
///
/// Without a path it is in memory, and gone with the process. A folder is made where there is none. It is open until `close`,
/// or the end of a `with`.
///
/// Args:
///     path: the store's folder, a str or a path.
///     read_only: read alone, next to other readers; there must be a store.
///     wait: how many seconds to wait while another process has the store.
///     batched: (episodes, seconds): let this many episodes wait, for so long, before they are written; None writes at once.
///     prefix_plane: keep the first 512 bits of all vectors apart, which makes recalls with a high min_similarity faster.
///     retrievals_kept: how many retrievals of each episode count.
#[pyclass(module = "hv", frozen)]
pub struct EpisodicMemory {
    /// `None` once it is closed.
    memory: Mutex<Option<Arc<hv_memory::EpisodicMemory>>>,
}

impl EpisodicMemory {
    pub fn open(memory: hv_memory::EpisodicMemory) -> Self {
        Self { memory: Mutex::new(Some(Arc::new(memory))) }
    }

    /// Locked for short whiles only, in which no other thread may fork.
    fn lock(&self) -> MutexGuard<'_, Option<Arc<hv_memory::EpisodicMemory>>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn memory(&self, py: Python<'_>) -> PyResult<Arc<hv_memory::EpisodicMemory>> {
        self.lock().clone().ok_or_else(|| closed(py))
    }

    /// Does something long with the memory, which Ctrl-C stops.
    fn stoppable<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&hv_memory::EpisodicMemory, &Progress) -> Result<T, MemoryError> + Send,
    ) -> PyResult<T> {
        let memory = self.memory(py)?;
        stoppable(py, move |progress| work(&memory, progress), raised)
    }

    /// Does something with the memory without the interpreter's lock.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&hv_memory::EpisodicMemory) -> Result<T, MemoryError> + Send,
    ) -> PyResult<T> {
        let memory = self.memory(py)?;
        // If this is the last to have it, it is closed without the lock, too.
        done(py, py.detach(move || work(&memory)))
    }
}

#[pymethods]
impl EpisodicMemory {
    #[new]
    #[pyo3(signature = (path = None, *, read_only = false, wait = 0.0, batched = None, prefix_plane = false,
                        retrievals_kept = None))]
    fn new(
        py: Python<'_>,
        path: Option<PathBuf>,
        read_only: bool,
        wait: f64,
        batched: Option<(usize, f64)>,
        prefix_plane: bool,
        retrievals_kept: Option<usize>,
    ) -> PyResult<Self> {
        ready()?;
        let mut options = Options::new().prefix_plane(prefix_plane).wait(span("wait", wait)?);
        if let Some((episodes, seconds)) = batched {
            options = options.durability(Durability::Batched { episodes, delay: span("batched", seconds)? });
        }
        if let Some(retrievals) = retrievals_kept {
            options = options.retrievals_kept(retrievals);
        }
        match path {
            None if read_only => Err(PyValueError::new_err("a memory without a path has nothing to read; give a path")),
            None => Ok(Self::open(options.in_memory())),
            Some(path) => {
                let open = |progress: &Progress| match read_only {
                    true => options.open_read_only_with(&path, progress),
                    false => options.open_with(&path, progress),
                };
                Ok(Self::open(stoppable(py, open, raised)?))
            }
        }
    }

    /// A new store in the folder `path`, of what was exported to `folder`.
    #[staticmethod]
    fn import_new(py: Python<'_>, path: PathBuf, folder: PathBuf) -> PyResult<Self> {
        ready()?;
        let import = |progress: &Progress| hv_memory::EpisodicMemory::import_new_with(&path, &folder, progress);
        Ok(Self::open(stoppable(py, import, raised)?))
    }

    /// Stores an episode.
    ///
    /// Args:
    ///     content: an array of uint8 with shape (256,).
    ///     time: microseconds since 1970.
    ///     valence: from -1 to 1.
    ///     payload: bytes, at most 1 MiB.
    ///     key: an int or a str; an episode with the same key is replaced.
    ///     source: where it came from, bytes or a str.
    ///     tags: texts.
    ///     group: from 0 to 65535.
    ///
    /// Returns:
    ///     Its id.
    #[pyo3(signature = (content, *, time = 0, valence = 0.0, payload = None, key = None, source = None,
                        tags = None, group = 0))]
    #[allow(clippy::too_many_arguments)] // each by its name
    fn store(
        &self,
        py: Python<'_>,
        content: &Bound<'_, PyAny>,
        time: i64,
        valence: f32,
        payload: Option<Vec<u8>>,
        key: Option<&Bound<'_, PyAny>>,
        source: Option<&Bound<'_, PyAny>>,
        tags: Option<Vec<String>>,
        group: u16,
    ) -> PyResult<u64> {
        let episode = requests::episode(content, time, valence, payload, key, source, tags, group)?;
        Ok(self.with(py, |memory| memory.store(episode))?.0)
    }

    /// Stores many episodes, all or none of them.
    ///
    /// Args:
    ///     contents: an array of uint8 with shape (n, 256), or Codes.
    ///     times, valences, groups: arrays or sequences with an item for each, or one number for all.
    ///     payloads, keys, sources, tags: sequences with an item for each; keys and sources may be None.
    ///
    /// Returns:
    ///     Their ids: an array of int64 with shape (n,).
    #[pyo3(signature = (contents, *, times = None, valences = None, payloads = None, keys = None,
                        sources = None, tags = None, groups = None))]
    #[allow(clippy::too_many_arguments)] // each by its name
    fn store_batch<'py>(
        &self,
        py: Python<'py>,
        contents: &Bound<'py, PyAny>,
        times: Option<&Bound<'py, PyAny>>,
        valences: Option<&Bound<'py, PyAny>>,
        payloads: Option<&Bound<'py, PyAny>>,
        keys: Option<&Bound<'py, PyAny>>,
        sources: Option<&Bound<'py, PyAny>>,
        tags: Option<&Bound<'py, PyAny>>,
        groups: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let contents = Vectors::rows("contents", contents)?;
        let labels = Labels { times, valences, payloads, keys, sources, tags, groups };
        let episodes = labels.episodes(py, contents.as_slice())?;
        let stored = self.stoppable(py, |memory, progress| memory.store_batch_with(&episodes, progress))?;
        Ok(answers::ids(py, &stored))
    }

    /// Makes hv.Changes together: all of them, durably, or on an error none.
    ///
    /// Returns:
    ///     Applied(ids, forgotten): the ids of the stored episodes, an array of int64, and how many were forgotten.
    fn apply<'py>(&self, py: Python<'py>, changes: PyRef<'py, Changes>) -> PyResult<Bound<'py, PyAny>> {
        let changes = changes.0.clone();
        answers::applied(py, &self.stoppable(py, |memory, progress| memory.apply_with(&changes, progress))?)
    }

    /// Reads what was exported to `folder` into a memory that was never used, and says how many episodes that is.
    fn import_from(&self, py: Python<'_>, folder: PathBuf) -> PyResult<usize> {
        self.stoppable(py, |memory, progress| memory.import_with(&folder, progress))
    }

    /// The k episodes nearest to a cue, by distance, then the older first. Exact.
    ///
    /// Args:
    ///     cue: an array of uint8 with shape (256,).
    ///     k: how many are wanted.
    ///     conditions: hv.Conditions that they must meet.
    ///
    /// Returns:
    ///     Matches(ids, distances, similarities): arrays of int64, uint16 and float64 with shape (m,), m at most k.
    #[pyo3(signature = (cue, k, conditions = None))]
    fn recall<'py>(
        &self,
        py: Python<'py>,
        cue: &Bound<'py, PyAny>,
        k: usize,
        conditions: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let cue = Vectors::one("cue", cue)?;
        answers::recall(py, &self.memory(py)?.snapshot(), &cue, k, &self::conditions(conditions)?)
    }

    /// The k episodes nearest to each cue, all from one moment.
    ///
    /// Args:
    ///     cues: an array of uint8 with shape (q, 256), or Codes.
    ///     k: how many are wanted.
    ///     conditions: hv.Conditions that they must meet.
    ///
    /// Returns:
    ///     Matches(ids, distances, similarities): arrays of int64, uint16 and float64 with shape (q, k). Where there are fewer
    ///     than k, the rest of a row is -1, 65535 and nan.
    #[pyo3(signature = (cues, k, conditions = None))]
    fn recall_batch<'py>(
        &self,
        py: Python<'py>,
        cues: &Bound<'py, PyAny>,
        k: usize,
        conditions: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let cues = Vectors::rows("cues", cues)?;
        let snapshot = self.memory(py)?.snapshot();
        answers::recall_batch(py, &snapshot, cues.as_slice(), k, &self::conditions(conditions)?)
    }

    /// The k episodes nearest to a cue, which makes them stronger, and is noted.
    ///
    /// Args:
    ///     cue: an array of uint8 with shape (256,).
    ///     k: how many are wanted.
    ///     now: microseconds since 1970.
    ///     conditions: hv.Conditions that they must meet.
    ///     policy: hv.RecollectPolicy.
    ///
    /// Returns:
    ///     Matches(ids, distances, similarities), as from recall.
    #[pyo3(signature = (cue, k, now, conditions = None, policy = None))]
    fn recollect<'py>(
        &self,
        py: Python<'py>,
        cue: &Bound<'py, PyAny>,
        k: usize,
        now: i64,
        conditions: Option<&Bound<'py, PyAny>>,
        policy: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let cue: HV16 = Vectors::one("cue", cue)?;
        let (conditions, policy) = (self::conditions(conditions)?, requests::recollect_policy(policy)?);
        let found = if self.memory(py)?.len() < answers::LONG {
            self.with(py, |memory| memory.recollect(&cue, k, &conditions, &policy, now))
        } else {
            self.stoppable(py, |memory, progress| memory.recollect_with(&cue, k, &conditions, &policy, now, progress))
        };
        answers::matches(py, found?)
    }

    /// Merges what is nearly equal and forgets what is weak, as hv.ConsolidatePolicy says.
    ///
    /// Returns:
    ///     Consolidation(kept, faded, surplus, absorbed).
    #[pyo3(signature = (now, policy = None))]
    fn consolidate<'py>(
        &self,
        py: Python<'py>,
        now: i64,
        policy: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let policy = requests::consolidate_policy(policy)?;
        answers::consolidation(
            py,
            self.stoppable(py, |memory, progress| memory.consolidate_with(&policy, now, progress))?,
        )
    }

    /// Forgets episodes, and says how many there were.
    fn forget(&self, py: Python<'_>, ids: Vec<u64>) -> PyResult<usize> {
        let ids: Vec<EpisodeId> = ids.into_iter().map(EpisodeId).collect();
        self.with(py, |memory| memory.forget(&ids))
    }

    /// The episode of an id; None where it was never given out or is forgotten.
    fn get<'py>(&self, py: Python<'py>, id: u64) -> PyResult<Option<Bound<'py, PyAny>>> {
        let episode = self.with(py, |memory| memory.get(EpisodeId(id)))?;
        episode.map(|episode| answers::episode(py, episode)).transpose()
    }

    /// The memory as it is now, for as long as wanted. Costs nothing.
    fn snapshot(&self, py: Python<'_>) -> PyResult<Snapshot> {
        Ok(Snapshot(self.memory(py)?.snapshot()))
    }

    /// The application's own bytes, at most 1 MiB.
    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.with(py, hv_memory::EpisodicMemory::metadata)?))
    }

    #[setter]
    fn set_metadata(&self, py: Python<'_>, bytes: Vec<u8>) -> PyResult<()> {
        self.with(py, |memory| memory.set_metadata(&bytes))
    }

    /// Makes all that waits durable.
    fn flush(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, hv_memory::EpisodicMemory::flush)
    }

    /// Rewrites the store without what was forgotten.
    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        self.stoppable(py, hv_memory::EpisodicMemory::compact_with)
    }

    /// Reads the whole store and compares it with its checksums.
    fn verify<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        answers::verification(py, self.stoppable(py, hv_memory::EpisodicMemory::verify_with)?)
    }

    /// Writes all to a new folder, in the format that `hv import` reads.
    fn export(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.stoppable(py, |memory, progress| memory.export_with(&path, progress))
    }

    /// Sizes.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        answers::stats(py, &self.memory(py)?.stats())
    }

    /// Makes all that waits durable, and gives the store free. What is called afterwards is a ClosedError, but snapshots live on.
    /// In a forked child it only lets go.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let Some(memory) = self.lock().take() else { return Ok(()) };
        match py.detach(move || memory.flush()) {
            Err(MemoryError::Forked { .. }) => Ok(()),
            flushed => done(py, flushed),
        }
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_error))]
    fn __exit__(&self, py: Python<'_>, _error: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.close(py)
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.memory(py)?.len())
    }

    fn __repr__(&self) -> String {
        let memory = self.lock().clone();
        memory.map_or("<hv.EpisodicMemory: closed>".to_owned(), |memory| {
            format!("<hv.EpisodicMemory: {} episodes>", memory.len())
        })
    }
}
