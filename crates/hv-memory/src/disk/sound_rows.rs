//! Reading the rows of an index that may be damaged: each that is sound counts, whatever the others are.
//!
//! Full blocks and episodes of the unfinished one keep their order, and lie closer together where some are lost. So a slot
//! on disk is not always the slot of the state; [`SoundRows::slot`] tells which it is.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hv_parallel::HV16;
use redb::{Key, ReadOnlyTable, ReadTransaction, ReadableTable, TableDefinition, TableError, TableHandle};

use super::app_rows::value_of;
use super::format::{
    BlockRow, Committed, Version, decode_block, decode_deleted, decode_mutable, decode_tag_set, decode_tail, unsealed,
};
use super::index::{BLOCKS, DELETED, METADATA, ROWS, SOURCES, STATE, TAG_SETS, TAIL, VITALS};
use super::read_rows::are_in_range;
use crate::arena::{BLOCK, Column, Levels, Mutable, Mutables, Names, Record, Records, Row, State};
use crate::error::MemoryError;

/// A row of a block takes more than one page of the index.
const PAGE: u64 = 4096;

/// What is sound of the rows of an index.
pub(super) struct SoundRows {
    /// The numbers of the full blocks whose rows are sound, and the checksums of their vectors.
    pub blocks: Vec<(u64, u32)>,
    /// The slots on disk of the sound episodes of the unfinished block, and their vectors.
    pub tail: Vec<(u64, HV16)>,
    /// All of a state but its vectors.
    pub columns: State,
    pub has_metadata: bool,
    /// The application's.
    pub rows: Vec<Row>,
    /// What is not sound, and what that means.
    pub wrong: Vec<String>,
}

/// Reads what is sound. `bytes` is the length of the index.
pub(super) fn sound_rows(
    transaction: &ReadTransaction,
    committed: &Committed,
    bytes: u64,
) -> Result<SoundRows, MemoryError> {
    let (sources, tags, wrong) = (Numbers::none(), Numbers::none(), Vec::new());
    let mut reader = Reader { transaction, committed, bytes, sources, tags, last: None, wrong };
    if committed.version >= Version::Three {
        reader.sources = reader.names(SOURCES, committed.sources, |bytes| Some(bytes.into()));
        reader.tags = reader.names(TAG_SETS, committed.tag_sets, decode_tag_set);
    }
    let (blocks, columns): (Vec<_>, Vec<_>) = reader.blocks().into_iter().unzip();
    let (tail, rows): (Vec<_>, Vec<_>) = reader.tail().into_iter().unzip();
    let record = &mut |row: usize| Ok::<(Record, Mutable), MemoryError>(rows[row].clone()).map(|(record, _)| record);
    let columns =
        State::of_blocks(columns)?.append_columns(Levels::new(), rows.len(), record, &|row: usize| rows[row].1)?;
    for (what, lost) in [("source", reader.sources.lost), ("tags", reader.tags.lost)] {
        if lost > 0 {
            reader.wrong.push(format!("{lost} episodes have lost their {what}"));
        }
    }
    let metadata = reader.metadata();
    let has_metadata = metadata.is_some();
    let columns = State {
        next_id: committed.next_id,
        sources: reader.sources.names.clone(),
        tag_sets: reader.tags.names.clone(),
        metadata: metadata.unwrap_or_default().into(),
        ..columns
    };
    let mut found = SoundRows { blocks, tail, columns, has_metadata, rows: Vec::new(), wrong: Vec::new() };
    reader.mutables(&mut found);
    reader.deleted(&mut found);
    found.columns.unsaved.clear();
    found.rows = reader.rows();
    found.wrong = reader.wrong;
    Ok(found)
}

impl SoundRows {
    /// The slot of the state that a slot on disk is.
    fn slot(&self, slot: u64) -> Option<usize> {
        let block = self.blocks.binary_search_by_key(&(slot / BLOCK as u64), |(block, _)| *block);
        let in_tail = || self.tail.binary_search_by_key(&slot, |(slot, _)| *slot);
        match block {
            Ok(block) => Some(block * BLOCK + slot as usize % BLOCK),
            Err(_) => in_tail().ok().map(|row| self.blocks.len() * BLOCK + row),
        }
    }
}

/// Names, and the numbers that they have now, by those that they had; 0 for one that is lost.
struct Numbers<T: ?Sized + Ord> {
    names: Names<T>,
    now: Vec<u32>,
    /// How many episodes have lost theirs.
    lost: u64,
}

impl<T: ?Sized + Ord> Numbers<T> {
    fn none() -> Self {
        Self { names: Names::new(), now: Vec::new(), lost: 0 }
    }

    /// The number that the name of `episodes` has now.
    fn now(&mut self, number: u32, episodes: usize) -> u32 {
        let Some(i) = (number as usize).checked_sub(1) else { return 0 };
        let now = self.now.get(i).copied().unwrap_or(0);
        self.lost += if now == 0 { episodes as u64 } else { 0 };
        now
    }

    fn of_block(&mut self, numbers: &Column<u32>) -> Column<u32> {
        match numbers {
            Column::Same(number, len) => Column::Same(self.now(*number, *len), *len),
            Column::Each(numbers) => Column::Each(numbers.iter().map(|&number| self.now(number, 1)).collect()),
        }
    }
}

struct Reader<'a> {
    transaction: &'a ReadTransaction,
    committed: &'a Committed,
    bytes: u64,
    sources: Numbers<[u8]>,
    tags: Numbers<[Arc<str>]>,
    /// The last id that was read.
    last: Option<u64>,
    wrong: Vec<String>,
}

impl Reader<'_> {
    /// A table; `None` where there is none, or none that can be read.
    fn table<K: Key + 'static>(
        &mut self,
        table: TableDefinition<'_, K, &'static [u8]>,
    ) -> Option<ReadOnlyTable<K, &'static [u8]>> {
        match caught(|| self.transaction.open_table(table)) {
            Some(Ok(table)) => Some(table),
            // Of a version before it, or of a store in which no episode was deleted since there is a table of them.
            Some(Err(TableError::TableDoesNotExist(name)))
                if self.committed.version < Version::NEWEST || name == DELETED.name() =>
            {
                None
            }
            _ => {
                self.wrong.push(format!("the {table} cannot be read"));
                None
            }
        }
    }

    /// Every row of a table, as far as it can be read.
    fn each<K: Key + 'static>(
        &mut self,
        table: TableDefinition<'_, K, &'static [u8]>,
        mut take: impl FnMut(&mut Self, K::SelfType<'_>, &[u8]),
    ) {
        let Some(rows) = self.table(table) else { return };
        let Some(Ok(mut rows)) = caught(|| rows.iter()) else {
            return self.wrong.push(format!("the {table} cannot be read"));
        };
        // There are no more rows than bytes, unless a damaged table goes in circles.
        for _ in 0..self.bytes {
            match caught(|| rows.next()) {
                Some(None) => return,
                Some(Some(Ok((key, row)))) => take(self, key.value(), row.value()),
                _ => break,
            }
        }
        self.wrong.push(format!("the {table} cannot be read to its end"));
    }

    fn names<T: ?Sized + Ord>(
        &mut self,
        table: TableDefinition<'_, u32, &'static [u8]>,
        count: u64,
        decode: impl Fn(&[u8]) -> Option<Arc<T>>,
    ) -> Numbers<T> {
        let mut numbers = Numbers::none();
        let Some(rows) = self.table(table) else { return numbers };
        for number in 1..=count.min(self.bytes) as u32 {
            let name = get(&rows, number, &number.to_le_bytes()).and_then(|row| decode(&row));
            if name.is_none() {
                self.wrong.push(format!("row {number} of the {table} is missing or malformed"));
            }
            numbers.now.push(name.map_or(0, |name| numbers.names.intern(&name)));
        }
        numbers
    }

    /// The sound blocks, each with its number and the checksum of its vectors.
    fn blocks(&mut self) -> Vec<((u64, u32), (Records, Mutables))> {
        let mut blocks = Vec::new();
        let Some(table) = self.table(BLOCKS) else { return blocks };
        let (count, mut lost) = (self.committed.blocks(), 0);
        for number in 0..count.min(self.bytes / PAGE) {
            let row = get(&table, number, &number.to_le_bytes());
            let row = row.and_then(|row| decode_block(&row, self.committed.version));
            let Some(BlockRow { vectors_crc, mut records, mutables }) = row.filter(|row| self.can_be_next(row)) else {
                continue;
            };
            self.note_lost(lost..number, records.ids[0]);
            lost = number + 1;
            records.labels.sources = self.sources.of_block(&records.labels.sources);
            records.labels.tags = self.tags.of_block(&records.labels.tags);
            self.last = records.ids.last().copied();
            blocks.push(((number, vectors_crc), (records, mutables)));
        }
        self.note_lost(lost..count, self.committed.next_id);
        blocks
    }

    /// Notes that blocks are lost, if there are any, whose ids are below `next`.
    fn note_lost(&mut self, blocks: Range<u64>, next: u64) {
        if blocks.is_empty() {
            return;
        }
        let which = match blocks.end - blocks.start {
            1 => format!("the row of block {} is", blocks.start),
            _ => format!("the rows of blocks {} to {} are", blocks.start, blocks.end - 1),
        };
        let episodes = (blocks.end - blocks.start).saturating_mul(BLOCK as u64);
        let (first, last) = (self.next(), next.saturating_sub(1));
        self.wrong
            .push(format!("{which} missing or malformed: {episodes} episodes are lost, of ids {first} to {last}"));
    }

    /// The least id that can come next.
    fn next(&self) -> u64 {
        self.last.map_or(0, |last| last + 1)
    }

    /// Whether a store can hold these after what was read.
    fn can_be_next(&self, BlockRow { records, mutables, .. }: &BlockRow) -> bool {
        let ids = &records.ids;
        let mut values = records.valences.iter().zip(&mutables.strengths);
        ids[0] >= self.next()
            && ids.is_sorted_by(|a, b| a < b)
            && ids.last().is_some_and(|&last| last < self.committed.next_id)
            && values.all(|(&valence, &strength)| are_in_range(valence, strength))
    }

    /// The sound episodes of the unfinished block, each with its slot and its vector.
    fn tail(&mut self) -> Vec<((u64, HV16), (Record, Mutable))> {
        let mut tail = Vec::new();
        let Some(table) = self.table(TAIL) else { return tail };
        for slot in self.committed.first_open() as u64..self.committed.slots {
            let row = get(&table, slot, &slot.to_le_bytes());
            let row = row.and_then(|row| decode_tail(&row, self.committed.version));
            let ids = self.next()..self.committed.next_id;
            let row = row.filter(|(record, mutable, _)| {
                ids.contains(&record.id) && are_in_range(record.valence, mutable.strength)
            });
            let Some((mut record, mutable, vector)) = row else {
                let what = "missing or malformed: an episode is lost, of an id from";
                self.wrong.push(format!("the row of slot {slot} is {what} {} on", ids.start));
                continue;
            };
            record.label.source = self.sources.now(record.label.source, 1);
            record.label.tags = self.tags.now(record.label.tags, 1);
            self.last = Some(record.id);
            tail.push(((slot, vector), (record, mutable)));
        }
        tail
    }

    fn mutables(&mut self, found: &mut SoundRows) {
        self.each(VITALS, |reader, slot, row| {
            let mutable = unsealed(&slot.to_le_bytes(), row).and_then(decode_mutable);
            match (mutable.filter(|mutable| are_in_range(0.0, mutable.strength)), found.slot(slot)) {
                (Some(mutable), Some(slot)) => found.columns.set_mutable(slot, mutable),
                // Of one that is lost.
                (Some(_), None) => {}
                (None, _) => {
                    reader.wrong.push(format!("the vitals of slot {slot} are malformed: its strength is an older one"));
                }
            }
        });
    }

    fn deleted(&mut self, found: &mut SoundRows) {
        self.each(DELETED, |reader, block, row| match unsealed(&block.to_le_bytes(), row).and_then(decode_deleted) {
            Some(bits) => {
                let slot = |i: usize| found.slot(block.checked_mul(BLOCK as u64)?.checked_add(i as u64)?);
                let slots: Vec<usize> = bits.into_iter().filter_map(slot).collect();
                slots.into_iter().for_each(|slot| found.columns.kill(slot));
            }
            None => {
                let what = format!("the deleted episodes of block {block} are malformed: they are there again");
                reader.wrong.push(what);
            }
        });
    }

    fn metadata(&mut self) -> Option<Vec<u8>> {
        let table = self.table(STATE)?;
        let metadata = get(&table, METADATA, METADATA.as_bytes());
        if metadata.is_none() {
            self.wrong.push("the row of the metadata is missing or malformed".into());
        }
        metadata
    }

    /// The application's rows, in order of their keys.
    fn rows(&mut self) -> Vec<Row> {
        let mut rows = BTreeMap::new();
        if self.committed.version >= Version::Three {
            let mut wrong = 0;
            self.each(ROWS, |reader, key, row| match value_of(key, row) {
                Ok(value) => drop(rows.insert(key.to_vec(), value)),
                Err(what) => {
                    wrong += 1;
                    reader.wrong.push(what);
                }
            });
            let missing = self.committed.rows.saturating_sub(rows.len() as u64 + wrong);
            if missing > 0 {
                self.wrong.push(format!("{missing} rows of the application are missing"));
            }
        }
        rows.into_iter().collect()
    }
}

/// A row of a table without its checksum, if it is sound. `sealed` are the bytes of its key.
fn get<'k, K: Key + 'static>(
    table: &ReadOnlyTable<K, &'static [u8]>,
    key: impl std::borrow::Borrow<K::SelfType<'k>>,
    sealed: &[u8],
) -> Option<Vec<u8>> {
    let row = caught(|| {
        let row = table.get(key)?;
        Ok::<_, redb::StorageError>(row.and_then(|row| unsealed(sealed, row.value()).map(<[u8]>::to_vec)))
    });
    row?.ok()?
}

/// What redb gives; `None` where it does not take the file for possible, and panics.
fn caught<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).ok()
}
