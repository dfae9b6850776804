//! The nearest vectors of a memory, for one query or many.
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
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, PoisonError};

use hv_simd::{
    HV16, Kernels, TopK, max_distance, simd_batch_find_most_similar_into, simd_batch_find_top_k, simd_scan_nearest,
    similarity,
};

use crate::bind::same_length;
use crate::segments::{Segments, similar_pairs, top_k_work};
use crate::share::{Ranges, Slices, lock, share};
use crate::thresholds::{Operation, threads_for};

/// Queries that pass over the memory together, at most: a vector that is read serves them all, and their state
/// stays in L1.
pub(crate) const QUERY_BLOCK: usize = 128;

/// The same where there are more, each of which is answered whole: they fill the tiles of the kernels if the memory is
/// small. Not for all, since to set up and move the state of so many takes as long as a short search.
const WIDE_BLOCK: usize = 512;

/// Vectors of a part of the memory, at least.
const MEMORY_GRAIN: usize = 256;

/// The same where each thread has as many: the kernels make queries ready for each part anew.
const MEMORY_PART: usize = 512;

/// Larger parts of the queries are multiples of this, the largest tile of the kernels.
const QUERY_TILE: usize = 512;

/// Vectors after which a thread looks at the bounds of the others: a millisecond for a block of queries, whose keys the
/// kernels then make anew. A multiple of all tiles.
const EXCHANGE: usize = 4096;

/// Vectors that each thread must have for a split by memory, for each result wanted: with that many, filling and
/// merging the results of every thread is lost in the scan.
const SHARE_PER_RESULT: usize = 64;

/// Queries for each thread from which on the split is by queries, whatever the memory.
const QUERY_SHARE: usize = 512;

/// Queries of a part, at least, where each thread has as many: enough that what the kernels do once for all of them is
/// little beside comparing, and few enough that threads of many end within an eighth of each other.
const QUERY_GRAIN: usize = 64;

/// More than any distance.
const NO_LIMIT: u16 = 2049;

/// For each query the nearest of `memory` as `(index, similarity)`, the lowest index among equals, in parallel;
/// `None` of an empty memory.
#[must_use]
pub fn parallel_batch_find_most_similar(queries: &[HV16], memory: &[HV16]) -> Vec<Option<(usize, f32)>> {
    let mut out = vec![None; queries.len()];
    parallel_batch_find_most_similar_into(queries, memory, &mut out);
    out
}

/// [`parallel_batch_find_most_similar`] into a caller's slice.
///
/// # Panics
///
/// If `out` is not as long as `queries`.
pub fn parallel_batch_find_most_similar_into(queries: &[HV16], memory: &[HV16], out: &mut [Option<(usize, f32)>]) {
    same_length("batch find most similar", queries.len(), out.len());
    nearest_into(queries, memory, rayon::current_num_threads(), out);
}

/// For each query the nearest of `memory`; in parallel from [`Thresholds::nearest`](crate::Thresholds::nearest)
/// pairs on.
#[must_use]
pub fn adaptive_batch_find_most_similar(queries: &[HV16], memory: &[HV16]) -> Vec<Option<(usize, f32)>> {
    let mut out = vec![None; queries.len()];
    match threads_for(queries.len().saturating_mul(memory.len()), Operation::Nearest) {
        1 => simd_batch_find_most_similar_into(queries, memory, &mut out),
        threads => nearest_into(queries, memory, threads, &mut out),
    }
    out
}

fn nearest_into(queries: &[HV16], memory: &[HV16], threads: usize, out: &mut [Option<(usize, f32)>]) {
    let segments = [memory];
    let job = Job { queries, memory: &Segments::new(&segments), limit: NO_LIMIT, keep: |_| true, threads, wanted: 1 };
    run(&job, || Nearest(None), |Nearest(best)| best.map(|(distance, i)| (i, similarity(distance))), out);
}

/// For each query the `k` nearest of `memory` as `(index, similarity)`, by distance, then by lower index, in
/// parallel. Fewer where the memory has fewer.
#[must_use]
pub fn parallel_batch_find_top_k(queries: &[HV16], memory: &[HV16], k: usize) -> Vec<Vec<(usize, f32)>> {
    top_k(queries, memory, k, rayon::current_num_threads())
}

/// For each query the `k` nearest of `memory`; in parallel from [`Thresholds::top_k`](crate::Thresholds::top_k) on.
#[must_use]
pub fn adaptive_batch_find_top_k(queries: &[HV16], memory: &[HV16], k: usize) -> Vec<Vec<(usize, f32)>> {
    match threads_for(top_k_work(queries.len(), memory.len(), k), Operation::TopK) {
        1 => simd_batch_find_top_k(queries, memory, k),
        threads => top_k(queries, memory, k, threads),
    }
}

fn top_k(queries: &[HV16], memory: &[HV16], k: usize, threads: usize) -> Vec<Vec<(usize, f32)>> {
    let segments = [memory];
    let job = Job { queries, memory: &Segments::new(&segments), limit: NO_LIMIT, keep: |_| true, threads, wanted: k };
    let mut out = vec![Vec::new(); queries.len()];
    run(&job, || TopK::new(k), TopK::into_similarities, &mut out);
    out
}

/// All pairs `i < j` whose similarity is at least `threshold`, as `(i, j, similarity)`, ordered by `(i, j)`, in
/// parallel.
///
/// Cost: n² / 2 distances; allocates in proportion to the result.
///
/// # Panics
///
/// If `threshold` is NaN.
#[must_use]
pub fn parallel_find_similar_pairs(vectors: &[HV16], threshold: f32) -> Vec<(usize, usize, f32)> {
    let Some(distance) = max_distance(threshold) else { return Vec::new() };
    let make = |i, j, d| (i, j, similarity(d));
    similar_pairs(&[vectors], 0..vectors.len(), distance, rayon::current_num_threads(), make, |_| ())
}

/// What is searched, for what, and on how many threads.
pub(crate) struct Job<'a, F> {
    pub(crate) queries: &'a [HV16],
    pub(crate) memory: &'a Segments<'a>,
    /// Only distances below this count.
    pub(crate) limit: u16,
    /// Only indices that this accepts count.
    pub(crate) keep: F,
    pub(crate) threads: usize,
    /// About how many each query keeps.
    pub(crate) wanted: usize,
}

/// The nearest seen so far by one query.
pub(crate) trait Best: Send {
    /// Keeps a vector if it is among the nearest, and returns the bound from then on.
    fn offer(&mut self, distance: u16, index: usize) -> u16;
    /// A vector of a higher index than all offered so far is kept only if its distance is below this.
    fn bound(&self) -> u16;
    /// Offers all that `other` kept.
    fn merge(&mut self, other: &Self);
}

impl Best for TopK {
    fn offer(&mut self, distance: u16, index: usize) -> u16 {
        self.offer(distance, index)
    }

    fn bound(&self) -> u16 {
        self.bound()
    }

    fn merge(&mut self, other: &Self) {
        self.merge(other);
    }
}

/// The one nearest, without a heap.
struct Nearest(Option<(u16, usize)>);

impl Best for Nearest {
    fn offer(&mut self, distance: u16, index: usize) -> u16 {
        if self.0.is_none_or(|best| (distance, index) < best) {
            self.0 = Some((distance, index));
        }
        self.bound()
    }

    fn bound(&self) -> u16 {
        self.0.map_or(NO_LIMIT, |(distance, _)| distance)
    }

    fn merge(&mut self, other: &Self) {
        if let Some((distance, index)) = other.0 {
            self.offer(distance, index);
        }
    }
}

/// Searches, and writes to `out[i]` what `finish` makes of the best of query `i`.
///
/// Allocates nothing but what the bests do.
pub(crate) fn run<B: Best, R: Send, F: Fn(usize) -> bool + Sync>(
    job: &Job<'_, F>,
    new: impl Fn() -> B + Sync,
    finish: impl Fn(B) -> R + Sync,
    out: &mut [R],
) {
    let queries = job.queries.len();
    let kernels = Kernels::active();
    if splits_by_memory(kernels, queries, job.memory.len(), job.wanted, job.threads) {
        let tile = kernels.tile(queries);
        for (queries, out) in job.queries.chunks(QUERY_BLOCK).zip(out.chunks_mut(QUERY_BLOCK)) {
            by_memory(job, queries, tile, &new).finish(&finish, out);
        }
    } else {
        let grain = queries.div_ceil(job.threads).min(QUERY_GRAIN);
        share(job.threads, Slices::shrinking(out, grain, QUERY_TILE, job.threads), |parts| {
            for (range, out) in parts {
                match range.len() {
                    0..=QUERY_BLOCK => answer::<QUERY_BLOCK, _, _, _>(job, range, &new, &finish, out),
                    _ => answer::<WIDE_BLOCK, _, _, _>(job, range, &new, &finish, out),
                }
            }
        });
    }
}

/// Answers some queries whole, in blocks of `N`.
fn answer<const N: usize, B: Best, R, F: Fn(usize) -> bool>(
    job: &Job<'_, F>,
    range: Range<usize>,
    new: impl Fn() -> B,
    finish: impl Fn(B) -> R,
    out: &mut [R],
) {
    for (queries, out) in job.queries[range].chunks(N).zip(out.chunks_mut(N)) {
        let mut state = State::<B, N>::new(&new, queries.len(), job.limit);
        state.scan(job, queries, 0..job.memory.len());
        state.finish(&finish, out);
    }
}

fn splits_by_memory(kernels: &Kernels, queries: usize, vectors: usize, k: usize, threads: usize) -> bool {
    if threads == 1 || queries >= threads.saturating_mul(QUERY_SHARE) {
        return false;
    }
    let by_memory = kernels.scan_cost(queries, share_of_memory(vectors, kernels.tile(queries), threads));
    let by_queries = kernels.scan_cost(queries.div_ceil(threads), vectors);
    // About equal costs are not: by memory it is read once, and one thread's bounds serve all.
    let is_cheap = by_memory <= by_queries.saturating_add(by_queries / 16);
    let finds_little = k.min(vectors).saturating_mul(SHARE_PER_RESULT) <= vectors / threads;
    queries < threads || is_cheap && finds_little
}

/// The vectors of the thread that gets most: whole tiles of the kernels, since a part of one costs as much.
fn share_of_memory(vectors: usize, tile: usize, threads: usize) -> usize {
    let tiles = vectors.div_ceil(tile).div_ceil(threads);
    tiles.max(MEMORY_GRAIN.div_ceil(tile)) * tile
}

/// A memory cut into parts of whole tiles.
fn parts_of_memory(vectors: usize, tile: usize, threads: usize) -> impl Iterator<Item = Range<usize>> + Send {
    let grain = share_of_memory(vectors, tile, threads).min(MEMORY_PART.next_multiple_of(tile));
    let tiles = Ranges::shrinking(vectors.div_ceil(tile), grain / tile, 1, threads);
    tiles.map(move |tiles| tiles.start * tile..vectors.min(tiles.end * tile))
}

/// The best of up to a block of queries, the memory shared among threads.
fn by_memory<B: Best, F: Fn(usize) -> bool + Sync>(
    job: &Job<'_, F>,
    queries: &[HV16],
    tile: usize,
    new: impl Fn() -> B + Sync,
) -> State<B, QUERY_BLOCK> {
    let merged: Mutex<Option<State<B, QUERY_BLOCK>>> = Mutex::new(None);
    let shown = [const { AtomicU16::new(NO_LIMIT) }; QUERY_BLOCK];
    share(job.threads, parts_of_memory(job.memory.len(), tile, job.threads), |parts| {
        // Parts come in ascending order, as the bounds of `Best` need it.
        let mut state = State::new(&new, queries.len(), job.limit);
        for range in parts {
            for start in range.clone().step_by(EXCHANGE) {
                state.exchange_bounds(&shown[..queries.len()]);
                state.scan(job, queries, start..range.end.min(start + EXCHANGE));
            }
        }
        let mut merged = lock(&merged);
        match &mut *merged {
            Some(merged) => merged.merge(&state),
            None => *merged = Some(state),
        }
    });
    let merged = merged.into_inner().unwrap_or_else(PoisonError::into_inner);
    merged.unwrap_or_else(|| State::new(&new, queries.len(), job.limit))
}

/// A block of queries under way. On the stack, so that a search allocates nothing for it; `None` beyond the last
/// query.
struct State<B, const N: usize> {
    best: [Option<B>; N],
    bounds: [u16; N],
}

impl<B: Best, const N: usize> State<B, N> {
    fn new(new: impl Fn() -> B, queries: usize, limit: u16) -> Self {
        let best = std::array::from_fn(|i| (i < queries).then(&new));
        let bound = best[0].as_ref().map_or(0, Best::bound);
        Self { best, bounds: [bound.min(limit); N] }
    }

    fn scan<F: Fn(usize) -> bool>(&mut self, job: &Job<'_, F>, queries: &[HV16], range: Range<usize>) {
        let Self { best, bounds } = self;
        for (first, vectors) in job.memory.pieces(range) {
            simd_scan_nearest(
                job.wanted,
                queries,
                vectors,
                first,
                &mut bounds[..queries.len()],
                &mut |query, index, distance| {
                    let Some(best) = &mut best[query] else { return 0 };
                    if (job.keep)(index) { best.offer(distance, index) } else { best.bound() }.min(job.limit)
                },
            );
        }
    }

    /// Shows the other threads what is of no use to anyone, and takes over what they have shown.
    fn exchange_bounds(&mut self, shown: &[AtomicU16]) {
        for (bound, shown) in self.bounds.iter_mut().zip(shown) {
            // At the bound itself a vector of another thread may be better than what this one has, by its lower index.
            let (own, lowest) = (*bound + 1, shown.load(Ordering::Relaxed));
            if own < lowest {
                shown.fetch_min(own, Ordering::Relaxed);
            }
            *bound = lowest.min(*bound);
        }
    }

    fn merge(&mut self, other: &Self) {
        for (best, other) in self.best.iter_mut().flatten().zip(other.best.iter().flatten()) {
            best.merge(other);
        }
    }

    fn finish<R>(self, finish: impl Fn(B) -> R, out: &mut [R]) {
        for (out, best) in out.iter_mut().zip(self.best.into_iter().flatten()) {
            *out = finish(best);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use hv_simd::Backend;

    use super::*;

    /// What one thread has found bounds the search of another; at the same distance the lower index is still wanted.
    #[test]
    fn threads_show_each_other_their_bounds() {
        let vectors = [3, 2, 1, 0].map(|bits| {
            let mut v = HV16::random(1);
            (0..bits).for_each(|bit| v.set_bit(bit, !v.bit(bit)));
            v
        });
        let queries = [HV16::random(1)];
        let asked = Mutex::new(Vec::new());
        let keep = |index| {
            lock(&asked).push(index);
            true
        };
        let (segments, shown) = ([&vectors[..]], [AtomicU16::new(NO_LIMIT)]);
        let job =
            Job { queries: &queries, memory: &Segments::new(&segments), limit: NO_LIMIT, keep, threads: 2, wanted: 1 };
        let [mut one, mut other]: [State<_, 1>; 2] = [(); 2].map(|()| State::new(|| Nearest(None), 1, NO_LIMIT));
        one.scan(&job, &queries, 2..3);
        one.exchange_bounds(&shown);
        other.exchange_bounds(&shown);
        lock(&asked).clear();
        other.scan(&job, &queries, 0..4);
        assert_eq!(*lock(&asked), [2, 3], "0 and 1 are farther than 2, which is as near as what was found");
        other.exchange_bounds(&shown);
        one.exchange_bounds(&shown);
        assert_eq!((one.bounds, other.bounds), ([1], [0]));
    }

    /// One thread has found a near vector in its part before another goes on with its own: that asks for nothing farther.
    #[test]
    fn a_search_exchanges_bounds_under_way() {
        const HALF: usize = 4 * EXCHANGE;
        let query = HV16::random(0);
        let at_distance = |distance| {
            let mut v = query;
            (0..distance).for_each(|bit| v.set_bit(bit, !v.bit(bit)));
            v
        };
        let mut memory = vec![at_distance(1_000); 2 * HALF];
        memory[1] = at_distance(10);
        // Proof that the first thread has come to its second piece, and so has shown what it found.
        memory[EXCHANGE] = at_distance(5);
        memory[HALF + EXCHANGE] = at_distance(100);
        let (met, asked) = (Barrier::new(2), Mutex::new(Vec::new()));
        let keep = |index| {
            lock(&asked).push(index);
            let times = match index {
                0 | EXCHANGE => 1,
                HALF => 2,
                _ => 0,
            };
            for _ in 0..times {
                met.wait();
            }
            true
        };
        let (queries, segments) = ([query], [&memory[..]]);
        let job =
            Job { queries: &queries, memory: &Segments::new(&segments), limit: NO_LIMIT, keep, threads: 2, wanted: 1 };
        let mut found = [None];
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        pool.install(|| run(&job, || Nearest(None), |Nearest(best)| best, &mut found));
        assert_eq!(found, [Some((5, EXCHANGE))]);
        let mut asked = asked.into_inner().unwrap();
        asked.sort_unstable();
        assert_eq!(asked, [0, 1, EXCHANGE, HALF]);
    }

    #[test]
    fn the_split_goes_where_it_is_cheap_and_leaves_little_to_merge() {
        let scalar = Kernels::for_backend(Backend::Scalar).unwrap();
        let by_memory = |queries, vectors, k| splits_by_memory(scalar, queries, vectors, k, 2);
        assert!(by_memory(1, 10, 10), "one query can only be split by memory");
        assert!(!by_memory(2, 1_279, 10) && by_memory(2, 1_280, 10));
        assert!(!by_memory(3, 300, 1) && by_memory(3, 1_000, 1), "one thread would answer two of three queries");
        assert!(!by_memory(3, 1_000, 100));
        assert!(!by_memory(4, 576, 1) && by_memory(4, 1_000, 1) && by_memory(4, 100_001, 1));
        assert!(!by_memory(100, 100_000, usize::MAX));
        assert!(!splits_by_memory(scalar, 20, 1_000, 1, 16), "four parts are too few for sixteen threads");
        assert!(!splits_by_memory(scalar, 1, 1_000_000, 1, 1));
        assert!(
            by_memory(1_023, 1_024_000, 10) && !by_memory(1_024, 1_024_000, 10),
            "many blocks are split themselves"
        );
    }

    #[test]
    fn parts_are_whole_tiles_and_go_to_all_threads() {
        let parts =
            |vectors, tile, threads| parts_of_memory(vectors, tile, threads).map(|part| part.len()).collect::<Vec<_>>();
        assert_eq!(parts(1_000, 256, 2), [512, 488]);
        assert_eq!(parts(1_000, 512, 2), [512, 488]);
        assert_eq!(parts(1_000, 256, 4), [256, 256, 256, 232], "not in two, if four threads want some");
        assert_eq!(parts(1_000, 64, 16), [256, 256, 256, 232]);
        assert_eq!(parts(10_000, 512, 2), [5_120, 2_560, 1_536, 512, 272]);
        assert_eq!(parts(0, 64, 2), []);
        for (vectors, tile, threads) in [(1, 64, 1), (777, 128, 3), (100_001, 256, 64), (4_096, 512, 8)] {
            let mut next = 0;
            for part in parts_of_memory(vectors, tile, threads) {
                assert!(part.start == next && (part.len() % tile == 0 || part.end == vectors));
                next = part.end;
            }
            assert_eq!(next, vectors);
        }
    }

    #[test]
    fn kernels_for_many_get_whole_tiles_and_many_queries() {
        let by_memory = |backend, vectors, threads| {
            Kernels::for_backend(backend).is_none_or(|kernels| splits_by_memory(kernels, 100, vectors, 1, threads))
        };
        assert!(by_memory(Backend::Avx2, 1_000, 2) && by_memory(Backend::Avx512, 1_000, 2), "nearly whole tiles");
        assert!(by_memory(Backend::Avx2, 10_000, 2) && by_memory(Backend::Avx512, 10_000, 2));
        assert!(by_memory(Backend::Avx2, 10_000, 16) && by_memory(Backend::Avx512, 8_000, 16), "seven are few");
        let by_queries = |backend, vectors, threads| {
            Kernels::for_backend(backend).is_none_or(|kernels| !splits_by_memory(kernels, 100, vectors, 1, threads))
        };
        assert!(by_queries(Backend::Avx2, 600, 2) && by_queries(Backend::Avx512, 600, 2), "one thread would get most");
        assert!(by_queries(Backend::Avx2, 1_000, 16) && by_queries(Backend::Avx512, 1_000, 16));
    }
}
