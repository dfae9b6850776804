//! 64-bit words as lanes.

use crate::arch::lane::Lane;

/// These lanes, which every CPU has.
#[derive(Clone, Copy)]
pub(crate) struct Scalar(());

impl Scalar {
    #[inline]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

/// Words are in memory order.
impl Lane for Scalar {
    type Bits = u64;

    #[inline(always)]
    fn splat(self, word: u64) -> u64 {
        word.to_le()
    }

    #[inline(always)]
    fn xor(self, a: u64, b: u64) -> u64 {
        a ^ b
    }

    #[inline(always)]
    fn and(self, a: u64, b: u64) -> u64 {
        a & b
    }

    #[inline(always)]
    fn or(self, a: u64, b: u64) -> u64 {
        a | b
    }

    #[inline(always)]
    fn left(self, x: u64, bits: u32) -> u64 {
        (x.to_le() << bits).to_le()
    }

    #[inline(always)]
    fn right(self, x: u64, bits: u32) -> u64 {
        (x.to_le() >> bits).to_le()
    }

    #[inline(always)]
    fn words_up(self, _: u64, before: u64) -> u64 {
        before
    }
}
