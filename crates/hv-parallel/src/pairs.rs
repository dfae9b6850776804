//! All pairs of vectors that are near each other.

use std::ops::Range;
use std::sync::Mutex;

use hv_simd::workspace_internals::Kernels;
use hv_simd::{Bound, HV16, max_distance, similarity_of_distance};

use crate::in_force::threads_for;
use crate::parallel_for::{lock, parallel_for};
use crate::parts::Ranges;
use crate::pool;
use crate::progress::Progress;
use crate::segments::Segments;
use crate::thresholds::Operation;

/// Rows of a block in the search for similar pairs, at most: enough that a tile of memory serves many.
const PAIR_ROWS: usize = 128;

/// All pairs `i < j` whose similarity is at least `threshold`, as `(i, j, similarity)`, ordered by `(i, j)`, in
/// parallel.
///
/// Cost: n² / 2 distances; allocates in proportion to the result.
///
/// ```
/// use hv_parallel::{HV16, parallel_find_similar_pairs};
///
/// let vectors = [1, 2, 1, 2].map(HV16::random);
/// assert_eq!(parallel_find_similar_pairs(&vectors, 0.9), [(0, 2, 1.0), (1, 3, 1.0)]);
/// ```
///
/// # Panics
///
/// If `threshold` is NaN.
#[must_use]
pub fn parallel_find_similar_pairs(vectors: &[HV16], threshold: f32) -> Vec<(usize, usize, f32)> {
    let Some(distance) = max_distance(threshold) else { return Vec::new() };
    let make = |i, j, d| (i, j, similarity_of_distance(d));
    similar_pairs(&[vectors], 0..vectors.len(), distance, pool::threads(), make, |_| ())
}

/// All pairs `i < j` of vectors within `max_distance` of each other, as `(i, j, distance)`, ordered by `(i, j)`.
///
/// Cost: n² / 2 distances, in parallel from [`Thresholds::nearest`](crate::Thresholds::nearest) on; allocates in
/// proportion to the result.
#[must_use]
pub fn segments_find_similar_pairs(segments: &[&[HV16]], max_distance: u16) -> Vec<(usize, usize, u16)> {
    segments_find_similar_pairs_with_progress(segments, max_distance, &Progress::new())
}

/// [`segments_find_similar_pairs`] that counts in `progress` how far it is: in pairs, of n (n - 1) / 2, after about
/// every 128 vectors that were compared with all later ones.
#[must_use]
pub fn segments_find_similar_pairs_with_progress(
    segments: &[&[HV16]],
    max_distance: u16,
    progress: &Progress,
) -> Vec<(usize, usize, u16)> {
    let n = segments.iter().map(|segment| segment.len()).sum::<usize>();
    let threads = threads_for(n.saturating_mul(n) / 2, Operation::Nearest);
    progress.start(pairs_among(n));
    let compared = |pairs| progress.advance(pairs);
    let pairs = similar_pairs(segments, 0..n, max_distance, threads, |i, j, d| (i, j, d), compared);
    progress.finish();
    pairs
}

/// The pairs of [`segments_find_similar_pairs`] whose first index, `i`, is in `rows`: the pairs of a memory part by part,
/// where all of them might not fit into memory.
///
/// Cost: a distance for each of `rows` and each vector after it, in parallel from
/// [`Thresholds::nearest`](crate::Thresholds::nearest) on. Give each thread a hundred rows or more, for a vector that is
/// loaded serves several.
///
/// ```
/// use hv_parallel::{HV16, for_storage::segments_find_similar_pairs_of};
///
/// let vectors = [1, 2, 1, 2, 1].map(HV16::random);
/// assert_eq!(segments_find_similar_pairs_of(&[&vectors], 1..3, 0), [(1, 3, 0), (2, 4, 0)]);
/// ```
///
/// # Panics
///
/// If `rows` reach beyond the vectors.
#[must_use]
pub fn segments_find_similar_pairs_of(
    segments: &[&[HV16]],
    rows: Range<usize>,
    max_distance: u16,
) -> Vec<(usize, usize, u16)> {
    let n = segments.iter().map(|segment| segment.len()).sum::<usize>();
    assert!(rows.end <= n, "rows {rows:?} reach beyond the {n} vectors");
    let threads = threads_for(rows.len().saturating_mul(n - rows.start.min(n)), Operation::Nearest);
    similar_pairs(segments, rows, max_distance, threads, |i, j, d| (i, j, d), |_| ())
}

/// The pairs of `n` vectors.
fn pairs_among(n: usize) -> u64 {
    n as u64 * (n as u64).saturating_sub(1) / 2
}

/// The pairs within `max_distance` whose first is one of `rows`, as `make` gives them. Early rows have the most
/// partners, so that parts shrink on their own. `compared` gets the number of pairs of each part that is done.
pub(crate) fn similar_pairs<R: Send>(
    segments: &[&[HV16]],
    rows: Range<usize>,
    max_distance: u16,
    threads: usize,
    make: impl Fn(usize, usize, u16) -> R + Sync,
    compared: impl Fn(u64) + Sync,
) -> Vec<R> {
    let memory = Segments::new(segments);
    let part = rows.len().div_ceil(threads * 4).clamp(1, PAIR_ROWS);
    let found = Mutex::new(Vec::new());
    parallel_for(threads, Ranges::equal(rows.len(), part), |parts| {
        for range in parts {
            let range = rows.start + range.start..rows.start + range.end;
            let pairs = pairs_of(&memory, range.clone(), max_distance, &make);
            if !pairs.is_empty() {
                lock(&found).push((range.start, pairs));
            }
            // Each row is compared with those after it.
            compared(pairs_among(memory.len() - range.start) - pairs_among(memory.len() - range.end));
        }
    });
    let mut blocks = std::mem::take(&mut *lock(&found));
    blocks.sort_unstable_by_key(|&(start, _)| start);
    let mut all = Vec::with_capacity(blocks.iter().map(|(_, pairs)| pairs.len()).sum());
    for (_, pairs) in blocks {
        all.extend(pairs);
    }
    all
}

/// The pairs whose first is one of `rows`, in order.
fn pairs_of<R>(
    memory: &Segments<'_>,
    rows: Range<usize>,
    max_distance: u16,
    make: impl Fn(usize, usize, u16) -> R,
) -> Vec<R> {
    let mut found = Vec::new();
    for (first_row, queries) in memory.pieces(rows) {
        let bound = Bound::within(max_distance);
        let mut bounds = [bound; PAIR_ROWS];
        let bounds = &mut bounds[..queries.len()];
        for (first, vectors) in memory.pieces(first_row..memory.len()) {
            Kernels::active().scan(queries, vectors, first, bounds, &mut |query, j, distance| {
                if j > first_row + query {
                    found.push((first_row + query, j, distance));
                }
                bound
            });
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(i, j, distance)| make(i, j, distance)).collect()
}
