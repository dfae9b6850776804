//! The loops on 128-bit lanes. What each form costs stands in the backend's kernel file.

use alloc::vec;
use core::arch::x86_64::*;

use hv_core::HV16;

use crate::arch::lane::Lane;
use crate::arch::sse2::lanes::{Sse2, Vector, count_bytes};
use crate::lanes::view;
use crate::limits::loops::{self, Limits};

#[target_feature(enable = "sse2")]
pub(super) fn limits() -> Limits {
    Limits {
        xor_popcount: vec![("carry-save", carry_save)],
        read: vec![
            ("1 stream", read_streams::<1, false>),
            ("4 streams", read_streams::<4, false>),
            ("fetched ahead", read_streams::<1, true>),
        ],
    }
}

#[target_feature(enable = "sse2")]
fn read_streams<const STREAMS: usize, const FETCHED: bool>(vectors: &[HV16]) -> u64 {
    loops::read_streams::<_, 16, STREAMS, FETCHED>(Sse2::new(), vectors)
}

/// Of sixteen lanes five are counted, those that four levels of full adders leave.
#[target_feature(enable = "sse2")]
fn carry_save(query: &HV16, vectors: &[HV16]) -> u64 {
    let l = Sse2::new();
    let zero = _mm_setzero_si128();
    let query = view::<_, Vector>(query).as_chunks::<8>().0;
    let mut total = zero;
    for v in vectors {
        let (mut ones, mut twos, mut fours, mut eights) = (zero, zero, zero, zero);
        for (q, lanes) in query.iter().zip(view::<_, Vector>(v).as_chunks::<8>().0) {
            let x = |i: usize| _mm_xor_si128(q[i], lanes[i]);
            let (sum, twos_a) = l.full_add(ones, x(0), x(1));
            let (sum, twos_b) = l.full_add(sum, x(2), x(3));
            let (two, fours_a) = l.full_add(twos, twos_a, twos_b);
            let (sum, twos_a) = l.full_add(sum, x(4), x(5));
            let (sum, twos_b) = l.full_add(sum, x(6), x(7));
            let (two, fours_b) = l.full_add(two, twos_a, twos_b);
            let (four, eight) = l.full_add(fours, fours_a, fours_b);
            (ones, twos, fours) = (sum, two, four);
            eights = _mm_add_epi8(eights, count::<3>(eight));
        }
        // At most 8 + 16 + 32 + 128 in a byte.
        let low = _mm_add_epi8(count::<0>(ones), count::<1>(twos));
        let high = _mm_add_epi8(count::<2>(fours), eights);
        total = _mm_add_epi64(total, _mm_sad_epu8(_mm_add_epi8(low, high), zero));
    }
    (_mm_cvtsi128_si64(total) + _mm_cvtsi128_si64(_mm_unpackhi_epi64(total, total))) as u64
}

/// The number of ones in each byte, times `1 << SHIFT`.
#[inline]
#[target_feature(enable = "sse2")]
fn count<const SHIFT: i32>(x: __m128i) -> __m128i {
    _mm_slli_epi64::<SHIFT>(count_bytes(x))
}
