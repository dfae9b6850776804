//! The kernels for many queries, on several words as a lane.
//!
//! Words stand in memory as on a little-endian machine, and each thread keeps room. So these kernels are not there on
//! another machine, or without the standard library.

use core::array::from_fn;
use core::cell::Cell;
use std::thread::LocalKey;

use hv_core::HV16;

use crate::arch::lane::{Lane, Tiled, min_queries};
use crate::arch::transposed::pairs::{Paired, Pairs};
use crate::arch::transposed::reading::{Bounds, Planes, Reading, Reported};
use crate::arch::transposed::tiles::{Adding, Room, Steps, Sums, TableIndices, Tables, UnderWay};
use crate::arch::transposed::transposition::Tile;
use crate::arch::transposed::{reading, tiles, transposition};
use crate::bound::Bound;
use crate::kernels::TiledKernels;
use crate::lanes;
use crate::report::{OnDistances, OnMatch};

entries_for_tiles!(Words, Pairs);

/// Words of a lane: with four, the compiler has most use of vector registers (docs/tuning.md).
const WORDS: usize = 4;

/// These lanes, which every CPU has.
#[derive(Clone, Copy)]
pub(crate) struct Words(());

impl Words {
    #[inline]
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Lane for Words {
    type Bits = [u64; WORDS];

    #[inline(always)]
    fn splat(self, word: u64) -> Self::Bits {
        [word; WORDS]
    }

    #[inline(always)]
    fn xor(self, a: Self::Bits, b: Self::Bits) -> Self::Bits {
        from_fn(|i| a[i] ^ b[i])
    }

    #[inline(always)]
    fn and(self, a: Self::Bits, b: Self::Bits) -> Self::Bits {
        from_fn(|i| a[i] & b[i])
    }

    #[inline(always)]
    fn or(self, a: Self::Bits, b: Self::Bits) -> Self::Bits {
        from_fn(|i| a[i] | b[i])
    }

    #[inline(always)]
    fn left(self, x: Self::Bits, bits: u32) -> Self::Bits {
        x.map(|word| word << bits)
    }

    #[inline(always)]
    fn right(self, x: Self::Bits, bits: u32) -> Self::Bits {
        x.map(|word| word >> bits)
    }

    #[inline(always)]
    fn words_up(self, lane: Self::Bits, before: Self::Bits) -> Self::Bits {
        from_fn(|i| if i == 0 { before[WORDS - 1] } else { lane[i - 1] })
    }
}

impl Tiled for Words {
    type Block = [HV16; 4 * WORDS];

    const MIN_QUERIES: usize = min_queries("scalar");

    fn blocks(vectors: &[HV16]) -> (&[Self::Block], &[HV16]) {
        vectors.as_chunks()
    }

    fn vectors(block: &Self::Block) -> &[HV16] {
        block
    }

    #[inline(always)]
    fn join(self, block: &Self::Block, p: usize, i: usize) -> Self::Bits {
        from_fn(|word| lanes::words(&block[p + word / 2 * 8])[2 * i + word % 2])
    }

    #[inline(always)]
    fn unpack_low(self, a: Self::Bits, b: Self::Bits) -> Self::Bits {
        from_fn(|i| in_turn(half(a[i / 2 * 2], i), half(b[i / 2 * 2], i)))
    }

    #[inline(always)]
    fn unpack_high(self, a: Self::Bits, b: Self::Bits) -> Self::Bits {
        from_fn(|i| in_turn(half(a[i / 2 * 2 + 1], i), half(b[i / 2 * 2 + 1], i)))
    }

    #[inline(always)]
    fn below(self, numbers: Self::Bits, bound: u16) -> u32 {
        let numbers = lanes::numbers::<_, u16>(&numbers).iter().enumerate();
        numbers.fold(0, |below, (i, &number)| below | u32::from(number < bound) << i)
    }
}

impl Paired for Words {
    #[inline(always)]
    fn and_not(self, a: Self::Bits, b: Self::Bits) -> Self::Bits {
        from_fn(|i| !a[i] & b[i])
    }

    #[inline(always)]
    fn join_bits(self, a: Self::Bits, b: Self::Bits) -> Self::Bits {
        self.or(a, b)
    }
}

/// The low half of a word for an even `i`, the high one for an odd one.
#[inline(always)]
fn half(word: u64, i: usize) -> u64 {
    word >> (32 * (i % 2)) & 0xffff_ffff
}

/// The four bytes of both in turn.
#[inline(always)]
fn in_turn(a: u64, b: u64) -> u64 {
    spread(a) | spread(b) << 8
}

/// A zero above each of four bytes.
#[inline(always)]
fn spread(bytes: u64) -> u64 {
    let pairs = (bytes | bytes << 16) & 0x0000_ffff_0000_ffff;
    (pairs | pairs << 8) & 0x00ff_00ff_00ff_00ff
}
