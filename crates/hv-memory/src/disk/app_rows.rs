//! The application's rows on disk, as of one commit.

use std::ops::Bound;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, Weak};

use redb::ReadTransaction;

use super::files::{Folder, StoreFile};
use super::format::{Committed, unsealed};
use super::held::Access;
use super::index::{Index, OpenDatabase, ROWS, failed, unpanicked};
use super::names::INDEX;
use super::store::Disk;
use crate::arena::{AppRows, Row, RowSource};
use crate::error::MemoryError;

/// Reads rows from the index that is open for writing, or, where that is closed, from the file.
pub(super) struct DiskRows {
    /// With it goes the database, which this keeps open where it has lost its name.
    open: Option<(ReadTransaction, Arc<OpenDatabase>)>,
    /// The file opened again, for a store that is only read, and after a write that failed.
    again: OnceLock<Index>,
    folder: Arc<dyn Folder>,
    /// Lives as long as the store is locked, so that nobody else writes; `None` where the store has no LOCK.
    lock: Option<Weak<dyn StoreFile>>,
    committed: Committed,
    path: PathBuf,
}

impl Disk {
    /// The application's rows as of the last commit.
    pub(crate) fn app_rows(&self) -> AppRows {
        if self.committed.rows == 0 {
            return AppRows::none();
        }
        AppRows::Disk(Arc::new(DiskRows {
            open: self.open.as_ref().and_then(|files| files.index.begin().ok()),
            again: OnceLock::new(),
            folder: Arc::clone(&self.folder),
            lock: self.lock.as_ref().map(Arc::downgrade),
            committed: self.committed,
            path: self.path(INDEX),
        }))
    }
}

impl DiskRows {
    fn read<T>(
        &self,
        rows: impl Fn(&ReadTransaction) -> Result<Result<T, String>, redb::Error>,
    ) -> Result<T, MemoryError> {
        let read = |transaction: &ReadTransaction| match rows(transaction) {
            Ok(read) => Ok(read.map_err(|what| MemoryError::damaged(&self.path, what))),
            Err(redb::Error::DatabaseClosed | redb::Error::PreviousIo) => Err(()),
            Err(error) => Ok(Err(failed("read", &self.path, error))),
        };
        unpanicked(&self.path, || {
            if let Some(Ok(read)) = self.open.as_ref().map(|(transaction, _)| read(transaction)) {
                return read;
            }
            // Nobody may write to the file meanwhile.
            let lock = self.lock.as_ref().map(Weak::upgrade);
            if let Some(None) = lock {
                return Err(failed("read", &self.path, redb::Error::DatabaseClosed));
            }
            let (again, _) = self.again()?.begin()?;
            read(&again).unwrap_or_else(|()| Err(failed("read", &self.path, redb::Error::DatabaseClosed)))
        })
    }

    /// The file, opened for reading, if it still holds this commit.
    fn again(&self) -> Result<&Index, MemoryError> {
        if let Some(index) = self.again.get() {
            return Ok(index);
        }
        let file = self.folder.open(INDEX, Access::Read).map_err(|error| MemoryError::io("open", &self.path, error))?;
        let index = Index::checked(file, &self.path)?;
        if index.committed()? != self.committed {
            return Err(MemoryError::StaleSnapshot { path: self.folder.path().into() });
        }
        Ok(self.again.get_or_init(|| index))
    }
}

impl RowSource for DiskRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MemoryError> {
        self.read(|transaction| {
            let table = transaction.open_table(ROWS)?;
            let Some(row) = table.get(key)? else { return Ok(Ok(None)) };
            Ok(value_of(key, row.value()).map(Some))
        })
    }

    fn range(&self, from: Bound<&[u8]>, limit: usize) -> Result<Vec<Row>, MemoryError> {
        self.read(|transaction| {
            let table = transaction.open_table(ROWS)?;
            let mut rows = Vec::new();
            for row in table.range::<&[u8]>((from, Bound::Unbounded))?.take(limit) {
                let (key, value) = row?;
                match value_of(key.value(), value.value()) {
                    Ok(value) => rows.push((key.value().to_vec(), value)),
                    Err(what) => return Ok(Err(what)),
                }
            }
            Ok(Ok(rows))
        })
    }

    fn len(&self) -> u64 {
        self.committed.rows
    }
}

/// The value of a row, or what is wrong with it.
pub(super) fn value_of(key: &[u8], row: &[u8]) -> Result<Vec<u8>, String> {
    let value = unsealed(key, row).map(<[u8]>::to_vec);
    value.ok_or_else(|| format!("the application's row {:?} does not match its checksum", String::from_utf8_lossy(key)))
}
