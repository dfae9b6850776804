//! 128-bit lanes.

use core::arch::x86_64::*;

use hv_core::HV16;

use crate::arch::lane::{Lane, Tiled, min_queries};
use crate::arch::transposed::pairs::Paired;
use crate::lanes;

/// A vector.
pub(crate) type Vector = [__m128i; 16];

/// The prefix of a vector.
pub(crate) type VectorPrefix = [__m128i; 4];

/// These lanes; a value is the proof that the CPU has the instructions.
#[derive(Clone, Copy)]
pub(crate) struct Sse2(());

impl Sse2 {
    #[inline]
    #[target_feature(enable = "sse2")]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Lane for Sse2 {
    type Bits = __m128i;

    operations! {
        fn splat(self, word: u64) -> __m128i {
            _mm_set1_epi64x(word as i64)
        }

        fn xor(self, a: __m128i, b: __m128i) -> __m128i {
            _mm_xor_si128(a, b)
        }

        fn and(self, a: __m128i, b: __m128i) -> __m128i {
            _mm_and_si128(a, b)
        }

        fn or(self, a: __m128i, b: __m128i) -> __m128i {
            _mm_or_si128(a, b)
        }

        fn left(self, x: __m128i, bits: u32) -> __m128i {
            _mm_sll_epi64(x, _mm_cvtsi32_si128(bits as i32))
        }

        fn right(self, x: __m128i, bits: u32) -> __m128i {
            _mm_srl_epi64(x, _mm_cvtsi32_si128(bits as i32))
        }

        fn words_up(self, lane: __m128i, before: __m128i) -> __m128i {
            _mm_or_si128(_mm_slli_si128::<8>(lane), _mm_srli_si128::<8>(before))
        }
    }
}

impl Tiled for Sse2 {
    type Block = [HV16; 8];

    const MIN_QUERIES: usize = min_queries("sse2");

    fn blocks(vectors: &[HV16]) -> (&[Self::Block], &[HV16]) {
        vectors.as_chunks()
    }

    fn vectors(block: &Self::Block) -> &[HV16] {
        block
    }

    #[inline(always)]
    fn join(self, block: &Self::Block, p: usize, i: usize) -> __m128i {
        lanes::view::<_, [__m128i; 16]>(&block[p])[i]
    }

    operations! {
        fn unpack_low(self, a: __m128i, b: __m128i) -> __m128i {
            _mm_unpacklo_epi8(a, b)
        }

        fn unpack_high(self, a: __m128i, b: __m128i) -> __m128i {
            _mm_unpackhi_epi8(a, b)
        }

        fn below(self, numbers: __m128i, bound: u16) -> u32 {
            let below = _mm_cmplt_epi16(numbers, _mm_set1_epi16(bound as i16));
            // A byte for each.
            _mm_movemask_epi8(_mm_packs_epi16(below, _mm_setzero_si128())) as u32
        }
    }
}

impl Paired for Sse2 {
    operations! {
        fn and_not(self, a: __m128i, b: __m128i) -> __m128i {
            _mm_andnot_si128(a, b)
        }

        /// As numbers, since that keeps the compiler from the floating-point forms of all the operations around it, which
        /// Haswell can start once a cycle and not three times.
        fn join_bits(self, a: __m128i, b: __m128i) -> __m128i {
            _mm_add_epi64(a, b)
        }
    }
}

/// The number of ones in each byte: neighbouring bits are added, then pairs, then nibbles (Warren, section 5-1).
#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn count_bytes(x: __m128i) -> __m128i {
    let x = _mm_sub_epi8(x, _mm_and_si128(_mm_srli_epi64::<1>(x), _mm_set1_epi8(0x55)));
    let pairs = _mm_set1_epi8(0x33);
    let x = _mm_add_epi8(_mm_and_si128(x, pairs), _mm_and_si128(_mm_srli_epi64::<2>(x), pairs));
    _mm_and_si128(_mm_add_epi8(x, _mm_srli_epi64::<4>(x)), _mm_set1_epi8(0x0f))
}
