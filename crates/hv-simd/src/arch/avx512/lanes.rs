//! 512-bit lanes, with ternary logic.

use core::arch::x86_64::*;

use hv_core::HV16;

use crate::arch::lane::{Lane, Tiled, min_queries};
use crate::lanes;

/// A vector.
pub(crate) type Vector = [__m512i; 4];

/// The prefix of a vector.
pub(crate) type VectorPrefix = [__m512i; 1];

/// These lanes; a value is the proof that the CPU has the instructions.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(());

impl Avx512 {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Lane for Avx512 {
    type Bits = __m512i;

    const PART: usize = 1023;

    operations! {
        fn splat(self, word: u64) -> __m512i {
            _mm512_set1_epi64(word as i64)
        }

        fn xor(self, a: __m512i, b: __m512i) -> __m512i {
            _mm512_xor_si512(a, b)
        }

        fn and(self, a: __m512i, b: __m512i) -> __m512i {
            _mm512_and_si512(a, b)
        }

        fn or(self, a: __m512i, b: __m512i) -> __m512i {
            _mm512_or_si512(a, b)
        }

        fn left(self, x: __m512i, bits: u32) -> __m512i {
            _mm512_sll_epi64(x, _mm_cvtsi32_si128(bits as i32))
        }

        fn right(self, x: __m512i, bits: u32) -> __m512i {
            _mm512_srl_epi64(x, _mm_cvtsi32_si128(bits as i32))
        }

        fn words_up(self, lane: __m512i, before: __m512i) -> __m512i {
            _mm512_alignr_epi64::<7>(lane, before)
        }

        fn full_add(self, a: __m512i, b: __m512i, c: __m512i) -> (__m512i, __m512i) {
            // Truth tables of the parity and of the majority of three.
            (_mm512_ternarylogic_epi64::<0x96>(a, b, c), _mm512_ternarylogic_epi64::<0xe8>(a, b, c))
        }
    }
}

impl Tiled for Avx512 {
    type Block = [HV16; 32];

    const MIN_QUERIES: usize = min_queries("avx512");

    /// CPUs with these instructions have an L2 of 512 KiB or more, and tables cost more here than on other lanes.
    const PASS: usize = 256;

    fn blocks(vectors: &[HV16]) -> (&[Self::Block], &[HV16]) {
        vectors.as_chunks()
    }

    fn vectors(block: &Self::Block) -> &[HV16] {
        block
    }

    operations! {
        fn unpack_low(self, a: __m512i, b: __m512i) -> __m512i {
            _mm512_unpacklo_epi8(a, b)
        }

        fn unpack_high(self, a: __m512i, b: __m512i) -> __m512i {
            _mm512_unpackhi_epi8(a, b)
        }

        fn below(self, numbers: __m512i, bound: u16) -> u32 {
            _mm512_cmplt_epu16_mask(numbers, _mm512_set1_epi16(bound as i16))
        }

        fn majorities(self, a: __m512i, b: __m512i, c: __m512i) -> [__m512i; 4] {
            [
                _mm512_ternarylogic_epi64::<{ majority(0) }>(a, b, c),
                _mm512_ternarylogic_epi64::<{ majority(1) }>(a, b, c),
                _mm512_ternarylogic_epi64::<{ majority(2) }>(a, b, c),
                _mm512_ternarylogic_epi64::<{ majority(4) }>(a, b, c),
            ]
        }

        fn join(self, block: &[HV16; 32], p: usize, i: usize) -> __m512i {
            let part = |eighth: usize| lanes::view::<_, [__m128i; 16]>(&block[8 * eighth + p])[i];
            let (low, high) = (_mm256_set_m128i(part(1), part(0)), _mm256_set_m128i(part(3), part(2)));
            _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
        }
    }
}

/// The truth table of the majority of three bits, those in `key` complemented: a permutation of the usual.
const fn majority(key: i32) -> i32 {
    let (mut table, mut bits) = (0, 0);
    while bits < 8 {
        // The first operand is the highest bit of a place in a truth table, and the lowest of a key.
        let key = (key & 1) << 2 | key & 2 | key >> 2;
        table |= (0xe8 >> (bits ^ key) & 1) << bits;
        bits += 1;
    }
    table
}
