//! The k nearest vectors of a memory, for many queries.

use hv_simd::workspace_internals::Kernels;
use hv_simd::{Bound, HV16, TopK, active_backend, simd_batch_find_top_k};

use crate::engine::run;
use crate::hits::Hits;
use crate::in_force::threads_for;
use crate::job::Job;
use crate::pool;
use crate::segments::Segments;
use crate::thresholds::{Operation, Thresholds};

/// For each query the `k` nearest of `memory` as `(index, similarity)`, by distance, then by lower index, in
/// parallel. Fewer where the memory has fewer.
#[must_use]
pub fn parallel_batch_find_top_k(queries: &[HV16], memory: &[HV16], k: usize) -> Vec<Vec<(usize, f32)>> {
    top_k(queries, memory, k, pool::threads())
}

/// For each query the `k` nearest of `memory`; in parallel from [`Thresholds::top_k`](crate::Thresholds::top_k) on.
///
/// ```
/// use hv_parallel::{HV16, adaptive_batch_find_top_k};
///
/// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// let found = adaptive_batch_find_top_k(&memory[7..9], &memory, 3);
/// assert_eq!((found[0].len(), found[0][0], found[1][0]), (3, (7, 1.0), (8, 1.0)));
/// ```
#[must_use]
pub fn adaptive_batch_find_top_k(queries: &[HV16], memory: &[HV16], k: usize) -> Vec<Vec<(usize, f32)>> {
    top_k(queries, memory, k, threads_for(top_k_work(queries.len(), memory.len(), k), Operation::TopK))
}

/// [`parallel_batch_find_top_k`] into flat results, as distances: each query has `k` slots, or as many as there are
/// vectors where these are fewer.
///
/// Reuses the memory of `hits`. What else it allocates is freed at the end, and is for the queries under way alone.
pub fn parallel_batch_find_top_k_into(queries: &[HV16], memory: &[HV16], k: usize, hits: &mut Hits) {
    top_k_into(queries, memory, k, pool::threads(), hits);
}

/// [`adaptive_batch_find_top_k`] into flat results, as [`parallel_batch_find_top_k_into`] does.
pub fn adaptive_batch_find_top_k_into(queries: &[HV16], memory: &[HV16], k: usize, hits: &mut Hits) {
    let threads = threads_for(top_k_work(queries.len(), memory.len(), k), Operation::TopK);
    top_k_into(queries, memory, k, threads, hits);
}

pub(crate) fn top_k(queries: &[HV16], memory: &[HV16], k: usize, threads: usize) -> Vec<Vec<(usize, f32)>> {
    if threads == 1 {
        return simd_batch_find_top_k(queries, memory, k);
    }
    let segments = [memory];
    let memory = &Segments::new(&segments);
    let kernels = Kernels::active();
    let job = Job { kernels, queries, memory, limit: Bound::NONE, keep: |_| true, threads, wanted: k };
    let mut out = vec![Vec::new(); queries.len()];
    run(&job, || TopK::new(k), |best, i, out| out[i] = best.into_similarities(), &mut out[..]);
    out
}

fn top_k_into(queries: &[HV16], memory: &[HV16], k: usize, threads: usize, hits: &mut Hits) {
    let segments = [memory];
    flat(queries, &Segments::new(&segments), k, threads, |_| true, hits);
}

/// The `k` nearest of `memory` that `keep` accepts, into flat results with `k` slots, or one for each vector.
pub(crate) fn segments_top_k_into(
    queries: &[HV16],
    memory: &Segments<'_>,
    k: usize,
    keep: impl Fn(usize) -> bool + Sync,
    hits: &mut Hits,
) {
    let threads = threads_for(top_k_work(queries.len(), memory.len(), k), Operation::TopK);
    flat(queries, memory, k, threads, keep, hits);
}

fn flat(
    queries: &[HV16],
    memory: &Segments<'_>,
    k: usize,
    threads: usize,
    keep: impl Fn(usize) -> bool + Sync,
    hits: &mut Hits,
) {
    let job = Job { kernels: Kernels::active(), queries, memory, limit: Bound::NONE, keep, threads, wanted: k };
    let rows = hits.rows(queries.len(), k.min(memory.len()));
    run(&job, || TopK::new(k), |best, i, rows| rows.put(i, best.into_sorted()), rows);
}

/// The `k` nearest of `memory` that `limit` admits and that `keep` accepts.
pub(crate) fn segments_top_k(
    queries: &[HV16],
    memory: &Segments<'_>,
    k: usize,
    limit: Bound,
    keep: impl Fn(usize) -> bool + Sync,
) -> Vec<Vec<(usize, u16)>> {
    let threads = threads_for(top_k_work(queries.len(), memory.len(), k), Operation::TopK);
    let job = Job { kernels: Kernels::active(), queries, memory, limit, keep, threads, wanted: k };
    let mut out = vec![Vec::new(); queries.len()];
    run(&job, || TopK::new(k), |best, i, out| out[i] = best.into_sorted(), &mut out[..]);
    out
}

/// The `k` nearest of the vectors that are within `max_distance` and that `keep` accepts, for each query, as
/// `(index, distance)`: by distance, then by lower index.
///
/// The filter comes before the ranking, so `k` results are found wherever `k` exist. `k` of [`usize::MAX`] gives all
/// within the distance. `max_distance` of 2,048 or more admits all.
///
/// `keep` is asked about an index only where the vector would be among the nearest so far, from several threads and
/// in no order that may be relied on; it must answer the same for the same index.
///
/// Cost: one distance for each pair of a query and a vector, in parallel from
/// [`Thresholds::top_k`](crate::Thresholds::top_k) on; allocates in proportion to the results and the segments,
/// never to the vectors.
///
/// ```
/// use hv_parallel::{HV16, for_storage::segments_find_top_k};
///
/// let vectors: Vec<HV16> = (0..100).map(HV16::random).collect();
/// let segments = [&vectors[..64], &vectors[64..]];
/// let found = segments_find_top_k(&[vectors[70]], &segments, 1, 2048, |_| true);
/// assert_eq!(found, [[(70, 0)]]);
/// let found = segments_find_top_k(&[vectors[70]], &segments, usize::MAX, 512, |index| index != 70);
/// assert_eq!(found, [[]]);
/// ```
#[must_use]
pub fn segments_find_top_k(
    queries: &[HV16],
    segments: &[&[HV16]],
    k: usize,
    max_distance: u16,
    keep: impl Fn(usize) -> bool + Sync,
) -> Vec<Vec<(usize, u16)>> {
    segments_top_k(queries, &Segments::new(segments), k, Bound::within(max_distance), keep)
}

/// The work of top-k: pairs, and results as [`Thresholds::result_work`] pairs each.
pub(crate) fn top_k_work(queries: usize, memory: usize, k: usize) -> usize {
    let results = k.min(memory).saturating_mul(Thresholds::result_work(active_backend()));
    queries.saturating_mul(memory.saturating_add(results))
}
