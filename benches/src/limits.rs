//! This CPU's limits: as cases of a measurement, as they were measured, and how bars scale with them.

use std::hint::black_box;

use hv_parallel::HV16;
use hv_parallel::hv_simd::workspace_internals::{Kernels, Read};
use rayon::ThreadPool;

use crate::operations::{CYCLE, SET};
use crate::quiet::Cores;
use crate::rounds::{Case, Rounds};

/// Nanoseconds a vector of the AVX-512 xor-popcount loop on the machine that the bars were set for.
pub const REFERENCE_LIMIT: f64 = 1.66;

/// The AVX2 limit of that machine, which the bars for AVX2 scale with: its AVX2 loop takes 16 cycles a vector (measured on
/// Zen 3, whose 256-bit pipes Zen 4 shares), its AVX-512 loop 6. Not the limit of AVX-512, since a CPU that does more of
/// that in a cycle need not do more of AVX2: Zen 5 takes 3 cycles and 17.
pub const REFERENCE_LIMIT_AVX2: f64 = REFERENCE_LIMIT * 16.0 / 6.0;

/// Adds the xor-popcount-add loop; times are for a vector. `vectors` should be [`L1_VECTORS`](crate::inputs::L1_VECTORS).
pub fn xor_popcount<'a>(rounds: &mut Rounds<'a>, kernels: &Kernels, query: &'a HV16, vectors: &'a [HV16]) -> Case {
    let pass = kernels.limits().xor_popcount;
    rounds.add(Cores::Caller, vectors.len(), move || _ = black_box(pass(black_box(query), black_box(vectors))))
}

/// Adds every form of the plain read of `vectors`, by all threads of a pool, each its part, or by the calling thread; times
/// are for a vector.
pub fn read<'a>(rounds: &mut Rounds<'a>, pool: Option<&'a ThreadPool>, vectors: &'a [HV16]) -> Vec<Case> {
    let (n, part) = (vectors.len(), vectors.len().div_ceil(pool.map_or(1, ThreadPool::current_num_threads)));
    let add = |form: Read| match pool {
        None => rounds.add(Cores::Caller, n, move || _ = black_box(form(black_box(vectors)))),
        Some(pool) => rounds.add(Cores::All, n, move || {
            black_box(pool.broadcast(|thread| vectors.chunks(part).nth(thread.index()).map_or(0, form)));
        }),
    };
    Kernels::active().limits().reads.into_iter().map(add).collect()
}

/// This CPU's limits, in nanoseconds a vector on one thread.
#[derive(Clone, Debug)]
pub struct MeasuredLimits {
    /// The xor-popcount-add loop of the active backend.
    pub xor_popcount: f64,
    /// Plain reads: the number of vectors, from few in L1 up to a million in huge pages, and the time.
    pub read: Vec<(usize, f64)>,
    /// A plain copy: the number of vectors, from few in L1 up, and the time.
    pub copy: Vec<(usize, f64)>,
}

impl MeasuredLimits {
    /// Plain reads of a vector, one of `n`.
    pub fn read_of(&self, n: usize) -> f64 {
        of_size(&self.read, n)
    }

    /// A plain copy of a vector, one of `n`.
    pub fn copy_of(&self, n: usize) -> f64 {
        of_size(&self.copy, n)
    }

    /// The least time a vector of a distance to each of `n`: they are read, and their bits are counted.
    pub fn distance_of(&self, n: usize) -> f64 {
        self.xor_popcount.max(self.read_of(n))
    }

    /// The least time of a published cycle on one thread, in nanoseconds: a copy for its binds, distances, and reads
    /// for its bundles, of vectors that the distances have moved out of L1.
    pub fn cycle(&self) -> f64 {
        let (binds, n, bundled) = (CYCLE.0, CYCLE.1, CYCLE.2 * SET);
        binds as f64 * self.copy_of(binds) + n as f64 * self.distance_of(n) + bundled as f64 * self.read_of(n)
    }
}

/// The time of the least size that is not under `n`, or else of the largest.
fn of_size(times: &[(usize, f64)], n: usize) -> f64 {
    times.iter().find(|(size, _)| n <= *size).or(times.last()).map_or(0.0, |(_, time)| *time)
}
