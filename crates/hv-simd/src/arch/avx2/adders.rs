//! Adding bits, on 256-bit lanes.

use std::arch::x86_64::*;

#[inline]
#[target_feature(enable = "avx2,popcnt")]
pub(crate) fn full_add(a: __m256i, b: __m256i, c: __m256i) -> (__m256i, __m256i) {
    let partial = _mm256_xor_si256(a, b);
    let carry = _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(partial, c));
    (_mm256_xor_si256(partial, c), carry)
}

/// The number of ones in each byte, times `weight`.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
pub(crate) fn count_bytes(x: __m256i, weight: i8) -> __m256i {
    let [a, b, c, d] = [weight, 2 * weight, 3 * weight, 4 * weight];
    let table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, a, a, b, a, b, b, c, a, b, b, c, b, c, c, d));
    let nibble = _mm256_set1_epi8(0x0f);
    let low = _mm256_shuffle_epi8(table, _mm256_and_si256(x, nibble));
    let high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi64::<4>(x), nibble));
    _mm256_add_epi8(low, high)
}
