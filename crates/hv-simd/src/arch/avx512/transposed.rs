//! Many queries on 512-bit lanes, see [`transposed`](crate::arch::transposed).

use std::arch::x86_64::*;

use super::full_add;
use crate::lanes::{m512_numbers, m512_numbers_mut, m512_words};

transposition!(
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
    __m512i,
    join,
    _mm512_unpacklo_epi8,
    _mm512_unpackhi_epi8,
    _mm512_set1_epi64,
    _mm512_xor_si512,
    _mm512_and_si512,
    _mm512_sll_epi64,
    _mm512_srl_epi64
);

reading!(
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
    __m512i,
    m512_words,
    m512_numbers,
    m512_numbers_mut,
    _mm512_xor_si512,
    _mm512_and_si512,
    below
);

transposed!(
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
    __m512i,
    least: 32,
    step: 1,
    _mm512_xor_si512,
    _mm512_and_si512,
    _mm512_add_epi64,
    pair,
    double_add,
    add
);

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn join([a, b, c, d]: [__m128i; 4]) -> __m512i {
    _mm512_inserti64x4::<1>(_mm512_castsi256_si512(_mm256_set_m128i(b, a)), _mm256_set_m128i(d, c))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn pair(a: __m512i, b: __m512i) -> (__m512i, __m512i) {
    (a, b)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn double_add(sum: &mut __m512i, p: (__m512i, __m512i), q: (__m512i, __m512i)) -> (__m512i, __m512i) {
    (add(sum, p), add(sum, q))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn add(sum: &mut __m512i, (a, b): (__m512i, __m512i)) -> __m512i {
    let (total, carry) = full_add(*sum, a, b);
    *sum = total;
    carry
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn below(numbers: &__m512i, bound: u16) -> u32 {
    _mm512_cmplt_epu16_mask(*numbers, _mm512_set1_epi16(bound as i16))
}
