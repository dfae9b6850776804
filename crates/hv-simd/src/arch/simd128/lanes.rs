//! 128-bit lanes of WebAssembly.

use core::arch::wasm32::*;

use hv_core::HV16;

use crate::arch::counting::Counting;
use crate::arch::lane::{Lane, Tiled, min_queries};
use crate::arch::transposed::pairs::Paired;
use crate::lanes;

/// A vector.
type Vector = [v128; 16];

/// These lanes, which a build with the feature `simd128` takes for granted: a module of WebAssembly that has them is
/// refused as a whole where they are not supported.
#[derive(Clone, Copy)]
pub(crate) struct Simd128(());

impl Simd128 {
    #[inline]
    #[target_feature(enable = "simd128")]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Lane for Simd128 {
    type Bits = v128;

    operations! {
        fn splat(self, word: u64) -> v128 {
            u64x2_splat(word)
        }

        fn xor(self, a: v128, b: v128) -> v128 {
            v128_xor(a, b)
        }

        fn and(self, a: v128, b: v128) -> v128 {
            v128_and(a, b)
        }

        fn or(self, a: v128, b: v128) -> v128 {
            v128_or(a, b)
        }

        fn left(self, x: v128, bits: u32) -> v128 {
            u64x2_shl(x, bits)
        }

        fn right(self, x: v128, bits: u32) -> v128 {
            u64x2_shr(x, bits)
        }

        fn words_up(self, lane: v128, before: v128) -> v128 {
            u64x2_shuffle::<1, 2>(before, lane)
        }
    }
}

impl Tiled for Simd128 {
    type Block = [HV16; 8];

    const MIN_QUERIES: usize = min_queries("simd128");

    fn blocks(vectors: &[HV16]) -> (&[Self::Block], &[HV16]) {
        vectors.as_chunks()
    }

    fn vectors(block: &Self::Block) -> &[HV16] {
        block
    }

    #[inline(always)]
    fn join(self, block: &Self::Block, p: usize, i: usize) -> v128 {
        lanes::view::<_, Vector>(&block[p])[i]
    }

    operations! {
        fn unpack_low(self, a: v128, b: v128) -> v128 {
            u8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(a, b)
        }

        fn unpack_high(self, a: v128, b: v128) -> v128 {
            u8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(a, b)
        }

        fn below(self, numbers: v128, bound: u16) -> u32 {
            u32::from(u16x8_bitmask(u16x8_lt(numbers, u16x8_splat(bound))))
        }
    }
}

impl Paired for Simd128 {
    operations! {
        fn and_not(self, a: v128, b: v128) -> v128 {
            v128_andnot(b, a)
        }

        fn join_bits(self, a: v128, b: v128) -> v128 {
            v128_or(a, b)
        }
    }
}

impl Counting for Simd128 {
    operations! {
        fn count_bytes(self, x: v128) -> v128 {
            u8x16_popcnt(x)
        }

        fn add_bytes(self, a: v128, b: v128) -> v128 {
            u8x16_add(a, b)
        }

        fn total(self, bytes: v128) -> u16 {
            let sums = u32x4_extadd_pairwise_u16x8(u16x8_extadd_pairwise_u8x16(bytes));
            let two = u32x4_add(sums, u64x2_shuffle::<1, 0>(sums, sums));
            (u32x4_extract_lane::<0>(two) + u32x4_extract_lane::<1>(two)) as u16
        }

        fn add_to_sums(self, sums: v128, bytes: v128) -> v128 {
            u32x4_add(sums, u32x4_extadd_pairwise_u16x8(u16x8_extadd_pairwise_u8x16(bytes)))
        }

        fn totals(self, bytes: [v128; 8]) -> v128 {
            let [a, b, c, d, e, f, g, h] = bytes.map(|bytes| u16x8_extadd_pairwise_u8x16(bytes));
            let [ab, cd, ef, gh] = [add_pairs(a, b), add_pairs(c, d), add_pairs(e, f), add_pairs(g, h)];
            add_pairs(add_pairs(ab, cd), add_pairs(ef, gh))
        }
    }
}

/// The sums of each two 16-bit numbers of both.
#[inline(always)]
fn add_pairs(a: v128, b: v128) -> v128 {
    let even = u16x8_shuffle::<0, 2, 4, 6, 8, 10, 12, 14>(a, b);
    let odd = u16x8_shuffle::<1, 3, 5, 7, 9, 11, 13, 15>(a, b);
    u16x8_add(even, odd)
}
