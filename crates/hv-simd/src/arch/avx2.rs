//! 256-bit lanes.
//!
//! Mix for a distance: seven lanes go through 4 full adders of five operations, which leave three (carry-save), and
//! those and the eighth are counted by nibble lookups (Muła, Kurz, Lemire, "Faster population counts using AVX2
//! instructions", Computer Journal 61, 2018): two shuffles, three masks and shifts and an add each, the weights in the
//! tables. With the xors and a quarter of one horizontal reduction that is some 60 vector operations, and their number
//! is the bound: 17 cycles on Zen 3, where 3.7 start in a cycle at best. Without carry-save it is 72 and 20 cycles.
//! POPCNT for the eighth lane, on ports that are idle otherwise, was slower by a quarter: with its loads and additions
//! it is 12 operations in place of 8, and a pair's then fill the reorder buffer too soon.
//!
//! Many queries go another way, which counts no bits: see [`nibbles`].

mod nibbles;

use std::arch::x86_64::*;

use hv_core::HV16;

use super::words;
use crate::lanes::{m256, m256_line, m256_mut};
use crate::lines::report_lines_below;
use crate::scan::{Report, report_below};
use crate::{Backend, Kernels, Line, LineReport};

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn table() -> Kernels {
    Kernels {
        backend: Backend::Avx2,
        bind_into,
        bind_pairs_into,
        hamming,
        distances_into,
        scan_tile,
        scan_lines,
        permute,
        accumulate,
        majority,
        bundle_few,
    }
}

word_kernels!(#[target_feature(enable = "avx2,popcnt")]);

bit_sliced!(
    #[target_feature(enable = "avx2,popcnt")]
    __m256i,
    m256,
    m256_mut,
    _mm256_setzero_si256(),
    _mm256_xor_si256,
    _mm256_and_si256,
    _mm256_or_si256,
    full_add
);

#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn full_add(a: __m256i, b: __m256i, c: __m256i) -> (__m256i, __m256i) {
    let partial = _mm256_xor_si256(a, b);
    let carry = _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(partial, c));
    (_mm256_xor_si256(partial, c), carry)
}

#[target_feature(enable = "avx2,popcnt")]
fn hamming(a: &HV16, b: &HV16) -> u32 {
    sum(differing(a, b))
}

#[target_feature(enable = "avx2,popcnt")]
fn distances_into(query: &HV16, targets: &[HV16], out: &mut [u16]) {
    let (blocks, rest) = targets.as_chunks::<4>();
    let (out_blocks, out_rest) = out.as_chunks_mut::<4>();
    each_distances(query, blocks, |i, distances| out_blocks[i] = to_array(distances));
    for (target, out) in rest.iter().zip(out_rest) {
        *out = hamming(query, target) as u16;
    }
}

#[target_feature(enable = "avx2,popcnt")]
fn scan_tile(queries: &[HV16], memory: &[HV16], first: usize, bounds: &mut [u16], report: Report<'_>) {
    if let Ok(tile) = memory.try_into()
        && queries.len() >= nibbles::MIN_QUERIES
    {
        return nibbles::scan(queries, tile, first, bounds, report);
    }
    let (blocks, rest) = memory.as_chunks::<4>();
    for (q, (query, bound)) in queries.iter().zip(bounds).enumerate() {
        let mut limit = _mm_set1_epi16(*bound as i16);
        each_distances(query, blocks, |i, distances| {
            // Distances and bounds are at most 2,049, so the signed comparison serves.
            if _mm_cvtsi128_si64(_mm_cmplt_epi16(distances, limit)) != 0 {
                report_below(&to_array(distances), q, first + i * 4, bound, report);
                limit = _mm_set1_epi16(*bound as i16);
            }
        });
        for (i, v) in rest.iter().enumerate() {
            let distance = hamming(query, v) as u16;
            if distance < *bound {
                report_below(&[distance], q, first + blocks.len() * 4 + i, bound, report);
            }
        }
    }
}

/// Calls `f` with the place of each block and its distances, in the low half. Generic, so that each caller has the loop
/// to itself; in a function for one block the query would be spilled every time.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn each_distances(query: &HV16, blocks: &[[HV16; 4]], mut f: impl FnMut(usize, __m128i)) {
    for (i, block) in blocks.iter().enumerate() {
        f(i, sum_four(std::array::from_fn(|i| differing(query, &block[i]))));
    }
}

#[target_feature(enable = "avx2,popcnt")]
fn scan_lines(query: &Line, plane: &[Line], first: usize, bound: &mut u16, report: LineReport<'_>) {
    let (blocks, rest) = plane.as_chunks::<4>();
    let mut limit = _mm_set1_epi16(*bound as i16);
    for (i, block) in blocks.iter().enumerate() {
        let distances = sum_four(std::array::from_fn(|i| line_sums(query, &block[i])));
        if _mm_cvtsi128_si64(_mm_cmplt_epi16(distances, limit)) != 0 {
            report_lines_below(&to_array(distances), first + i * 4, bound, report);
            limit = _mm_set1_epi16(*bound as i16);
        }
    }
    for (i, line) in rest.iter().enumerate() {
        let distance = sum(line_sums(query, line)) as u16;
        if distance < *bound {
            report_lines_below(&[distance], first + blocks.len() * 4 + i, bound, report);
        }
    }
}

/// The number of differing bits of two lines, as four partial sums.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn line_sums(a: &Line, b: &Line) -> __m256i {
    let (a, b) = (m256_line(a), m256_line(b));
    let count = |i: usize| count_bytes(_mm256_xor_si256(a[i], b[i]), 1);
    _mm256_sad_epu8(_mm256_add_epi8(count(0), count(1)), _mm256_setzero_si256())
}

/// The low four.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn to_array(x: __m128i) -> [u16; 4] {
    let low = _mm_cvtsi128_si64(x) as u64;
    std::array::from_fn(|i| (low >> (16 * i)) as u16)
}

/// The number of differing bits, as four partial sums.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn differing(a: &HV16, b: &HV16) -> __m256i {
    let (a, b) = (m256(a), m256(b));
    let x = |i: usize| _mm256_xor_si256(a[i], b[i]);
    let (sum, twos_a) = full_add(x(0), x(1), x(2));
    let (sum, twos_b) = full_add(sum, x(3), x(4));
    let (ones, twos_c) = full_add(sum, x(5), x(6));
    let (twos, fours) = full_add(twos_a, twos_b, twos_c);
    // At most 8 + 8 + 16 + 32 in a byte.
    let single = _mm256_add_epi8(count_bytes(ones, 1), count_bytes(x(7), 1));
    let multiple = _mm256_add_epi8(count_bytes(twos, 2), count_bytes(fours, 4));
    _mm256_sad_epu8(_mm256_add_epi8(single, multiple), _mm256_setzero_si256())
}

/// The number of ones in each byte, times `weight`.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn count_bytes(x: __m256i, weight: i8) -> __m256i {
    let [a, b, c, d] = [weight, 2 * weight, 3 * weight, 4 * weight];
    let table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, a, a, b, a, b, b, c, a, b, b, c, b, c, c, d));
    let nibble = _mm256_set1_epi8(0x0f);
    let low = _mm256_shuffle_epi8(table, _mm256_and_si256(x, nibble));
    let high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi64::<4>(x), nibble));
    _mm256_add_epi8(low, high)
}

/// The total of four partial sums.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn sum(x: __m256i) -> u32 {
    let two = _mm_add_epi64(_mm256_castsi256_si128(x), _mm256_extracti128_si256::<1>(x));
    (_mm_cvtsi128_si32(two) + _mm_extract_epi16::<4>(two)) as u32
}

/// The totals of four times four partial sums, as four `u16` in the low half. Partial sums and totals fit in 16
/// bits, so those of four vectors lie side by side in the 64 bits of one.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn sum_four([a, b, c, d]: [__m256i; 4]) -> __m128i {
    let low = _mm256_or_si256(a, _mm256_slli_epi64::<16>(b));
    let high = _mm256_or_si256(_mm256_slli_epi64::<32>(c), _mm256_slli_epi64::<48>(d));
    let packed = _mm256_or_si256(low, high);
    let two = _mm_add_epi64(_mm256_castsi256_si128(packed), _mm256_extracti128_si256::<1>(packed));
    _mm_add_epi64(two, _mm_unpackhi_epi64(two, two))
}
