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
use crate::thresholds::{Operation, Thresholds};
use crate::top_k::parallel_batch_find_top_k;

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
        if pool::threads() == 1 {
            return Self::from_fn(|_| usize::MAX);
        }
        let all: Vec<HV16> = (0..(LARGEST + QUERIES) as u64).map(HV16::random).collect();
        // Queries that were in the memory would be found in its first tile, and a search that has found them is faster.
        let (vectors, queries) = all.split_at(LARGEST);
        let (key, sets) = (&vectors[0], vectors.chunks(SET).collect::<Vec<_>>());
        let (mut bundles, mut similarities, mut found) = (vec![None; sets.len()], vec![0.0; LARGEST], [None; QUERIES]);
        let mut run = |operation, is_parallel, n| {
            let (v, sets) = (&vectors[..n], &sets[..n / SET]);
            match (operation, is_parallel) {
                (Operation::Bind, false) => drop(black_box(bind(v, key, 1))),
                (Operation::Bind, true) => drop(black_box(parallel_batch_bind(v, key))),
                (Operation::Similarity, false) => simd_similarities_into(key, v, &mut similarities[..n]),
                (Operation::Similarity, true) => parallel_batch_similarity_into(key, v, &mut similarities[..n]),
                (Operation::Bundle, false) => batch_bundle_into(sets, &mut bundles[..sets.len()], 1),
                (Operation::Bundle, true) => parallel_batch_bundle_into(sets, &mut bundles[..sets.len()]),
                (Operation::Nearest, false) => simd_batch_find_most_similar_into(queries, v, &mut found),
                (Operation::Nearest, true) => parallel_batch_find_most_similar_into(queries, v, &mut found),
                (Operation::TopK, false) => drop(black_box(simd_batch_find_top_k(queries, v, K))),
                (Operation::TopK, true) => drop(black_box(parallel_batch_find_top_k(queries, v, K))),
            }
        };
        let backend = active_backend();
        let work = |operation, n| match operation {
            Operation::Bind | Operation::Similarity => n,
            Operation::Bundle => n / SET * (SET + Self::SET_WORK),
            Operation::Nearest => QUERIES * n,
            Operation::TopK => QUERIES * (n + K * Self::result_work(backend)),
        };
        // All from one start: an operation that goes beyond its time takes from that of the next.
        let mut end = Instant::now();
        Self::from_fn(|operation| {
            end += BUDGET;
            let is_faster = |n| gains(|is_parallel| run(operation, is_parallel, n), || Instant::now() < end);
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

/// Whether the parallel path is the faster one, both timed in turn; `None` where that is not known in time.
fn gains(mut run: impl FnMut(bool), in_time: impl Fn() -> bool) -> Option<bool> {
    let mut time = |is_parallel| {
        run(is_parallel);
        let start = Instant::now();
        (0..CALLS).for_each(|_| run(is_parallel));
        start.elapsed()
    };
    let [mut one, mut all] = [[Duration::ZERO; REPEATS]; 2];
    for (one, all) in one.iter_mut().zip(&mut all) {
        if !in_time() {
            return None;
        }
        (*one, *all) = (time(false), time(true));
    }
    let median = |times: &mut [Duration; REPEATS]| *times.select_nth_unstable(REPEATS / 2).1;
    Some(median(&mut all) < median(&mut one))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn the_crossing_is_where_the_gain_becomes_positive_to_stay() {
        assert_eq!(first_gain(|n| Some(n > 1_000)), Some(1_024));
        assert_eq!(first_gain(|_| Some(true)), Some(SMALLEST));
        // A stray gain at 512 is not believed, nor one at the largest size alone.
        assert_eq!(first_gain(|n| Some(n == 512 || n > 3_000)), Some(4_096));
        assert_eq!([first_gain(|n| Some(n == LARGEST)), first_gain(|_| Some(false))], [None; 2]);
    }

    #[test]
    fn what_cannot_be_measured_keeps_its_default() {
        assert_eq!(first_gain(|n| (n < 4_096).then_some(n > 2_000)), None);
    }

    #[test]
    fn time_is_looked_at_between_pairs() {
        let [runs, looks] = [const { Cell::new(0) }; 2];
        let count = |cell: &Cell<u32>| cell.replace(cell.get() + 1);
        assert_eq!(gains(|_| _ = count(&runs), || count(&looks) < 3), None);
        assert_eq!((runs.get(), looks.get()), (3 * 2 * (CALLS + 1), 4));
        assert!(gains(|_| (), || true).is_some());
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
