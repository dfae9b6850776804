//! Measuring thresholds on the machine at hand, fast enough to do when a program starts.
//!
//! What is measured is calls that follow one another, when the threads of the pool have not gone to sleep since the
//! last.

use std::hint::black_box;
use std::time::{Duration, Instant};

use hv_simd::{HV16, active_backend, simd_batch_find_most_similar_into, simd_batch_find_top_k, simd_similarities_into};

use crate::bind::{bind, parallel_batch_bind};
use crate::bundle::{batch_bundle_into, parallel_batch_bundle_into};
use crate::nearest::parallel_batch_find_most_similar_into;
use crate::pool;
use crate::similarity::parallel_batch_similarity_into;
use crate::thresholds::Thresholds;
use crate::top_k::parallel_batch_find_top_k;

/// Vectors to measure with: 4 MiB.
const VECTORS: usize = 1 << 14;

/// The smallest size measured, in vectors; each next is twice as large.
const SMALLEST: usize = 1 << 8;

/// Queries of the searches. Work counts in pairs, and the register tiles take four.
const QUERIES: usize = 4;

/// Timings of each path at a size, taken in turn; their median counts.
const REPEATS: usize = 7;

/// Calls of one timing, after a first that wakes the pool.
const CALLS: u32 = 4;

/// Sequential work, in seconds, beyond which larger sizes would take too long to measure: the search ends.
const LONG: f64 = 300e-6;

/// Time for each operation, and what those before have left: on a machine that is kept busy the search ends undecided,
/// and the default stays.
const BUDGET: Duration = Duration::from_millis(40);

/// Results of top-k.
const K: usize = 10;

/// Vectors of a set, when batch bundle is measured.
const SET: usize = 8;

impl Thresholds {
    /// Measures, in the current pool, from how much work on each operation gains by it. The adaptive functions take two
    /// threads of the pool at a threshold, four at twice that, and so on.
    ///
    /// Takes up to a tenth of a second, some two tenths where the machine is busy, and is as good as it is quiet. Up to
    /// 16,384 vectors are measured; a threshold beyond is where the gains at the largest sizes lead to, and
    /// [`usize::MAX`] where they do not grow, as with cores that other processes keep. What cannot be measured in time
    /// keeps its default. In a pool of one thread nothing gains: every threshold is [`usize::MAX`]. The thresholds in
    /// force stay as they are.
    ///
    /// ```no_run
    /// hv_parallel::set_thresholds(hv_parallel::Thresholds::measure());
    /// ```
    ///
    /// # Panics
    ///
    /// If `HV_BACKEND` is wrong, see [`init`](fn@crate::init).
    #[must_use]
    pub fn measure() -> Self {
        if pool::threads() == 1 {
            return Self::from_fn(|_| usize::MAX);
        }
        let all: Vec<HV16> = (0..(VECTORS + QUERIES) as u64).map(HV16::random).collect();
        // Queries that were in the memory would be found in its first tile, and a search that has found them is faster.
        let (vectors, queries) = all.split_at(VECTORS);
        let sets: Vec<&[HV16]> = vectors.chunks(SET).collect();
        let key = &vectors[0];
        let (mut bundles, mut similarities, mut found) = (vec![None; sets.len()], vec![0.0; VECTORS], [None; QUERIES]);
        let backend = active_backend();
        let default = Self::for_backend(backend);
        let set_work = (SET + Self::SET_WORK) as f64 / SET as f64;
        let result_work = (QUERIES * K * Self::result_work(backend)) as f64;
        // All from one start: an operation that goes beyond its time takes from that of the next.
        let mut end = Instant::now();
        let mut until = || {
            end += BUDGET;
            end
        };
        Self {
            bind: crossing(until(), default.bind, 1.0, 0.0, |path, n| match path {
                Path::Sequential => drop(black_box(bind(&vectors[..n], key, 1))),
                Path::Parallel => drop(black_box(parallel_batch_bind(&vectors[..n], key))),
            }),
            similarity: crossing(until(), default.similarity, 1.0, 0.0, |path, n| match path {
                Path::Sequential => simd_similarities_into(key, &vectors[..n], &mut similarities[..n]),
                Path::Parallel => parallel_batch_similarity_into(key, &vectors[..n], &mut similarities[..n]),
            }),
            bundle: crossing(until(), default.bundle, set_work, 0.0, |path, n| match path {
                Path::Sequential => batch_bundle_into(&sets[..n / SET], &mut bundles[..n / SET], 1),
                Path::Parallel => parallel_batch_bundle_into(&sets[..n / SET], &mut bundles[..n / SET]),
            }),
            nearest: crossing(until(), default.nearest, QUERIES as f64, 0.0, |path, n| match path {
                Path::Sequential => simd_batch_find_most_similar_into(queries, &vectors[..n], &mut found),
                Path::Parallel => parallel_batch_find_most_similar_into(queries, &vectors[..n], &mut found),
            }),
            top_k: crossing(until(), default.top_k, QUERIES as f64, result_work, |path, n| match path {
                Path::Sequential => drop(black_box(simd_batch_find_top_k(queries, &vectors[..n], K))),
                Path::Parallel => drop(black_box(parallel_batch_find_top_k(queries, &vectors[..n], K))),
            }),
        }
    }
}

#[derive(Clone, Copy)]
enum Path {
    Sequential,
    Parallel,
}

/// What a size shows.
struct Gain {
    /// By how many seconds the parallel path is faster than the sequential one, by the medians.
    seconds: f64,
    /// Whether larger sizes would take too long.
    long: bool,
}

/// The work `scale * n + offset` from which the parallel path is the faster, [`usize::MAX`] where it never is, and
/// `default` where that is not known by `end`.
fn crossing(end: Instant, default: usize, scale: f64, offset: f64, mut run: impl FnMut(Path, usize)) -> usize {
    let crossed = crossing_of(|size| gain(|path| run(path, size), || Instant::now() < end));
    crossed.map_or(default, |size| (size * scale + offset) as usize)
}

/// The size at which the gain becomes positive to stay, infinite where it never does; `None` where `gain` ends before
/// that is known.
///
/// A gain is believed at two sizes in a row, and taken to be linear between the last size that loses and the first
/// that wins. Where no size wins twice it is taken to be so beyond the last two.
fn crossing_of(mut gain: impl FnMut(usize) -> Option<Gain>) -> Option<f64> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for size in std::iter::successors(Some(SMALLEST), |size| Some(size * 2)).take_while(|&size| size <= VECTORS) {
        let Gain { seconds, long } = gain(size)?;
        points.push((size as f64, seconds));
        match points[..] {
            [.., lost, won, again] if won.1 > 0.0 && again.1 > 0.0 => return Some(zero_of_line(lost, won)),
            [won, again] if won.1 > 0.0 && again.1 > 0.0 => return Some(won.0),
            _ if long => break,
            _ => {}
        }
    }
    if let [.., first, second] = points[..] { Some(zero_of_line(first, second)) } else { None }
}

/// Where the line from one point to the other, or beyond, is zero; infinite where it does not rise.
fn zero_of_line(first: (f64, f64), second: (f64, f64)) -> f64 {
    let rise = second.1 - first.1;
    if rise > 0.0 { first.0 - first.1 * (second.0 - first.0) / rise } else { f64::INFINITY }
}

/// Times both paths in turn; `None` where that is not done in time.
fn gain(mut run: impl FnMut(Path), in_time: impl Fn() -> bool) -> Option<Gain> {
    let mut time = |path| {
        run(path);
        let start = Instant::now();
        (0..CALLS).for_each(|_| run(path));
        start.elapsed().as_secs_f64() / f64::from(CALLS)
    };
    let median = |mut times: [f64; REPEATS]| *times.select_nth_unstable_by(REPEATS / 2, f64::total_cmp).1;
    let mut pairs = [[0.0; 2]; REPEATS];
    for pair in &mut pairs {
        if !in_time() {
            return None;
        }
        *pair = [Path::Sequential, Path::Parallel].map(&mut time);
    }
    let [sequential, parallel] = [0, 1].map(|path| median(pairs.map(|pair| pair[path])));
    Some(Gain { seconds: sequential - parallel, long: sequential > LONG })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Where a gain, of a size, is found to cross; sizes over `long` take long.
    fn found(long: usize, gain: impl Fn(f64) -> f64) -> Option<f64> {
        crossing_of(|size| Some(Gain { seconds: gain(size as f64), long: size > long }))
    }

    #[test]
    fn the_crossing_is_where_the_gain_becomes_positive_to_stay() {
        assert_eq!(found(VECTORS, |size| size - 1_000.0), Some(1_000.0));
        assert_eq!(found(VECTORS, |_| 1.0), Some(SMALLEST as f64));
        // A stray win at 512 is not believed.
        assert_eq!(found(VECTORS, |size| if size == 512.0 { 1.0 } else { size - 3_000.0 }), Some(3_000.0));
    }

    #[test]
    fn a_crossing_beyond_the_sizes_measured_is_where_the_gain_leads() {
        for at in [9_000.0, 16_000.0, 20_000.0, 1e6] {
            assert_eq!(found(VECTORS, |size| size - at), Some(at));
            assert_eq!(found(1_000, |size| size - at), Some(at), "also where 1,024 vectors take long");
        }
        for never in [|_| 0.0, |_| -1.0, |size: f64| -size, |size| if size < 16_384.0 { size - 9_000.0 } else { -9e3 }]
        {
            assert_eq!(found(VECTORS, never), Some(f64::INFINITY));
        }
    }

    #[test]
    fn what_cannot_be_measured_keeps_its_default() {
        assert_eq!(
            crossing_of(|size| (size < 4_096).then_some(Gain { seconds: size as f64 - 9e3, long: false })),
            None
        );
        assert_eq!(found(0, |_| -1.0), None, "one size shows nothing");
        let slow = |_, _| std::thread::sleep(BUDGET / 50);
        assert_eq!(crossing(Instant::now() + BUDGET, 77, 1.0, 0.0, slow), 77);
    }

    #[test]
    fn time_is_looked_at_between_pairs() {
        let [runs, looks] = [const { Cell::new(0) }; 2];
        let count = |cell: &Cell<u32>| cell.replace(cell.get() + 1);
        let found = gain(|_| _ = count(&runs), || count(&looks) < 3);
        assert!(found.is_none());
        assert_eq!((runs.get(), looks.get()), (3 * 2 * (CALLS + 1), 4));
        assert!(gain(|_| (), || true).is_some());
    }

    #[test]
    fn one_thread_never_gains() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let never = pool.install(Thresholds::measure);
        assert!(never.to_string().split(',').all(|part| part.ends_with(&format!("={}", usize::MAX))), "{never}");
    }

    #[test]
    fn measuring_gives_thresholds_that_can_be_set() {
        let measured = Thresholds::measure();
        assert_eq!(measured.to_string().parse(), Ok(measured));
        // Where time ran out a default stays, and it may be less than the smallest size.
        let default = Thresholds::for_backend(active_backend());
        assert!(measured.similarity >= SMALLEST || measured.similarity == default.similarity, "{measured}");
        assert!(measured.nearest >= QUERIES * SMALLEST || measured.nearest == default.nearest, "{measured}");
    }
}
