//! The application's own rows: bytes to bytes, in order of their keys.

use std::ops::Bound;
use std::sync::Arc;

use rpds::RedBlackTreeMapSync;

use crate::error::MemoryError;

/// A row: its key and its value.
pub(crate) type Row = (Vec<u8>, Vec<u8>);

/// A row that is put, or deleted where there is no value.
pub(crate) type RowChange = (Vec<u8>, Option<Vec<u8>>);

/// The most rows that are read at a time.
pub(crate) const PIECE_ROWS: usize = 256;

/// No more rows are read at a time once they have this many bytes.
pub(crate) const PIECE_BYTES: usize = 1 << 20;

/// Reads rows that are not in memory, as of one commit.
pub(crate) trait RowSource: Send + Sync {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MemoryError>;
    /// The next rows of a prefix in order, from a key on: up to [`PIECE_ROWS`], and little more than [`PIECE_BYTES`]. None
    /// only where there are no more.
    fn range(&self, from: Bound<&[u8]>, prefix: &[u8]) -> Result<Vec<Row>, MemoryError>;
    fn len(&self) -> u64;
}

/// The rows of a state.
#[derive(Clone)]
pub(crate) enum AppRows {
    /// Those of a memory without a folder, and of one that has none.
    Memory(RedBlackTreeMapSync<Vec<u8>, Arc<[u8]>>),
    Disk(Arc<dyn RowSource>),
}

impl AppRows {
    pub(crate) fn none() -> Self {
        Self::Memory(RedBlackTreeMapSync::new_sync())
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(rows) => rows.size() as u64,
            Self::Disk(source) => source.len(),
        }
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MemoryError> {
        match self {
            Self::Memory(rows) => Ok(rows.get(key).map(|value| value.to_vec())),
            Self::Disk(source) => source.get(key),
        }
    }

    /// The next rows of a prefix: see [`RowSource::range`].
    pub(crate) fn range(&self, from: Bound<&[u8]>, prefix: &[u8]) -> Result<Vec<Row>, MemoryError> {
        match self {
            Self::Memory(rows) => {
                let mut bytes = 0;
                let rows = rows.range::<[u8], _>((from, Bound::Unbounded)).take(PIECE_ROWS);
                let rows = rows.take_while(|(key, value)| {
                    let room = bytes < PIECE_BYTES;
                    bytes += key.len() + value.len();
                    room && key.starts_with(prefix)
                });
                Ok(rows.map(|(key, value)| (key.clone(), value.to_vec())).collect())
            }
            Self::Disk(source) => source.range(from, prefix),
        }
    }

    /// Every row, in order.
    pub(crate) fn for_each(&self, take: &mut dyn FnMut(Row) -> Result<(), MemoryError>) -> Result<(), MemoryError> {
        let mut last: Option<Vec<u8>> = None;
        loop {
            let from = last.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
            let rows = self.range(from, b"")?;
            let Some((key, _)) = rows.last() else { return Ok(()) };
            last = Some(key.clone());
            rows.into_iter().try_for_each(&mut *take)?;
        }
    }

    /// These in memory, changed.
    pub(crate) fn changed(&self, changes: &[RowChange]) -> Self {
        let mut rows = match self {
            Self::Memory(rows) => rows.clone(),
            Self::Disk(_) => return self.clone(),
        };
        for (key, value) in changes {
            match value {
                Some(value) => rows.insert_mut(key.clone(), value.as_slice().into()),
                None => _ = rows.remove_mut(key),
            }
        }
        Self::Memory(rows)
    }
}
