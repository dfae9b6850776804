//! Many queries on 256-bit lanes, see [`transposed`](crate::arch::transposed).

use std::arch::x86_64::*;

use crate::lanes::{m256_numbers, m256_numbers_mut, m256_words};

transposition!(
    #[target_feature(enable = "avx2,popcnt")]
    __m256i,
    join,
    _mm256_unpacklo_epi8,
    _mm256_unpackhi_epi8,
    _mm256_set1_epi64x,
    _mm256_xor_si256,
    _mm256_and_si256,
    _mm256_sll_epi64,
    _mm256_srl_epi64
);

reading!(
    #[target_feature(enable = "avx2,popcnt")]
    __m256i,
    m256_words,
    m256_numbers,
    m256_numbers_mut,
    _mm256_xor_si256,
    _mm256_and_si256,
    below
);

pairs!(
    #[target_feature(enable = "avx2,popcnt")]
    __m256i,
    _mm256_xor_si256,
    _mm256_and_si256,
    _mm256_or_si256,
    _mm256_andnot_si256,
    _mm256_add_epi64
);

transposed!(
    #[target_feature(enable = "avx2,popcnt")]
    __m256i,
    least: 11
);

#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn join([a, b]: [__m128i; 2]) -> __m256i {
    _mm256_set_m128i(b, a)
}

#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn below(numbers: &__m256i, bound: u16) -> u32 {
    let below = _mm256_cmpgt_epi16(_mm256_set1_epi16(bound as i16), *numbers);
    // A byte for each.
    let bytes = _mm_packs_epi16(_mm256_castsi256_si128(below), _mm256_extracti128_si256::<1>(below));
    _mm_movemask_epi8(bytes) as u32
}
