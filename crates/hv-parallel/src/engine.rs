//! The search that every top-k uses: queries over memory, on one or more threads.
//!
//! The work of q queries over n vectors is split along either axis:
//!
//! - by memory, where threads get about as many whole tiles of the kernels: each passes with all queries over its
//!   ranges, keeps its own nearest, and these are merged at the end. One query uses all cores, and many queries read
//!   the memory once for each block of them, not once for each thread's few. Meanwhile threads show each other their
//!   bounds: what one has found near spares all of them what is farther.
//! - by queries, where tiles are too few or k is large: each thread answers its queries whole, and there is nothing to
//!   merge. So are many blocks of queries: the threads then read the memory as often as by the other split, and are
//!   woken once.
//!
//! Either way ranking is by distance, then index, so that the split cannot be seen in the result.

use std::ops::Range;
use std::sync::atomic::AtomicU16;
use std::sync::{Mutex, PoisonError};

use hv_simd::{Bound, HV16};

use crate::best::Best;
use crate::block::Block;
use crate::job::Job;
use crate::parallel_for::{lock, parallel_for};
use crate::parts::Parts;
use crate::room::Room;
use crate::split::{parts_of_memory, splits_by_memory};

/// Queries that pass over the memory together, at most: a vector that is read serves them all, and their state
/// stays in L1.
pub(crate) const QUERY_BLOCK: usize = 128;

/// Block size where each thread answers whole queries: enough to fill the tiles of the kernels over a small memory. Too
/// large for few queries, where setting up the state of a block takes as long as a short search.
const WIDE_BLOCK: usize = 512;

/// Larger parts of the queries are multiples of this, the largest tile of the kernels.
const QUERY_TILE: usize = 512;

/// Vectors after which a thread looks at the bounds of the others, at most. A multiple of all tiles.
const EXCHANGE: usize = 4096;

/// The same in pairs, where these are fewer vectors: some 50 us of work, next to which it takes little to begin a scan.
const EXCHANGE_PAIRS: usize = 1 << 15;

/// Minimum number of queries in a part, where each thread has at least this many: enough that what the kernels do once
/// for all of them is little next to comparing, and few enough that the threads end within an eighth of each other.
const QUERY_GRAIN: usize = 64;

/// Searches, and has `write` put the best of each query into its slot of `out`.
///
/// Allocates nothing but what the bests do.
pub(crate) fn run<B: Best, O: Room, F: Fn(usize) -> bool + Sync>(
    job: &Job<'_, F>,
    new: impl Fn() -> B + Sync,
    write: impl Fn(B, usize, &mut O) + Sync,
    mut out: O,
) {
    let queries = job.queries.len();
    if splits_by_memory(job.kernels, queries, job.memory.len(), job.wanted, job.threads) {
        let tile = job.kernels.tile(queries);
        for queries in job.queries.chunks(QUERY_BLOCK) {
            by_memory(job, queries, tile, &new).finish(&write, out.cut(queries.len()));
        }
    } else {
        let grain = queries.div_ceil(job.threads).min(QUERY_GRAIN);
        parallel_for(job.threads, Parts::shrinking(out, grain, QUERY_TILE, job.threads), |parts| {
            for (range, out) in parts {
                match range.len() {
                    0..=QUERY_BLOCK => answer::<QUERY_BLOCK, _, _, _>(job, range, &new, &write, out),
                    _ => answer::<WIDE_BLOCK, _, _, _>(job, range, &new, &write, out),
                }
            }
        });
    }
}

/// Answers some queries whole, in blocks of `N`.
fn answer<const N: usize, B: Best, O: Room, F: Fn(usize) -> bool>(
    job: &Job<'_, F>,
    range: Range<usize>,
    new: impl Fn() -> B,
    write: impl Fn(B, usize, &mut O),
    mut out: O,
) {
    for queries in job.queries[range].chunks(N) {
        let mut block = Block::<B, N>::new(&new, queries.len(), job.limit);
        block.scan(job, queries, 0..job.memory.len());
        block.finish(&write, out.cut(queries.len()));
    }
}

/// The best of up to a block of queries, the memory shared among threads.
fn by_memory<B: Best, F: Fn(usize) -> bool + Sync>(
    job: &Job<'_, F>,
    queries: &[HV16],
    tile: usize,
    new: impl Fn() -> B + Sync,
) -> Block<B, QUERY_BLOCK> {
    let merged: Mutex<Option<Block<B, QUERY_BLOCK>>> = Mutex::new(None);
    let step = (EXCHANGE_PAIRS / queries.len().max(1)).next_multiple_of(tile).min(EXCHANGE);
    let shown = [const { AtomicU16::new(Bound::NONE.limit()) }; QUERY_BLOCK];
    parallel_for(job.threads, parts_of_memory(job.memory.len(), tile, job.threads), |parts| {
        // Parts come in ascending order, as the bounds of `Best` need it.
        let mut state = Block::new(&new, queries.len(), job.limit);
        for range in parts {
            for start in range.clone().step_by(step) {
                state.exchange_bounds(&shown[..queries.len()]);
                state.scan(job, queries, start..range.end.min(start + step));
            }
        }
        let mut merged = lock(&merged);
        match &mut *merged {
            Some(merged) => merged.merge(&state),
            None => *merged = Some(state),
        }
    });
    let merged = merged.into_inner().unwrap_or_else(PoisonError::into_inner);
    merged.unwrap_or_else(|| Block::new(&new, queries.len(), job.limit))
}

#[cfg(test)]
mod tests;
