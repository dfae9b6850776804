//! This CPU's limits as cases of a measurement: see [`Limits`].

use std::hint::black_box;

use hv_parallel::HV16;
use hv_parallel::hv_simd::workspace_internals::{Kernels, Limits};
use rayon::ThreadPool;

use crate::rounds::{Case, Rounds};

/// Passes over the vectors in a run of the xor-popcount-add loop.
const PASSES: usize = 8;

/// Adds every form of the xor-popcount-add loop; times are for a vector. `vectors` should be [`L1_VECTORS`](crate::inputs::L1_VECTORS).
pub fn xor_popcount<'a>(rounds: &mut Rounds<'a>, kernels: &Kernels, query: &'a HV16, vectors: &'a [HV16]) -> Vec<Case> {
    let forms = Limits::of(kernels).xor_popcount.into_iter();
    let run = |form: fn(&HV16, &[HV16]) -> u64| {
        move || {
            // Some passes a run, so that the call is lost.
            for _ in 0..PASSES {
                black_box(form(black_box(query), black_box(vectors)));
            }
        }
    };
    forms.map(|(_, form)| rounds.add(PASSES * vectors.len(), run(form))).collect()
}

/// Adds every variant of the plain read of `vectors` on this thread; times are for a vector.
pub fn read<'a>(rounds: &mut Rounds<'a>, kernels: &Kernels, vectors: &'a [HV16]) -> Vec<Case> {
    let forms = Limits::of(kernels).read.into_iter();
    let run = |form: fn(&[HV16]) -> u64| {
        move || {
            black_box(form(black_box(vectors)));
        }
    };
    forms.map(|(_, form)| rounds.add(vectors.len(), run(form))).collect()
}

/// Adds every variant of the plain read of `vectors` by all threads of a pool, each its part; times are for a
/// vector.
pub fn read_on<'a>(rounds: &mut Rounds<'a>, kernels: &Kernels, pool: &'a ThreadPool, vectors: &'a [HV16]) -> Vec<Case> {
    let part = vectors.len().div_ceil(pool.current_num_threads());
    let run = |form: fn(&[HV16]) -> u64| {
        move || {
            black_box(pool.broadcast(|thread| vectors.chunks(part).nth(thread.index()).map_or(0, form)));
        }
    };
    Limits::of(kernels).read.into_iter().map(|(_, form)| rounds.add(vectors.len(), run(form))).collect()
}
