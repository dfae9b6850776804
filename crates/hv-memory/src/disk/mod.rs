//! The store's folder: what is where, opening, and the order of writes that makes every commit whole or absent.
//!
//! - `MANIFEST` says what the folder is, `LOCK` who may use it.
//! - `vectors-<generation>` and `payloads-<generation>` are only appended to. They hold the blocks of 4,096
//!   episodes that are full, and every payload over 512 bytes.
//! - `index.redb` holds the rest, and decides what of the flat files is valid.
//!
//! A store appends to the flat files, syncs them, and then commits to the index. What lies in the flat files beyond
//! the lengths in the index belongs to a store that was never acknowledged, and is cut off at the next opening.

mod backend;
mod commit;
mod files;
mod format;
mod index;
mod load;
mod manifest;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) use files::{DiskFolder, Folder, Sharing, StoreFile, sync_folder};

use crate::MemoryError;
use crate::arena::{PayloadFile, State};
use files::{Access, LOCK};
use format::Committed;
use index::Index;
use manifest::Stage;

const INDEX: &str = "index.redb";

fn vectors_name(generation: u64) -> String {
    format!("vectors-{generation}")
}

fn payloads_name(generation: u64) -> String {
    format!("payloads-{generation}")
}

/// A store that is open, for writing or only for reading.
pub(crate) struct Disk {
    folder: Arc<dyn Folder>,
    /// Locked as long as this lives. Holds the number of the last commit, see [`commit`].
    lock: Option<Arc<dyn StoreFile>>,
    /// The last commit.
    committed: Committed,
    /// What is written to; `None` when read-only, and after a failed write until the next one.
    open: Option<OpenFiles>,
}

/// The files of a store that is open for writing.
struct OpenFiles {
    vectors: Arc<dyn StoreFile>,
    payloads: Arc<dyn StoreFile>,
    index: Index,
}

impl Disk {
    /// Opens the store in a folder, which exists, and reads it. Makes one where there is none, unless only readers
    /// share it. Writes nothing before everything has been checked.
    pub(crate) fn open(folder: Arc<dyn Folder>, sharing: Sharing) -> Result<(Self, State), MemoryError> {
        let missing = || MemoryError::NotFound { path: folder.path().into() };
        if manifest::read(&*folder)? != Stage::Ready && sharing == Sharing::Readers {
            return Err(missing());
        }
        let lock = match folder.lock(sharing) {
            Ok(Some(lock)) => Some(lock),
            Ok(None) => return Err(MemoryError::InUse { path: folder.path().into() }),
            // A copy without the file, which a reader cannot make and does not need.
            Err(error) if error.kind() == io::ErrorKind::NotFound && sharing == Sharing::Readers => None,
            Err(error) => return Err(MemoryError::io("lock", &folder.path().join(LOCK), error)),
        };
        // Another may have made a store, or more of it, until the lock was ours.
        if manifest::read(&*folder)? != Stage::Ready {
            create(&*folder)?;
        }
        let mut disk = Self { folder, lock, committed: Committed::default(), open: None };
        let state = disk.load()?;
        if sharing == Sharing::Alone {
            disk.open = Some(disk.open_files()?);
            disk.tidy();
        }
        Ok((disk, state))
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

    /// Opens the files of the committed generation for writing, and cuts off what no commit vouches for.
    fn open_files(&self) -> Result<OpenFiles, MemoryError> {
        let index = Index::open(self.open_file(INDEX, Access::Write)?, &self.path(INDEX))?;
        let open = |name: String, len: u64| {
            let file = self.open_file(&name, Access::Write)?;
            let cut = || if file.len()? > len { file.set_len(len) } else { Ok(()) };
            cut().map_err(|error| MemoryError::io("cut off", &self.path(&name), error))?;
            Ok(file)
        };
        let vectors = open(vectors_name(self.committed.generation), self.committed.vector_bytes())?;
        let payloads = open(payloads_name(self.committed.generation), self.committed.payload_bytes)?;
        Ok(OpenFiles { vectors, payloads, index })
    }

    /// Removes what an interrupted change of generation left. What cannot be removed now goes another time.
    fn tidy(&self) {
        let current = [vectors_name(self.committed.generation), payloads_name(self.committed.generation)];
        for name in self.folder.names().unwrap_or_default() {
            let generation = name.strip_prefix("vectors-").or_else(|| name.strip_prefix("payloads-"));
            if generation.is_some_and(|number| number.parse::<u64>().is_ok()) && !current.contains(&name) {
                let _ = self.folder.remove(&name);
            }
        }
    }

    /// The bytes of all files of the store.
    pub(crate) fn bytes(&self) -> u64 {
        let names = self.folder.names().unwrap_or_default();
        names.iter().filter_map(|name| self.folder.open(name, Access::Read).ok()?.len().ok()).sum()
    }
}

/// Makes an empty store. If this is interrupted, the MANIFEST tells the next opening to begin again.
fn create(folder: &dyn Folder) -> Result<(), MemoryError> {
    manifest::write(folder, Stage::Unfinished)?;
    let make = |name: &str| {
        let make = || {
            let file = folder.open(name, Access::Create)?;
            file.sync()?;
            Ok(file)
        };
        make().map_err(|error| MemoryError::io("create", &folder.path().join(name), error))
    };
    make(&vectors_name(0))?;
    make(&payloads_name(0))?;
    let index = Index::open(make(INDEX)?, &folder.path().join(INDEX))?;
    index.write(|transaction| {
        transaction.open_table(index::BLOCKS)?;
        transaction.open_table(index::TAIL)?;
        transaction.open_table(index::STATE)?.insert(index::COMMITTED, &*Committed::default().encode())?;
        Ok(())
    })?;
    folder.sync().map_err(|error| MemoryError::io("sync", folder.path(), error))?;
    manifest::write(folder, Stage::Ready)
}
