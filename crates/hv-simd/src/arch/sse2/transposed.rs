//! Many queries on 128-bit lanes, see [`transposed`](crate::arch::transposed).

use std::arch::x86_64::*;

use crate::lanes::{m128_numbers, m128_numbers_mut, m128_words};

transposition!(
    #[target_feature(enable = "sse2")]
    __m128i,
    join,
    _mm_unpacklo_epi8,
    _mm_unpackhi_epi8,
    _mm_set1_epi64x,
    _mm_xor_si128,
    _mm_and_si128,
    _mm_sll_epi64,
    _mm_srl_epi64
);

reading!(
    #[target_feature(enable = "sse2")]
    __m128i,
    m128_words,
    m128_numbers,
    m128_numbers_mut,
    _mm_xor_si128,
    _mm_and_si128,
    below
);

pairs!(
    #[target_feature(enable = "sse2")]
    __m128i,
    _mm_xor_si128,
    _mm_and_si128,
    _mm_or_si128,
    _mm_andnot_si128,
    _mm_add_epi64
);

transposed!(
    #[target_feature(enable = "sse2")]
    __m128i,
    least: 7
);

#[inline]
#[target_feature(enable = "sse2")]
fn join([a]: [__m128i; 1]) -> __m128i {
    a
}

#[inline]
#[target_feature(enable = "sse2")]
fn below(numbers: &__m128i, bound: u16) -> u32 {
    let below = _mm_cmplt_epi16(*numbers, _mm_set1_epi16(bound as i16));
    // A byte for each.
    _mm_movemask_epi8(_mm_packs_epi16(below, _mm_setzero_si128())) as u32
}
