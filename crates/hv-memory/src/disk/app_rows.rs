//! The application's rows on disk, as of one commit.

use std::collections::BTreeMap;
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
use super::under_way::{UnderWay, Undo};
use crate::arena::{AppRows, Row, RowSource};
use crate::error::MemoryError;

/// Reads rows from the index that is open for writing, or, where that is closed, from the file.
pub(super) struct DiskRows {
    /// With it goes the database, which this keeps open where it has lost its name.
    open: Option<(ReadTransaction, Arc<OpenDatabase>)>,
    /// The file opened again, for a store that is only read, and after a write that failed. With it what the rows were
    /// that such a write changed, where it is found in the file.
    again: OnceLock<(Index, Undo)>,
    under_way: Arc<UnderWay>,
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
            under_way: Arc::clone(&self.under_way),
            folder: Arc::clone(&self.folder),
            lock: self.lock.as_ref().map(Arc::downgrade),
            committed: self.committed,
            path: self.path(INDEX),
        }))
    }
}

impl DiskRows {
    /// Reads by a function that gets what is to be undone in what it reads.
    fn read<T>(
        &self,
        rows: impl Fn(&ReadTransaction, &Undo) -> Result<Result<T, String>, redb::Error>,
    ) -> Result<T, MemoryError> {
        let closed = || failed("read", &self.path, redb::Error::DatabaseClosed);
        let read = |transaction: &ReadTransaction, undo: &Undo| match rows(transaction, undo) {
            Ok(read) => Ok(read.map_err(|what| MemoryError::damaged(&self.path, what))),
            Err(redb::Error::DatabaseClosed | redb::Error::PreviousIo) => Err(closed()),
            Err(error) => Ok(Err(failed("read", &self.path, error))),
        };
        unpanicked(&self.path, || {
            if let Some(Ok(read)) = self.open.as_ref().map(|(transaction, _)| read(transaction, &Undo::new())) {
                return read;
            }
            // Nobody may write to the file meanwhile.
            let lock = self.lock.as_ref().map(Weak::upgrade);
            if let Some(None) = lock {
                return Err(closed());
            }
            let (again, undo) = self.again()?;
            read(&again.begin()?.0, undo)?
        })
    }

    /// The file, opened for reading, if it still holds this commit, or this one and a write that has failed.
    fn again(&self) -> Result<&(Index, Undo), MemoryError> {
        if let Some(again) = self.again.get() {
            return Ok(again);
        }
        let file = self.folder.open(INDEX, Access::Read).map_err(|error| MemoryError::io("open", &self.path, error))?;
        let index = Index::checked(file, &self.path)?;
        let found = index.committed()?;
        let undo = self.under_way.undo(self.committed.sequence, found.sequence);
        match undo.filter(|_| found.store == self.committed.store) {
            Some(undo) => Ok(self.again.get_or_init(|| (index, undo))),
            None => Err(MemoryError::StaleSnapshot { path: self.folder.path().into() }),
        }
    }
}

impl RowSource for DiskRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MemoryError> {
        self.read(|transaction, undo| {
            if let Some(before) = undo.get(key) {
                return Ok(Ok(before.clone()));
            }
            let table = transaction.open_table(ROWS)?;
            let Some(row) = table.get(key)? else { return Ok(Ok(None)) };
            Ok(value_of(key, row.value()).map(Some))
        })
    }

    fn range(&self, from: Bound<&[u8]>, limit: usize) -> Result<Vec<Row>, MemoryError> {
        self.read(|transaction, undo| {
            let table = transaction.open_table(ROWS)?;
            // Each row that is undone may take the place of one that is there.
            let read = limit.saturating_add(undo.len());
            let mut rows = BTreeMap::new();
            for row in table.range::<&[u8]>((from, Bound::Unbounded))?.take(read) {
                let (key, value) = row?;
                match value_of(key.value(), value.value()) {
                    Ok(value) => _ = rows.insert(key.value().to_vec(), value),
                    Err(what) => return Ok(Err(what)),
                }
            }
            // Of those after the last that was read, it is not known what lies between.
            let last = (rows.len() == read).then(|| rows.keys().next_back().cloned()).flatten();
            let known = |key: &Vec<u8>| last.as_ref().is_none_or(|last| key <= last);
            for (key, before) in undo.range::<[u8], _>((from, Bound::Unbounded)).filter(|(key, _)| known(key)) {
                match before {
                    Some(value) => rows.insert(key.clone(), value.clone()),
                    None => rows.remove(key),
                };
            }
            Ok(Ok(rows.into_iter().take(limit).collect()))
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
