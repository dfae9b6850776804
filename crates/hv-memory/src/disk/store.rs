//! A store that is open: its folder, its last commit, and the files that are written to.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use hv_parallel::Progress;

use super::files::{Folder, Holder, Sharing, StoreFile};
use super::format::{Committed, LOCK_BYTES, Manifest, PROCESS_AT, process_note};
use super::held::Access;
use super::index::Index;
use super::manifest;
use super::names::{INDEX, LOCK, NEW_INDEX, flat_names, is_flat, log_name, payloads_name, vectors_name};
use super::under_way::UnderWay;
use crate::arena::{Log, State};
use crate::error::MemoryError;
use crate::process::Owner;

/// The longest time between two looks at a lock that others hold.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// A store that is open, for writing or only for reading.
pub(crate) struct Disk {
    pub(super) folder: Arc<dyn Folder>,
    pub(super) manifest: Manifest,
    /// Whether this opening has made the store.
    pub(super) is_new: bool,
    /// The last commit.
    pub(super) committed: Committed,
    /// What is written to; `None` when read-only, and after a failed write until the next one.
    pub(super) open: Option<OpenFiles>,
    /// What the index may hold beyond the last commit.
    pub(super) under_way: Arc<UnderWay>,
    /// Whether a sync of the index has failed, so that nothing may be built on the file.
    pub(super) suspect: Arc<AtomicBool>,
    /// Locked as long as this lives. Holds the number of the last commit, see [`commit`]. The last field, since fields
    /// are dropped in order: redb writes when the index is closed, and then nobody else may have opened it.
    pub(super) lock: Option<Arc<dyn StoreFile>>,
}

/// The files of a store that is open for writing.
pub(super) struct OpenFiles {
    pub vectors: Arc<dyn StoreFile>,
    pub payloads: Arc<dyn StoreFile>,
    pub log: Arc<dyn StoreFile>,
    pub index: Index,
}

impl Disk {
    /// Opens the store in a folder, which exists, and reads it. Makes one where there is none, unless only readers
    /// share it. Writes nothing before everything has been checked. As many retrievals of each episode as `kept` count.
    /// Waits for the lock for at most `wait`. `progress` counts the bytes of the vectors.
    pub(crate) fn open(
        folder: Arc<dyn Folder>,
        sharing: Sharing,
        kept: usize,
        wait: Duration,
        progress: &Progress,
    ) -> Result<(Self, State), MemoryError> {
        let mut disk = Self::checked(folder, sharing, kept, wait)?;
        let before = disk.sign(sharing);
        let state = disk.make_or_read(sharing, kept, progress).inspect_err(|_| disk.unsign(before))?;
        Ok((disk, state))
    }

    /// [`open`](Self::open) for writing. On an error a store that this has made is gone again.
    pub(crate) fn open_or_undo(folder: Arc<dyn Folder>, kept: usize) -> Result<(Self, State), MemoryError> {
        let mut disk = Self::checked(folder, Sharing::Alone, kept, Duration::ZERO)?;
        let before = disk.sign(Sharing::Alone);
        match disk.make_or_read(Sharing::Alone, kept, &Progress::new()) {
            Ok(state) => Ok((disk, state)),
            Err(error) => {
                disk.unsign(before);
                disk.undo();
                Err(error)
            }
        }
    }

    /// The store in a folder, locked; not read yet, and perhaps not there yet.
    pub(super) fn checked(
        folder: Arc<dyn Folder>,
        sharing: Sharing,
        kept: usize,
        wait: Duration,
    ) -> Result<Self, MemoryError> {
        let alone = sharing == Sharing::Alone;
        match manifest::read(&*folder)? {
            // A copy without the file, which locking makes: not where the store is refused.
            Some(manifest) if alone && manifest.ready && !has(&*folder, LOCK)? => {
                let lock = Self::lock(&folder, Sharing::Readers, wait)?;
                drop(Self::closed(Arc::clone(&folder), lock, manifest).load(kept, &Progress::new())?);
            }
            None if !alone => return Err(MemoryError::NotFound { path: folder.path().into() }),
            _ => {}
        }
        let lock = Self::lock(&folder, sharing, wait)?;
        Ok(Self::closed(folder, lock, Manifest::default()))
    }

    /// Makes the store where there is none, and reads it. To a reader, one whose creation was interrupted is empty.
    fn make_or_read(&mut self, sharing: Sharing, kept: usize, progress: &Progress) -> Result<State, MemoryError> {
        // Another may have made a store, or more of it, until the lock was ours.
        if ready(&*self.folder)?.is_none() {
            if sharing == Sharing::Readers {
                return Ok(State { log: Log::new(kept), ..State::new() });
            }
            self.is_new = true;
            self.create()?;
        }
        self.manifest = ready(&*self.folder)?.unwrap_or_default();
        let state = self.load(kept, progress)?;
        if sharing == Sharing::Alone {
            self.open = Some(self.open_files(self.open_index()?)?);
            self.tidy();
            self.keep_reserve();
        }
        Ok(State { rows: self.app_rows(), ..state })
    }

    /// Locks a folder. Waits for at most `wait` while another handle has it.
    pub(super) fn lock(
        folder: &Arc<dyn Folder>,
        sharing: Sharing,
        wait: Duration,
    ) -> Result<Option<Arc<dyn StoreFile>>, MemoryError> {
        let (start, mut pause) = (Instant::now(), Duration::from_millis(1));
        loop {
            match folder.lock(sharing) {
                Ok(Some(lock)) => return Ok(Some(lock)),
                Ok(None) => {}
                Err(error) => return Err(MemoryError::io("lock", &folder.path().join(LOCK), error)),
            }
            let left = wait.saturating_sub(start.elapsed());
            if left.is_zero() {
                let (path, holder) = (folder.path().into(), folder.holder());
                let process = if let Holder::Writer(process) = holder { Some(process) } else { None };
                return Err(MemoryError::InUse { path, process, reading: holder == Holder::Readers });
            }
            thread::sleep(pause.min(left));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Notes in LOCK which process writes. Returns what LOCK held before. A hint, which is not worth an error.
    fn sign(&self, sharing: Sharing) -> Option<Vec<u8>> {
        let lock = self.lock.as_ref().filter(|_| sharing == Sharing::Alone)?;
        let mut before = vec![0; lock.len().ok()?.min(LOCK_BYTES as u64) as usize];
        lock.read_at(0, &mut before).ok()?;
        let _ = lock.write_at(PROCESS_AT, &process_note(Owner::here().number()));
        Some(before)
    }

    /// Undoes [`sign`](Self::sign), so that a refused store is left as it was.
    fn unsign(&self, before: Option<Vec<u8>>) {
        if let (Some(lock), Some(before)) = (&self.lock, before) {
            let _ = lock.write_at(0, &before);
            let _ = if before.len() < LOCK_BYTES { lock.set_len(before.len() as u64) } else { Ok(()) };
        }
    }

    /// A store that is not read yet.
    pub(super) fn closed(folder: Arc<dyn Folder>, lock: Option<Arc<dyn StoreFile>>, manifest: Manifest) -> Self {
        let committed = Committed::default();
        let (under_way, suspect) = (Arc::default(), Arc::default());
        Self { folder, manifest, is_new: false, committed, open: None, under_way, suspect, lock }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn open_file(&self, name: &str, access: Access) -> Result<Arc<dyn StoreFile>, MemoryError> {
        self.folder.open(name, access).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => MemoryError::damaged(&self.path(name), "the file is missing"),
            _ => MemoryError::io("open", &self.path(name), error),
        })
    }

    /// Opens the index for writing, if its last commit is the one that is known.
    pub(super) fn open_index(&self) -> Result<Index, MemoryError> {
        let path = self.path(INDEX);
        let index = Index::open(self.open_file(INDEX, Access::Write)?, &path, &self.suspect)?;
        if index.committed()? != self.committed {
            return Err(MemoryError::damaged(&path, "it holds a commit other than the last"));
        }
        Ok(index)
    }

    /// Opens the other files of the committed generation for writing, and cuts off what no commit vouches for.
    pub(super) fn open_files(&self, index: Index) -> Result<OpenFiles, MemoryError> {
        let open = |name: String, len: u64| -> Result<Arc<dyn StoreFile>, MemoryError> {
            let file = self.open_file(&name, Access::Write)?;
            let cut = || if file.len()? > len { file.set_len(len) } else { Ok(()) };
            cut().map_err(|error| MemoryError::io("cut off", &self.path(&name), error))?;
            Ok(file)
        };
        let vectors = open(vectors_name(self.committed.generation), self.committed.vector_bytes())?;
        let payloads = open(payloads_name(self.committed.generation), self.committed.payload_bytes)?;
        let log = open(log_name(self.committed.log), self.committed.log_bytes())?;
        Ok(OpenFiles { vectors, payloads, log, index })
    }

    /// Removes what an interrupted change of generation, or of the log, left. What cannot be removed now goes another
    /// time.
    pub(crate) fn tidy(&self) {
        let current = flat_names(&self.committed);
        for name in self.folder.names().unwrap_or_default() {
            if name == NEW_INDEX || is_flat(&name) && !current.contains(&name) {
                let _ = self.folder.remove(&name);
            }
        }
    }
}

/// What the MANIFEST of a whole store says; `None` where there is no store, or one whose creation did not finish.
pub(super) fn ready(folder: &dyn Folder) -> Result<Option<Manifest>, MemoryError> {
    Ok(manifest::read(folder)?.filter(|manifest| manifest.ready))
}

/// Whether a folder holds a name.
pub(super) fn has(folder: &dyn Folder, name: &str) -> Result<bool, MemoryError> {
    let names = folder.names().map_err(|error| MemoryError::io("list", folder.path(), error))?;
    Ok(names.iter().any(|there| there == name))
}

/// The bytes of all files of a store.
pub(crate) fn bytes_of(folder: &dyn Folder) -> u64 {
    let names = folder.names().unwrap_or_default();
    names.iter().filter_map(|name| folder.open(name, Access::Read).ok()?.len().ok()).sum()
}
