//! Search over memory that lies in several slices, with a filter and a bound.
//!
//! For storage that grows by segments: vectors are numbered through, ascending from one segment to the next, as if
//! the segments were one slice. Everything here chooses by work between one thread and the pool.

use std::ops::Range;
use std::sync::Mutex;

use hv_simd::{HV16, TopK, simd_scan};

use crate::progress::Progress;
use crate::search::{self, Job};
use crate::share::{Ranges, lock, share};
use crate::thresholds::{Operation, Thresholds, threads_for};

/// Rows of a block in the search for similar pairs, at most: enough that a tile of memory serves many.
const PAIR_ROWS: usize = 128;

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
    let memory = Segments::new(segments);
    let threads = threads_for(top_k_work(queries.len(), memory.len(), k), Operation::TopK);
    let job = Job { queries, memory: &memory, limit: bound_of(max_distance), keep, threads, wanted: k };
    let mut out = vec![Vec::new(); queries.len()];
    search::run(&job, || TopK::new(k), TopK::into_sorted, &mut out);
    out
}

/// The work of top-k: pairs, and results as [`Thresholds::result_work`] pairs each.
pub(crate) fn top_k_work(queries: usize, memory: usize, k: usize) -> usize {
    let results = k.min(memory).saturating_mul(Thresholds::result_work());
    queries.saturating_mul(memory.saturating_add(results))
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

/// The pairs of [`segments_find_similar_pairs`] whose first, `i`, is one of `rows`: those of a memory part by part,
/// where all of them might not fit into memory.
///
/// Cost: a distance for each of `rows` and each vector behind it, in parallel from
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
    share(threads, Ranges::equal(rows.len(), part), |parts| {
        for range in parts {
            let range = rows.start + range.start..rows.start + range.end;
            let pairs = pairs_of(&memory, range.clone(), max_distance, &make);
            if !pairs.is_empty() {
                lock(&found).push((range.start, pairs));
            }
            // Each row is compared with those behind it.
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
        let bound = bound_of(max_distance);
        let mut bounds = [bound; PAIR_ROWS];
        let bounds = &mut bounds[..queries.len()];
        for (first, vectors) in memory.pieces(first_row..memory.len()) {
            simd_scan(queries, vectors, first, bounds, &mut |query, j, distance| {
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

/// The bound of a scan for all within a distance.
fn bound_of(max_distance: u16) -> u16 {
    max_distance.min(HV16::DIM as u16) + 1
}

/// Slices numbered through.
pub(crate) struct Segments<'a> {
    segments: &'a [&'a [HV16]],
    /// The index after the last vector of each segment.
    ends: Vec<usize>,
}

impl<'a> Segments<'a> {
    pub(crate) fn new(segments: &'a [&'a [HV16]]) -> Self {
        let sum = |end: &mut usize, segment: &&[HV16]| {
            *end += segment.len();
            Some(*end)
        };
        Self { segments, ends: segments.iter().scan(0, sum).collect() }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The slices of a range of indices, each with the index of its first vector.
    pub(crate) fn pieces(&self, range: Range<usize>) -> impl Iterator<Item = (usize, &'a [HV16])> {
        let skipped = self.ends.partition_point(|&end| end <= range.start);
        let segments = self.segments[skipped..].iter().zip(&self.ends[skipped..]);
        segments.map_while(move |(segment, &end)| {
            let start = end - segment.len();
            let piece = range.start.max(start)..range.end.min(end);
            (start < range.end).then(|| (piece.start, &segment[piece.start - start..piece.end - start]))
        })
    }
}
