//! 256-bit lanes.

use core::arch::x86_64::*;

use hv_core::HV16;

use crate::arch::lane::{Lane, Tiled, min_queries};
use crate::arch::transposed::pairs::Paired;
use crate::lanes;

/// A vector.
pub(crate) type Vector = [__m256i; 8];

/// The prefix of a vector.
pub(crate) type VectorPrefix = [__m256i; 2];

/// These lanes; a value is the proof that the CPU has the instructions.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx2 {
    #[inline]
    #[target_feature(enable = "avx2,popcnt")]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Lane for Avx2 {
    type Bits = __m256i;

    operations! {
        fn splat(self, word: u64) -> __m256i {
            _mm256_set1_epi64x(word as i64)
        }

        fn xor(self, a: __m256i, b: __m256i) -> __m256i {
            _mm256_xor_si256(a, b)
        }

        fn and(self, a: __m256i, b: __m256i) -> __m256i {
            _mm256_and_si256(a, b)
        }

        fn or(self, a: __m256i, b: __m256i) -> __m256i {
            _mm256_or_si256(a, b)
        }

        fn left(self, x: __m256i, bits: u32) -> __m256i {
            _mm256_sll_epi64(x, _mm_cvtsi32_si128(bits as i32))
        }

        fn right(self, x: __m256i, bits: u32) -> __m256i {
            _mm256_srl_epi64(x, _mm_cvtsi32_si128(bits as i32))
        }

        fn words_up(self, lane: __m256i, before: __m256i) -> __m256i {
            _mm256_alignr_epi8::<8>(lane, _mm256_permute2x128_si256::<0x21>(before, lane))
        }
    }
}

impl Tiled for Avx2 {
    type Block = [HV16; 16];

    const MIN_QUERIES: usize = min_queries("avx2");

    fn blocks(vectors: &[HV16]) -> (&[Self::Block], &[HV16]) {
        vectors.as_chunks()
    }

    fn vectors(block: &Self::Block) -> &[HV16] {
        block
    }

    operations! {
        fn unpack_low(self, a: __m256i, b: __m256i) -> __m256i {
            _mm256_unpacklo_epi8(a, b)
        }

        fn unpack_high(self, a: __m256i, b: __m256i) -> __m256i {
            _mm256_unpackhi_epi8(a, b)
        }

        fn below(self, numbers: __m256i, bound: u16) -> u32 {
            let below = _mm256_cmpgt_epi16(_mm256_set1_epi16(bound as i16), numbers);
            // A byte for each.
            let bytes = _mm_packs_epi16(_mm256_castsi256_si128(below), _mm256_extracti128_si256::<1>(below));
            _mm_movemask_epi8(bytes) as u32
        }

        fn join(self, block: &[HV16; 16], p: usize, i: usize) -> __m256i {
            let part = |v: &HV16| lanes::view::<_, [__m128i; 16]>(v)[i];
            _mm256_set_m128i(part(&block[8 + p]), part(&block[p]))
        }
    }
}

impl Paired for Avx2 {
    operations! {
        fn and_not(self, a: __m256i, b: __m256i) -> __m256i {
            _mm256_andnot_si256(a, b)
        }

        /// As numbers, since that keeps the compiler from the floating-point forms of all the operations around it, which
        /// Haswell can start once a cycle and not three times.
        fn join_bits(self, a: __m256i, b: __m256i) -> __m256i {
            _mm256_add_epi64(a, b)
        }
    }
}

/// The number of ones in each byte, times `weight`.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
pub(crate) fn count_bytes(x: __m256i, weight: i8) -> __m256i {
    let [a, b, c, d] = [weight, 2 * weight, 3 * weight, 4 * weight];
    let table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, a, a, b, a, b, b, c, a, b, b, c, b, c, c, d));
    let nibble = _mm256_set1_epi8(0x0f);
    let low = _mm256_shuffle_epi8(table, _mm256_and_si256(x, nibble));
    let high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi64::<4>(x), nibble));
    _mm256_add_epi8(low, high)
}
