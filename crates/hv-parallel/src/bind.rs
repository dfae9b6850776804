//! Binding many vectors.

use hv_simd::workspace_internals::Kernels;
use hv_simd::{HV16, simd_bind_into, simd_bind_pairs_into};

use crate::collect::collect;
use crate::in_force::threads_for;
use crate::parallel_for::parallel_for;
use crate::parts::Parts;
use crate::pool;
use crate::same_length::same_length;
use crate::thresholds::Operation;

/// Vectors of a part, at least: some hundred nanoseconds of work against the dozens that taking a part costs.
const GRAIN: usize = 64;

/// Binds every vector with `key`, in parallel.
///
/// New memory is touched first by the thread that fills it. Cost: 512 bytes of memory traffic a vector, and the
/// page faults of a new result; [`parallel_batch_bind_into`] saves those.
#[must_use]
pub fn parallel_batch_bind(vectors: &[HV16], key: &HV16) -> Vec<HV16> {
    bind(vectors, key, pool::threads())
}

/// [`parallel_batch_bind`] into a caller's slice.
///
/// # Panics
///
/// If `out` is not as long as `vectors`.
pub fn parallel_batch_bind_into(vectors: &[HV16], key: &HV16, out: &mut [HV16]) {
    bind_into(vectors, key, pool::threads(), out);
}

/// Binds `a[i]` with `b[i]`, in parallel.
///
/// # Panics
///
/// If the two are not of one length.
#[must_use]
pub fn parallel_batch_bind_pairs(a: &[HV16], b: &[HV16]) -> Vec<HV16> {
    bind_pairs(a, b, pool::threads())
}

/// [`parallel_batch_bind_pairs`] into a caller's slice.
///
/// # Panics
///
/// If the three are not of one length.
pub fn parallel_batch_bind_pairs_into(a: &[HV16], b: &[HV16], out: &mut [HV16]) {
    bind_pairs_into(a, b, pool::threads(), out);
}

/// Binds every vector with `key`; in parallel from [`Thresholds::bind`](crate::Thresholds::bind) vectors on.
///
/// ```
/// use hv_parallel::{HV16, adaptive_batch_bind};
///
/// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// let key = HV16::random(1_000);
/// let bound = adaptive_batch_bind(&memory, &key);
/// assert_eq!(bound[7] ^ key, memory[7]);
/// ```
#[must_use]
pub fn adaptive_batch_bind(vectors: &[HV16], key: &HV16) -> Vec<HV16> {
    bind(vectors, key, threads_for(vectors.len(), Operation::Bind))
}

/// [`adaptive_batch_bind`] into a caller's slice.
///
/// ```
/// use hv_parallel::{HV16, adaptive_batch_bind_into};
///
/// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// let (key, mut bound) = (HV16::random(1_000), vec![HV16::ZERO; 1_000]); // kept from call to call
/// adaptive_batch_bind_into(&memory, &key, &mut bound);
/// assert_eq!(bound[7] ^ key, memory[7]);
/// ```
///
/// # Panics
///
/// If `out` is not as long as `vectors`.
pub fn adaptive_batch_bind_into(vectors: &[HV16], key: &HV16, out: &mut [HV16]) {
    bind_into(vectors, key, threads_for(vectors.len(), Operation::Bind), out);
}

/// Binds `a[i]` with `b[i]`; in parallel from [`Thresholds::bind`](crate::Thresholds::bind) pairs on.
///
/// ```
/// use hv_parallel::{HV16, adaptive_batch_bind_pairs};
///
/// let (roles, fillers) = ([1, 2].map(HV16::random), [3, 4].map(HV16::random));
/// assert_eq!(adaptive_batch_bind_pairs(&roles, &fillers)[1], roles[1] ^ fillers[1]);
/// ```
///
/// # Panics
///
/// If the two are not of one length.
#[must_use]
pub fn adaptive_batch_bind_pairs(a: &[HV16], b: &[HV16]) -> Vec<HV16> {
    bind_pairs(a, b, threads_for(a.len(), Operation::Bind))
}

/// [`adaptive_batch_bind_pairs`] into a caller's slice.
///
/// # Panics
///
/// If the three are not of one length.
pub fn adaptive_batch_bind_pairs_into(a: &[HV16], b: &[HV16], out: &mut [HV16]) {
    bind_pairs_into(a, b, threads_for(a.len(), Operation::Bind), out);
}

pub(crate) fn bind(vectors: &[HV16], key: &HV16, threads: usize) -> Vec<HV16> {
    xors(vectors.len(), threads, |i| vectors[i] ^ *key)
}

fn bind_into(vectors: &[HV16], key: &HV16, threads: usize, out: &mut [HV16]) {
    same_length("batch bind", vectors.len(), out.len());
    parallel_for(threads, Parts::shrinking(out, GRAIN, GRAIN, threads), |parts| {
        for (range, out) in parts {
            simd_bind_into(&vectors[range], key, out);
        }
    });
}

fn bind_pairs(a: &[HV16], b: &[HV16], threads: usize) -> Vec<HV16> {
    same_pairs(a, b);
    xors(a.len(), threads, |i| a[i] ^ b[i])
}

fn bind_pairs_into(a: &[HV16], b: &[HV16], threads: usize, out: &mut [HV16]) {
    same_pairs(a, b);
    same_length("batch bind pairs", a.len(), out.len());
    parallel_for(threads, Parts::shrinking(out, GRAIN, GRAIN, threads), |parts| {
        for (range, out) in parts {
            simd_bind_pairs_into(&a[range.clone()], &b[range], out);
        }
    });
}

/// Filled as it is made, where the kernels would need memory that is written before.
fn xors(len: usize, threads: usize, xor: impl Fn(usize) -> HV16 + Sync + Send) -> Vec<HV16> {
    let _ = Kernels::active(); // none is used, but a wrong HV_BACKEND shall not pass
    collect(len, GRAIN, threads, xor)
}

fn same_pairs(a: &[HV16], b: &[HV16]) {
    assert_eq!(a.len(), b.len(), "batch bind pairs: {} vectors, but {} to bind them with", a.len(), b.len());
}
