//! index.redb: opened through a check that writes nothing, and written in one commit a change.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{Builder, Database, ReadTransaction, ReadableDatabase, TableDefinition, WriteTransaction};

use super::backend::{Direct, Overlay};
use super::files::StoreFile;
use super::format::{Committed, unsealed};
use crate::error::MemoryError;
use crate::process::Owned;

pub(crate) const STATE: TableDefinition<&str, &[u8]> = TableDefinition::new("state");
pub(crate) const BLOCKS: TableDefinition<u64, &[u8]> = TableDefinition::new("blocks");
pub(crate) const TAIL: TableDefinition<u64, &[u8]> = TableDefinition::new("tail");
pub(crate) const VITALS: TableDefinition<u64, &[u8]> = TableDefinition::new("vitals");
pub(crate) const DELETED: TableDefinition<u64, &[u8]> = TableDefinition::new("deleted");
pub(crate) const SOURCES: TableDefinition<u32, &[u8]> = TableDefinition::new("sources");
pub(crate) const TAG_SETS: TableDefinition<u32, &[u8]> = TableDefinition::new("tag_sets");
pub(crate) const ROWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rows");

/// Keys of the table `state`.
pub(crate) const COMMITTED: &str = "committed";
pub(crate) const METADATA: &str = "metadata";
pub(crate) const STORE: &str = "store";

/// redb's own default is 1 GiB. Rows are read once, at opening, so little is gained by more than this. Tests have little,
/// so that what they do to the file has an effect.
const CACHE: usize = if cfg!(test) { 64 << 10 } else { 8 << 20 };

/// The index of a store. It is closed when this is dropped, whoever still reads from it.
pub(crate) struct Index {
    db: Arc<OpenDatabase>,
    path: PathBuf,
}

/// A database that its index closes, and that those who read from it keep open where the index was only released.
pub(crate) struct OpenDatabase(Owned<Mutex<Option<Database>>>);

/// Why rows could not be written.
pub(crate) enum WriteError {
    Redb(redb::Error),
    /// What was to be written could not be read.
    Source(MemoryError),
}

impl<E: Into<redb::Error>> From<E> for WriteError {
    fn from(error: E) -> Self {
        Self::Redb(error.into())
    }
}

impl Index {
    fn new(db: Database, path: &Path) -> Self {
        Self { db: Arc::new(OpenDatabase(Owned::new(Mutex::new(Some(db))))), path: path.into() }
    }

    /// Opens for writing a file that [`Index::checked`] found sound, or an empty one. `suspect` is set when a sync fails,
    /// be it while this is dropped.
    pub(crate) fn open(file: Arc<dyn StoreFile>, path: &Path, suspect: &Arc<AtomicBool>) -> Result<Self, MemoryError> {
        let backend = Direct { file, suspect: Arc::clone(suspect) };
        let db = Builder::new().set_cache_size(CACHE).create_with_backend(backend);
        Ok(Self::new(db.map_err(|error| failed("open", path, error))?, path))
    }

    /// Opens for reading, and checks every page that is in use. What recovery would write stays in memory.
    pub(crate) fn checked(file: Arc<dyn StoreFile>, path: &Path) -> Result<Self, MemoryError> {
        Self::for_reading(file, path, true)
    }

    /// Opens for reading what may be damaged. Rows have checksums of their own, but some may be missing.
    pub(crate) fn unchecked(file: Arc<dyn StoreFile>, path: &Path) -> Result<Self, MemoryError> {
        Self::for_reading(file, path, false)
    }

    fn for_reading(file: Arc<dyn StoreFile>, path: &Path, check: bool) -> Result<Self, MemoryError> {
        let overlay = Overlay::new(file).map_err(|error| MemoryError::io("read", path, error))?;
        if redb::StorageBackend::len(&overlay).is_ok_and(|len| len == 0) {
            return Err(MemoryError::damaged(path, "the file is empty"));
        }
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE).set_check_integrity_on_open(check);
        let db = unpanicked(path, || Ok(builder.create_with_backend(overlay)))?;
        Ok(Self::new(db.map_err(|error| failed("check", path, error))?, path))
    }

    fn with<T>(&self, run: impl FnOnce(&mut Database) -> Result<T, redb::Error>) -> Result<T, redb::Error> {
        let mut db = self.db.locked().ok_or(redb::Error::DatabaseClosed)?;
        db.as_mut().ok_or(redb::Error::DatabaseClosed).and_then(run)
    }

    /// Reads rows of one commit. Pages that were forged are an error here, too.
    pub(crate) fn read<T>(
        &self,
        rows: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, MemoryError> {
        unpanicked(&self.path, || {
            let transaction = self.with(|db| Ok(db.begin_read()?));
            transaction.and_then(|transaction| rows(&transaction)).map_err(|error| failed("read", &self.path, error))
        })
    }

    /// The last commit, to be read as long as the database is open.
    pub(crate) fn begin(&self) -> Result<(ReadTransaction, Arc<OpenDatabase>), MemoryError> {
        let transaction = self.with(|db| Ok(db.begin_read()?));
        Ok((transaction.map_err(|error| failed("read", &self.path, error))?, Arc::clone(&self.db)))
    }

    /// Changes rows in one durable commit.
    pub(crate) fn write<T>(
        &self,
        rows: impl FnOnce(&WriteTransaction) -> Result<T, WriteError>,
    ) -> Result<T, MemoryError> {
        let write = || {
            let mut transaction = self.with(|db| Ok(db.begin_write()?))?;
            // Recovery then takes milliseconds, and never falls back to an older commit in silence.
            transaction.set_quick_repair(true);
            let written = rows(&transaction)?;
            transaction.commit()?;
            Ok(written)
        };
        write().map_err(|error| match error {
            WriteError::Redb(error) => failed("write", &self.path, error),
            WriteError::Source(error) => error,
        })
    }

    /// Moves all pages to the front of the file, and cuts off the rest.
    pub(crate) fn compact(&self) -> Result<(), MemoryError> {
        let compacted = self.with(|db| Ok(db.compact()?));
        compacted.map(drop).map_err(|error| failed("compact", &self.path, error))
    }

    /// Closes the file, and reports what dropping could not.
    pub(crate) fn close(self) -> Result<(), MemoryError> {
        let db = self.db.locked().and_then(|mut db| db.take());
        db.map_or(Ok(()), Database::close).map_err(|error| failed("close", &self.path, error))
    }

    /// Leaves the file open for those who read from it. Only for one that has lost its name: else it would be written to,
    /// when the last of them closes it, while the next one opens it.
    #[cfg(unix)]
    pub(crate) fn release(mut self) {
        self.db = Arc::new(OpenDatabase(Owned::new(Mutex::new(None))));
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

impl OpenDatabase {
    /// The database; `None` in a forked child.
    fn locked(&self) -> Option<MutexGuard<'_, Option<Database>>> {
        Some(self.0.get()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        drop(self.db.locked().and_then(|mut db| db.take()));
    }
}

/// Runs redb on a file that may be damaged. That is an error here, not a reason to stop: redb asserts in debug builds what
/// it reports in release builds.
pub(super) fn unpanicked<T>(path: &Path, run: impl FnOnce() -> Result<T, MemoryError>) -> Result<T, MemoryError> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(MemoryError::damaged(path, "the index does not hold together")))
}

/// redb's error in our words.
pub(super) fn failed(action: &'static str, path: &Path, error: impl Into<redb::Error>) -> MemoryError {
    match error.into() {
        redb::Error::Io(source) => match source.kind() {
            // redb asked for bytes that a whole file has.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
                MemoryError::damaged(path, format!("the index is cut off or malformed ({source})"))
            }
            _ => MemoryError::io(action, path, source),
        },
        redb::Error::PreviousIo => MemoryError::io(action, path, io::Error::other("an earlier write failed")),
        redb::Error::DatabaseClosed => MemoryError::io(action, path, io::Error::other("the store was closed")),
        other => MemoryError::damaged(path, other.to_string()),
    }
}
