//! The memory: one published state that readers share, and one writer that replaces it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use hv_parallel::HV16;

use crate::arena::{Payload, State};
use crate::disk::{Disk, DiskFolder, Folder, Sharing, sync_folder};
use crate::episode::MAX_BYTES;
use crate::timer::Timer;
use crate::{Durability, Episode, EpisodeId, Episodes, Match, MemoryError, NewEpisode, Snapshot, Stats};

/// Episodes, stored for good and recalled by similarity.
///
/// `Send + Sync`: any number of threads recall while others store. Stores take turns.
///
/// ```
/// use hv_memory::{EpisodicMemory, HV16, NewEpisode};
///
/// let memory = EpisodicMemory::in_memory();
/// for seed in 0..100 {
///     memory.store(NewEpisode { content: HV16::random(seed), time: 0, valence: 0.0, payload: vec![seed as u8] })?;
/// }
/// let found = memory.recall(&HV16::random(42), 1)?;
/// assert_eq!(found[0].similarity(), 1.0);
/// assert_eq!(memory.get(found[0].id)?.unwrap().payload, [42]);
/// # Ok::<(), hv_memory::MemoryError>(())
/// ```
pub struct EpisodicMemory {
    shared: Arc<Shared>,
    /// Commits what has waited long enough; only where stores are batched.
    timer: Option<Timer>,
}

/// What the memory and its timer share.
pub(crate) struct Shared {
    state: ArcSwap<State>,
    writer: Mutex<Writer>,
    path: Option<PathBuf>,
}

struct Writer {
    disk: Option<Disk>,
    durability: Durability,
    read_only: bool,
}

impl EpisodicMemory {
    /// An empty memory without a folder: as fast as memory is, and gone with the process.
    #[must_use]
    pub fn in_memory() -> Self {
        let writer = Writer { disk: None, durability: Durability::Immediate, read_only: false };
        Self::assemble(State::new(), writer, None)
    }

    /// Opens the store in a folder for reading and writing. Makes the folder, and an empty store, where there is
    /// nothing.
    ///
    /// Everything but the payloads is read and checked first; these are checked when they are read. Writes nothing
    /// to a folder that it refuses.
    ///
    /// # Errors
    ///
    /// [`NotAFolder`](MemoryError::NotAFolder), [`NotAStore`](MemoryError::NotAStore) if the folder holds something
    /// else, [`NewerVersion`](MemoryError::NewerVersion), [`InUse`](MemoryError::InUse) if any other handle has it
    /// open, [`Damaged`](MemoryError::Damaged), and the errors of the system.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, MemoryError> {
        Self::open_with(path.as_ref(), Durability::Immediate)
    }

    pub(crate) fn open_with(path: &Path, durability: Durability) -> Result<Self, MemoryError> {
        match fs::metadata(path) {
            Ok(found) if !found.is_dir() => return Err(MemoryError::NotAFolder { path: path.into() }),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_folder(path)?,
            Err(error) => return Err(MemoryError::io("open", path, error)),
        }
        Self::open_folder(Arc::new(DiskFolder::new(path)), Sharing::Alone, durability)
    }

    /// Opens a store for reading only; any number of readers may share it, but none with a writer. Writes nothing,
    /// not even to finish what an interrupted process left.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`NotFound`](MemoryError::NotFound) where there is no store.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, MemoryError> {
        let path = path.as_ref();
        match fs::metadata(path) {
            Ok(found) if !found.is_dir() => Err(MemoryError::NotAFolder { path: path.into() }),
            Ok(_) => Self::open_folder(Arc::new(DiskFolder::new(path)), Sharing::Readers, Durability::Immediate),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(MemoryError::NotFound { path: path.into() }),
            Err(error) => Err(MemoryError::io("open", path, error)),
        }
    }

    pub(crate) fn open_folder(
        folder: Arc<dyn Folder>,
        sharing: Sharing,
        durability: Durability,
    ) -> Result<Self, MemoryError> {
        let path = folder.path().to_path_buf();
        let (disk, state) = Disk::open(folder, sharing)?;
        let writer = Writer { disk: Some(disk), durability, read_only: sharing == Sharing::Readers };
        Ok(Self::assemble(state, writer, Some(path)))
    }

    fn assemble(state: State, writer: Writer, path: Option<PathBuf>) -> Self {
        let durability = writer.durability;
        let shared = Arc::new(Shared { state: ArcSwap::from_pointee(state), writer: Mutex::new(writer), path });
        let timer = match durability {
            Durability::Batched { delay, .. } => Some(Timer::start(Arc::downgrade(&shared), delay)),
            Durability::Immediate => None,
        };
        Self { shared, timer }
    }

    /// Stores an episode, and returns its id: the next in order.
    ///
    /// When this returns the episode is there for every later recall, and durable as [`Durability`] says. Where
    /// more than one is at hand, [`store_batch`](Self::store_batch) is faster by orders of magnitude.
    ///
    /// # Errors
    ///
    /// As [`store_batch`](Self::store_batch).
    pub fn store(&self, episode: NewEpisode) -> Result<EpisodeId, MemoryError> {
        let first = self.shared.store(std::slice::from_ref(&episode))?;
        Ok(EpisodeId(first))
    }

    /// Stores episodes in one durable step: all of them, or on an error none.
    ///
    /// # Errors
    ///
    /// [`InvalidValence`](MemoryError::InvalidValence), [`PayloadTooLarge`](MemoryError::PayloadTooLarge),
    /// [`ReadOnly`](MemoryError::ReadOnly), [`Full`](MemoryError::Full) and the other errors of the system. What
    /// was stored before is kept and readable, and the next store tries again.
    pub fn store_batch(&self, episodes: &[NewEpisode]) -> Result<Vec<EpisodeId>, MemoryError> {
        let first = self.shared.store(episodes)?;
        Ok((first..).map(EpisodeId).take(episodes.len()).collect())
    }

    /// Makes everything acknowledged durable. Does nothing where it is already.
    ///
    /// # Errors
    ///
    /// Those of the system; what could not be written remains in memory for the next attempt.
    pub fn flush(&self) -> Result<(), MemoryError> {
        self.shared.flush()
    }

    /// The episode of an id; `None` if it was never given out or is forgotten.
    ///
    /// # Errors
    ///
    /// If the payload cannot be read, or is not what was stored.
    pub fn get(&self, id: EpisodeId) -> Result<Option<Episode>, MemoryError> {
        self.snapshot().get(id)
    }

    /// All episodes of this moment, in order of id.
    #[must_use]
    pub fn episodes(&self) -> Episodes {
        self.snapshot().episodes()
    }

    /// The `k` episodes nearest to a cue: by distance, then the older. Exact; fewer where there are fewer.
    ///
    /// Cost: one distance an episode, on all cores where that pays. Changes nothing.
    ///
    /// # Errors
    ///
    /// None today: the vectors are in memory.
    pub fn recall(&self, cue: &HV16, k: usize) -> Result<Vec<Match>, MemoryError> {
        self.snapshot().recall(cue, k)
    }

    /// [`recall`](Self::recall) for many cues in one tiled pass: several times as fast as one after the other.
    ///
    /// # Errors
    ///
    /// None today: the vectors are in memory.
    pub fn recall_batch(&self, cues: &[HV16], k: usize) -> Result<Vec<Vec<Match>>, MemoryError> {
        self.snapshot().recall_batch(cues, k)
    }

    /// The application's note: opaque bytes, empty at first. For example how contents were encoded.
    ///
    /// # Errors
    ///
    /// None today: the note is in memory.
    pub fn metadata(&self) -> Result<Vec<u8>, MemoryError> {
        Ok(self.snapshot().metadata())
    }

    /// Replaces the application's note, durably.
    ///
    /// # Errors
    ///
    /// [`MetadataTooLarge`](MemoryError::MetadataTooLarge) over 1 MiB, [`ReadOnly`](MemoryError::ReadOnly), and the
    /// errors of the system; the old note is kept.
    pub fn set_metadata(&self, metadata: &[u8]) -> Result<(), MemoryError> {
        if metadata.len() > MAX_BYTES {
            return Err(MemoryError::MetadataTooLarge { bytes: metadata.len(), max: MAX_BYTES });
        }
        self.shared.flush()?;
        let mut writer = self.shared.writer()?;
        let base = self.shared.state.load_full();
        if let Some(disk) = &mut writer.disk {
            disk.set_metadata(&base, metadata)?;
        }
        self.shared.state.store(Arc::new(State { metadata: metadata.into(), ..State::clone(&base) }));
        Ok(())
    }

    /// How many episodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.state.load().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts, sizes and the span of time. Cost: a pass over the times, and a look at the folder.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let disk_bytes = match &self.shared.path {
            Some(_) => self.shared.lock().disk.as_ref().map_or(0, Disk::bytes),
            None => 0,
        };
        Stats::of(&self.shared.state.load(), disk_bytes)
    }

    /// The memory as it is now, for as long as wanted. Lock-free and O(1).
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { state: self.shared.state.load_full() }
    }
}

impl Shared {
    /// The writer, whether it may write or not. What a panic leaves behind is whole: a state is published in one
    /// step, and files that were being written are closed.
    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> Result<MutexGuard<'_, Writer>, MemoryError> {
        let writer = self.lock();
        match &self.path {
            Some(path) if writer.read_only => Err(MemoryError::ReadOnly { path: path.clone() }),
            _ => Ok(writer),
        }
    }

    /// Stores a batch and returns the first id.
    fn store(&self, episodes: &[NewEpisode]) -> Result<u64, MemoryError> {
        episodes.iter().enumerate().try_for_each(|(index, episode)| episode.check(index))?;
        let mut writer = self.writer()?;
        let base = self.state.load_full();
        if !episodes.is_empty() {
            let grown = writer.append(&base, episodes)?;
            // Only now: what a reader sees has been committed, or need not be yet.
            self.state.store(Arc::new(grown));
        }
        Ok(base.next_id)
    }

    /// Commits what was only acknowledged.
    pub(crate) fn flush(&self) -> Result<(), MemoryError> {
        let mut writer = self.lock();
        let base = self.state.load_full();
        if let Some(disk) = &mut writer.disk
            && disk.waiting(&base) > 0
        {
            self.state.store(Arc::new(disk.append(&base, &[])?));
        }
        Ok(())
    }
}

impl Writer {
    /// The state with more episodes, committed where it has to be.
    fn append(&mut self, base: &State, episodes: &[NewEpisode]) -> Result<State, MemoryError> {
        match (&mut self.disk, self.durability) {
            (Some(disk), Durability::Immediate) => disk.append(base, episodes),
            (Some(disk), Durability::Batched { episodes: limit, .. })
                if disk.waiting(base) + episodes.len() >= limit =>
            {
                disk.append(base, episodes)
            }
            _ => base.append(episodes, &|row| Payload::Memory(episodes[row].payload[..].into())),
        }
    }
}

impl Drop for EpisodicMemory {
    /// Commits what is waiting. An error cannot be reported from here: call [`flush`](EpisodicMemory::flush) first
    /// where that matters.
    fn drop(&mut self) {
        drop(self.timer.take());
        let _ = self.shared.flush();
    }
}

impl std::fmt::Debug for EpisodicMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EpisodicMemory")
            .field("path", &self.shared.path)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// Makes a folder, and those above it, durably.
fn make_folder(path: &Path) -> Result<(), MemoryError> {
    let make = || {
        fs::create_dir_all(path)?;
        match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => sync_folder(Path::new(".")),
            Some(parent) => sync_folder(parent),
            None => Ok(()),
        }
    };
    make().map_err(|error| MemoryError::io("create the folder", path, error))
}
