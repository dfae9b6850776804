//! Whether the core is ours at this moment.
//!
//! On a machine that is shared, another guest's thread on the same physical core takes half of its execution units for
//! milliseconds at a time, and no operating system within tells. A loop of known work does: run right before and
//! right after what is measured, it shows whether the core was whole. It never looks at what is measured, so leaving
//! out the times that it doubts favours nobody.

use std::hint::black_box;
use std::time::Instant;

use hv_parallel::HV16;
use hv_parallel::hv_simd::workspace_internals::{Kernels, XorPopcount};

use crate::inputs::{L1_VECTORS, vectors};

/// How much slower than ever seen a probe may be and count as undisturbed. A shared core is slower by a half to a
/// whole; the clock drifts by a few hundredths.
const TOLERANCE: f64 = 1.12;

/// Probes at the start, which find how fast an undisturbed one is: some ten milliseconds of them.
const FIRST_PROBES: usize = 4_000;

/// Passes of a probe over the vectors: 2 us with AVX-512, 20 us without vector registers. Reading the clock, and a late
/// first pass, are lost in it.
const PASSES: usize = 16;

/// The cores that must be ours.
#[derive(Clone, Copy, Debug)]
pub enum Cores {
    /// That of the calling thread.
    Caller,
    /// Those of all threads of the global pool.
    All,
}

/// A loop of known work, bound by the core's execution units and nothing else: the xor-popcount-add loop over
/// vectors in L1.
pub struct Probe {
    work: XorPopcount,
    vectors: Vec<HV16>,
    cores: Cores,
    least: f64,
}

impl Probe {
    /// With some probes, to know how fast an undisturbed one is.
    pub fn new(cores: Cores) -> Self {
        let work = Kernels::active().limits().xor_popcount;
        let mut probe = Self { work, vectors: vectors(L1_VECTORS, 1), cores, least: f64::INFINITY };
        (0..FIRST_PROBES).for_each(|_| _ = probe.time());
        probe
    }

    /// Nanoseconds of the loop now, on the slowest of the threads.
    pub fn time(&mut self) -> f64 {
        let (work, vectors) = (self.work, &self.vectors);
        let pass = || black_box(work(black_box(&vectors[0]), black_box(vectors)));
        let run = || {
            // What was measured has taken the caches.
            pass();
            let start = Instant::now();
            (0..PASSES).for_each(|_| _ = pass());
            start.elapsed().as_nanos() as f64
        };
        let time = match self.cores {
            Cores::Caller => run(),
            Cores::All => rayon::broadcast(|_| run()).into_iter().fold(0.0, f64::max),
        };
        self.least = self.least.min(time);
        time
    }

    /// Whether a probe of this time was undisturbed, by all that is known so far.
    pub fn is_quiet(&self, time: f64) -> bool {
        time <= TOLERANCE * self.least
    }
}

#[cfg(test)]
#[path = "../tests/units/quiet.rs"]
mod tests;
