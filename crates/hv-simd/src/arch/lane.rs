//! What the kernels ask of an instruction set: operations on registers, as bits, words of 64 bits, and bytes.
//!
//! A value of a type that is a [`Lane`] is the proof that this CPU has the instructions. It can be made only by a function
//! that has them enabled, so it comes from the wrappers of a backend (`entries`), which a table of kernels leads to. All
//! operations are `#[inline(always)]`, and so are the kernels above them: they end up in a wrapper, and there the
//! compiler sees what is enabled.

use hv_core::HV16;

use crate::figures::figure;
use crate::lanes::Bits;

/// The operations that every kernel uses.
pub(crate) trait Lane: Copy + 'static {
    /// A register.
    type Bits: Bits + Copy;

    /// Vectors that are counted in registers before their counts are added to others. Where a cache line is read in
    /// several passes, so few that the next pass finds it in L1.
    const PART: usize = 112;

    /// A word, in all places.
    fn splat(self, word: u64) -> Self::Bits;

    fn xor(self, a: Self::Bits, b: Self::Bits) -> Self::Bits;

    fn and(self, a: Self::Bits, b: Self::Bits) -> Self::Bits;

    fn or(self, a: Self::Bits, b: Self::Bits) -> Self::Bits;

    /// The bits of each word at places higher by `bits`, below 64.
    fn left(self, x: Self::Bits, bits: u32) -> Self::Bits;

    /// The bits of each word at places lower by `bits`, below 64.
    fn right(self, x: Self::Bits, bits: u32) -> Self::Bits;

    /// The words one place up: the last one of `before`, then all but the last of `lane`.
    fn words_up(self, lane: Self::Bits, before: Self::Bits) -> Self::Bits;

    /// The sum of three bits: its low bit, and its carry.
    #[inline(always)]
    fn full_add(self, a: Self::Bits, b: Self::Bits, c: Self::Bits) -> (Self::Bits, Self::Bits) {
        let partial = self.xor(a, b);
        (self.xor(partial, c), self.or(self.and(a, b), self.and(partial, c)))
    }

    /// The bits of a vector `BITS` places up, given a lane and the one before.
    #[inline(always)]
    fn up<const BITS: u32>(self, lane: Self::Bits, before: Self::Bits) -> Self::Bits {
        let before = self.words_up(lane, before);
        self.or(self.left(lane, BITS), self.right(before, 64 - BITS))
    }
}

/// What the search of many queries asks besides: tiles of as many vectors as a register has bits.
pub(crate) trait Tiled: Lane {
    /// As many vectors as a register has 16-bit numbers: their distances take a register.
    type Block: Bits;

    /// Minimum number of queries, or vectors, for which the kernels for many are faster: see [`min_queries`].
    const MIN_QUERIES: usize;

    /// Queries of one pass over memory, whose tables serve them all: their indices and counters, 1.4 KiB each, stay in L2
    /// next to the tile.
    const PASS: usize = 128;

    /// Vectors of a block.
    const BLOCK: usize = size_of::<Self::Bits>() / 2;

    /// Vectors of a tile.
    const TILE: usize = 8 * size_of::<Self::Bits>();

    /// Vectors in blocks, and what is left of them.
    fn blocks(vectors: &[HV16]) -> (&[Self::Block], &[HV16]);

    /// The vectors of a block.
    fn vectors(block: &Self::Block) -> &[HV16];

    /// The 16 bytes number `i` of each eighth vector of a block, from vector `p` below 8 on.
    fn join(self, block: &Self::Block, p: usize, i: usize) -> Self::Bits;

    /// The bytes of both in turn, of the low halves of each 128 bits.
    fn unpack_low(self, a: Self::Bits, b: Self::Bits) -> Self::Bits;

    /// The same of the high halves.
    fn unpack_high(self, a: Self::Bits, b: Self::Bits) -> Self::Bits;

    /// Which of the 16-bit numbers, of at most 4,095, are below the bound.
    fn below(self, numbers: Self::Bits, bound: u16) -> u32;

    /// The majority of three bits as they are, and with the first, the second or the third complemented.
    #[inline(always)]
    fn majorities(self, a: Self::Bits, b: Self::Bits, c: Self::Bits) -> [Self::Bits; 4] {
        let differ = self.xor(a, b);
        let choose = |x, y| self.xor(y, self.and(differ, self.xor(x, y)));
        [choose(c, a), choose(b, c), choose(a, c), choose(self.xor(c, self.splat(u64::MAX)), a)]
    }
}

/// The [`MIN_QUERIES`](Tiled::MIN_QUERIES) of a backend in `tiles.txt`, which says where and when it was measured.
pub(crate) const fn min_queries(backend: &str) -> usize {
    figure(include_str!("../tiles.txt"), backend, "min_queries") as usize
}

/// Makes operations of what instructions do. The text of each is instructions alone, which its `self` proves to be there.
macro_rules! operations {
    ($($(#[$doc:meta])* fn $name:ident($self:ident $(, $argument:ident: $type:ty)*) -> $result:ty { $($text:tt)* })*) => {$(
        $(#[$doc])*
        #[inline(always)]
        #[allow(unsafe_code, unused_unsafe)]
        fn $name($self $(, $argument: $type)*) -> $result {
            // SAFETY: instructions without access to memory, and a value of this type exists only where the CPU has them.
            unsafe { $($text)* }
        }
    )*};
}
