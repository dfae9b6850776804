//! The table of this backend, with the kernels that are the same text on every one.

use std::arch::x86_64::*;

use hv_core::HV16;

use super::adders::full_add;
use super::counting::{distances_into, hamming, scan_lines, scan_tile, similarity};
use super::transposed;
use crate::arch::words;
use crate::backend::Backend;
use crate::kernels::Kernels;
use crate::lanes::{m256, m256_mut};

#[target_feature(enable = "avx2,popcnt")]
pub(crate) fn table() -> Kernels {
    Kernels {
        backend: Backend::Avx2,
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

word_kernels!(#[target_feature(enable = "avx2,popcnt")]);

bit_sliced!(
    #[target_feature(enable = "avx2,popcnt")]
    __m256i,
    m256,
    m256_mut,
    load_pair!(m256),
    1,
    _mm256_setzero_si256(),
    _mm256_xor_si256,
    _mm256_and_si256,
    _mm256_or_si256,
    full_add,
    up
);

/// The bits of a vector so many places up, given a lane and the one before.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn up<const BITS: i32>(lane: __m256i, before: __m256i) -> __m256i {
    let middle = _mm256_permute2x128_si256::<0x21>(before, lane);
    let before = _mm256_alignr_epi8::<8>(lane, middle);
    let bits = |n| _mm_cvtsi32_si128(n);
    _mm256_or_si256(_mm256_sll_epi64(lane, bits(BITS)), _mm256_srl_epi64(before, bits(64 - BITS)))
}
