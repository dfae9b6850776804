//! The table of this backend, with the kernels that are the same text on every one.

use std::arch::x86_64::*;

use hv_core::HV16;

use super::adders::full_add;
use super::counting::{distances_into, hamming, scan_lines, scan_tile, similarity};
use super::transposed;
use crate::arch::words;
use crate::backend::Backend;
use crate::kernels::Kernels;
use crate::lanes::{load_pair, m512, m512_mut};

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
pub(crate) fn table() -> Kernels {
    Kernels {
        backend: Backend::Avx512,
        bind_into,
        bind_pairs_into,
        hamming,
        similarity,
        distances_into,
        scan_tile,
        many: Some(transposed::many()),
        scan_lines,
        permute,
        accumulate,
        majority,
        bundle,
    }
}

word_kernels!(#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]);

bit_sliced!(
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
    __m512i,
    m512,
    m512_mut,
    load_pair,
    2,
    _mm512_setzero_si512(),
    _mm512_xor_si512,
    _mm512_and_si512,
    _mm512_or_si512,
    full_add,
    up
);

/// The bits of a vector so many places up, given a lane and the one before.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn up<const BITS: i32>(lane: __m512i, before: __m512i) -> __m512i {
    let before = _mm512_alignr_epi64::<7>(lane, before);
    let bits = |n| _mm_cvtsi32_si128(n);
    _mm512_or_si512(_mm512_sll_epi64(lane, bits(BITS)), _mm512_srl_epi64(before, bits(64 - BITS)))
}
