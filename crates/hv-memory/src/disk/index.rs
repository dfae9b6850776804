//! index.redb: opened through a check that writes nothing, and written in one commit a change.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use redb::{Builder, Database, ReadTransaction, ReadableDatabase, TableDefinition, WriteTransaction};

use super::backend::{Direct, Overlay};
use super::files::StoreFile;
use super::format::{Committed, unsealed};
use crate::error::MemoryError;

pub(crate) const STATE: TableDefinition<&str, &[u8]> = TableDefinition::new("state");
pub(crate) const BLOCKS: TableDefinition<u64, &[u8]> = TableDefinition::new("blocks");
pub(crate) const TAIL: TableDefinition<u64, &[u8]> = TableDefinition::new("tail");
pub(crate) const VITALS: TableDefinition<u64, &[u8]> = TableDefinition::new("vitals");

/// Keys of the table `state`.
pub(crate) const COMMITTED: &str = "committed";
pub(crate) const METADATA: &str = "metadata";

/// redb's own default is 1 GiB. Rows are read once, at opening, so little is gained by more than this. Tests have little,
/// so that what they do to the file has an effect.
const CACHE: usize = if cfg!(test) { 64 << 10 } else { 8 << 20 };

/// The index of a store.
pub(crate) struct Index {
    db: Database,
    path: PathBuf,
}

impl Index {
    /// Opens for writing a file that [`Index::checked`] found sound, or an empty one. `suspect` is set when a sync fails,
    /// be it while this is dropped.
    pub(crate) fn open(file: Arc<dyn StoreFile>, path: &Path, suspect: &Arc<AtomicBool>) -> Result<Self, MemoryError> {
        let backend = Direct { file, suspect: Arc::clone(suspect) };
        let db = Builder::new().set_cache_size(CACHE).create_with_backend(backend);
        let db = db.map_err(|error| failed("open", path, error))?;
        Ok(Self { db, path: path.into() })
    }

    /// Opens for reading, and checks every page that is in use. What recovery would write stays in memory.
    pub(crate) fn checked(file: Arc<dyn StoreFile>, path: &Path) -> Result<Self, MemoryError> {
        let overlay = Overlay::new(file).map_err(|error| MemoryError::io("read", path, error))?;
        if redb::StorageBackend::len(&overlay).is_ok_and(|len| len == 0) {
            return Err(MemoryError::damaged(path, "the file is empty"));
        }
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
        // A damaged file is an error here, not a reason to stop: redb asserts in debug builds what it reports in
        // release builds.
        match catch_unwind(AssertUnwindSafe(|| builder.create_with_backend(overlay))) {
            Ok(Ok(db)) => Ok(Self { db, path: path.into() }),
            Ok(Err(error)) => Err(failed("check", path, error)),
            Err(_) => Err(MemoryError::damaged(path, "the index does not hold together")),
        }
    }

    /// Reads rows of one commit.
    pub(crate) fn read<T>(
        &self,
        rows: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, MemoryError> {
        let read = || rows(&self.db.begin_read()?);
        read().map_err(|error| failed("read", &self.path, error))
    }

    /// Changes rows in one durable commit.
    pub(crate) fn write(
        &self,
        rows: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>,
    ) -> Result<(), MemoryError> {
        let write = || {
            let mut transaction = self.db.begin_write()?;
            // Recovery then takes milliseconds, and never falls back to an older commit in silence.
            transaction.set_quick_repair(true);
            rows(&transaction)?;
            Ok(transaction.commit()?)
        };
        write().map_err(|error: redb::Error| failed("write", &self.path, error))
    }

    /// Moves all pages to the front of the file, and cuts off the rest.
    pub(crate) fn compact(&mut self) -> Result<(), MemoryError> {
        self.db.compact().map(drop).map_err(|error| failed("compact", &self.path, error))
    }

    /// Closes the file, and reports what dropping could not.
    pub(crate) fn close(self) -> Result<(), MemoryError> {
        self.db.close().map_err(|error| failed("close", &self.path, error))
    }

    /// The row of the last commit.
    pub(crate) fn committed(&self) -> Result<Committed, MemoryError> {
        let row = self.read(|transaction| {
            let table = transaction.open_table(STATE)?;
            Ok(table.get(COMMITTED)?.and_then(|row| Committed::decode(unsealed(COMMITTED.as_bytes(), row.value())?)))
        })?;
        row.ok_or_else(|| MemoryError::damaged(&self.path, "its row of the last commit is missing or malformed"))
    }
}

/// redb's error in our words.
fn failed(action: &'static str, path: &Path, error: impl Into<redb::Error>) -> MemoryError {
    match error.into() {
        redb::Error::Io(source) => match source.kind() {
            // redb asked for bytes that a whole file has.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
                MemoryError::damaged(path, format!("the index is cut off or malformed ({source})"))
            }
            _ => MemoryError::io(action, path, source),
        },
        redb::Error::PreviousIo => MemoryError::io(action, path, io::Error::other("an earlier write failed")),
        other => MemoryError::damaged(path, other.to_string()),
    }
}
