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
///
/// ```
/// use hv_simd::{HV16, simd_bind};
///
/// let (role, filler) = (HV16::random(1), HV16::random(2));
/// assert_eq!(simd_bind(&simd_bind(&role, &filler), &role), filler);
/// ```
#[inline]
#[must_use]
pub fn simd_bind(a: &HV16, b: &HV16) -> HV16 {
    a ^ b
}

/// Binds every vector with `key` into `out`.
///
/// ```
/// use hv_simd::{HV16, simd_bind_into};
///
/// let (vectors, key) = ([1, 2].map(HV16::random), HV16::random(3));
/// let mut bound = [HV16::ZERO; 2];
/// simd_bind_into(&vectors, &key, &mut bound);
/// assert_eq!(bound, [vectors[0] ^ key, vectors[1] ^ key]);
/// ```
///
/// # Panics
///
/// If `out` is not as long as `vectors`, or if `HV_BACKEND` is wrong, see [`init`](crate::init).
pub fn simd_bind_into(vectors: &[HV16], key: &HV16, out: &mut [HV16]) {
    Kernels::active().bind_into(vectors, key, out);
}

/// Binds `a[i]` with `b[i]` into `out[i]`.
///
/// ```
/// use hv_simd::{HV16, simd_bind_pairs_into};
///
/// let (roles, fillers) = ([1, 2].map(HV16::random), [3, 4].map(HV16::random));
/// let mut bound = [HV16::ZERO; 2];
/// simd_bind_pairs_into(&roles, &fillers, &mut bound);
/// assert_eq!(bound[1], roles[1] ^ fillers[1]);
/// ```
///
/// # Panics
///
/// If the three slices are not of one length, or if `HV_BACKEND` is wrong, see [`init`](crate::init).
pub fn simd_bind_pairs_into(a: &[HV16], b: &[HV16], out: &mut [HV16]) {
    Kernels::active().bind_pairs_into(a, b, out);
}

/// The Hamming distance: the number of differing bits, 0 to 2,048.
///
/// ```
/// use hv_simd::{HV16, simd_hamming};
///
/// let (a, mut b) = (HV16::random(1), HV16::random(1));
/// b.set_bit(7, !b.bit(7));
/// assert_eq!(simd_hamming(&a, &b), 1);
/// ```
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
/// ```
/// use hv_simd::{HV16, simd_similarity};
///
/// let a = HV16::random(1);
/// assert_eq!([simd_similarity(&a, &a), simd_similarity(&a, &!a)], [1.0, 0.0]);
/// assert!((simd_similarity(&a, &HV16::random(2)) - 0.5).abs() < 0.06); // unrelated
/// ```
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
/// ```
/// use hv_simd::{HV16, simd_tanimoto};
///
/// let mut sets = [HV16::ZERO; 2];
/// (0..4).for_each(|bit| sets[0].set_bit(bit, true));
/// (2..6).for_each(|bit| sets[1].set_bit(bit, true));
/// assert_eq!(simd_tanimoto(&sets[0], &sets[1]), 2.0 / 6.0); // 2 in both, of 6
/// ```
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
/// ```
/// use hv_simd::{HV16, simd_permute};
///
/// let v = HV16::random(1);
/// let third = simd_permute(&v, 3);
/// assert_eq!((third.bit(10), simd_permute(&third, -3)), (v.bit(7), v));
/// ```
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
/// ```
/// use hv_simd::{HV16, simd_bundle, simd_similarity};
///
/// let set = [1, 2, 3].map(HV16::random);
/// let bundle = simd_bundle(&set).unwrap();
/// assert!(set.iter().all(|v| simd_similarity(&bundle, v) > 0.7));
/// assert_eq!(simd_bundle(&[]), None);
/// ```
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
/// ```
/// use hv_simd::{HV16, simd_distances_into};
///
/// let targets = [1, 2, 3].map(HV16::random);
/// let mut distances = [0; 3];
/// simd_distances_into(&targets[1], &targets, &mut distances);
/// assert_eq!((distances[1], distances[0] > 900), (0, true));
/// ```
///
/// # Panics
///
/// If `out` is not as long as `targets`, or if `HV_BACKEND` is wrong, see [`init`](crate::init).
pub fn simd_distances_into(query: &HV16, targets: &[HV16], out: &mut [u16]) {
    Kernels::active().distances_into(query, targets, out);
}

/// The similarities of `query` with every target.
///
/// ```
/// use hv_simd::{HV16, simd_similarities_into};
///
/// let targets = [1, 2, 3].map(HV16::random);
/// let mut similarities = [0.0; 3];
/// simd_similarities_into(&targets[1], &targets, &mut similarities);
/// assert_eq!((similarities[1], similarities[0] < 0.6), (1.0, true));
/// ```
///
/// # Panics
///
/// If `out` is not as long as `targets`, or if `HV_BACKEND` is wrong, see [`init`](crate::init).
pub fn simd_similarities_into(query: &HV16, targets: &[HV16], out: &mut [f32]) {
    Kernels::active().similarities_into(query, targets, out);
}

/// The nearest of `memory` as `(index, similarity)`, the lowest index among equals; `None` of an empty memory.
///
/// ```
/// use hv_simd::{HV16, simd_find_most_similar};
///
/// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// assert_eq!(simd_find_most_similar(&memory[7], &memory), Some((7, 1.0)));
/// assert_eq!(simd_find_most_similar(&memory[7], &[]), None);
/// ```
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
/// ```
/// use hv_simd::{HV16, simd_bundle, simd_find_top_k};
///
/// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// let cue = simd_bundle(&[memory[7], memory[7], memory[9]]).unwrap();
/// let found = simd_find_top_k(&cue, &memory, 2);
/// assert_eq!(found[0], (7, 1.0));
/// assert_eq!(simd_find_top_k(&cue, &memory[..1], 2).len(), 1);
/// ```
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
/// ```
/// use hv_simd::{HV16, simd_batch_find_most_similar_into};
///
/// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// let mut found = [None; 2];
/// simd_batch_find_most_similar_into(&memory[7..9], &memory, &mut found);
/// assert_eq!(found, [Some((7, 1.0)), Some((8, 1.0))]);
/// ```
///
/// # Panics
///
/// If `out` is not as long as `queries`, or if `HV_BACKEND` is wrong, see [`init`](crate::init).
pub fn simd_batch_find_most_similar_into(queries: &[HV16], memory: &[HV16], out: &mut [Option<(usize, f32)>]) {
    Kernels::active().batch_find_most_similar_into(queries, memory, out);
}

/// [`simd_find_top_k`] for many queries, in one pass over the memory for each hundred or more of them, on one thread.
///
/// ```
/// use hv_simd::{HV16, simd_batch_find_top_k};
///
/// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// let found = simd_batch_find_top_k(&memory[7..9], &memory, 3);
/// assert_eq!((found[0].len(), found[0][0], found[1][0]), (3, (7, 1.0), (8, 1.0)));
/// ```
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`](crate::init).
#[cfg(feature = "alloc")]
#[must_use]
pub fn simd_batch_find_top_k(queries: &[HV16], memory: &[HV16], k: usize) -> Vec<Vec<(usize, f32)>> {
    Kernels::active().batch_find_top_k(queries, memory, k)
}
