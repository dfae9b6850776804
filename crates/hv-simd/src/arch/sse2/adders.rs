//! Adding bits, on 128-bit lanes.

use std::arch::x86_64::*;

#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn full_add(a: __m128i, b: __m128i, c: __m128i) -> (__m128i, __m128i) {
    let partial = _mm_xor_si128(a, b);
    let carry = _mm_or_si128(_mm_and_si128(a, b), _mm_and_si128(partial, c));
    (_mm_xor_si128(partial, c), carry)
}

/// The number of ones in each byte: neighbouring bits are added, then pairs, then nibbles (Warren, section 5-1).
#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn count_bytes(x: __m128i) -> __m128i {
    let x = _mm_sub_epi8(x, _mm_and_si128(_mm_srli_epi64::<1>(x), _mm_set1_epi8(0x55)));
    let pairs = _mm_set1_epi8(0x33);
    let x = _mm_add_epi8(_mm_and_si128(x, pairs), _mm_and_si128(_mm_srli_epi64::<2>(x), pairs));
    _mm_and_si128(_mm_add_epi8(x, _mm_srli_epi64::<4>(x)), _mm_set1_epi8(0x0f))
}
