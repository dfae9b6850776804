//! The specification: each operation in its most obvious form, too simple to be wrong.
//!
//! Everything faster, in `hv-simd` and above, is tested against these functions bit for bit. They are slow on
//! purpose; call `hv-simd` in programs.

use alloc::vec::Vec;

use crate::hv16::HV16;

/// The Hamming distance: the number of differing bits, 0 to 2,048.
#[must_use]
pub fn hamming(a: &HV16, b: &HV16) -> u32 {
    (0..HV16::DIM).filter(|&i| a.bit(i) != b.bit(i)).count() as u32
}

/// The similarity `1 - distance / 2048`, 0 to 1. Exact, because 2,048 is a power of two.
#[must_use]
pub fn similarity(a: &HV16, b: &HV16) -> f32 {
    1.0 - hamming(a, b) as f32 / 2048.0
}

/// The rotation that moves bit `i` to bit `(i + n) mod 2048`.
#[must_use]
pub fn permute(v: &HV16, n: i32) -> HV16 {
    let mut out = HV16::ZERO;
    for i in 0..HV16::DIM {
        let target = (i as i64 + i64::from(n)).rem_euclid(HV16::DIM as i64);
        out.set_bit(target as usize, v.bit(i));
    }
    out
}

/// The bitwise majority of `n` vectors, or `None` of none.
///
/// With `c_i` the number of vectors whose bit `i` is 1, bit `i` of the result is 1 where `2 c_i > n` and 0 where
/// `2 c_i < n`. On a tie it is `(c_{i-1} & 1) XOR [2 c_{i-2} > n]`, indices modulo 2,048: the parity of the left
/// neighbour's count, flipped where the next one has a clear majority of ones. The result depends on neither
/// order nor grouping, commutes with [`permute`], and ties fall evenly to 0 and 1.
#[must_use]
pub fn bundle(vectors: &[HV16]) -> Option<HV16> {
    if vectors.is_empty() {
        return None;
    }
    let n = vectors.len();
    let count = |i: usize| vectors.iter().filter(|v| v.bit(i)).count();
    let left = |i: usize, by: usize| (i + HV16::DIM - by) % HV16::DIM;
    let mut out = HV16::ZERO;
    for i in 0..HV16::DIM {
        let twice = 2 * count(i);
        let tie = (count(left(i, 1)) % 2 == 1) != (2 * count(left(i, 2)) > n);
        out.set_bit(i, twice > n || twice == n && tie);
    }
    Some(out)
}

/// The `k` nearest of `memory` as `(index, similarity)`: by distance, then by lower index.
///
/// Fewer than `k` where there are fewer; none for `k = 0` or an empty memory.
#[must_use]
pub fn find_top_k(query: &HV16, memory: &[HV16], k: usize) -> Vec<(usize, f32)> {
    let mut ranked: Vec<(u32, usize)> = memory.iter().enumerate().map(|(i, v)| (hamming(query, v), i)).collect();
    ranked.sort_unstable();
    ranked.truncate(k);
    ranked.into_iter().map(|(_, i)| (i, similarity(query, &memory[i]))).collect()
}

/// The Tanimoto score: the ones that both have, of those that one of them has; 1 for two vectors without a one.
#[must_use]
pub fn tanimoto(a: &HV16, b: &HV16) -> f64 {
    let (both, either) = tanimoto_fraction(a, b);
    if either == 0 { 1.0 } else { f64::from(both) / f64::from(either) }
}

fn tanimoto_fraction(a: &HV16, b: &HV16) -> (u32, u32) {
    let count = |of: fn(bool, bool) -> bool| (0..HV16::DIM).filter(|&i| of(a.bit(i), b.bit(i))).count() as u32;
    (count(|a, b| a && b), count(|a, b| a || b))
}

/// The `k` vectors of `memory` with the best Tanimoto scores as `(index, score)`: by the fraction, compared exactly, then
/// by lower index.
///
/// Fewer than `k` where there are fewer; none for `k = 0` or an empty memory.
#[must_use]
pub fn find_top_k_tanimoto(query: &HV16, memory: &[HV16], k: usize) -> Vec<(usize, f64)> {
    let fraction = |(i, v)| match tanimoto_fraction(query, v) {
        (_, 0) => (1, 1, i),
        (both, either) => (both, either, i),
    };
    let mut ranked: Vec<(u32, u32, usize)> = memory.iter().enumerate().map(fraction).collect();
    ranked.sort_by(|(a, b, _), (c, d, _)| (c * b).cmp(&(a * d)));
    ranked.truncate(k);
    ranked.into_iter().map(|(both, either, i)| (i, f64::from(both) / f64::from(either))).collect()
}
