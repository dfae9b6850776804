//! The store's folder: what is where, opening, and the order of writes that makes every commit whole or absent.
//!
//! - `MANIFEST` says what the folder is, `LOCK` who may use it.
//! - `vectors-<generation>`, `payloads-<generation>` and `log-<number>` are only appended to. They hold the
//!   blocks of 4,096 episodes that are full, every payload over 512 bytes, and the retrievals.
//! - `index.redb` holds the rest, and decides what of the flat files is valid.
//!
//! A store appends to the flat files, syncs them, and then commits to the index. What lies in the flat files beyond
//! the lengths in the index belongs to a store that was never acknowledged, and is cut off at the next opening.
//!
//! Where all rows change, a fresh index takes the place of the old one, see [`fresh`].

mod backend;
mod commit;
#[cfg(test)]
mod failing;
mod files;
mod format;
mod fresh;
mod generation;
mod held;
mod index;
mod load;
mod manifest;
mod rows;
mod verify;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[cfg(test)]
pub(crate) use failing::{FailingFolder, Plan};
pub(crate) use files::{DiskFolder, Folder, Sharing, StoreFile, make_folder, sync_folder, sync_name_of};
pub(crate) use generation::{Contents, Put};

pub use verify::{Damage, Verification};

use crate::MemoryError;
use crate::arena::{PayloadFile, State};
use files::{Access, LOCK};
use format::Committed;
use fresh::NEW_INDEX;
use index::Index;
use manifest::{MANIFEST, Stage};

const INDEX: &str = "index.redb";

fn vectors_name(generation: u64) -> String {
    format!("vectors-{generation}")
}

fn payloads_name(generation: u64) -> String {
    format!("payloads-{generation}")
}

/// The log is also written anew on its own, so it has numbers of its own.
fn log_name(number: u64) -> String {
    format!("log-{number}")
}

/// The flat files of a commit.
fn flat_names(committed: &Committed) -> [String; 3] {
    [vectors_name(committed.generation), payloads_name(committed.generation), log_name(committed.log)]
}

/// Whether a name is that of a flat file.
fn is_flat(name: &str) -> bool {
    let number = name.split_once('-').and_then(|(_, number)| number.parse().ok());
    number.is_some_and(|number| [vectors_name, payloads_name, log_name].iter().any(|of| of(number) == name))
}

/// A store that is open, for writing or only for reading.
pub(crate) struct Disk {
    folder: Arc<dyn Folder>,
    /// The last commit.
    committed: Committed,
    /// What is written to; `None` when read-only, and after a failed write until the next one.
    open: Option<OpenFiles>,
    /// Whether a sync of the index has failed, so that nothing may be built on the file.
    suspect: Arc<AtomicBool>,
    /// Locked as long as this lives. Holds the number of the last commit, see [`commit`]. The last field, since fields
    /// are dropped in order: redb writes when the index is closed, and then nobody else may have opened it.
    lock: Option<Arc<dyn StoreFile>>,
}

/// The files of a store that is open for writing.
struct OpenFiles {
    vectors: Arc<dyn StoreFile>,
    payloads: Arc<dyn StoreFile>,
    log: Arc<dyn StoreFile>,
    index: Index,
}

impl Disk {
    /// Opens the store in a folder, which exists, and reads it. Makes one where there is none, unless only readers
    /// share it. Writes nothing before everything has been checked. As many retrievals of each episode as `kept` count.
    pub(crate) fn open(folder: Arc<dyn Folder>, sharing: Sharing, kept: usize) -> Result<(Self, State), MemoryError> {
        let alone = sharing == Sharing::Alone;
        match manifest::read(&*folder)? {
            // A copy without the file, which locking makes: not where the store is refused.
            Stage::Ready if alone && !has(&*folder, LOCK)? => drop(Self::closed(Arc::clone(&folder), None).load(kept)?),
            Stage::Ready => {}
            Stage::Empty | Stage::Unfinished if alone => {}
            Stage::Empty | Stage::Unfinished => return Err(MemoryError::NotFound { path: folder.path().into() }),
        }
        let mut disk = Self::lock(folder, sharing)?;
        // Another may have made a store, or more of it, until the lock was ours.
        if manifest::read(&*disk.folder)? != Stage::Ready {
            disk.create()?;
        }
        let state = disk.load(kept)?;
        if alone {
            disk.open = Some(disk.open_files(disk.open_index()?)?);
            disk.tidy();
        }
        Ok((disk, state))
    }

    /// The store in a folder, locked and not read yet.
    fn lock(folder: Arc<dyn Folder>, sharing: Sharing) -> Result<Self, MemoryError> {
        match folder.lock(sharing) {
            Ok(Some(lock)) => Ok(Self::closed(folder, Some(lock))),
            Ok(None) => Err(MemoryError::InUse { path: folder.path().into() }),
            // A copy without the file, which a reader cannot make and does not need.
            Err(error) if error.kind() == io::ErrorKind::NotFound && sharing == Sharing::Readers => {
                Ok(Self::closed(folder, None))
            }
            Err(error) => Err(MemoryError::io("lock", &folder.path().join(LOCK), error)),
        }
    }

    fn closed(folder: Arc<dyn Folder>, lock: Option<Arc<dyn StoreFile>>) -> Self {
        Self { folder, committed: Committed::default(), open: None, suspect: Arc::default(), lock }
    }

    /// Reads everything in a store that need not open, and reports what is damaged.
    pub(crate) fn verify(
        folder: Arc<dyn Folder>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Verification, MemoryError> {
        let mut found = Verification::default();
        match manifest::read(&*folder) {
            Ok(Stage::Ready) => {}
            Ok(Stage::Empty | Stage::Unfinished) => return Err(MemoryError::NotFound { path: folder.path().into() }),
            // The rest can be examined without it.
            Err(MemoryError::NotAStore { found: name, .. }) if name == MANIFEST && has(&*folder, INDEX)? => {
                let what = "it is not what was written".into();
                found.damage.push(Damage { path: folder.path().join(MANIFEST), what });
            }
            Err(error) if has(&*folder, INDEX)? => found.note(error)?,
            Err(error) => return Err(error),
        }
        Self::lock(folder, Sharing::Readers)?.examine(found, progress)
    }

    /// Reads everything in this store again, and reports what is damaged.
    pub(crate) fn verify_open(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Verification, MemoryError> {
        Self::closed(Arc::clone(&self.folder), self.lock.clone()).examine(Verification::default(), progress)
    }

    /// Makes an empty store. If this is interrupted, the MANIFEST tells the next opening to begin again.
    fn create(&self) -> Result<(), MemoryError> {
        if let Some(lock) = &self.lock {
            // Of a store that was here before, and had more commits.
            let emptied = if lock.len().is_ok_and(|len| len == 0) { Ok(()) } else { lock.set_len(0) };
            emptied.and_then(|()| lock.sync()).map_err(|error| MemoryError::io("write", &self.path(LOCK), error))?;
        }
        let named = self.folder.sync_name();
        named.map_err(|error| MemoryError::io("sync the folder of", self.folder.path(), error))?;
        manifest::write(&*self.folder, Stage::Unfinished)?;
        for name in flat_names(&Committed::default()) {
            let made = self.folder.open(&name, Access::Create).and_then(|file| file.sync());
            made.map_err(|error| MemoryError::io("create", &self.path(&name), error))?;
        }
        self.write_index(&State::new(), &Committed::default(), &[])?;
        self.switch_index()?;
        manifest::write(&*self.folder, Stage::Ready)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open_file(&self, name: &str, access: Access) -> Result<Arc<dyn StoreFile>, MemoryError> {
        self.folder.open(name, access).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => MemoryError::damaged(&self.path(name), "the file is missing"),
            _ => MemoryError::io("open", &self.path(name), error),
        })
    }

    /// The payload file as readers see it.
    fn payload_file(&self, access: Access) -> Result<PayloadFile, MemoryError> {
        let name = payloads_name(self.committed.generation);
        Ok(PayloadFile { file: self.open_file(&name, access)?, path: self.path(&name) })
    }

    /// Opens the index for writing, if its last commit is the one that is known.
    fn open_index(&self) -> Result<Index, MemoryError> {
        let path = self.path(INDEX);
        let index = Index::open(self.open_file(INDEX, Access::Write)?, &path, &self.suspect)?;
        if index.committed()? != self.committed {
            return Err(MemoryError::damaged(&path, "it holds a commit other than the last"));
        }
        Ok(index)
    }

    /// Opens the other files of the committed generation for writing, and cuts off what no commit vouches for.
    fn open_files(&self, index: Index) -> Result<OpenFiles, MemoryError> {
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

/// Whether a folder holds a name.
fn has(folder: &dyn Folder, name: &str) -> Result<bool, MemoryError> {
    let names = folder.names().map_err(|error| MemoryError::io("list", folder.path(), error))?;
    Ok(names.iter().any(|there| there == name))
}

/// The bytes of all files of a store.
pub(crate) fn bytes_of(folder: &dyn Folder) -> u64 {
    let names = folder.names().unwrap_or_default();
    names.iter().filter_map(|name| folder.open(name, Access::Read).ok()?.len().ok()).sum()
}
