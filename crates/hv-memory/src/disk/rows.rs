//! The rows of the index that a commit writes.

use std::collections::BTreeSet;

use redb::WriteTransaction;

use super::format::{
    Committed, Version, encode_block, encode_deleted, encode_mutable, encode_tag_set, encode_tail, sealed, store_row,
};
use super::index::{
    BLOCKS, COMMITTED, DELETED, METADATA, ROWS, SOURCES, STATE, STORE, TAG_SETS, TAIL, VITALS, WriteError,
};
use crate::arena::{BLOCK, Mutable, Row, RowChange, State};
use crate::error::MemoryError;

/// Takes rows of the application, one after the other.
pub(crate) type RowSink<'a> = &'a mut dyn FnMut(Row) -> Result<(), MemoryError>;

/// Gives rows of the application, one after the other: there may be more than fit into memory.
pub(crate) type RowSource<'a> = dyn Fn(RowSink<'_>) -> Result<(), MemoryError> + 'a;

/// Every row of a state, and the application's own. Returns the commit, which counts those.
pub(super) fn write_all(
    transaction: &WriteTransaction,
    state: &State,
    next: &Committed,
    crcs: &[u32],
    app_rows: &RowSource<'_>,
) -> Result<Committed, WriteError> {
    transaction.open_table(VITALS)?;
    transaction.open_table(DELETED)?;
    let mut blocks = transaction.open_table(BLOCKS)?;
    for (block, &crc) in (0..).zip(crcs) {
        blocks.insert(block, &*block_row(state, block as usize, crc))?;
    }
    let mut tail = transaction.open_table(TAIL)?;
    for slot in next.first_open()..next.slots as usize {
        tail.insert(slot as u64, &*tail_row(state, slot))?;
    }
    write_names(transaction, state, &Committed::default(), next)?;
    let rows = write_given(transaction, app_rows)?;
    let row = sealed(STORE.as_bytes(), store_row(&next.store, Version::NEWEST));
    transaction.open_table(STATE)?.insert(STORE, &*row)?;
    write_metadata(transaction, &state.metadata)?;
    let next = Committed { rows, ..*next };
    write_committed(transaction, &next)?;
    Ok(next)
}

/// The application's rows of a fresh index. Returns how many there are.
fn write_given(transaction: &WriteTransaction, app_rows: &RowSource<'_>) -> Result<u64, WriteError> {
    let mut table = transaction.open_table(ROWS)?;
    let (mut count, mut failed) = (0, None);
    let given = app_rows(&mut |(key, value)| {
        match table.insert(&*key, &*sealed(&key, value)) {
            Ok(_) => count += 1,
            Err(error) => failed = failed.take().or(Some(error)),
        }
        Ok(())
    });
    given.map_err(WriteError::Source)?;
    failed.map_or(Ok(count), |error| Err(error.into()))
}

/// The rows that lead from one commit to the next. `draft` is the state after it. Returns the commit, which counts the
/// application's rows.
pub(super) fn write_step(
    transaction: &WriteTransaction,
    draft: &State,
    old: &Committed,
    next: &Committed,
    crcs: &[u32],
    app_rows: &[RowChange],
) -> Result<Committed, WriteError> {
    write_growth(transaction, draft, old, next, crcs)?;
    write_vitals(transaction, draft, old, next)?;
    write_names(transaction, draft, old, next)?;
    let mut rows = old.rows;
    if !app_rows.is_empty() {
        let mut table = transaction.open_table(ROWS)?;
        for (key, value) in app_rows {
            let was_there = match value {
                Some(value) => table.insert(&**key, &*sealed(key, value.clone()))?.is_some(),
                None => table.remove(&**key)?.is_some(),
            };
            rows = rows + u64::from(value.is_some()) - u64::from(was_there);
        }
    }
    let next = Committed { rows, ..*next };
    write_committed(transaction, &next)?;
    Ok(next)
}

fn write_growth(
    transaction: &WriteTransaction,
    draft: &State,
    old: &Committed,
    next: &Committed,
    crcs: &[u32],
) -> Result<(), WriteError> {
    if next.slots == old.slots {
        return Ok(());
    }
    let mut blocks = transaction.open_table(BLOCKS)?;
    for (block, &crc) in (old.blocks()..).zip(crcs) {
        blocks.insert(block, &*block_row(draft, block as usize, crc))?;
    }
    let mut tail = transaction.open_table(TAIL)?;
    if next.blocks() > old.blocks() {
        for slot in old.first_open() as u64..old.slots {
            tail.remove(slot)?;
        }
    }
    for slot in next.first_open().max(old.slots as usize)..next.slots as usize {
        tail.insert(slot as u64, &*tail_row(draft, slot))?;
    }
    Ok(())
}

/// The rows of episodes that were there and have changed. Deleting takes a bit an episode, so that there is room for it
/// on a disk that is all but full. One that is revealed gets a row, and its bit is cleared.
fn write_vitals(
    transaction: &WriteTransaction,
    draft: &State,
    old: &Committed,
    next: &Committed,
) -> Result<(), WriteError> {
    if draft.unsaved.is_empty() {
        return Ok(());
    }
    let mut mutables = transaction.open_table(VITALS)?;
    let mut tail = transaction.open_table(TAIL)?;
    let mut blocks = BTreeSet::new();
    for &(slot, before) in draft.unsaved.iter().filter(|(slot, _)| (*slot as u64) < old.slots) {
        let now = draft.mutable(slot);
        if now.deleted != before.deleted {
            blocks.insert(slot / BLOCK);
            if now == (Mutable { deleted: true, ..before }) {
                continue;
            }
        }
        if slot < old.first_open() {
            mutables.insert(slot as u64, &*vital_row(draft, slot))?;
        } else if slot >= next.first_open() {
            tail.insert(slot as u64, &*tail_row(draft, slot))?;
        }
    }
    let mut deleted = transaction.open_table(DELETED)?;
    for block in blocks {
        deleted.insert(block as u64, &*deleted_row(draft, block))?;
    }
    Ok(())
}

/// The sources and sets of tags that `next` has and `old` has not.
fn write_names(
    transaction: &WriteTransaction,
    state: &State,
    old: &Committed,
    next: &Committed,
) -> Result<(), WriteError> {
    let mut sources = transaction.open_table(SOURCES)?;
    for (number, source) in state.sources.after(old.sources as u32).take((next.sources - old.sources) as usize) {
        sources.insert(number, &*sealed(&number.to_le_bytes(), source.to_vec()))?;
    }
    let mut tag_sets = transaction.open_table(TAG_SETS)?;
    for (number, tags) in state.tag_sets.after(old.tag_sets as u32).take((next.tag_sets - old.tag_sets) as usize) {
        tag_sets.insert(number, &*sealed(&number.to_le_bytes(), encode_tag_set(tags)))?;
    }
    Ok(())
}

/// The application's note.
pub(super) fn write_metadata(transaction: &WriteTransaction, metadata: &[u8]) -> Result<(), WriteError> {
    let row = sealed(METADATA.as_bytes(), metadata.to_vec());
    transaction.open_table(STATE)?.insert(METADATA, &*row)?;
    Ok(())
}

/// What the last commit left.
pub(super) fn write_committed(transaction: &WriteTransaction, next: &Committed) -> Result<(), WriteError> {
    let row = sealed(COMMITTED.as_bytes(), next.encode());
    transaction.open_table(STATE)?.insert(COMMITTED, &*row)?;
    Ok(())
}

fn block_row(state: &State, block: usize, crc: u32) -> Vec<u8> {
    let start = block * BLOCK;
    let row = encode_block(crc, state.records.find(start).0, state.mutables.find(start).0);
    sealed(&(block as u64).to_le_bytes(), row)
}

fn tail_row(state: &State, slot: usize) -> Vec<u8> {
    let row = encode_tail(&state.record(slot), &state.mutable(slot), state.vector(slot));
    sealed(&(slot as u64).to_le_bytes(), row)
}

fn deleted_row(state: &State, block: usize) -> Vec<u8> {
    let is_deleted = |slot: usize| slot < state.slots() && state.is_deleted(slot);
    sealed(&(block as u64).to_le_bytes(), encode_deleted(|i| is_deleted(block * BLOCK + i)))
}

fn vital_row(state: &State, slot: usize) -> Vec<u8> {
    sealed(&(slot as u64).to_le_bytes(), encode_mutable(&state.mutable(slot)))
}
