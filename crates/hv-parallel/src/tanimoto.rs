//! The best Tanimoto scores of a memory, for many queries.
//!
//! Queries are sorted by their number of ones and cut into blocks; memory is cut into spans, one where the blocks are
//! enough for all threads. A thread takes a block and a span at a time. It starts from what is known of the block, and
//! what it keeps is merged.

use std::ops::Range;
use std::sync::Mutex;

use hv_simd::HV16;
use hv_simd::workspace_internals::{ByOnes, Kernels, TanimotoTopK};

use crate::collect::collect;
use crate::in_force::threads_for;
use crate::parallel_for::{lock, parallel_for};
use crate::parts::Ranges;
use crate::pool;
use crate::thresholds::Operation;
use crate::top_k::top_k_work;

/// Vectors that are sorted and searched at a time: a copy of 64 MiB.
const CHUNK: usize = 1 << 18;

/// Queries of a block, at most and, where there are enough for all threads, at least.
const BLOCK: Range<usize> = 64..512;

/// For each query the `k` vectors of `memory` with the best Tanimoto scores as `(index, score)`: by score, compared
/// exactly, then by lower index; in parallel. Fewer where the memory has fewer.
///
/// Cost: a pass that sorts a copy of the memory, in parts of 64 MiB, and at most one distance a pair. Ask many queries at
/// once.
#[must_use]
pub fn parallel_find_top_k_tanimoto(queries: &[HV16], memory: &[HV16], k: usize) -> Vec<Vec<(usize, f64)>> {
    find(queries, memory, &TanimotoTopK::new(k, 0.0), pool::threads())
}

/// [`parallel_find_top_k_tanimoto`]; in parallel from [`Thresholds::top_k`](crate::Thresholds::top_k) on.
///
/// ```
/// use hv_parallel::{HV16, adaptive_find_top_k_tanimoto};
///
/// let mut memory = vec![HV16::ZERO; 3];
/// (0..4).for_each(|bit| memory[1].set_bit(bit, true));
/// (0..6).for_each(|bit| memory[2].set_bit(bit, true));
/// assert_eq!(adaptive_find_top_k_tanimoto(&[memory[1]], &memory, 2), [[(1, 1.0), (2, 4.0 / 6.0)]]);
/// ```
#[must_use]
pub fn adaptive_find_top_k_tanimoto(queries: &[HV16], memory: &[HV16], k: usize) -> Vec<Vec<(usize, f64)>> {
    let threads = threads_for(top_k_work(queries.len(), memory.len(), k), Operation::TopK);
    find(queries, memory, &TanimotoTopK::new(k, 0.0), threads)
}

/// For each query all vectors of `memory` whose Tanimoto score is at least `threshold`, as `(index, score)`: by score, then
/// by lower index; in parallel.
///
/// A score counts as the nearest `f64` to its fraction, so 7 / 10 reaches a threshold of 0.7.
///
/// Cost: that of [`parallel_find_top_k_tanimoto`]; allocates in proportion to the results.
///
/// # Panics
///
/// If `threshold` is NaN.
#[must_use]
pub fn parallel_find_within_tanimoto(queries: &[HV16], memory: &[HV16], threshold: f64) -> Vec<Vec<(usize, f64)>> {
    find(queries, memory, &within(threshold), pool::threads())
}

/// [`parallel_find_within_tanimoto`]; in parallel from [`Thresholds::top_k`](crate::Thresholds::top_k) on.
///
/// # Panics
///
/// If `threshold` is NaN.
#[must_use]
pub fn adaptive_find_within_tanimoto(queries: &[HV16], memory: &[HV16], threshold: f64) -> Vec<Vec<(usize, f64)>> {
    let threads = threads_for(top_k_work(queries.len(), memory.len(), 0), Operation::TopK);
    find(queries, memory, &within(threshold), threads)
}

pub(crate) fn within(threshold: f64) -> TanimotoTopK {
    assert!(!threshold.is_nan(), "the Tanimoto threshold is NaN; it must be a number, usually from 0 to 1");
    TanimotoTopK::new(usize::MAX, threshold)
}

pub(crate) fn find(queries: &[HV16], memory: &[HV16], new: &TanimotoTopK, threads: usize) -> Vec<Vec<(usize, f64)>> {
    if threads == 1 {
        return Kernels::active().find_tanimoto(queries, memory, new);
    }
    let mut search = TanimotoSearch::new(queries, new.clone());
    for (i, part) in memory.chunks(CHUNK).enumerate() {
        search.extend_on(part, i * CHUNK, threads);
    }
    search.into_states().into_iter().map(TanimotoTopK::into_scores).collect()
}

/// A search by Tanimoto score for some queries, over a memory that comes in parts.
#[derive(Debug)]
pub struct TanimotoSearch {
    queries: ByOnes,
    /// In the order of the sorted queries.
    states: Vec<TanimotoTopK>,
    k: usize,
}

impl TanimotoSearch {
    /// A search of a memory without vectors yet.
    #[must_use]
    pub fn new(queries: &[HV16], new: TanimotoTopK) -> Self {
        let k = new.k();
        let queries = ByOnes::new(Kernels::active(), queries, 0);
        Self { states: vec![new; queries.len()], queries, k }
    }

    /// Searches the next part of the memory, whose vectors are numbered from `first`; in parallel from
    /// [`Thresholds::top_k`](crate::Thresholds::top_k) on.
    pub fn extend(&mut self, memory: &[HV16], first: usize) {
        let threads = threads_for(top_k_work(self.queries.len(), memory.len(), self.k), Operation::TopK);
        self.extend_on(memory, first, threads);
    }

    fn extend_on(&mut self, memory: &[HV16], first: usize, threads: usize) {
        let (kernels, queries, len) = (Kernels::active(), &self.queries, self.queries.len());
        let block = len.div_ceil(threads).clamp(BLOCK.start, BLOCK.end);
        let blocks: Vec<Range<usize>> = Ranges::equal(len, block).collect();
        let spans = if blocks.len() < threads { threads } else { 1 };
        let span = memory.len().div_ceil(spans).max(1);
        let spans = collect(memory.len().div_ceil(span), 1, threads, |i| {
            let part = &memory[i * span..memory.len().min((i + 1) * span)];
            ByOnes::new(kernels, part, first + i * span)
        });
        let parts = spans.iter().flat_map(|span| blocks.iter().map(move |block| (span, block.clone())));
        let states = Mutex::new(&mut self.states[..]);
        parallel_for(threads, parts, |parts| {
            for (span, block) in parts {
                let mut found: Vec<_> = lock(&states)[block.clone()].iter().map(TanimotoTopK::continued).collect();
                kernels.scan_tanimoto(queries, block.clone(), span, &mut found);
                for (state, found) in lock(&states)[block].iter_mut().zip(&found) {
                    state.merge(found);
                }
            }
        });
    }

    /// The indices of all that is kept, in no order.
    pub fn kept(&self) -> impl Iterator<Item = usize> {
        self.states.iter().flat_map(TanimotoTopK::indices)
    }

    /// What was kept of each query, in the order in which the queries were given.
    #[must_use]
    pub fn into_states(self) -> Vec<TanimotoTopK> {
        let mut states: Vec<_> = self.queries.indices().iter().zip(self.states).collect();
        states.sort_by_key(|&(&query, _)| query);
        states.into_iter().map(|(_, state)| state).collect()
    }
}
