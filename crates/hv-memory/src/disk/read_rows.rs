//! Reading the rows of the index into columns, and checking each.

use std::sync::Arc;

use hv_parallel::for_storage::adaptive_map;
use hv_parallel::{HV16, Operation};
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata, TableDefinition};

use super::format::{
    BlockRow, Committed, StoreId, Version, decode_block, decode_deleted, decode_mutable, decode_tag_set, decode_tail,
    store_row, unsealed,
};
use super::index::{BLOCKS, DELETED, METADATA, ROWS, SOURCES, STATE, STORE, TAG_SETS, TAIL, VITALS};
use crate::arena::{BLOCK, Levels, Mutable, Names, Record, State};

/// Blocks that are read together, by all threads.
const TOGETHER: usize = 256;

/// Everything in the index but the application's rows.
pub(super) struct Rows {
    /// The checksums of the vectors of full blocks.
    pub vector_crcs: Vec<u32>,
    /// All of a state but its vectors.
    pub columns: State,
    /// The vectors of the unfinished block.
    pub tail: Vec<HV16>,
}

/// What is wrong with a row, or why it could not be read.
pub(super) enum Wrong {
    Redb(redb::Error),
    Row(String),
}

impl<E: Into<redb::Error>> From<E> for Wrong {
    fn from(error: E) -> Self {
        Self::Redb(error.into())
    }
}

/// All rows of the index but the application's, or what is wrong with them.
pub(super) fn read_rows(transaction: &ReadTransaction, committed: &Committed) -> Result<Rows, String> {
    Reader { transaction, committed }.read().map_err(Wrong::into_text)
}

impl Wrong {
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Redb(error) => error.to_string(),
            Self::Row(what) => what,
        }
    }
}

pub(super) struct Reader<'a> {
    pub transaction: &'a ReadTransaction,
    pub committed: &'a Committed,
}

impl Reader<'_> {
    fn read(&self) -> Result<Rows, Wrong> {
        let mut rows = self.blocks()?;
        rows.columns.metadata = self.metadata()?;
        rows.columns.next_id = self.committed.next_id;
        if self.committed.version >= Version::Three {
            self.check_store_row(&self.committed.store)?;
            rows.columns.sources = self.names(SOURCES, self.committed.sources, |bytes| Some(bytes.into()))?;
            rows.columns.tag_sets = self.names(TAG_SETS, self.committed.tag_sets, decode_tag_set)?;
            self.check_row_count()?;
        }
        self.tail(&mut rows)?;
        self.each_mutable(&mut |slot, mutable| rows.columns.set_mutable(slot, mutable))?;
        self.each_deleted(&mut |slot| rows.columns.kill(slot))?;
        rows.columns.unsaved.clear();
        check_columns(&rows.columns).map_err(Wrong::Row)?;
        Ok(rows)
    }

    fn blocks(&self) -> Result<Rows, Wrong> {
        let (mut vector_crcs, mut columns) = (Vec::new(), Vec::new());
        self.each_block(
            |_, block| block,
            |BlockRow { vectors_crc, records, mutables }| {
                vector_crcs.push(vectors_crc);
                columns.push((records, mutables));
            },
        )?;
        let columns = State::of_blocks(columns).map_err(|error| Wrong::Row(error.to_string()))?;
        Ok(Rows { vector_crcs, columns, tail: Vec::new() })
    }

    /// Takes in order what `make` makes of each full block. Some are read together: how many there are is not known to be
    /// true yet.
    pub(super) fn each_block<T: Send>(
        &self,
        make: impl Fn(u64, BlockRow) -> T + Sync + Send,
        mut take: impl FnMut(T),
    ) -> Result<(), Wrong> {
        let (table, blocks) = (self.transaction.open_table(BLOCKS)?, self.committed.blocks());
        for first in (0..blocks).step_by(TOGETHER) {
            let len = (blocks - first).min(TOGETHER as u64) as usize;
            let made = adaptive_map(Operation::Similarity, len * BLOCK, len, 1, |i| {
                let block = first + i as u64;
                Ok::<_, Wrong>(make(block, self.block(&table, block)?))
            });
            made.into_iter().try_for_each(|made| made.map(&mut take))?;
        }
        Ok(())
    }

    fn block(&self, table: &ReadOnlyTable<u64, &'static [u8]>, block: u64) -> Result<BlockRow, Wrong> {
        let row = table.get(block)?;
        let row = row.as_ref().and_then(|row| unsealed(&block.to_le_bytes(), row.value()));
        let row = row.and_then(|row| decode_block(row, self.committed.version));
        row.ok_or_else(|| Wrong::Row(format!("the row of block {block} is missing or malformed")))
    }

    fn tail(&self, rows: &mut Rows) -> Result<(), Wrong> {
        let mut columns = Vec::new();
        self.each_of_tail(&mut |record, mutable, vector| {
            columns.push((record, mutable));
            rows.tail.push(vector);
        })?;
        rows.columns = appended(&rows.columns, &columns)?;
        Ok(())
    }

    /// The episodes of the unfinished block in order.
    pub(super) fn each_of_tail(&self, take: &mut dyn FnMut(Record, Mutable, HV16)) -> Result<(), Wrong> {
        let tail = self.transaction.open_table(TAIL)?;
        for slot in self.committed.first_open() as u64..self.committed.slots {
            let row = tail.get(slot)?;
            let row = row.as_ref().and_then(|row| unsealed(&slot.to_le_bytes(), row.value()));
            let Some((record, mutable, vector)) = row.and_then(|row| decode_tail(row, self.committed.version)) else {
                return Err(Wrong::Row(format!("the row of slot {slot} is missing or malformed")));
            };
            take(record, mutable, vector);
        }
        Ok(())
    }

    /// The slots whose mutables have changed since their block was written.
    pub(super) fn each_mutable(&self, take: &mut dyn FnMut(usize, Mutable)) -> Result<(), Wrong> {
        for row in self.transaction.open_table(VITALS)?.iter()? {
            let (slot, mutable) = row?;
            let slot = slot.value();
            let mutable = unsealed(&slot.to_le_bytes(), mutable.value()).and_then(decode_mutable);
            match mutable.filter(|_| slot < self.committed.slots) {
                Some(mutable) => take(slot as usize, mutable),
                None => {
                    let what = format!("the vitals of slot {slot} are malformed, or those of no episode");
                    return Err(Wrong::Row(what));
                }
            }
        }
        Ok(())
    }

    /// The slots that were deleted since their block was written.
    pub(super) fn each_deleted(&self, take: &mut dyn FnMut(usize)) -> Result<(), Wrong> {
        let table = match self.transaction.open_table(DELETED) {
            // Of a version before it.
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(()),
            table => table?,
        };
        for row in table.iter()? {
            let (block, row) = row?;
            let block = block.value();
            let bits = unsealed(&block.to_le_bytes(), row.value()).and_then(decode_deleted);
            let slots = bits.and_then(|bits| {
                let slot = |i: usize| block.checked_mul(BLOCK as u64)?.checked_add(i as u64);
                let slot = |i: usize| slot(i).filter(|&slot| slot < self.committed.slots).map(|slot| slot as usize);
                bits.into_iter().map(slot).collect::<Option<Vec<usize>>>()
            });
            match slots {
                Some(slots) => slots.into_iter().for_each(&mut *take),
                None => {
                    let what = format!("the deleted episodes of block {block} are malformed, or of no block");
                    return Err(Wrong::Row(what));
                }
            }
        }
        Ok(())
    }

    pub(super) fn metadata(&self) -> Result<Arc<[u8]>, Wrong> {
        let row = self.transaction.open_table(STATE)?.get(METADATA)?;
        let metadata = row.as_ref().and_then(|row| unsealed(METADATA.as_bytes(), row.value()));
        metadata.map(Arc::from).ok_or_else(|| Wrong::Row("the row of the metadata is missing or malformed".into()))
    }

    pub(super) fn check_store_row(&self, store: &StoreId) -> Result<(), Wrong> {
        let row = self.transaction.open_table(STATE)?.get(STORE)?;
        let row = row.as_ref().and_then(|row| unsealed(STORE.as_bytes(), row.value()));
        if row.is_some_and(|row| *row == *store_row(store, self.committed.version)) {
            return Ok(());
        }
        Err(Wrong::Row("the row of the store is missing, malformed or that of another".into()))
    }

    /// Names from 1 to `count`.
    fn names<T: ?Sized + Ord>(
        &self,
        table: TableDefinition<'_, u32, &[u8]>,
        count: u64,
        decode: impl Fn(&[u8]) -> Option<Arc<T>>,
    ) -> Result<Names<T>, Wrong> {
        let rows = self.transaction.open_table(table)?;
        let mut names = Names::new();
        for number in 1..=count as u32 {
            let row = rows.get(number)?;
            let name = row.as_ref().and_then(|row| decode(unsealed(&number.to_le_bytes(), row.value())?));
            if name.is_none_or(|name| names.intern(&name) != number) {
                let what = format!("row {number} of the {table} is missing, malformed or there twice");
                return Err(Wrong::Row(what));
            }
        }
        Ok(names)
    }

    fn check_row_count(&self) -> Result<(), Wrong> {
        let (found, expected) = (self.transaction.open_table(ROWS)?.len()?, self.committed.rows);
        if found == expected {
            return Ok(());
        }
        Err(Wrong::Row(format!("it holds {found} rows of the application, but {expected} were written")))
    }
}

/// Columns with more episodes; vectors come later.
fn appended(columns: &State, rows: &[(Record, Mutable)]) -> Result<State, Wrong> {
    let record = &mut |row: usize| Ok(rows[row].0.clone());
    let grown = columns.append_columns(Levels::new(), rows.len(), record, &|row| rows[row].1);
    grown.map_err(|error| Wrong::Row(error.to_string()))
}

/// Ids ascend, names have numbers that were given out, numbers are in their ranges, and no two episodes share a key.
fn check_columns(columns: &State) -> Result<(), String> {
    let (mut last, mut keyed) = (None, 0);
    // Both come in chunks of the same lengths.
    for (records, mutables) in columns.records.chunks().zip(columns.mutables.chunks()) {
        let labels = &records.labels;
        for (index, &id) in records.ids.iter().enumerate() {
            if last.is_some_and(|last| last >= id) {
                return Err("its ids do not ascend".into());
            }
            last = Some(id);
            if *labels.sources.get(index) > columns.sources.len() || *labels.tags.get(index) > columns.tag_sets.len() {
                return Err(format!("episode {id} has a source or tags that are not there"));
            }
            if !are_in_range(records.valences[index], mutables.strengths[index]) {
                return Err(format!("episode {id} has a valence or strength that is out of range"));
            }
            keyed += usize::from(labels.keys.get(index).is_some() && !mutables.is_deleted(index));
        }
    }
    match last {
        Some(last) if last >= columns.next_id => Err("its ids do not ascend".into()),
        _ if keyed != columns.keys.size() => Err("two of its episodes have the same key".into()),
        _ => Ok(()),
    }
}

/// Whether an episode can have this valence and strength. NaN is in no range; merges of early programs could leave a
/// strength that is infinite.
pub(super) fn are_in_range(valence: f32, strength: f64) -> bool {
    (-1.0..=1.0).contains(&valence) && (0.0..=f64::INFINITY).contains(&strength)
}
