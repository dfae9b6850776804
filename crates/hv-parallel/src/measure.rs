//! Measuring thresholds on the machine at hand, fast enough to do when a program starts.
//!
//! What is measured is calls that follow one another, when the threads of the pool have not gone to sleep since the
//! last.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::bind::sequential_bind;
use crate::{
    HV16, Thresholds, bundle, parallel_batch_bind, parallel_batch_bundle_into, parallel_batch_find_most_similar_into,
    parallel_batch_find_top_k, parallel_batch_similarity_into, simd_batch_find_most_similar_into,
    simd_batch_find_top_k, simd_similarities_into,
};

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

/// Seconds of sequential work that gains by threads if any work does: the search ends.
const LONG: f64 = 300e-6;

/// Time for each operation: on a machine that is kept busy the search ends undecided, that is, with one thread.
const BUDGET: Duration = Duration::from_millis(40);

/// Results of top-k.
const K: usize = 10;

/// Vectors of a set, when batch bundle is measured.
const SET: usize = 8;

impl Thresholds {
    /// Measures, in the current pool, from how much work on each operation gains by it.
    ///
    /// Takes about a tenth of a second, and is as good as the machine is quiet: where other processes keep the
    /// cores, nothing gains. The thresholds in force stay as they are. In a pool of one thread nothing gains: every threshold is [`usize::MAX`].
    ///
    /// ```no_run
    /// hv_parallel::set_thresholds(hv_parallel::Thresholds::measure());
    /// ```
    ///
    /// # Panics
    ///
    /// If `HV_BACKEND` is wrong, see [`init`](crate::init).
    #[must_use]
    pub fn measure() -> Self {
        if rayon::current_num_threads() == 1 {
            const NEVER: usize = usize::MAX;
            return Self { bind: NEVER, similarity: NEVER, bundle: NEVER, nearest: NEVER, top_k: NEVER };
        }
        let vectors: Vec<HV16> = (0..VECTORS as u64).map(HV16::random).collect();
        let sets: Vec<&[HV16]> = vectors.chunks(SET).collect();
        let (queries, key) = (&vectors[..QUERIES], &vectors[0]);
        let (mut bundles, mut similarities, mut found) = (vec![None; sets.len()], vec![0.0; VECTORS], [None; QUERIES]);
        let set_work = (SET + Self::SET_WORK) as f64 / SET as f64;
        let result_work = (K * Self::RESULT_WORK) as f64;
        Self {
            bind: crossing(1.0, 0.0, |path, n| match path {
                Path::Sequential => drop(black_box(sequential_bind(&vectors[..n], key))),
                Path::Parallel => drop(black_box(parallel_batch_bind(&vectors[..n], key))),
            }),
            similarity: crossing(1.0, 0.0, |path, n| match path {
                Path::Sequential => simd_similarities_into(key, &vectors[..n], &mut similarities[..n]),
                Path::Parallel => parallel_batch_similarity_into(key, &vectors[..n], &mut similarities[..n]),
            }),
            bundle: crossing(set_work, 0.0, |path, n| match path {
                Path::Sequential => bundle::batch_bundle_into(&sets[..n / SET], &mut bundles[..n / SET], 1),
                Path::Parallel => parallel_batch_bundle_into(&sets[..n / SET], &mut bundles[..n / SET]),
            }),
            nearest: crossing(QUERIES as f64, 0.0, |path, n| match path {
                Path::Sequential => simd_batch_find_most_similar_into(queries, &vectors[..n], &mut found),
                Path::Parallel => parallel_batch_find_most_similar_into(queries, &vectors[..n], &mut found),
            }),
            top_k: crossing(QUERIES as f64, QUERIES as f64 * result_work, |path, n| match path {
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

/// The work `scale * n + offset` from which the parallel path is the faster, or [`usize::MAX`].
///
/// Believed where the parallel path wins at two sizes in a row. Between the last size it loses and the first it
/// wins, both times are taken to be linear in the size.
fn crossing(scale: f64, offset: f64, mut run: impl FnMut(Path, usize)) -> usize {
    let start = Instant::now();
    let crossed = crossing_of(|size| if start.elapsed() < BUDGET { gain(|path| run(path, size)) } else { None });
    crossed.map_or(usize::MAX, |size| (size * scale + offset) as usize)
}

/// The size at which `gain` becomes positive to stay; the search ends where it is `None`.
fn crossing_of(mut gain: impl FnMut(usize) -> Option<f64>) -> Option<f64> {
    let (mut lost, mut won) = ((0.0, -1.0), None);
    let mut size = SMALLEST;
    while size <= VECTORS {
        let measured = (size as f64, gain(size)?);
        match won {
            _ if measured.1 <= 0.0 => (lost, won) = (measured, None),
            None => won = Some(measured),
            Some(won) => return Some(zero_between(lost, won)),
        }
        size *= 2;
    }
    None
}

/// Where a line from one point to the other is zero; the second where there was no first.
fn zero_between(lost: (f64, f64), won: (f64, f64)) -> f64 {
    if lost.0 == 0.0 { won.0 } else { lost.0 + (won.0 - lost.0) * lost.1 / (lost.1 - won.1) }
}

/// By how many seconds the parallel path is faster than the sequential one, by the medians; `None` where it is not
/// although the work is long.
fn gain(mut run: impl FnMut(Path)) -> Option<f64> {
    let mut time = |path| {
        run(path);
        let start = Instant::now();
        (0..CALLS).for_each(|_| run(path));
        start.elapsed().as_secs_f64() / f64::from(CALLS)
    };
    let median = |mut times: [f64; REPEATS]| *times.select_nth_unstable_by(REPEATS / 2, f64::total_cmp).1;
    let pairs: [_; REPEATS] = std::array::from_fn(|_| (time(Path::Sequential), time(Path::Parallel)));
    let sequential = median(pairs.map(|(sequential, _)| sequential));
    let gain = sequential - median(pairs.map(|(_, parallel)| parallel));
    (gain > 0.0 || sequential < LONG).then_some(gain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crossing_is_where_the_gain_becomes_positive_to_stay() {
        assert_eq!(crossing_of(|size| Some(size as f64 - 1_000.0)), Some(1_000.0));
        assert_eq!(crossing_of(|_| Some(1.0)), Some(SMALLEST as f64));
        assert_eq!(crossing_of(|_| Some(0.0)), None);
        // A stray win at 512 is not believed.
        assert_eq!(crossing_of(|size| Some(if size == 512 { 1.0 } else { size as f64 - 3_000.0 })), Some(3_000.0));
        // One at the end is not either.
        assert_eq!(crossing_of(|size| Some(size as f64 - VECTORS as f64 + 1.0)), None);
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
        assert!(measured.similarity >= SMALLEST && measured.nearest >= QUERIES * SMALLEST, "{measured}");
    }
}
