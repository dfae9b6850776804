//! How a memory comes to be: empty, or from a store's folder.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use hv_parallel::for_storage::note_process;
use hv_parallel::{HV16, Progress};

use crate::arena::{Log, State};
use crate::disk::{Disk, DiskFolder, Folder, Holdings, Sharing, Verification, make_folder};
use crate::error::MemoryError;
use crate::memory::EpisodicMemory;
use crate::options::{Durability, Options};
use crate::process::Owner;
use crate::shared::{Shared, Writer};
use crate::stats::{Stats, Summary};
use crate::timer::Timer;

impl EpisodicMemory {
    /// An empty memory without a folder: as fast as memory is, and gone with the process.
    ///
    /// ```
    /// use hv_memory::{EpisodicMemory, HV16, NewEpisode};
    ///
    /// let memory = EpisodicMemory::in_memory();
    /// let id = memory.store(NewEpisode { content: HV16::random(7), ..NewEpisode::default() })?;
    /// assert_eq!(memory.recall(&HV16::random(7), 1)?[0].id, id);
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    #[must_use]
    pub fn in_memory() -> Self {
        Self::in_memory_with(&Options::new())
    }

    pub(crate) fn in_memory_with(options: &Options) -> Self {
        let writer = Writer { disk: None, durability: Durability::Immediate, read_only: false };
        Self::assemble(State { log: Log::new(options.retrievals_kept), ..State::new() }, writer, None, options)
    }

    /// Opens the store in a folder for reading and writing. Makes the folder, and an empty store, where there is
    /// nothing.
    ///
    /// Everything but the payloads is read and checked first; these are checked when they are read. Writes nothing
    /// to a folder that it refuses.
    ///
    /// ```
    /// use hv_memory::{EpisodicMemory, HV16, NewEpisode};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("diary");
    /// let memory = EpisodicMemory::open(&path)?;                     // made where there is nothing
    /// let id = memory.store(NewEpisode { content: HV16::random(7), ..NewEpisode::default() })?;
    /// drop(memory);
    /// assert_eq!(EpisodicMemory::open(&path)?.get(id)?.unwrap().content, HV16::random(7));
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`NotAFolder`](MemoryError::NotAFolder), [`NotAStore`](MemoryError::NotAStore) if the folder holds something
    /// else, [`NewerVersion`](MemoryError::NewerVersion), [`InUse`](MemoryError::InUse) if any other handle has it
    /// open, [`Damaged`](MemoryError::Damaged), and the errors of the system.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, MemoryError> {
        Options::new().open(path)
    }

    /// Opens a store for reading only; any number of readers may share it, but none with a writer. Writes nothing,
    /// not even to finish what an interrupted process left.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`NotFound`](MemoryError::NotFound) where there is no store.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, MemoryError> {
        Options::new().open_read_only(path)
    }

    #[cfg(test)]
    pub(crate) fn open_folder(
        folder: Arc<dyn Folder>,
        sharing: Sharing,
        options: &Options,
    ) -> Result<Self, MemoryError> {
        Self::open_folder_with(folder, sharing, options, &Progress::new())
    }

    fn open_folder_with(
        folder: Arc<dyn Folder>,
        sharing: Sharing,
        options: &Options,
        progress: &Progress,
    ) -> Result<Self, MemoryError> {
        let Options { retrievals_kept, wait, .. } = *options;
        let opened = Disk::open(Arc::clone(&folder), sharing, retrievals_kept, wait, progress)?;
        Ok(Self::of_disk(opened, folder, sharing, options))
    }

    /// [`open_folder`](Self::open_folder) for writing. On an error a store that this has made is gone again.
    pub(crate) fn open_or_undo(folder: Arc<dyn Folder>, options: &Options) -> Result<Self, MemoryError> {
        let opened = Disk::open_or_undo(Arc::clone(&folder), options.retrievals_kept)?;
        Ok(Self::of_disk(opened, folder, Sharing::Alone, options))
    }

    fn of_disk((disk, state): (Disk, State), folder: Arc<dyn Folder>, sharing: Sharing, options: &Options) -> Self {
        let read_only = sharing == Sharing::Readers;
        let durability = if read_only { Durability::Immediate } else { options.durability };
        let writer = Writer { disk: Some(disk), durability, read_only };
        Self::assemble(state, writer, Some(folder), options)
    }

    fn assemble(state: State, writer: Writer, folder: Option<Arc<dyn Folder>>, options: &Options) -> Self {
        let prefix_plane = options.prefix_plane;
        if prefix_plane {
            state.make_planes();
        }
        // Its children have no part in the pool.
        note_process();
        let durability = writer.durability;
        let (state, writer) = (ArcSwap::from_pointee(state), Mutex::new(writer));
        let shared = Arc::new(Shared { state, writer, prefix_plane, folder, owner: Owner::here() });
        let timer = match durability {
            Durability::Batched { delay, .. } => Timer::start(Arc::downgrade(&shared), delay),
            Durability::Immediate => None,
        };
        if timer.is_none() {
            // Where there is no thread to commit after the delay, every store does.
            shared.writer.lock().unwrap_or_else(PoisonError::into_inner).durability = Durability::Immediate;
        }
        Self { shared, timer }
    }
}

impl Options {
    /// See [`EpisodicMemory::open`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<EpisodicMemory, MemoryError> {
        self.open_with(path, &Progress::new())
    }

    /// [`open`](Self::open) that counts how far it is, in bytes of vectors.
    ///
    /// # Errors
    ///
    /// As there, and [`Stopped`](MemoryError::Stopped).
    pub fn open_with(&self, path: impl AsRef<Path>, progress: &Progress) -> Result<EpisodicMemory, MemoryError> {
        let path = path.as_ref();
        if !is_there(path)? {
            make_folder(path).map_err(|error| MemoryError::io("create the folder", path, error))?;
        }
        EpisodicMemory::open_folder_with(held(path)?, Sharing::Alone, self, progress)
    }

    /// See [`EpisodicMemory::open_read_only`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open_read_only(&self, path: impl AsRef<Path>) -> Result<EpisodicMemory, MemoryError> {
        self.open_read_only_with(path, &Progress::new())
    }

    /// [`open_read_only`](Self::open_read_only) that counts how far it is, in bytes of vectors.
    ///
    /// # Errors
    ///
    /// As there, and [`Stopped`](MemoryError::Stopped).
    pub fn open_read_only_with(
        &self,
        path: impl AsRef<Path>,
        progress: &Progress,
    ) -> Result<EpisodicMemory, MemoryError> {
        EpisodicMemory::open_folder_with(existing_folder(path.as_ref())?, Sharing::Readers, self, progress)
    }

    /// What a store holds, from its index alone: many times as fast as opening it, and in little memory.
    ///
    /// Checks each row that it reads, and that no file is shorter than it was. Whether vectors and payloads are what was
    /// written, and whether a damaged index lacks rows of what was forgotten, is for [`verify`] to say.
    ///
    /// # Errors
    ///
    /// As [`EpisodicMemory::open_read_only`].
    pub fn summary(&self, path: impl AsRef<Path>) -> Result<Summary, MemoryError> {
        let Holdings { counts, retrievals, next_id, metadata, disk_bytes } =
            Disk::holdings(existing_folder(path.as_ref())?, self.wait)?;
        let stats = Stats {
            episodes: counts.slots - counts.deleted,
            forgotten: counts.deleted,
            retrievals,
            next_id,
            time_span: counts.time_span,
            payload_bytes: counts.payload_bytes,
            vector_bytes: (counts.slots * HV16::BYTES) as u64,
            plane_bytes: 0,
            disk_bytes,
        };
        Ok(Summary { stats, metadata })
    }

    /// See [`verify_with`].
    ///
    /// # Errors
    ///
    /// As there, and [`Stopped`](MemoryError::Stopped).
    pub fn verify_with(&self, path: impl AsRef<Path>, progress: &Progress) -> Result<Verification, MemoryError> {
        progress.start(0);
        Disk::verify(existing_folder(path.as_ref())?, self.wait, progress)
    }

    /// See [`EpisodicMemory::in_memory`].
    #[must_use]
    pub fn in_memory(&self) -> EpisodicMemory {
        EpisodicMemory::in_memory_with(self)
    }
}

/// Reads everything in a store, also one that is too damaged to open, and reports every block and record that is not
/// what was written, and whatever else opening the store refuses. Writes nothing. A store whose creation was interrupted
/// is sound: it is empty, and the next writer begins again.
///
/// # Errors
///
/// As [`EpisodicMemory::open_read_only`], damage apart, which is a result.
pub fn verify(path: impl AsRef<Path>) -> Result<Verification, MemoryError> {
    verify_with(path, &Progress::new())
}

/// [`verify`] that counts how far it is, in bytes.
///
/// # Errors
///
/// As [`verify`], and [`Stopped`](MemoryError::Stopped).
pub fn verify_with(path: impl AsRef<Path>, progress: &Progress) -> Result<Verification, MemoryError> {
    Options::new().verify_with(path, progress)
}

/// The folder of a store that has to exist.
pub(crate) fn existing_folder(path: &Path) -> Result<Arc<dyn Folder>, MemoryError> {
    if is_there(path)? { held(path) } else { Err(MemoryError::NotFound { path: path.into() }) }
}

/// Whether there is a folder; what is something else is an error.
pub(crate) fn is_there(path: &Path) -> Result<bool, MemoryError> {
    if path.as_os_str().is_empty() {
        let empty = io::Error::new(io::ErrorKind::InvalidInput, "the path is empty; give that of a folder");
        return Err(MemoryError::io("open", path, empty));
    }
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(_) => Err(MemoryError::NotAFolder { path: path.into() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(MemoryError::io("open", path, error)),
    }
}

/// From here on the store is in this folder, wherever it goes and whatever its path comes to mean.
fn held(path: &Path) -> Result<Arc<dyn Folder>, MemoryError> {
    Ok(Arc::new(DiskFolder::new(path).map_err(|error| MemoryError::io("open", path, error))?))
}
