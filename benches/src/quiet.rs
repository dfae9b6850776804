//! Whether the core is ours at this moment.
//!
//! On a machine that is shared, another guest's thread on the same physical core takes half of its execution units for
//! milliseconds at a time, and no operating system within tells. A loop of known work does: run right before and
//! right after what is measured, it shows whether the core was whole. It never looks at what is measured, so leaving
//! out the times that it doubts favours nobody.

use std::hint::black_box;
use std::time::Instant;

use hv_parallel::{HV16, Kernels, hv_simd};
use rayon::ThreadPool;

use hv_simd::limits::{Limits, XorPopcount};

use crate::inputs::vectors;
use crate::limits::L1_VECTORS;

/// How much slower than ever seen a probe may be and count as undisturbed. A shared core is slower by a half to a
/// whole; the clock drifts by a few hundredths.
const TOLERANCE: f64 = 1.12;

/// Probes at the start, which find how fast an undisturbed one is: some ten milliseconds of them.
const FIRST_PROBES: usize = 4_000;

/// A loop of known work, bound by the core's execution units and nothing else: the xor-popcount-add loop over
/// vectors in L1, some microseconds of it.
pub struct Probe<'a> {
    work: XorPopcount,
    vectors: Vec<HV16>,
    pool: Option<&'a ThreadPool>,
    least: f64,
}

impl<'a> Probe<'a> {
    /// Of the calling thread's core, or of those of all threads of a pool.
    #[must_use]
    pub fn new(pool: Option<&'a ThreadPool>) -> Self {
        let (_, work) = Limits::of(Kernels::active()).xor_popcount[0];
        let mut probe = Self { work, vectors: vectors(L1_VECTORS, 1), pool, least: f64::INFINITY };
        for _ in 0..FIRST_PROBES {
            probe.time();
        }
        probe
    }

    /// Nanoseconds of the loop now, on the slowest of the threads.
    pub fn time(&mut self) -> f64 {
        let (work, vectors) = (self.work, &self.vectors);
        let run = || {
            let start = Instant::now();
            for _ in 0..4 {
                black_box(work(black_box(&vectors[0]), black_box(vectors)));
            }
            start.elapsed().as_nanos() as f64
        };
        let time = match self.pool {
            Some(pool) => pool.broadcast(|_| run()).into_iter().fold(0.0, f64::max),
            None => run(),
        };
        self.least = self.least.min(time);
        time
    }

    /// Whether a probe of this time was undisturbed, by all that is known so far.
    #[must_use]
    pub fn is_quiet(&self, time: f64) -> bool {
        time <= TOLERANCE * self.least
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_probe_is_quiet_and_one_of_half_the_speed_is_not() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        for pool in [None, Some(&pool)] {
            let probe = Probe::new(pool);
            assert!(probe.least > 0.0 && probe.is_quiet(probe.least) && !probe.is_quiet(2.0 * probe.least));
        }
    }
}
