//! Distances by counting the differing bits of each pair, on 256-bit lanes.
//!
//! Mix for a distance: seven lanes go through 4 full adders of five operations, which leave three (carry-save), and
//! those and the eighth are counted by nibble lookups (Muła, Kurz, Lemire, "Faster population counts using AVX2
//! instructions", Computer Journal 61, 2018): two shuffles, three masks and shifts and an add each, the weights in the
//! tables. With the xors and a sixteenth of one horizontal reduction that is some 60 vector operations, and their number
//! is the bound. Without carry-save it is 72. docs/tuning.md has the cycles.
//! POPCNT for the eighth lane, on ports that are idle otherwise, was slower by a quarter: with its loads and additions
//! it is 12 operations in place of 8, and a pair's then fill the reorder buffer too soon.
//!
//! Many queries go another way, which counts no bits: see [`transposed`](crate::arch::transposed).

use core::arch::x86_64::*;

use hv_core::HV16;

use super::lanes::{Avx2, Vector, VectorPrefix, count_bytes};
use crate::arch::lane::Lane;
use crate::bound::Bound;
use crate::lanes::{self, AHEAD, view};
use crate::prefix::Prefix;
use crate::report::{OnMatch, OnPrefix, report_below, report_prefixes_below};

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn hamming(a: &HV16, b: &HV16) -> u32 {
    _mm_cvtsi128_si32(total(differing(a, b))) as u32
}

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn similarity(a: &HV16, b: &HV16) -> f32 {
    // Not by way of a whole number in another register file, which a caller who waits would wait for.
    1.0 - _mm_cvtss_f32(_mm_cvtepi32_ps(total(differing(a, b)))) / HV16::DIM as f32
}

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn distances_into<const AHEAD: usize>(query: &HV16, targets: &[HV16], out: &mut [u16]) {
    each_block::<_, AHEAD>(
        targets,
        |v| differing(query, v),
        |first, distances| {
            let (out, distances) = (&mut out[first..], to_array(distances));
            match out.first_chunk_mut() {
                Some(out) => *out = distances,
                None => out.copy_from_slice(&distances[..out.len()]),
            }
        },
    );
}

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn scan_tile(queries: &[HV16], memory: &[HV16], first: usize, bounds: &mut [Bound], report: OnMatch<'_>) {
    for (q, (query, bound)) in queries.iter().zip(bounds).enumerate() {
        let sums_of = |v: &HV16| differing(query, v);
        scan(memory, bound, sums_of, |distances, i, bound| report_below(distances, q, first + i, bound, report));
    }
}

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn scan_prefixes(query: &Prefix, plane: &[Prefix], first: usize, bound: &mut Bound, report: OnPrefix<'_>) {
    let sums_of = |prefix: &Prefix| prefix_sums(query, prefix);
    scan(plane, bound, sums_of, |distances, i, bound| report_prefixes_below(distances, first + i, bound, report));
}

/// Calls `report` with the distances of each block in which one is below the bound, the block's place, and the bound.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn scan<T>(
    items: &[T],
    bound: &mut Bound,
    sums_of: impl Fn(&T) -> __m256i,
    mut report: impl FnMut(&[u16], usize, &mut Bound),
) {
    let mut limit = _mm256_set1_epi16(bound.limit() as i16);
    each_block::<_, AHEAD>(items, sums_of, |i, distances| {
        // Bounds and distances, also [`FAR`], are positive, so the signed comparison serves.
        if _mm256_movemask_epi8(_mm256_cmpgt_epi16(limit, distances)) != 0 {
            report(&to_array(distances), i, bound);
            limit = _mm256_set1_epi16(bound.limit() as i16);
        }
    });
}

/// Calls `f` with the place and the distances of each 16 items, given their partial sums. Behind the last item the
/// distances are [`FAR`].
///
/// The sums go through memory, which leaves the registers to `sums_of`: held in them, they and the query were spilled.
/// Generic, so that each caller has the loop to itself.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn each_block<T, const AHEAD: usize>(items: &[T], sums_of: impl Fn(&T) -> __m256i, mut f: impl FnMut(usize, __m256i)) {
    let mut sums = [_mm256_setzero_si256(); 16];
    for (i, items) in items.chunks(16).enumerate() {
        for (sums, item) in sums.iter_mut().zip(items) {
            lanes::fetch_bytes_ahead::<AHEAD, _>(item);
            *sums = sums_of(item);
        }
        sums[items.len()..].fill(_mm256_setr_epi64x(FAR, 0, 0, 0));
        f(i * 16, sum_sixteen(&sums));
    }
}

/// Farther than any bound.
const FAR: i64 = i16::MAX as i64;

/// The number of differing bits of two prefixes, as four partial sums.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn prefix_sums(a: &Prefix, b: &Prefix) -> __m256i {
    let (a, b) = (view::<_, VectorPrefix>(a), view::<_, VectorPrefix>(b));
    let count = |i: usize| count_bytes(_mm256_xor_si256(a[i], b[i]), 1);
    _mm256_sad_epu8(_mm256_add_epi8(count(0), count(1)), _mm256_setzero_si256())
}

#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn to_array(distances: __m256i) -> [u16; 16] {
    lanes::whole(distances)
}

/// The differing bits of a query and some vectors as one total, which benchmarks compare the kernels with.
#[target_feature(enable = "avx2,popcnt")]
pub(super) fn xor_popcount(query: &HV16, vectors: &[HV16]) -> u64 {
    let mut sums = _mm256_setzero_si256();
    for v in vectors {
        sums = _mm256_add_epi64(sums, differing(query, v));
    }
    lanes::numbers(&sums).iter().sum()
}

/// The number of differing bits, as four partial sums.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn differing(a: &HV16, b: &HV16) -> __m256i {
    let l = Avx2::new();
    let (a, b) = (view::<_, Vector>(a), view::<_, Vector>(b));
    let x = |i: usize| _mm256_xor_si256(a[i], b[i]);
    let (sum, twos_a) = l.full_add(x(0), x(1), x(2));
    let (sum, twos_b) = l.full_add(sum, x(3), x(4));
    let (ones, twos_c) = l.full_add(sum, x(5), x(6));
    let (twos, fours) = l.full_add(twos_a, twos_b, twos_c);
    // At most 8 + 8 + 16 + 32 in a byte.
    let single = _mm256_add_epi8(count_bytes(ones, 1), count_bytes(x(7), 1));
    let multiple = _mm256_add_epi8(count_bytes(twos, 2), count_bytes(fours, 4));
    _mm256_sad_epu8(_mm256_add_epi8(single, multiple), _mm256_setzero_si256())
}

/// The total of four partial sums, in the lowest place.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn total(x: __m256i) -> __m128i {
    let two = _mm_add_epi64(_mm256_castsi256_si128(x), _mm256_extracti128_si256::<1>(x));
    _mm_add_epi64(two, _mm_shuffle_epi32::<_MM_PERM_BADC>(two))
}

/// The totals of sixteen times four partial sums, in order.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn sum_sixteen(sums: &[__m256i; 16]) -> __m256i {
    let [a, b, c, d] =
        core::array::from_fn(|i| beside([sums[4 * i], sums[4 * i + 1], sums[4 * i + 2], sums[4 * i + 3]]));
    let halves = |x, y| _mm256_add_epi64(_mm256_unpacklo_epi64(x, y), _mm256_unpackhi_epi64(x, y));
    let (ab, cd) = (halves(a, b), halves(c, d));
    _mm256_add_epi64(_mm256_permute2x128_si256::<0x20>(ab, cd), _mm256_permute2x128_si256::<0x31>(ab, cd))
}

/// Lays four sets of partial sums side by side: they and their totals fit in 16 bits.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn beside([a, b, c, d]: [__m256i; 4]) -> __m256i {
    let low = _mm256_or_si256(a, _mm256_slli_epi64::<16>(b));
    let high = _mm256_or_si256(_mm256_slli_epi64::<32>(c), _mm256_slli_epi64::<48>(d));
    _mm256_or_si256(low, high)
}
