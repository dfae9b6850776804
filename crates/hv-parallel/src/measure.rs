//! Measuring thresholds on the machine at hand, fast enough to do when a program starts.
//!
//! What is measured is calls that follow one another, when the threads of the pool have not gone to sleep since the
//! last.

use std::hint::black_box;
use std::time::{Duration, Instant};

use hv_simd::{HV16, active_backend};

use crate::bind::bind;
use crate::bundle::batch_bundle_into;
use crate::nearest::nearest_into;
use crate::pool;
use crate::similarity::similarity_into;
use crate::thresholds::{Operation, Thresholds};
use crate::top_k::{top_k, top_k_work};

/// Vectors of the smallest size measured; each next size is twice as large.
const SMALLEST: usize = 1 << 8;

/// Vectors of the largest size: 4 MiB.
const LARGEST: usize = 1 << 14;

/// Queries of the searches. Work counts in pairs, and the register tiles take four.
const QUERIES: usize = 4;

/// Results of top-k.
const K: usize = 10;

/// Vectors of a set, when batch bundle is measured.
const SET: usize = 8;

/// Pairs of timings at a size, one of each path; the medians count.
const REPEATS: usize = 7;

/// Calls of one timing, after a first that wakes the pool.
const CALLS: u32 = 4;

/// Time for each operation, and what those before have left.
const BUDGET: Duration = Duration::from_millis(40);

impl Thresholds {
    /// Measures, in the current pool, from how much work on each operation gains by it, to a factor of two. The adaptive
    /// functions take two threads of the pool at a threshold, four at twice that, and so on.
    ///
    /// Takes up to a tenth of a second, some two tenths where the machine is busy, and is as good as it is quiet. What
    /// gains nothing at up to 16,384 vectors, or cannot be measured in time, keeps its default. In a pool of one thread
    /// nothing gains: every threshold is [`usize::MAX`]. The thresholds in force stay as they are.
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
        let threads = pool::threads();
        if threads == 1 {
            return Self::from_fn(|_| usize::MAX);
        }
        let all: Vec<HV16> = (0..(LARGEST + QUERIES) as u64).map(HV16::random).collect();
        // Queries that were in the memory would be found in its first tile, and a search that has found them is faster.
        let (vectors, queries) = all.split_at(LARGEST);
        let (key, sets) = (&vectors[0], vectors.chunks(SET).collect::<Vec<_>>());
        let (mut bundles, mut similarities, mut found) = (vec![None; sets.len()], vec![0.0; LARGEST], [None; QUERIES]);
        let mut run = |operation, threads, n| {
            let (v, sets) = (&vectors[..n], &sets[..n / SET]);
            match operation {
                Operation::Bind => drop(black_box(bind(v, key, threads))),
                Operation::Similarity => similarity_into(key, v, &mut similarities[..n], threads),
                Operation::Bundle => batch_bundle_into(sets, &mut bundles[..sets.len()], threads),
                Operation::Nearest => nearest_into(queries, v, threads, &mut found),
                Operation::TopK => drop(black_box(top_k(queries, v, K, threads))),
            }
        };
        let backend = active_backend();
        let work = |operation, n| match operation {
            Operation::Bind | Operation::Similarity => n,
            Operation::Bundle => n / SET * (SET + Self::SET_WORK),
            Operation::Nearest => QUERIES * n,
            Operation::TopK => top_k_work(QUERIES, n, K),
        };
        // All from one start: an operation that goes beyond its time takes from that of the next.
        let mut end = Instant::now();
        Self::from_fn(|operation| {
            end += BUDGET;
            let is_faster = |n| gains(|threads| run(operation, threads, n), threads, || Instant::now() < end);
            first_gain(is_faster).map_or(Self::for_backend(backend)[operation], |n| work(operation, n))
        })
    }
}

/// The first of two sizes in a row that gain; `None` where there are none, or the answers end before.
fn first_gain(mut is_faster: impl FnMut(usize) -> Option<bool>) -> Option<usize> {
    let mut first = None;
    for n in std::iter::successors(Some(SMALLEST), |n| Some(2 * n)).take_while(|&n| n <= LARGEST) {
        let gained = is_faster(n)?;
        if gained && first.is_some() {
            break;
        }
        first = gained.then_some(n).filter(|&n| n < LARGEST);
    }
    first
}

/// Whether this many threads are faster than one, both timed in turn; `None` where that is not known in time.
fn gains(mut run: impl FnMut(usize), threads: usize, in_time: impl Fn() -> bool) -> Option<bool> {
    let mut time = |threads| {
        run(threads);
        let start = Instant::now();
        (0..CALLS).for_each(|_| run(threads));
        start.elapsed()
    };
    let [mut one, mut all] = [[Duration::ZERO; REPEATS]; 2];
    for (one, all) in one.iter_mut().zip(&mut all) {
        if !in_time() {
            return None;
        }
        (*one, *all) = (time(1), time(threads));
    }
    let median = |times: &mut [Duration; REPEATS]| *times.select_nth_unstable(REPEATS / 2).1;
    Some(median(&mut all) < median(&mut one))
}

#[cfg(test)]
mod tests;
