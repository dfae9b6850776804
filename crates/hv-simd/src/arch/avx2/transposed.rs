//! Many queries on 256-bit lanes, see [`transposed`](crate::arch::transposed).

use std::arch::x86_64::*;

use crate::lanes::{m256, m256_numbers, m256_numbers_mut, m256_words};

transposed!(
    #[target_feature(enable = "avx2,popcnt")]
    __m256i,
    least: 12,
    step: 2,
    m256,
    m256_words,
    m256_numbers,
    m256_numbers_mut,
    transpose_words,
    _mm256_set1_epi64x,
    _mm256_xor_si256,
    _mm256_and_si256,
    _mm256_add_epi64,
    _mm256_sll_epi64,
    _mm256_srl_epi64,
    pair,
    double_add,
    add,
    below
);

#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn transpose_words([a, b, c, d]: [__m256i; 4]) -> [__m256i; 4] {
    let (ab_even, ab_odd) = (_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    let (cd_even, cd_odd) = (_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
    [
        _mm256_permute2x128_si256::<0x20>(ab_even, cd_even),
        _mm256_permute2x128_si256::<0x20>(ab_odd, cd_odd),
        _mm256_permute2x128_si256::<0x31>(ab_even, cd_even),
        _mm256_permute2x128_si256::<0x31>(ab_odd, cd_odd),
    ]
}

adders_of_pairs!(
    #[target_feature(enable = "avx2,popcnt")]
    __m256i,
    _mm256_xor_si256,
    _mm256_or_si256,
    _mm256_andnot_si256
);

#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn below(numbers: &__m256i, bound: u16) -> u32 {
    let below = _mm256_cmpgt_epi16(_mm256_set1_epi16(bound as i16), *numbers);
    // A byte for each.
    let bytes = _mm_packs_epi16(_mm256_castsi256_si128(below), _mm256_extracti128_si256::<1>(below));
    _mm_movemask_epi8(bytes) as u32
}
