//! 128-bit lanes of 64-bit Arm.

use core::arch::aarch64::*;
use core::arch::asm;

use hv_core::HV16;

use crate::arch::counting::Counting;
use crate::arch::lane::{Lane, Tiled, min_queries};
use crate::lanes;

/// A vector.
type Vector = [uint64x2_t; 16];

/// These lanes; a value is the proof that the CPU has the instructions.
#[derive(Clone, Copy)]
pub(crate) struct Neon(());

impl Neon {
    #[inline]
    #[target_feature(enable = "neon")]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Lane for Neon {
    type Bits = uint64x2_t;

    operations! {
        fn splat(self, word: u64) -> uint64x2_t {
            vdupq_n_u64(word)
        }

        fn xor(self, a: uint64x2_t, b: uint64x2_t) -> uint64x2_t {
            veorq_u64(a, b)
        }

        fn and(self, a: uint64x2_t, b: uint64x2_t) -> uint64x2_t {
            vandq_u64(a, b)
        }

        fn or(self, a: uint64x2_t, b: uint64x2_t) -> uint64x2_t {
            vorrq_u64(a, b)
        }

        fn left(self, x: uint64x2_t, bits: u32) -> uint64x2_t {
            vshlq_u64(x, vdupq_n_s64(i64::from(bits)))
        }

        fn right(self, x: uint64x2_t, bits: u32) -> uint64x2_t {
            vshlq_u64(x, vdupq_n_s64(-i64::from(bits)))
        }

        fn words_up(self, lane: uint64x2_t, before: uint64x2_t) -> uint64x2_t {
            vextq_u64::<1>(before, lane)
        }

        /// Where two of three bits differ, the third decides. EOR3 would make it no fewer operations, as the carry wants to
        /// know where the two differ.
        fn full_add(self, a: uint64x2_t, b: uint64x2_t, c: uint64x2_t) -> (uint64x2_t, uint64x2_t) {
            let differ = opaque(veorq_u64(a, b));
            (veorq_u64(differ, c), vbslq_u64(differ, c, a))
        }
    }
}

impl Tiled for Neon {
    type Block = [HV16; 8];

    const MIN_QUERIES: usize = min_queries("neon");

    fn blocks(vectors: &[HV16]) -> (&[Self::Block], &[HV16]) {
        vectors.as_chunks()
    }

    fn vectors(block: &Self::Block) -> &[HV16] {
        block
    }

    #[inline(always)]
    fn join(self, block: &Self::Block, p: usize, i: usize) -> uint64x2_t {
        lanes::view::<_, Vector>(&block[p])[i]
    }

    operations! {
        fn unpack_low(self, a: uint64x2_t, b: uint64x2_t) -> uint64x2_t {
            vreinterpretq_u64_u8(vzip1q_u8(vreinterpretq_u8_u64(a), vreinterpretq_u8_u64(b)))
        }

        fn unpack_high(self, a: uint64x2_t, b: uint64x2_t) -> uint64x2_t {
            vreinterpretq_u64_u8(vzip2q_u8(vreinterpretq_u8_u64(a), vreinterpretq_u8_u64(b)))
        }

        fn below(self, numbers: uint64x2_t, bound: u16) -> u32 {
            let below = vcltq_u16(vreinterpretq_u16_u64(numbers), vdupq_n_u16(bound));
            // A bit for each.
            let bits = vreinterpretq_u16_u64(vcombine_u64(
                vcreate_u64(0x0008_0004_0002_0001),
                vcreate_u64(0x0080_0040_0020_0010),
            ));
            u32::from(vaddvq_u16(vandq_u16(below, bits)))
        }

        fn majorities(self, a: uint64x2_t, b: uint64x2_t, c: uint64x2_t) -> [uint64x2_t; 4] {
            let differ = opaque(veorq_u64(a, b));
            let not_c = veorq_u64(c, vdupq_n_u64(u64::MAX));
            [vbslq_u64(differ, c, a), vbslq_u64(differ, b, c), vbslq_u64(differ, a, c), vbslq_u64(differ, not_c, a)]
        }
    }
}

/// The same bits, hidden from the compiler. Where it knows that they are the difference of two others, it
/// makes three operations of a selection by them, which is one instruction.
#[inline]
#[target_feature(enable = "neon")]
#[allow(unsafe_code)]
fn opaque(mut bits: uint64x2_t) -> uint64x2_t {
    // SAFETY: no instruction at all.
    unsafe {
        asm!("/* {:v} */", inout(vreg) bits, options(pure, nomem, nostack, preserves_flags));
    }
    bits
}

impl Counting for Neon {
    operations! {
        fn count_bytes(self, x: uint64x2_t) -> uint64x2_t {
            vreinterpretq_u64_u8(vcntq_u8(vreinterpretq_u8_u64(x)))
        }

        fn add_bytes(self, a: uint64x2_t, b: uint64x2_t) -> uint64x2_t {
            vreinterpretq_u64_u8(vaddq_u8(vreinterpretq_u8_u64(a), vreinterpretq_u8_u64(b)))
        }

        fn total(self, bytes: uint64x2_t) -> u16 {
            vaddlvq_u8(vreinterpretq_u8_u64(bytes))
        }

        fn add_to_sums(self, sums: uint64x2_t, bytes: uint64x2_t) -> uint64x2_t {
            let pairs = vpaddlq_u8(vreinterpretq_u8_u64(bytes));
            vreinterpretq_u64_u32(vpadalq_u16(vreinterpretq_u32_u64(sums), pairs))
        }

        fn totals(self, bytes: [uint64x2_t; 8]) -> uint64x2_t {
            let [a, b, c, d, e, f, g, h] = bytes.map(|bytes| vpaddlq_u8(vreinterpretq_u8_u64(bytes)));
            let [ab, cd, ef, gh] = [vpaddq_u16(a, b), vpaddq_u16(c, d), vpaddq_u16(e, f), vpaddq_u16(g, h)];
            vreinterpretq_u64_u16(vpaddq_u16(vpaddq_u16(ab, cd), vpaddq_u16(ef, gh)))
        }
    }
}
