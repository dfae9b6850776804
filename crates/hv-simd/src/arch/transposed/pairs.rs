//! The tables of a word and what they add to a distance, for lanes without ternary logic.
//!
//! An adder takes five operations here. But two of them are eight where the inputs come as `a` and `a ^ b`, and the
//! carries leave so too (MDFA: Demenkov, Kojevnikov, Kulikov, Yaroslavtsev, "New upper bounds on the Boolean circuit
//! complexity of symmetric functions", Information Processing Letters 110, 2010). So lanes go in pairs: the parities of
//! two threes have one table, and one index. Indices are bytes that were made ready, each an offset that a load adds to its
//! address, since the operations on lanes are the bound and loads are not.
//!
//! Mix for two words of a query and every vector of a tile: 374 operations, 112 loads and stores of lanes, and 64 loads
//! of indices. On 256 bits these are 24 operations a pair. docs/tuning.md has the cycles of both.

use alloc::vec::Vec;

use hv_core::HV16;

use crate::arch::lane::Tiled;
use crate::arch::transposed::passes::{Indexed, write_indices};
use crate::arch::transposed::tiles::Adding;
use crate::lanes::TableIndex;

/// What is asked of lanes here.
pub(crate) trait Paired: Tiled {
    /// The bits of `b` that `a` lacks.
    fn and_not(self, a: Self::Bits, b: Self::Bits) -> Self::Bits;

    /// The or of two lanes that have no bit in common, by whatever operation is fastest.
    fn join_bits(self, a: Self::Bits, b: Self::Bits) -> Self::Bits;
}

/// Pairs of threes, as columns of a word: of each byte the low six bits, and of three bytes each the two that are left.
pub(super) const THREES: [[[usize; 3]; 2]; 10] = [
    [[0, 1, 2], [3, 4, 5]],
    [[8, 9, 10], [11, 12, 13]],
    [[16, 17, 18], [19, 20, 21]],
    [[24, 25, 26], [27, 28, 29]],
    [[32, 33, 34], [35, 36, 37]],
    [[40, 41, 42], [43, 44, 45]],
    [[48, 49, 50], [51, 52, 53]],
    [[56, 57, 58], [59, 60, 61]],
    [[6, 14, 22], [7, 15, 23]],
    [[30, 38, 46], [31, 39, 47]],
];

/// Pairs of columns that are left of a word.
pub(super) const SINGLES: [[usize; 2]; 2] = [[54, 55], [62, 63]];

/// What a query's word finds in the tables.
#[derive(Clone, Copy)]
pub(crate) struct TableIndices {
    /// The bits of each three of a pair: the first eight pairs, and the others.
    threes: [[TableIndex<8>; 8]; 2],
    threes_left: [[TableIndex<8>; 2]; 2],
    /// The parities of both threes of a pair, and both single bits.
    parities: [TableIndex<4>; 8],
    parities_left: [TableIndex<4>; 2],
    singles: [TableIndex<4>; 2],
}

impl TableIndices {
    #[inline(always)]
    pub(super) fn new([first, second, parities, left]: [u64; 4]) -> Self {
        let [c, d, e, f, ..] = TableIndex::eight(left);
        let [.., g, h, i, j] = TableIndex::eight(left);
        Self {
            threes: [TableIndex::eight(first), TableIndex::eight(second)],
            threes_left: [[c, d], [e, f]],
            parities: TableIndex::eight(parities),
            parities_left: [g, h],
            singles: [i, j],
        }
    }

    /// The indices of a word as bytes: of the first threes, the second threes, the parities, and what is left.
    #[inline(always)]
    pub(super) fn prepare(word: u64) -> [u64; 4] {
        // Byte i of these words is about byte i of the vector's, or about three of its bytes from byte i on.
        const LOW: u64 = 0x0101_0101_0101_0101;
        let parities = word ^ word >> 1 ^ word >> 2;
        let (a, b) = (word >> 6 & LOW, word >> 7 & LOW);
        let (a_left, b_left) = (a | a >> 7 | a >> 14, b | b >> 7 | b >> 14);
        let ab = a | b << 1;
        let parities_left = ab ^ ab >> 8 ^ ab >> 16;
        // Bytes 0 and 3 of each, and the bits that are left: each in a half of its own.
        let high = a_left & 0xff | a_left >> 16 & 0xff00 | b_left << 16 & 0x00ff_0000 | b_left & 0xff00_0000;
        let low = parities_left & 0xff | parities_left >> 16 & 0xff00 | word >> 38 & 0xffff_0000;
        [word, word >> 3, parities & LOW | parities >> 2 & LOW << 1, high | low << 32]
    }

    /// For pair `i` of [`THREES`].
    #[inline(always)]
    pub(super) fn high(&self, i: usize) -> [TableIndex<8>; 2] {
        if i < 8 {
            [self.threes[0][i], self.threes[1][i]]
        } else {
            [self.threes_left[0][i - 8], self.threes_left[1][i - 8]]
        }
    }

    /// For pair `i` of [`THREES`] and then [`SINGLES`].
    #[inline(always)]
    pub(super) fn low(&self, i: usize) -> TableIndex<4> {
        match i {
            0..8 => self.parities[i],
            8..10 => self.parities_left[i - 8],
            _ => self.singles[i - 10],
        }
    }
}

/// What each three or pair of columns contributes to a distance, for each index of a query.
#[derive(Clone, Copy)]
pub(crate) struct Tables<L: Tiled> {
    /// Twos: of each three, if two or three of its bits differ.
    high: [[[L::Bits; 8]; 2]; 10],
    /// Ones, of both, as a pair.
    low: [[Pair<L>; 4]; 12],
}

/// Two lanes as the adders take them: the second as its difference from the first.
#[derive(Clone, Copy)]
struct Pair<L: Tiled>(L::Bits, L::Bits);

/// Words that are added at a time: their tables take half of L1, and sums in L2 are read and written once.
const STEP: usize = 2;

/// Sums of weight 1 to 64: a step adds 128 to a distance at most.
const LOW: usize = 7;

/// Adding by pairs of threes.
pub(crate) struct Pairs;

impl Indexed for Pairs {
    type TableIndices = [TableIndices; STEP];

    #[inline(always)]
    fn write_indices(queries: &[HV16], indices: &mut Vec<[TableIndices; STEP]>) {
        write_indices(queries, indices, TableIndices::prepare, TableIndices::new);
    }
}

impl<L: Paired> Adding<L> for Pairs {
    const STEP: usize = STEP;
    const LOW: usize = LOW;
    type Tables = [Tables<L>; STEP];
    type Sums = [L::Bits; 16];

    #[inline(always)]
    fn tables(l: L) -> [Tables<L>; STEP] {
        let zero = l.splat(0);
        [Tables { high: [[[zero; 8]; 2]; 10], low: [[Pair(zero, zero); 4]; 12] }; STEP]
    }

    #[inline(always)]
    fn sums(l: L) -> [L::Bits; 16] {
        [l.splat(0); 16]
    }

    #[inline(always)]
    fn fill(l: L, tables: &mut [Tables<L>; STEP], columns: &[[L::Bits; 64]]) {
        for (tables, columns) in tables.iter_mut().zip(columns) {
            tables.fill(l, columns);
        }
    }

    /// Adds the differing bits of two words, and returns the carry of weight 128.
    #[inline(always)]
    fn count(l: L, tables: &[Tables<L>; STEP], indices: &[TableIndices; STEP], sums: &mut [L::Bits; 16]) -> L::Bits {
        let [mut ones, mut twos, mut fours, mut eights, mut sixteens, mut thirty_twos, mut sixty_fours, ..] = *sums;
        let low = [&mut ones, &mut twos, &mut fours, &mut eights, &mut sixteens];
        let p = add_word(l, &tables[0], &indices[0], low);
        let low = [&mut ones, &mut twos, &mut fours, &mut eights, &mut sixteens];
        let q = add_word(l, &tables[1], &indices[1], low);
        let carries = double_add(l, &mut thirty_twos, p, q);
        let carry = add_pair(l, &mut sixty_fours, carries);
        let [low @ .., _, _, _, _, _, _, _, _, _] = sums;
        *low = [ones, twos, fours, eights, sixteens, thirty_twos, sixty_fours];
        carry
    }
}

impl<L: Paired> Tables<L> {
    #[inline(always)]
    fn fill(&mut self, l: L, columns: &[L::Bits; 64]) {
        let ones = l.splat(u64::MAX);
        let (of_threes, of_singles) = self.low.split_at_mut(THREES.len());
        for ((threes, high), low) in THREES.iter().zip(&mut self.high).zip(of_threes) {
            let mut parities = [ones; 2];
            for ((three, high), parity) in threes.iter().zip(high).zip(&mut parities) {
                let [a, b, c] = three.map(|i| columns[i]);
                *parity = l.xor(l.xor(a, b), c);
                // The majority, of the bits as they are and with one complemented.
                for (index, majority) in [0, 1, 2, 4].into_iter().zip(l.majorities(a, b, c)) {
                    high[index] = majority;
                    high[7 - index] = l.xor(majority, ones);
                }
            }
            *low = each_index(l, parities);
        }
        for (single, low) in SINGLES.iter().zip(of_singles) {
            *low = each_index(l, single.map(|i| columns[i]));
        }
    }
}

/// Two columns, for each index of two bits.
#[inline(always)]
fn each_index<L: Paired>(l: L, [a, b]: [L::Bits; 2]) -> [Pair<L>; 4] {
    let ones = l.splat(u64::MAX);
    let (not_a, not_b) = (l.xor(a, ones), l.xor(b, ones));
    [pair(l, a, b), pair(l, not_a, b), pair(l, a, not_b), pair(l, not_a, not_b)]
}

/// Adds a word to sums of weight 1 to 16, and returns two carries of weight 32.
#[inline(always)]
fn add_word<L: Paired>(
    l: L,
    tables: &Tables<L>,
    indices: &TableIndices,
    [ones, twos, fours, eights, sixteens]: [&mut L::Bits; 5],
) -> Pair<L> {
    let (p, q) = (four(l, tables, indices, 0, ones, twos), four(l, tables, indices, 1, ones, twos));
    let eight_a = double_add(l, fours, p, q);
    let (p, q) = (four(l, tables, indices, 2, ones, twos), four(l, tables, indices, 3, ones, twos));
    let eight_b = double_add(l, fours, p, q);
    let sixteen_a = double_add(l, eights, eight_a, eight_b);
    let (p, q) = (four(l, tables, indices, 4, ones, twos), four(l, tables, indices, 5, ones, twos));
    let eight_a = double_add(l, fours, p, q);
    let (p, q) = (four(l, tables, indices, 6, ones, twos), four(l, tables, indices, 7, ones, twos));
    let eight_b = double_add(l, fours, p, q);
    let sixteen_b = double_add(l, eights, eight_a, eight_b);
    double_add(l, sixteens, sixteen_a, sixteen_b)
}

/// Two pairs of weight two of a word, as one of weight four: six times one of them is a carry of ones.
#[inline(always)]
fn four<L: Paired>(
    l: L,
    tables: &Tables<L>,
    indices: &TableIndices,
    i: usize,
    ones: &mut L::Bits,
    twos: &mut L::Bits,
) -> Pair<L> {
    let low = |i: usize| *indices.low(i).of(&tables.low[i]);
    let (p, q) = if i < 6 {
        (double_add(l, ones, low(2 * i), low(2 * i + 1)), high(l, tables, indices, i))
    } else {
        (high(l, tables, indices, 2 * i - 6), high(l, tables, indices, 2 * i - 5))
    };
    double_add(l, twos, q, p)
}

/// The twos of a pair of threes.
#[inline(always)]
fn high<L: Paired>(l: L, tables: &Tables<L>, indices: &TableIndices, i: usize) -> Pair<L> {
    let ([a, b], [of_a, of_b]) = (indices.high(i), &tables.high[i]);
    pair(l, *a.of(of_a), *b.of(of_b))
}

#[inline(always)]
fn pair<L: Paired>(l: L, a: L::Bits, b: L::Bits) -> Pair<L> {
    Pair(a, l.xor(a, b))
}

/// Two full adders in eight operations.
#[inline(always)]
fn double_add<L: Paired>(l: L, sum: &mut L::Bits, Pair(a, ab): Pair<L>, Pair(c, cd): Pair<L>) -> Pair<L> {
    let first = l.or(ab, l.xor(a, *sum));
    let middle = l.xor(ab, *sum);
    let second = l.and_not(cd, l.xor(c, middle));
    *sum = l.xor(cd, middle);
    Pair(l.xor(first, middle), l.xor(first, second))
}

/// One full adder, of a pair.
#[inline(always)]
fn add_pair<L: Paired>(l: L, sum: &mut L::Bits, Pair(a, ab): Pair<L>) -> L::Bits {
    let carry = l.join_bits(l.and_not(ab, a), l.and(ab, *sum));
    *sum = l.xor(ab, *sum);
    carry
}
