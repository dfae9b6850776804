//! The limits' loops for x86-64, one module a backend. What each form costs stands in the backend's kernel file.

use super::{HV16, Limits, lanes};

pub(super) mod sse2 {
    use std::arch::x86_64::*;

    use super::*;
    use crate::arch::sse2::{count_bytes, full_add};

    #[target_feature(enable = "sse2")]
    pub(in crate::limits) fn limits() -> Limits {
        Limits {
            xor_popcount: vec![("carry-save", carry_save)],
            read: vec![
                ("1 stream", read_streams::<1, false>),
                ("4 streams", read_streams::<4, false>),
                ("fetched ahead", read_streams::<1, true>),
            ],
        }
    }

    reads!(
        #[target_feature(enable = "sse2")]
        __m128i,
        lanes::m128,
        lanes::m128_mut,
        _mm_setzero_si128(),
        _mm_or_si128,
        lanes::fetch_ahead
    );

    /// Of sixteen lanes five are counted, those that four levels of full adders leave.
    #[target_feature(enable = "sse2")]
    fn carry_save(query: &HV16, vectors: &[HV16]) -> u64 {
        let zero = _mm_setzero_si128();
        let query = lanes::m128(query).as_chunks::<8>().0;
        let mut total = zero;
        for v in vectors {
            let (mut ones, mut twos, mut fours, mut eights) = (zero, zero, zero, zero);
            for (q, lanes) in query.iter().zip(lanes::m128(v).as_chunks::<8>().0) {
                let x = |i: usize| _mm_xor_si128(q[i], lanes[i]);
                let (sum, twos_a) = full_add(ones, x(0), x(1));
                let (sum, twos_b) = full_add(sum, x(2), x(3));
                let (two, fours_a) = full_add(twos, twos_a, twos_b);
                let (sum, twos_a) = full_add(sum, x(4), x(5));
                let (sum, twos_b) = full_add(sum, x(6), x(7));
                let (two, fours_b) = full_add(two, twos_a, twos_b);
                let (four, eight) = full_add(fours, fours_a, fours_b);
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
}

pub(super) mod avx2 {
    use std::arch::x86_64::*;

    use super::*;
    use crate::arch::avx2::{count_bytes, full_add};

    #[target_feature(enable = "avx2,popcnt")]
    pub(in crate::limits) fn limits() -> Limits {
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

    reads!(
        #[target_feature(enable = "avx2,popcnt")]
        __m256i,
        lanes::m256,
        lanes::m256_mut,
        _mm256_setzero_si256(),
        _mm256_or_si256,
        lanes::fetch_ahead
    );

    /// Each of the eight lanes is counted.
    #[target_feature(enable = "avx2,popcnt")]
    fn one_by_one(query: &HV16, vectors: &[HV16]) -> u64 {
        let (query, zero) = (lanes::m256(query), _mm256_setzero_si256());
        let mut total = zero;
        for v in vectors {
            let mut bytes = zero; // at most 8 times 8
            for (&q, &lane) in query.iter().zip(lanes::m256(v)) {
                bytes = _mm256_add_epi8(bytes, count_bytes(_mm256_xor_si256(q, lane), 1));
            }
            total = _mm256_add_epi64(total, _mm256_sad_epu8(bytes, zero));
        }
        sum(total)
    }

    /// Of the eight lanes four are counted, those that three levels of full adders leave.
    #[target_feature(enable = "avx2,popcnt")]
    fn carry_save(query: &HV16, vectors: &[HV16]) -> u64 {
        let (query, zero) = (lanes::m256(query), _mm256_setzero_si256());
        let mut total = zero;
        for v in vectors {
            let v = lanes::m256(v);
            let x = |i: usize| _mm256_xor_si256(query[i], v[i]);
            let (sum, twos_a) = full_add(x(0), x(1), x(2));
            let (sum, twos_b) = full_add(sum, x(3), x(4));
            let (ones, twos_c) = full_add(sum, x(5), x(6));
            let (twos, fours) = full_add(twos_a, twos_b, twos_c);
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
}

pub(super) mod avx512 {
    use std::arch::x86_64::*;

    use super::*;

    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    pub(in crate::limits) fn limits() -> Limits {
        Limits {
            xor_popcount: vec![("population count", population_count)],
            read: vec![
                ("1 stream", read_streams::<1, false>),
                ("2 streams", read_streams::<2, false>),
                ("4 streams", read_streams::<4, false>),
                ("8 streams", read_streams::<8, false>),
                ("fetched ahead", read_streams::<1, true>),
            ],
        }
    }

    reads!(
        #[target_feature(enable = "avx512f,avx512vpopcntdq")]
        __m512i,
        lanes::m512,
        lanes::m512_mut,
        _mm512_setzero_si512(),
        _mm512_or_si512,
        lanes::fetch_ahead
    );

    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    fn population_count(query: &HV16, vectors: &[HV16]) -> u64 {
        let query = lanes::m512(query);
        let mut total = [_mm512_setzero_si512(); 4];
        for v in vectors {
            for ((total, &q), &lane) in total.iter_mut().zip(query).zip(lanes::m512(v)) {
                *total = _mm512_add_epi64(*total, _mm512_popcnt_epi64(_mm512_xor_si512(q, lane)));
            }
        }
        total.into_iter().map(|sum| _mm512_reduce_add_epi64(sum) as u64).sum()
    }
}
