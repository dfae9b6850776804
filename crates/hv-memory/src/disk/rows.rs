//! The rows of the index that a commit writes.

use redb::WriteTransaction;

use super::format::{Committed, encode_block, encode_tail, encode_vital, sealed};
use super::index::{BLOCKS, COMMITTED, METADATA, STATE, TAIL, VITALS};
use crate::arena::{BLOCK, State};

/// Every row of a state.
pub(super) fn write_all(
    transaction: &WriteTransaction,
    state: &State,
    next: &Committed,
    crcs: &[u32],
) -> Result<(), redb::Error> {
    transaction.open_table(VITALS)?;
    let mut blocks = transaction.open_table(BLOCKS)?;
    for (block, &crc) in (0..).zip(crcs) {
        blocks.insert(block, &*block_row(state, block as usize, crc))?;
    }
    let mut tail = transaction.open_table(TAIL)?;
    for slot in next.first_open()..next.slots as usize {
        tail.insert(slot as u64, &*tail_row(state, slot))?;
    }
    write_metadata(transaction, &state.metadata, next)
}

/// The rows that lead from one commit to the next when episodes were added.
pub(super) fn write_growth(
    transaction: &WriteTransaction,
    draft: &State,
    old: &Committed,
    next: &Committed,
    crcs: &[u32],
) -> Result<(), redb::Error> {
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
    write_committed(transaction, next)
}

/// The rows that lead from one commit to the next when vitals changed.
pub(super) fn write_vitals(
    transaction: &WriteTransaction,
    draft: &State,
    slots: &[usize],
    next: &Committed,
) -> Result<(), redb::Error> {
    let mut vitals = transaction.open_table(VITALS)?;
    let mut tail = transaction.open_table(TAIL)?;
    for &slot in slots {
        if slot < next.first_open() {
            vitals.insert(slot as u64, &*vital_row(draft, slot))?;
        } else {
            tail.insert(slot as u64, &*tail_row(draft, slot))?;
        }
    }
    write_committed(transaction, next)
}

/// The application's note.
pub(super) fn write_metadata(
    transaction: &WriteTransaction,
    metadata: &[u8],
    next: &Committed,
) -> Result<(), redb::Error> {
    transaction.open_table(STATE)?.insert(METADATA, &*metadata_row(metadata))?;
    write_committed(transaction, next)
}

/// What the last commit left, where nothing else changes.
pub(super) fn write_committed(transaction: &WriteTransaction, next: &Committed) -> Result<(), redb::Error> {
    transaction.open_table(STATE)?.insert(COMMITTED, &*committed_row(next))?;
    Ok(())
}

fn block_row(state: &State, block: usize, crc: u32) -> Vec<u8> {
    let start = block * BLOCK;
    let row = encode_block(crc, state.records.find(start).0, state.vitals.find(start).0);
    sealed(&(block as u64).to_le_bytes(), row)
}

fn tail_row(state: &State, slot: usize) -> Vec<u8> {
    let row = encode_tail(&state.record(slot), &state.vital(slot), state.vector(slot));
    sealed(&(slot as u64).to_le_bytes(), row)
}

fn vital_row(state: &State, slot: usize) -> Vec<u8> {
    sealed(&(slot as u64).to_le_bytes(), encode_vital(&state.vital(slot)))
}

fn committed_row(committed: &Committed) -> Vec<u8> {
    sealed(COMMITTED.as_bytes(), committed.encode())
}

fn metadata_row(metadata: &[u8]) -> Vec<u8> {
    sealed(METADATA.as_bytes(), metadata.to_vec())
}
