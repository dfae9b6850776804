//! Distances by counting the differing bits of each pair, on 512-bit lanes.
//!
//! Mix for a distance: 4 xors, 4 population counts, 3 adds, and a sixteenth of one horizontal reduction: partial
//! sums of four vectors lie side by side in 16 bits each, and four such registers are folded together, so that 16
//! pairs cost 12 shifts, 8 ors and 11 shuffles and adds. In L1 it is bound by the population count where that starts one
//! register of 512 bits a cycle (Zen 4, Ice Lake), and by the number of operations where it starts two of four (Zen 5).
//! In L2 and beyond it is bound by the reads, if memory is fetched ahead. docs/tuning.md has the cycles.
//!
//! Several queries go in a register tile of 4 queries x 4 vectors: the queries' 16 registers stay, each lane of a
//! vector is loaded once for all four: 13 operations a pair. One query goes over 16 vectors at a
//! time through the same reduction. Many queries go another way, which counts no bits: see [`transposed`](crate::arch::transposed).

use core::arch::x86_64::*;

use hv_core::HV16;

use super::lanes::{Vector, VectorPrefix};
use crate::bound::Bound;
use crate::lanes::{self, AHEAD, view};
use crate::prefix::Prefix;
use crate::report::{OnMatch, OnPrefix, report_below, report_prefixes_below};

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
pub(super) fn hamming(a: &HV16, b: &HV16) -> u32 {
    _mm_cvtsi128_si32(total(differing(view::<_, Vector>(a), b))) as u32
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
pub(super) fn similarity(a: &HV16, b: &HV16) -> f32 {
    // Not by way of a whole number in another register file, nor by a conversion, as a caller who waits would wait for both:
    // a float from 4,096 to 8,192 has units of 1/2048 as its lowest bits.
    const BASE: f32 = (1 << (f32::MANTISSA_DIGITS - 1)) as f32 / HV16::DIM as f32;
    let whole = _mm_set1_epi32(BASE.to_bits() as i32 + HV16::DIM as i32);
    let units = _mm_sub_epi32(whole, total(differing(view::<_, Vector>(a), b)));
    _mm_cvtss_f32(_mm_castsi128_ps(units)) - BASE
}

/// The total of eight partial sums, in the lowest place.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn total(x: __m512i) -> __m128i {
    let four = _mm256_add_epi64(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64::<1>(x));
    let two = _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256::<1>(four));
    _mm_add_epi64(two, _mm_shuffle_epi32::<_MM_PERM_BADC>(two))
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
pub(super) fn distances_into<const AHEAD: usize>(query: &HV16, targets: &[HV16], out: &mut [u16]) {
    let query = view::<_, Vector>(query);
    let (blocks, rest) = targets.as_chunks::<16>();
    let (out_blocks, out_rest) = out.as_chunks_mut::<16>();
    for (block, out) in blocks.iter().zip(out_blocks) {
        *out = to_array(one_by_sixteen::<AHEAD>(query, block));
    }
    for (target, out) in rest.iter().zip(out_rest) {
        *out = _mm512_reduce_add_epi64(differing(query, target)) as u16;
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
pub(super) fn scan_tile(queries: &[HV16], memory: &[HV16], first: usize, bounds: &mut [Bound], report: OnMatch<'_>) {
    let (fours, rest) = queries.as_chunks::<4>();
    let (bound_fours, bound_rest) = bounds.as_chunks_mut::<4>();
    for (i, (queries, bounds)) in fours.iter().zip(bound_fours).enumerate() {
        scan_four(queries, memory, i * 4, first, bounds, report);
    }
    for (i, (query, bound)) in rest.iter().zip(bound_rest).enumerate() {
        scan_one(query, memory, fours.len() * 4 + i, first, bound, report);
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
pub(super) fn scan_prefixes(query: &Prefix, plane: &[Prefix], first: usize, bound: &mut Bound, report: OnPrefix<'_>) {
    let [query] = *view::<_, VectorPrefix>(query);
    let differing = |prefix: &Prefix| {
        lanes::fetch_ahead(prefix);
        _mm512_popcnt_epi64(_mm512_xor_si512(query, view::<_, VectorPrefix>(prefix)[0]))
    };
    let (blocks, rest) = plane.as_chunks::<16>();
    let mut limit = _mm512_set1_epi16(bound.limit() as i16);
    for (i, block) in blocks.iter().enumerate() {
        let four = |j: usize| beside(core::array::from_fn(|i| differing(&block[4 * j + i])));
        let distances = fold(core::array::from_fn(four));
        if _mm512_cmplt_epu16_mask(distances, limit) != 0 {
            report_prefixes_below(&to_array(distances), first + i * 16, bound, report);
            limit = _mm512_set1_epi16(bound.limit() as i16);
        }
    }
    for (i, prefix) in rest.iter().enumerate() {
        let distance = _mm512_reduce_add_epi64(differing(prefix)) as u16;
        if bound.admits(distance) {
            report_prefixes_below(&[distance], first + blocks.len() * 16 + i, bound, report);
        }
    }
}

/// Scans for four queries, numbered from `q` on.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn scan_four(
    queries: &[HV16; 4],
    memory: &[HV16],
    q: usize,
    first: usize,
    bounds: &mut [Bound; 4],
    report: OnMatch<'_>,
) {
    let lanes = queries.each_ref().map(|query| *view::<_, Vector>(query));
    let (blocks, rest) = memory.as_chunks::<4>();
    let mut limits = spread(*bounds);
    for (i, block) in blocks.iter().enumerate() {
        let distances = four_by_four(&lanes, block);
        let below = _mm512_cmplt_epu16_mask(distances, limits);
        if below != 0 {
            let distances = to_array(distances);
            for (j, (distances, bound)) in distances.as_chunks::<4>().0.iter().zip(&mut *bounds).enumerate() {
                // Eight comparisons a query: its four distances, twice.
                if below >> (8 * j) & 0xff != 0 {
                    report_below(distances, q + j, first + i * 4, bound, report);
                }
            }
            limits = spread(*bounds);
        }
    }
    for (j, (query, bound)) in queries.iter().zip(bounds).enumerate() {
        scan_few(view::<_, Vector>(query), rest, q + j, first + blocks.len() * 4, bound, report);
    }
}

/// Scans for query number `q` alone.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn scan_one(query: &HV16, memory: &[HV16], q: usize, first: usize, bound: &mut Bound, report: OnMatch<'_>) {
    let query = view::<_, Vector>(query);
    let (blocks, rest) = memory.as_chunks::<16>();
    let mut limit = _mm512_set1_epi16(bound.limit() as i16);
    for (i, block) in blocks.iter().enumerate() {
        let distances = one_by_sixteen::<AHEAD>(query, block);
        if _mm512_cmplt_epu16_mask(distances, limit) != 0 {
            report_below(&to_array(distances), q, first + i * 16, bound, report);
            limit = _mm512_set1_epi16(bound.limit() as i16);
        }
    }
    scan_few(query, rest, q, first + blocks.len() * 16, bound, report);
}

/// Scans vectors too few for a block, one by one.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn scan_few(query: &[__m512i; 4], few: &[HV16], q: usize, first: usize, bound: &mut Bound, report: OnMatch<'_>) {
    for (i, v) in few.iter().enumerate() {
        let distance = _mm512_reduce_add_epi64(differing(query, v)) as u16;
        if bound.admits(distance) {
            report_below(&[distance], q, first + i, bound, report);
        }
    }
}

/// The distances of four queries to four vectors: query `j` in 128-bit lane `j`, see [`fold`].
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn four_by_four(queries: &[[__m512i; 4]; 4], block: &[HV16; 4]) -> __m512i {
    fold(core::array::from_fn(|j| beside(core::array::from_fn(|i| differing(&queries[j], &block[i])))))
}

/// The distances of one query to sixteen vectors: vectors `4 j` to `4 j + 3` in 128-bit lane `j`, see [`fold`].
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn one_by_sixteen<const AHEAD: usize>(query: &[__m512i; 4], block: &[HV16; 16]) -> __m512i {
    let sums = |v| {
        lanes::fetch_bytes_ahead::<AHEAD, _>(v);
        differing(query, v)
    };
    fold(core::array::from_fn(|j| beside(core::array::from_fn(|i| sums(&block[4 * j + i])))))
}

/// The differing bits of a query and some vectors as one total, which benchmarks compare the kernels with.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
pub(super) fn xor_popcount(query: &HV16, vectors: &[HV16]) -> u64 {
    let (query, mut sums) = (view::<_, Vector>(query), _mm512_setzero_si512());
    for v in vectors {
        sums = _mm512_add_epi64(sums, differing(query, v));
    }
    lanes::numbers(&sums).iter().sum()
}

/// The number of differing bits, as eight partial sums.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn differing(query: &[__m512i; 4], v: &HV16) -> __m512i {
    let v = view::<_, Vector>(v);
    count(core::array::from_fn(|i| _mm512_xor_si512(query[i], v[i])))
}

/// The number of ones in 2,048 bits, as eight partial sums.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn count(x: [__m512i; 4]) -> __m512i {
    let [a, b, c, d] = x.map(|lane| _mm512_popcnt_epi64(lane));
    _mm512_add_epi64(_mm512_add_epi64(a, b), _mm512_add_epi64(c, d))
}

/// Lays four sets of partial sums side by side: each is at most 256, and their totals at most 2,048.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn beside([a, b, c, d]: [__m512i; 4]) -> __m512i {
    let low = _mm512_or_si512(a, _mm512_slli_epi64::<16>(b));
    _mm512_ternarylogic_epi64::<0xfe>(low, _mm512_slli_epi64::<32>(c), _mm512_slli_epi64::<48>(d))
}

/// Adds up the eight columns of each of four registers: 128-bit lane `j` of the result holds the four totals of
/// register `j`, twice.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn fold([a, b, c, d]: [__m512i; 4]) -> __m512i {
    let halves = |x, y| _mm512_add_epi64(_mm512_shuffle_i64x2::<0x44>(x, y), _mm512_shuffle_i64x2::<0xee>(x, y));
    let (ab, cd) = (halves(a, b), halves(c, d));
    let quarters = _mm512_add_epi64(_mm512_shuffle_i64x2::<0x88>(ab, cd), _mm512_shuffle_i64x2::<0xdd>(ab, cd));
    _mm512_add_epi64(quarters, _mm512_shuffle_epi32::<_MM_PERM_BADC>(quarters))
}

/// The 16 distances of a folded register, in order.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn to_array(folded: __m512i) -> [u16; 16] {
    let words: [u64; 4] = words_of(_mm512_castsi512_si256(_mm512_maskz_compress_epi64(0b0101_0101, folded)));
    core::array::from_fn(|i| (words[i / 4] >> (16 * (i % 4))) as u16)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn words_of(x: __m256i) -> [u64; 4] {
    let (low, high) = (_mm256_castsi256_si128(x), _mm256_extracti128_si256::<1>(x));
    let halves = [low, high].map(|x| [_mm_cvtsi128_si64(x) as u64, _mm_extract_epi64::<1>(x) as u64]);
    [halves[0][0], halves[0][1], halves[1][0], halves[1][1]]
}

/// Bound `j` in all of 128-bit lane `j`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn spread(bounds: [Bound; 4]) -> __m512i {
    let [a, b, c, d] = bounds.map(|bound| i64::from(bound.limit()) * 0x0001_0001_0001_0001);
    _mm512_setr_epi64(a, a, b, b, c, c, d, d)
}
