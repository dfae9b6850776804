//! The functions of the crate's root: each calls the kernel of the active backend.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use hv_core::HV16;

use crate::kernels::Kernels;
use crate::tanimoto_score::tanimoto;

/// Binds two vectors: XOR, its own inverse.
///
/// The same code on every backend: four cache lines, which the compiler's own vectors bind as fast as a call through
/// the table would.
#[inline]
#[must_use]
pub fn simd_bind(a: &HV16, b: &HV16) -> HV16 {
    a ^ b
}

/// Binds every vector with `key` into `out`.
///
/// # Panics
///
/// If `out` is not as long as `vectors`, or if `HV_BACKEND` is wrong, see [`init`](crate::init).
pub fn simd_bind_into(vectors: &[HV16], key: &HV16, out: &mut [HV16]) {
    Kernels::active().bind_into(vectors, key, out);
}

/// Binds `a[i]` with `b[i]` into `out[i]`.
///
/// # Panics
///
/// If the three slices are not of one length, or if `HV_BACKEND` is wrong, see [`init`](crate::init).
pub fn simd_bind_pairs_into(a: &[HV16], b: &[HV16], out: &mut [HV16]) {
    Kernels::active().bind_pairs_into(a, b, out);
}

/// The Hamming distance: the number of differing bits, 0 to 2,048.
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`](crate::init).
#[inline]
#[must_use]
pub fn simd_hamming(a: &HV16, b: &HV16) -> u32 {
    Kernels::active().hamming(a, b)
}

/// The similarity `1 - distance / 2048`, 0 to 1, exact.
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`](crate::init).
#[inline]
#[must_use]
pub fn simd_similarity(a: &HV16, b: &HV16) -> f32 {
    Kernels::active().similarity(a, b)
}

/// The Tanimoto score of two vectors: the ones that both have, of those that one of them has. From 0 to 1, and 1 for two
/// vectors without a one.
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`](crate::init).
#[must_use]
pub fn simd_tanimoto(a: &HV16, b: &HV16) -> f64 {
    let kernels = Kernels::active();
    let ones = kernels.hamming(a, &HV16::ZERO) + kernels.hamming(b, &HV16::ZERO);
    tanimoto(kernels.hamming(a, b) as u16, ones as u16)
}

/// Rotates: bit `i` goes to bit `(i + n) mod 2048`.
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`](crate::init).
#[inline]
#[must_use]
pub fn simd_permute(v: &HV16, n: i32) -> HV16 {
    Kernels::active().permute(v, n)
}

/// The bitwise majority of `vectors` with the tie rule of
/// [`reference::bundle`](hv_core::reference::bundle); `None` of none.
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`](crate::init).
#[inline]
#[must_use]
pub fn simd_bundle(vectors: &[HV16]) -> Option<HV16> {
    Kernels::active().bundle(vectors)
}

/// The Hamming distances from `query` to every target.
///
/// # Panics
///
/// If `out` is not as long as `targets`, or if `HV_BACKEND` is wrong, see [`init`](crate::init).
pub fn simd_distances_into(query: &HV16, targets: &[HV16], out: &mut [u16]) {
    Kernels::active().distances_into(query, targets, out);
}

/// The similarities of `query` with every target.
///
/// # Panics
///
/// If `out` is not as long as `targets`, or if `HV_BACKEND` is wrong, see [`init`](crate::init).
pub fn simd_similarities_into(query: &HV16, targets: &[HV16], out: &mut [f32]) {
    Kernels::active().similarities_into(query, targets, out);
}

/// The nearest of `memory` as `(index, similarity)`, the lowest index among equals; `None` of an empty memory.
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`](crate::init).
#[must_use]
pub fn simd_find_most_similar(query: &HV16, memory: &[HV16]) -> Option<(usize, f32)> {
    Kernels::active().find_most_similar(query, memory)
}

/// The `k` nearest of `memory` as `(index, similarity)`: by distance, then by lower index.
///
/// Fewer where the memory has fewer. Allocates in proportion to the result, never to the memory.
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`](crate::init).
#[cfg(feature = "alloc")]
#[must_use]
pub fn simd_find_top_k(query: &HV16, memory: &[HV16], k: usize) -> Vec<(usize, f32)> {
    Kernels::active().find_top_k(query, memory, k)
}

/// [`simd_find_most_similar`] for many queries, in one pass over the memory for each hundred or more of them, on one
/// thread.
///
/// # Panics
///
/// If `out` is not as long as `queries`, or if `HV_BACKEND` is wrong, see [`init`](crate::init).
pub fn simd_batch_find_most_similar_into(queries: &[HV16], memory: &[HV16], out: &mut [Option<(usize, f32)>]) {
    Kernels::active().batch_find_most_similar_into(queries, memory, out);
}

/// [`simd_find_top_k`] for many queries, in one pass over the memory for each hundred or more of them, on one thread.
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`](crate::init).
#[cfg(feature = "alloc")]
#[must_use]
pub fn simd_batch_find_top_k(queries: &[HV16], memory: &[HV16], k: usize) -> Vec<Vec<(usize, f32)>> {
    Kernels::active().batch_find_top_k(queries, memory, k)
}
