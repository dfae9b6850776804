//! Distances by counting the differing bits of each pair, on 128-bit lanes.
//!
//! Mix for a distance: 16 xors, 14 full adders of five operations (carry-save, so that 16 lanes become five), then
//! the counts of the five by adding neighbouring bits, pairs and nibbles. Some 150 operations, bound by the vector
//! pipes. Counting in this way needs no POPCNT, which the CPUs that end up here may lack. Many queries go another way,
//! which counts no bits: see [`transposed`](crate::arch::transposed).

use core::arch::x86_64::*;

use hv_core::HV16;

use super::lanes::{Sse2, Vector, VectorPrefix, count_bytes};
use crate::arch::lane::Lane;
use crate::bound::Bound;
use crate::lanes::{self, view};
use crate::prefix::Prefix;
use crate::report::{OnMatch, OnPrefix, report_below, report_prefixes_below};

#[target_feature(enable = "sse2")]
pub(super) fn hamming(a: &HV16, b: &HV16) -> u32 {
    let (a, b) = (view::<_, Vector>(a), view::<_, Vector>(b));
    let sums = count(core::array::from_fn(|i| _mm_xor_si128(a[i], b[i])));
    (_mm_cvtsi128_si32(sums) + _mm_extract_epi16::<4>(sums)) as u32
}

/// The differing bits of a query and some vectors as one total, which benchmarks compare the kernels with.
#[target_feature(enable = "sse2")]
pub(super) fn xor_popcount(query: &HV16, vectors: &[HV16]) -> u64 {
    let (query, mut sums) = (view::<_, Vector>(query), _mm_setzero_si128());
    for v in vectors {
        let v = view::<_, Vector>(v);
        sums = _mm_add_epi64(sums, count(core::array::from_fn(|i| _mm_xor_si128(query[i], v[i]))));
    }
    lanes::numbers(&sums).iter().sum()
}

#[target_feature(enable = "sse2")]
pub(super) fn similarity(a: &HV16, b: &HV16) -> f32 {
    crate::similarity::similarity_of_distance(hamming(a, b) as u16)
}

#[target_feature(enable = "sse2")]
pub(super) fn distances_into<const AHEAD: usize>(query: &HV16, targets: &[HV16], out: &mut [u16]) {
    for (out, target) in out.iter_mut().zip(targets) {
        lanes::fetch_bytes_ahead::<AHEAD, _>(target);
        *out = hamming(query, target) as u16;
    }
}

#[target_feature(enable = "sse2")]
pub(super) fn scan_tile(queries: &[HV16], memory: &[HV16], first: usize, bounds: &mut [Bound], report: OnMatch<'_>) {
    for (q, (query, bound)) in queries.iter().zip(bounds).enumerate() {
        for (i, v) in memory.iter().enumerate() {
            lanes::fetch_ahead(v);
            let distance = hamming(query, v) as u16;
            if bound.admits(distance) {
                report_below(&[distance], q, first + i, bound, report);
            }
        }
    }
}

#[target_feature(enable = "sse2")]
pub(super) fn scan_prefixes(query: &Prefix, plane: &[Prefix], first: usize, bound: &mut Bound, report: OnPrefix<'_>) {
    let l = Sse2::new();
    let query = view::<_, VectorPrefix>(query);
    for (i, prefix) in plane.iter().enumerate() {
        lanes::fetch_ahead(prefix);
        let prefix = view::<_, VectorPrefix>(prefix);
        let x = |i: usize| _mm_xor_si128(query[i], prefix[i]);
        let (ones, twos) = l.full_add(x(0), x(1), x(2));
        let odd = _mm_add_epi8(count_bytes(ones), count_bytes(x(3)));
        let sums = _mm_sad_epu8(_mm_add_epi8(odd, double(count_bytes(twos))), _mm_setzero_si128());
        let distance = (_mm_cvtsi128_si32(sums) + _mm_extract_epi16::<4>(sums)) as u16;
        if bound.admits(distance) {
            report_prefixes_below(&[distance], first + i, bound, report);
        }
    }
}

/// The number of ones in 2,048 bits, as two partial sums.
#[inline]
#[target_feature(enable = "sse2")]
fn count(x: [__m128i; 16]) -> __m128i {
    let l = Sse2::new();
    let zero = _mm_setzero_si128();
    let (mut ones, mut twos, mut fours) = (zero, zero, zero);
    let mut eights = zero; // byte counts of the two carries of weight eight
    for half in x.as_chunks::<8>().0 {
        let (sum, twos_a) = l.full_add(ones, half[0], half[1]);
        let (sum, twos_b) = l.full_add(sum, half[2], half[3]);
        let (two, fours_a) = l.full_add(twos, twos_a, twos_b);
        let (sum, twos_a) = l.full_add(sum, half[4], half[5]);
        let (sum, twos_b) = l.full_add(sum, half[6], half[7]);
        let (two, fours_b) = l.full_add(two, twos_a, twos_b);
        let (four, eight) = l.full_add(fours, fours_a, fours_b);
        (ones, twos, fours) = (sum, two, four);
        eights = _mm_add_epi8(eights, count_bytes(eight));
    }
    // At most 8 + 16 + 32 + 128 in a byte.
    let low = _mm_add_epi8(count_bytes(ones), double(count_bytes(twos)));
    let high = _mm_add_epi8(count_bytes(fours), double(eights));
    _mm_sad_epu8(_mm_add_epi8(low, double(double(high))), zero)
}

#[inline]
#[target_feature(enable = "sse2")]
fn double(x: __m128i) -> __m128i {
    _mm_add_epi8(x, x)
}
