//! Counts and sizes of a memory.

use hv_parallel::HV16;

use crate::arena::{Payload, State, Vectors};

/// Counts and sizes of a memory at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Stats {
    /// How many episodes there are.
    pub episodes: usize,
    /// How many forgotten episodes still take space.
    pub forgotten: usize,
    /// How many retrievals the log holds.
    pub retrievals: u64,
    /// The id that the next episode will get: how many were ever stored.
    pub next_id: u64,
    /// The earliest and the latest time of an episode.
    pub time_span: Option<(i64, i64)>,
    /// Bytes of all payloads, those of forgotten episodes that still take space included.
    pub payload_bytes: u64,
    /// Bytes of the vectors in memory, 256 an episode, forgotten ones that still take space included.
    pub vector_bytes: u64,
    /// Bytes of the planes of first lines for pruned recalls, up to 64 an episode.
    pub plane_bytes: u64,
    /// Bytes of the store's files; 0 for a memory without a folder.
    pub disk_bytes: u64,
}

/// What [`Options::summary`](crate::Options::summary) tells of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Counts and sizes.
    pub stats: Stats,
    /// The application's note.
    pub metadata: Vec<u8>,
}

impl Stats {
    pub(crate) fn of(state: &State, disk_bytes: u64) -> Self {
        let mut time_span = None;
        // Both come in chunks of the same lengths.
        for (records, mutables) in state.records.chunks().zip(state.mutables.chunks()) {
            for (_, &time) in records.times.iter().enumerate().filter(|(index, _)| !mutables.is_deleted(*index)) {
                let (first, last) = time_span.unwrap_or((time, time));
                time_span = Some((time.min(first), time.max(last)));
            }
        }
        Self {
            episodes: state.len(),
            forgotten: state.deleted,
            retrievals: state.log.len,
            next_id: state.next_id,
            time_span,
            payload_bytes: state.records.chunks().flat_map(|c| &c.payloads).map(Payload::len).sum::<usize>() as u64,
            plane_bytes: state.vectors.chunks().map(Vectors::plane_bytes).sum::<usize>() as u64,
            vector_bytes: (state.slots() * HV16::BYTES) as u64,
            disk_bytes,
        }
    }
}
