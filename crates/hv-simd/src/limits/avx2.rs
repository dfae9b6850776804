//! The loops on 256-bit lanes. What each form costs stands in the backend's kernel file.

use alloc::vec;
use core::arch::x86_64::*;

use hv_core::HV16;

use crate::arch::avx2::lanes::{Avx2, Vector, count_bytes};
use crate::arch::lane::Lane;
use crate::lanes::view;
use crate::limits::loops::{self, Limits};

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn limits() -> Limits {
    Limits {
        xor_popcount: vec![("one by one", one_by_one), ("carry-save", carry_save)],
        read: vec![
            ("1 stream", read_streams::<1, false>),
            ("2 streams", read_streams::<2, false>),
            ("4 streams", read_streams::<4, false>),
            ("8 streams", read_streams::<8, false>),
            ("fetched ahead", read_streams::<1, true>),
        ],
    }
}

#[target_feature(enable = "avx2,popcnt")]
fn read_streams<const STREAMS: usize, const FETCHED: bool>(vectors: &[HV16]) -> u64 {
    loops::read_streams::<_, 8, STREAMS, FETCHED>(Avx2::new(), vectors)
}

/// Each of the eight lanes is counted.
#[target_feature(enable = "avx2,popcnt")]
fn one_by_one(query: &HV16, vectors: &[HV16]) -> u64 {
    let (query, zero) = (view::<_, Vector>(query), _mm256_setzero_si256());
    let mut total = zero;
    for v in vectors {
        let mut bytes = zero; // at most 8 times 8
        for (&q, &lane) in query.iter().zip(view::<_, Vector>(v)) {
            bytes = _mm256_add_epi8(bytes, count_bytes(_mm256_xor_si256(q, lane), 1));
        }
        total = _mm256_add_epi64(total, _mm256_sad_epu8(bytes, zero));
    }
    sum(total)
}

/// Of the eight lanes four are counted, those that three levels of full adders leave.
#[target_feature(enable = "avx2,popcnt")]
fn carry_save(query: &HV16, vectors: &[HV16]) -> u64 {
    let l = Avx2::new();
    let (query, zero) = (view::<_, Vector>(query), _mm256_setzero_si256());
    let mut total = zero;
    for v in vectors {
        let v = view::<_, Vector>(v);
        let x = |i: usize| _mm256_xor_si256(query[i], v[i]);
        let (sum, twos_a) = l.full_add(x(0), x(1), x(2));
        let (sum, twos_b) = l.full_add(sum, x(3), x(4));
        let (ones, twos_c) = l.full_add(sum, x(5), x(6));
        let (twos, fours) = l.full_add(twos_a, twos_b, twos_c);
        // At most 8 + 8 + 16 + 32 in a byte.
        let single = _mm256_add_epi8(count_bytes(ones, 1), count_bytes(x(7), 1));
        let multiple = _mm256_add_epi8(count_bytes(twos, 2), count_bytes(fours, 4));
        total = _mm256_add_epi64(total, _mm256_sad_epu8(_mm256_add_epi8(single, multiple), zero));
    }
    sum(total)
}

#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn sum(x: __m256i) -> u64 {
    let two = _mm_add_epi64(_mm256_castsi256_si128(x), _mm256_extracti128_si256::<1>(x));
    (_mm_cvtsi128_si64(two) + _mm_extract_epi64::<1>(two)) as u64
}
