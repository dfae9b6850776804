//! The tables of a word and what they add to a distance, for lanes whose adders take two or three operations and
//! that have 32 registers.
//!
//! Mix for a word of a query and every vector of a tile: 42 adders and 1 on average for what is carried on; 51 loads and 8
//! stores of lanes; 66 operations on the word, which make its indices. With ternary logic an adder is two operations, and a
//! copy in most, as they overwrite an operand: 280 instructions in all. What shaped this was measured on Zen 5 (docs/tuning.md
//! has the cycles):
//!
//! - Two lanes are loaded in a cycle, or four words, but hardly more than two of both mixed. So indices are not made ready
//!   beforehand but cut out of the word, and one index finds both lanes of a three, which lie next to each other.
//! - A store costs the time of two ternary operations, though it does not wait for any, and none of simpler ones. So
//!   few sums are stored, and tables are made with as few ternary operations as may be.

use alloc::vec::Vec;

use hv_core::HV16;

use crate::arch::lane::Tiled;
use crate::arch::transposed::passes::{Indexed, write_indices};
use crate::arch::transposed::tiles::{Adding, add};
use crate::lanes::TableIndex;

/// Words that are added at a time: their tables, 21 KiB on 512 bits, leave the rest of L1 to what passes.
const STEP: usize = 1;

/// Sums of weight 1 to 32: a word adds 64 to a distance at most.
const LOW: usize = 6;

/// Threes of columns; one column is left of a word.
const THREES: usize = 21;

/// What each three of columns contributes to a distance, for each value of a query's three bits.
#[derive(Clone, Copy)]
pub(crate) struct Tables<L: Tiled> {
    threes: [[Three<L>; 8]; THREES],
    single: [L::Bits; 2],
}

/// How many bits of a three differ, 0 to 3.
#[derive(Clone, Copy)]
struct Three<L: Tiled> {
    one: L::Bits,
    two: L::Bits,
}

/// Adding by threes.
pub(crate) struct Threes;

impl Indexed for Threes {
    /// The word itself: its bits are the indices.
    type TableIndices = [u64; STEP];

    #[inline(always)]
    fn write_indices(queries: &[HV16], indices: &mut Vec<[u64; STEP]>) {
        write_indices(queries, indices, |word| word, |word| word);
    }
}

impl<L: Tiled> Adding<L> for Threes {
    const STEP: usize = STEP;
    const LOW: usize = LOW;
    type Tables = Tables<L>;
    type Sums = [L::Bits; 17];

    #[inline(always)]
    fn tables(l: L) -> Tables<L> {
        let zero = l.splat(0);
        Tables { threes: [[Three { one: zero, two: zero }; 8]; THREES], single: [zero; 2] }
    }

    #[inline(always)]
    fn sums(l: L) -> [L::Bits; 17] {
        [l.splat(0); 17]
    }

    #[inline(always)]
    fn fill(l: L, tables: &mut Tables<L>, columns: &[[L::Bits; 64]]) {
        let (threes, [last]) = columns[0].as_chunks::<3>() else { unreachable!("a word is 21 threes and one") };
        let ones = l.splat(u64::MAX);
        for (table, &[a, b, c]) in tables.threes.iter_mut().zip(threes) {
            let even = l.xor(l.xor(a, b), c);
            let odd = l.xor(even, ones);
            let [none, first, second, third] = l.majorities(a, b, c);
            *table = [
                Three { one: even, two: none },
                Three { one: odd, two: first },
                Three { one: odd, two: second },
                Three { one: even, two: l.xor(third, ones) },
                Three { one: odd, two: third },
                Three { one: even, two: l.xor(second, ones) },
                Three { one: even, two: l.xor(first, ones) },
                Three { one: odd, two: l.xor(none, ones) },
            ];
        }
        tables.single = [*last, l.xor(*last, l.splat(u64::MAX))];
    }

    /// Adds the differing bits of a word to the sums, and returns the carry of weight 64.
    #[inline(always)]
    fn count(l: L, tables: &Tables<L>, &[word]: &[u64; STEP], sums: &mut [L::Bits; 17]) -> L::Bits {
        let [mut ones, mut twos, mut fours, mut eights, mut sixteens, mut thirty_twos, ..] = *sums;
        let (two_a, sixteen_a) = tables.eighteen(l, word, 0, [&mut ones, &mut twos, &mut fours, &mut eights]);
        let (two_b, sixteen_b) = tables.eighteen(l, word, 6, [&mut ones, &mut twos, &mut fours, &mut eights]);
        let (two_c, sixteen_c) = tables.eighteen(l, word, 12, [&mut ones, &mut twos, &mut fours, &mut eights]);
        let (one, [two_d, two_e], four) = tables.nine(l, word, 18);
        let single = TableIndex::bits_of(word, 63).of(&tables.single);
        let two_f = add(l, &mut ones, one, *single);
        let four_a = add(l, &mut twos, two_a, two_b);
        let four_b = add(l, &mut twos, two_d, two_e);
        let four_c = add(l, &mut twos, two_c, two_f);
        let eight_a = add(l, &mut fours, four, four_a);
        let eight_b = add(l, &mut fours, four_b, four_c);
        let sixteen_d = add(l, &mut eights, eight_a, eight_b);
        let thirty_two_a = add(l, &mut sixteens, sixteen_a, sixteen_b);
        let thirty_two_b = add(l, &mut sixteens, sixteen_c, sixteen_d);
        let carry = add(l, &mut thirty_twos, thirty_two_a, thirty_two_b);
        let [low @ .., _, _, _, _, _, _, _, _, _, _, _] = sums;
        *low = [ones, twos, fours, eights, sixteens, thirty_twos];
        carry
    }
}

impl<L: Tiled> Tables<L> {
    /// Adds 18 columns from three number `i` on to sums of weight 1 to 8, and returns a carry of weight 2, which waits for
    /// another, and one of weight 16.
    #[inline(always)]
    fn eighteen(
        &self,
        l: L,
        word: u64,
        i: usize,
        [ones, twos, fours, eights]: [&mut L::Bits; 4],
    ) -> (L::Bits, L::Bits) {
        let (one_a, two_a, four_a) = self.nine(l, word, i);
        let (one_b, two_b, four_b) = self.nine(l, word, i + 3);
        let two = add(l, ones, one_a, one_b);
        let fours_of_twos = [add(l, twos, two_a[0], two_b[0]), add(l, twos, two_a[1], two_b[1])];
        let eight_a = add(l, fours, fours_of_twos[0], fours_of_twos[1]);
        let eight_b = add(l, fours, four_a, four_b);
        (two, add(l, eights, eight_a, eight_b))
    }

    /// Nine columns from three number `i` on, as lanes of weight 1, 2, 2 and 4.
    #[inline(always)]
    fn nine(&self, l: L, word: u64, i: usize) -> (L::Bits, [L::Bits; 2], L::Bits) {
        let three = |i: usize| TableIndex::bits_of(word, 3 * i).of(&self.threes[i]);
        let (a, b, c) = (three(i), three(i + 1), three(i + 2));
        let (one, two) = l.full_add(a.one, b.one, c.one);
        let (two_of_twos, four) = l.full_add(a.two, b.two, c.two);
        (one, [two, two_of_twos], four)
    }
}
