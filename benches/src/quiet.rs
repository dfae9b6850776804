//! Whether the core is ours at this moment.
//!
//! On a machine that is shared, another guest's thread on the same physical core takes half of its execution units for
//! milliseconds at a time, and no operating system within tells. A loop of known work does: run right before and
//! right after what is measured, it shows whether the core was whole. It never looks at what is measured, so leaving
//! out the times that it doubts favours nobody.

use std::hint::black_box;
use std::time::{Duration, Instant};

use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::{HV16, hv_simd};
use rayon::ThreadPool;

use hv_simd::workspace_internals::{Limits, XorPopcount};

use crate::inputs::{L1_VECTORS, vectors};

/// How much slower than ever seen a probe may be and count as undisturbed. A shared core is slower by a half to a
/// whole; the clock drifts by a few hundredths.
const TOLERANCE: f64 = 1.12;

/// Probes at the start, which find how fast an undisturbed one is: some ten milliseconds of them.
const FIRST_PROBES: usize = 4_000;

/// How long a probe takes, about: enough that what it costs to read the clock, and a late first pass, are lost in it.
const PROBE: Duration = Duration::from_micros(2);

/// A loop of known work, bound by the core's execution units and nothing else: the xor-popcount-add loop over
/// vectors in L1.
pub struct Probe<'a> {
    work: XorPopcount,
    vectors: Vec<HV16>,
    /// Passes over the vectors.
    passes: u32,
    cores: Cores<'a>,
    least: f64,
}

/// The cores that must be ours.
#[derive(Clone, Copy, Debug, Default)]
pub enum Cores<'a> {
    /// That of the calling thread.
    #[default]
    Caller,
    /// Those of all threads of the global pool.
    GlobalPool,
    /// Those of all threads of this pool.
    Pool(&'a ThreadPool),
}

impl<'a> Probe<'a> {
    /// With some probes, to know how fast an undisturbed one is.
    #[must_use]
    pub fn new(cores: Cores<'a>) -> Self {
        let (_, work) = Limits::of(Kernels::active()).xor_popcount[0];
        let mut probe = Self { work, vectors: vectors(L1_VECTORS, 1), passes: 1, cores, least: f64::INFINITY };
        let one_pass = probe.least_of(FIRST_PROBES);
        probe.passes = (PROBE.as_nanos() as f64 / one_pass).ceil() as u32;
        probe.least_of(FIRST_PROBES);
        probe
    }

    fn least_of(&mut self, probes: usize) -> f64 {
        self.least = f64::INFINITY;
        for _ in 0..probes {
            self.time();
        }
        self.least
    }

    /// Nanoseconds of the loop now, on the slowest of the threads.
    pub fn time(&mut self) -> f64 {
        let (work, vectors, passes) = (self.work, &self.vectors, self.passes);
        let pass = || black_box(work(black_box(&vectors[0]), black_box(vectors)));
        let run = || {
            // What was measured has taken the caches.
            pass();
            let start = Instant::now();
            for _ in 0..passes {
                pass();
            }
            start.elapsed().as_nanos() as f64
        };
        let time = match self.cores {
            Cores::Caller => run(),
            Cores::GlobalPool => slowest(rayon::broadcast(|_| run())),
            Cores::Pool(pool) => slowest(pool.broadcast(|_| run())),
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

fn slowest(times: Vec<f64>) -> f64 {
    times.into_iter().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_probe_is_quiet_and_one_of_half_the_speed_is_not() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        for cores in [Cores::Caller, Cores::GlobalPool, Cores::Pool(&pool)] {
            let probe = Probe::new(cores);
            assert!(probe.least > 0.0 && probe.is_quiet(probe.least) && !probe.is_quiet(2.0 * probe.least));
        }
    }
}
