//! Kernels that are the same text on every backend: simple loops over 64-bit words within one vector, which the
//! compiler turns into whatever lanes its caller's features allow.

use hv_core::HV16;

use crate::lanes::{words, words_mut};

/// `out[i] = vectors[i] ^ key`.
#[inline(always)]
pub(super) fn bind_into(vectors: &[HV16], key: &HV16, out: &mut [HV16]) {
    for (out, v) in out.iter_mut().zip(vectors) {
        *out = v ^ key;
    }
}

/// `out[i] = a[i] ^ b[i]`.
#[inline(always)]
pub(super) fn bind_pairs_into(a: &[HV16], b: &[HV16], out: &mut [HV16]) {
    for (out, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *out = a ^ b;
    }
}

/// The rotation, as a window on the vector laid twice end to end.
#[inline(always)]
pub(super) fn permute(v: &HV16, n: i32) -> HV16 {
    const WORDS: usize = HV16::DIM / 64;
    let n = n.rem_euclid(HV16::DIM as i32) as usize;
    let bits = n % 64;
    let mut twice = [0u64; 2 * WORDS];
    let (first, second) = twice.split_at_mut(WORDS);
    for ((first, second), word) in first.iter_mut().zip(second).zip(words(v)) {
        (*first, *second) = (word.to_le(), word.to_le());
    }
    // Word j of the result takes word j - n/64 and, for the bits shifted in, the one before it.
    let window = &twice[WORDS - n / 64 - 1..][..WORDS + 1];
    let mut out = HV16::ZERO;
    for (word, pair) in words_mut(&mut out).iter_mut().zip(window.windows(2)) {
        // `>> 1 >> (63 - bits)` is `>> (64 - bits)` that is also defined, and 0, for bits = 0.
        *word = (pair[1] << bits | pair[0] >> 1 >> (63 - bits)).to_le();
    }
    out
}
