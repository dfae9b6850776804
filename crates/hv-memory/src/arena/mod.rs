//! The episodes in memory: immutable chunks, shared by every snapshot that holds them.

mod columns;
mod levels;
mod log;
mod state;
mod vectors;

pub(crate) use columns::{Payload, Place, Record, Records, Vital, Vitals};
pub(crate) use levels::Levels;
pub(crate) use log::{Giving, LOG_PIECE, LOG_RECORD, Log, RETRIEVALS_KEPT, Take, collected, log_matches, log_record};
#[cfg(test)]
pub(crate) use state::WORTH_SORTING;
pub(crate) use state::{MAX_NEXT_ID, PayloadFile, State};
pub(crate) use vectors::Vectors;

/// Episodes of the smallest sealed chunk. What is beyond the last one is copied at every store.
pub(crate) const SMALL: usize = 256;
/// Episodes of a block: the unit of the columns, and of what the flat files hold.
pub(crate) const BLOCK: usize = 4_096;
/// Vectors of the largest segment: 16 MiB, eight huge pages.
pub(crate) const SEGMENT: usize = 65_536;
