//! Many queries on 512-bit lanes, see [`transposed`](crate::arch::transposed).

use std::arch::x86_64::*;

use super::full_add;
use crate::lanes::{m512, m512_numbers, m512_numbers_mut, m512_words};

transposed!(
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
    __m512i,
    least: 32,
    step: 1,
    m512,
    m512_words,
    m512_numbers,
    m512_numbers_mut,
    transpose_words,
    _mm512_set1_epi64,
    _mm512_xor_si512,
    _mm512_and_si512,
    _mm512_add_epi64,
    _mm512_sll_epi64,
    _mm512_srl_epi64,
    pair,
    double_add,
    add,
    below
);

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn transpose_words(rows: [__m512i; 8]) -> [__m512i; 8] {
    let pairs = rows.as_chunks::<2>().0;
    let [a, c, e, g] = quarters(array::from_fn(|i| _mm512_unpacklo_epi64(pairs[i][0], pairs[i][1])));
    let [b, d, f, h] = quarters(array::from_fn(|i| _mm512_unpackhi_epi64(pairs[i][0], pairs[i][1])));
    [a, b, c, d, e, f, g, h]
}

/// Transposes quarters.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn quarters([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
    let (ab_even, ab_odd) = (_mm512_shuffle_i64x2::<0x88>(a, b), _mm512_shuffle_i64x2::<0xdd>(a, b));
    let (cd_even, cd_odd) = (_mm512_shuffle_i64x2::<0x88>(c, d), _mm512_shuffle_i64x2::<0xdd>(c, d));
    [
        _mm512_shuffle_i64x2::<0x88>(ab_even, cd_even),
        _mm512_shuffle_i64x2::<0x88>(ab_odd, cd_odd),
        _mm512_shuffle_i64x2::<0xdd>(ab_even, cd_even),
        _mm512_shuffle_i64x2::<0xdd>(ab_odd, cd_odd),
    ]
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
