//! The one nearest vector of a memory, for many queries.

use hv_simd::workspace_internals::Kernels;
use hv_simd::{Bound, HV16, simd_batch_find_most_similar_into, similarity_of_distance};

use crate::best::Nearest;
use crate::engine::run;
use crate::in_force::threads_for;
use crate::job::Job;
use crate::pool;
use crate::same_length::same_length;
use crate::segments::Segments;
use crate::thresholds::Operation;

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
    nearest_into(queries, memory, pool::threads(), out);
}

/// For each query the nearest of `memory`; in parallel from [`Thresholds::nearest`](crate::Thresholds::nearest)
/// pairs on.
///
/// ```
/// use hv_parallel::{HV16, adaptive_batch_find_most_similar};
///
/// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// assert_eq!(adaptive_batch_find_most_similar(&memory[7..9], &memory), [Some((7, 1.0)), Some((8, 1.0))]);
/// ```
#[must_use]
pub fn adaptive_batch_find_most_similar(queries: &[HV16], memory: &[HV16]) -> Vec<Option<(usize, f32)>> {
    let mut out = vec![None; queries.len()];
    adaptive_batch_find_most_similar_into(queries, memory, &mut out);
    out
}

/// [`adaptive_batch_find_most_similar`] into a caller's slice.
///
/// # Panics
///
/// If `out` is not as long as `queries`.
pub fn adaptive_batch_find_most_similar_into(queries: &[HV16], memory: &[HV16], out: &mut [Option<(usize, f32)>]) {
    nearest_into(queries, memory, threads_for(queries.len().saturating_mul(memory.len()), Operation::Nearest), out);
}

pub(crate) fn nearest_into(queries: &[HV16], memory: &[HV16], threads: usize, out: &mut [Option<(usize, f32)>]) {
    same_length("batch find most similar", queries.len(), out.len());
    if threads == 1 {
        return simd_batch_find_most_similar_into(queries, memory, out);
    }
    let segments = [memory];
    let job = Job {
        kernels: Kernels::active(),
        queries,
        memory: &Segments::new(&segments),
        limit: Bound::NONE,
        keep: |_| true,
        threads,
        wanted: 1,
    };
    let write =
        |Nearest(best), i, out: &mut &mut [_]| out[i] = best.map(|(distance, i)| (i, similarity_of_distance(distance)));
    run(&job, || Nearest(None), write, out);
}
