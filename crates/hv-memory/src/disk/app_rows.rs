//! The application's rows on disk, as of one commit.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, Weak};

use redb::{ReadOnlyTable, ReadTransaction};

use super::files::{Folder, StoreFile};
use super::format::{Committed, unsealed};
use super::held::Access;
use super::index::{Index, OpenDatabase, ROWS, failed, unpanicked};
use super::names::INDEX;
use super::store::Disk;
use super::under_way::{UnderWay, Undo};
use crate::arena::{AppRows, PIECE_BYTES, PIECE_ROWS, Row, RowSource};
use crate::error::MemoryError;
use crate::process::{Owned, Owner};

/// Reads rows from the index that is open for writing, or, where that is closed, from the file.
pub(super) struct DiskRows {
    /// With it goes the database, which this keeps open where it has lost its name.
    open: Option<Owned<(ReadTransaction, Arc<OpenDatabase>)>>,
    /// The file opened again, for a store that is only read, and after a write that failed. With it what the rows were
    /// that such a write changed, where it is found in the file.
    again: OnceLock<(Index, Undo)>,
    under_way: Arc<UnderWay>,
    folder: Arc<dyn Folder>,
    /// Lives as long as the store is locked, so that nobody else writes; `None` where the store has no LOCK.
    lock: Option<Weak<dyn StoreFile>>,
    committed: Committed,
    path: PathBuf,
    /// The process that reads from the index.
    owner: Owner,
}

impl Disk {
    /// The application's rows as of the last commit.
    pub(crate) fn app_rows(&self) -> AppRows {
        if self.committed.rows == 0 {
            return AppRows::none();
        }
        AppRows::Disk(Arc::new(DiskRows {
            open: self.open.as_ref().and_then(|files| Some(Owned::new(files.index.begin().ok()?))),
            again: OnceLock::new(),
            under_way: Arc::clone(&self.under_way),
            folder: Arc::clone(&self.folder),
            lock: self.lock.as_ref().map(Arc::downgrade),
            committed: self.committed,
            path: self.path(INDEX),
            owner: Owner::here(),
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
        if !self.owner.is_here() {
            return Err(MemoryError::forked(Some(self.folder.path()), self.owner));
        }
        unpanicked(&self.path, || {
            let open = self.open.as_ref().and_then(Owned::get);
            if let Some(Ok(read)) = open.map(|(transaction, _)| read(transaction, &Undo::new())) {
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

    fn range(&self, from: Bound<&[u8]>, prefix: &[u8]) -> Result<Vec<Row>, MemoryError> {
        self.read(|transaction, undo| {
            let table = transaction.open_table(ROWS)?;
            let (mut rows, all) = match piece(&table, undo, from, prefix)? {
                Ok(piece) => piece,
                Err(what) => return Ok(Err(what)),
            };
            // Of those after the last that was read, it is not known what lies between.
            let last = rows.keys().next_back().filter(|_| !all).cloned();
            let known = |key: &[u8]| key.starts_with(prefix) && last.as_deref().is_none_or(|last| key <= last);
            for (key, before) in undo.range::<[u8], _>((from, Bound::Unbounded)).filter(|(key, _)| known(key)) {
                if let Some(value) = before {
                    rows.insert(key.clone(), value.clone());
                }
            }
            Ok(Ok(rows.into_iter().collect()))
        })
    }

    fn len(&self) -> u64 {
        self.committed.rows
    }
}

/// Rows that were found, by key.
type Found = BTreeMap<Vec<u8>, Vec<u8>>;

/// The next rows of a prefix but for those that are undone, and whether these are all; or what is wrong with the first.
fn piece(
    table: &ReadOnlyTable<&'static [u8], &'static [u8]>,
    undo: &Undo,
    from: Bound<&[u8]>,
    prefix: &[u8],
) -> Result<Result<(Found, bool), String>, redb::Error> {
    let (mut rows, mut bytes) = (BTreeMap::new(), 0);
    for row in table.range::<&[u8]>((from, Bound::Unbounded))? {
        let (key, value) = row?;
        let (key, value) = (key.value(), value.value());
        if !key.starts_with(prefix) {
            break;
        }
        if undo.contains_key(key) {
            continue;
        }
        if rows.len() == PIECE_ROWS || bytes >= PIECE_BYTES {
            return Ok(Ok((rows, false)));
        }
        match value_of(key, value) {
            Ok(value) => {
                bytes += key.len() + value.len();
                rows.insert(key.to_vec(), value);
            }
            Err(what) if rows.is_empty() => return Ok(Err(what)),
            // Those before it are given out first.
            Err(_) => return Ok(Ok((rows, false))),
        }
    }
    Ok(Ok((rows, true)))
}

/// The value of a row, or what is wrong with it.
pub(super) fn value_of(key: &[u8], row: &[u8]) -> Result<Vec<u8>, String> {
    let value = unsealed(key, row).map(<[u8]>::to_vec);
    value.ok_or_else(|| format!("the application's row {:?} does not match its checksum", String::from_utf8_lossy(key)))
}
