//! The table of this backend, with the kernels that are the same text on every one.

use std::arch::x86_64::*;

use hv_core::HV16;

use super::adders::full_add;
use super::counting::{distances_into, hamming, scan_lines, scan_tile, similarity};
use super::transposed;
use crate::arch::words;
use crate::backend::Backend;
use crate::kernels::Kernels;
use crate::lanes::{m128, m128_mut};

#[target_feature(enable = "sse2")]
pub(crate) fn table() -> Kernels {
    Kernels {
        backend: Backend::Sse2,
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

word_kernels!(#[target_feature(enable = "sse2")]);

bit_sliced!(
    #[target_feature(enable = "sse2")]
    __m128i,
    m128,
    m128_mut,
    load_pair!(m128),
    1,
    _mm_setzero_si128(),
    _mm_xor_si128,
    _mm_and_si128,
    _mm_or_si128,
    full_add,
    up
);

/// The bits of a vector so many places up, given a lane and the one before.
#[inline]
#[target_feature(enable = "sse2")]
fn up<const BITS: i32>(lane: __m128i, before: __m128i) -> __m128i {
    let before = _mm_or_si128(_mm_slli_si128::<8>(lane), _mm_srli_si128::<8>(before));
    let bits = |n| _mm_cvtsi32_si128(n);
    _mm_or_si128(_mm_sll_epi64(lane, bits(BITS)), _mm_srl_epi64(before, bits(64 - BITS)))
}
