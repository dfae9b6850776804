//! Many queries on 512-bit lanes, see [`transposed`](crate::arch::transposed).
//!
//! Mix for a word of a query and every vector of a tile: 42 adders and 1 on average for what is carried on, of two
//! ternary operations each; 51 loads and 8 stores of lanes; 66 operations on the word, which make its keys. As a ternary
//! operation overwrites an operand, there is a copy in most adders, and it is 280 instructions in all. Zen 5 takes 40
//! cycles, where it starts eight instructions in one: 2.5 a pair, and 3.4 where bits are counted. What shaped this is
//! measured there:
//!
//! - Two lanes are loaded in a cycle, or four words, but hardly more than two of both mixed. So keys are not made ready
//!   beforehand but cut out of the word, and one key finds both lanes of a three, which lie side by side.
//! - A store costs the time of two ternary operations, though it does not wait for any, and none of simpler ones. So
//!   few sums are stored, and tables are made with as few ternary operations as may be.
//! - With all loads of a word at the beginning, where the compiler puts them, lanes are spilled, which is stores again:
//!   hence [`hold`].
//!
//! The tables of a vector, its transposition among them, cost 17 ns, for which 70 queries make up. Zen 4, which does
//! half as much in a cycle on lanes, but loads no less, is foreseen to gain from 30 on.

use std::arch::x86_64::*;

use super::adders::full_add;
use crate::lanes::{Key, hold, m512_numbers, m512_numbers_mut, m512_words};

transposition!(
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
    __m512i,
    join,
    _mm512_unpacklo_epi8,
    _mm512_unpackhi_epi8,
    _mm512_set1_epi64,
    _mm512_xor_si512,
    _mm512_and_si512,
    _mm512_sll_epi64,
    _mm512_srl_epi64
);

reading!(
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
    __m512i,
    m512_words,
    m512_numbers,
    m512_numbers_mut,
    _mm512_xor_si512,
    _mm512_and_si512,
    below
);

transposed!(
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
    __m512i,
    least: 48
);

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn join([a, b, c, d]: [__m128i; 4]) -> __m512i {
    _mm512_inserti64x4::<1>(_mm512_castsi256_si512(_mm256_set_m128i(b, a)), _mm256_set_m128i(d, c))
}

/// Words that are added at a time: their tables, 21 KiB, leave the rest of L1 to what passes.
const STEP: usize = 1;

/// Sums of weight 1 to 32: a word adds 64 to a distance at most.
const LOW: usize = 6;

/// The word itself: its bits are the keys.
#[derive(Clone, Copy)]
struct Keys(u64);

impl Keys {
    fn prepare(word: u64) -> u64 {
        word
    }

    fn new(word: u64) -> Self {
        Self(word)
    }
}

/// Threes of columns; one column is left of a word.
const THREES: usize = 21;

/// What each three of columns contributes to a distance, for each value of a query's three bits.
#[derive(Clone, Copy)]
struct Tables {
    threes: [[Three; 8]; THREES],
    single: [__m512i; 2],
}

/// How many bits of a three differ, 0 to 3.
#[derive(Clone, Copy)]
struct Three {
    one: __m512i,
    two: __m512i,
}

/// The truth table of the majority of three bits of which those of `key` are complemented: a permutation of the usual.
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

impl Tables {
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
    fn new() -> [Self; STEP] {
        let zero = splat(0);
        [Self { threes: [[Three { one: zero, two: zero }; 8]; THREES], single: [zero; 2] }]
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
    fn fill(&mut self, columns: &[__m512i; 64]) {
        let (threes, [last]) = columns.as_chunks::<3>() else { unreachable!("a word is 21 threes and one") };
        let [ones, ..] = hold([splat(u64::MAX); 4]);
        let not = |x| _mm512_xor_si512(x, ones);
        for (table, &[a, b, c]) in self.threes.iter_mut().zip(threes) {
            let [differ, ..] = hold([_mm512_xor_si512(a, b), a, b, c]);
            let even = _mm512_xor_si512(differ, c);
            let odd = not(even);
            let none = _mm512_ternarylogic_epi64::<{ majority(0) }>(a, b, c);
            let first = _mm512_ternarylogic_epi64::<{ majority(1) }>(a, b, c);
            let second = _mm512_ternarylogic_epi64::<{ majority(2) }>(a, b, c);
            let third = _mm512_ternarylogic_epi64::<{ majority(4) }>(a, b, c);
            *table = [
                Three { one: even, two: none },
                Three { one: odd, two: first },
                Three { one: odd, two: second },
                Three { one: even, two: not(third) },
                Three { one: odd, two: third },
                Three { one: even, two: not(second) },
                Three { one: even, two: not(first) },
                Three { one: odd, two: not(none) },
            ];
        }
        self.single = [*last, _mm512_xor_si512(*last, splat(u64::MAX))];
    }

    /// Nine columns from three number `i` on, as lanes of weight 1, 2, 2 and 4.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
    fn nine(&self, word: u64, i: usize) -> (__m512i, [__m512i; 2], __m512i) {
        let three = |i: usize| Key::bits_of(word, 3 * i).of(&self.threes[i]);
        let (a, b, c) = (three(i), three(i + 1), three(i + 2));
        let ((one, two), (two_of_twos, four)) = (full_add(a.one, b.one, c.one), full_add(a.two, b.two, c.two));
        (one, [two, two_of_twos], four)
    }
}

/// Adds the differing bits of a word to the sums, and returns the carry of weight 64.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn count([tables]: &[Tables; STEP], [Keys(word)]: &[Keys; STEP], sums: &mut [__m512i; LOW]) -> __m512i {
    let [mut ones, mut twos, mut fours, mut eights, mut sixteens, mut thirty_twos] = *sums;
    let mut eighteen = |i: usize| {
        [ones, twos, fours, eights] = hold([ones, twos, fours, eights]);
        let (one_a, two_a, four_a) = tables.nine(*word, i);
        let (one_b, two_b, four_b) = tables.nine(*word, i + 3);
        let two = add(&mut ones, one_a, one_b);
        let fours_of_twos = [0, 1].map(|i| add(&mut twos, two_a[i], two_b[i]));
        let eight_a = add(&mut fours, fours_of_twos[0], fours_of_twos[1]);
        let eight_b = add(&mut fours, four_a, four_b);
        (two, add(&mut eights, eight_a, eight_b))
    };
    let ((two_a, sixteen_a), (two_b, sixteen_b), (two_c, sixteen_c)) = (eighteen(0), eighteen(6), eighteen(12));
    [ones, twos, fours, eights] = hold([ones, twos, fours, eights]);
    let (one, [two_d, two_e], four) = tables.nine(*word, 18);
    let single = Key::bits_of(*word, 63).of(&tables.single);
    let two_f = add(&mut ones, one, *single);
    let four_a = add(&mut twos, two_a, two_b);
    let four_b = add(&mut twos, two_d, two_e);
    let four_c = add(&mut twos, two_c, two_f);
    let eight_a = add(&mut fours, four, four_a);
    let eight_b = add(&mut fours, four_b, four_c);
    let sixteen_d = add(&mut eights, eight_a, eight_b);
    let thirty_two_a = add(&mut sixteens, sixteen_a, sixteen_b);
    let thirty_two_b = add(&mut sixteens, sixteen_c, sixteen_d);
    let carry = add(&mut thirty_twos, thirty_two_a, thirty_two_b);
    *sums = [ones, twos, fours, eights, sixteens, thirty_twos];
    carry
}

/// Adds two lanes to a sum, and returns the carry.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn add(sum: &mut __m512i, a: __m512i, b: __m512i) -> __m512i {
    let (total, carry) = full_add(*sum, a, b);
    *sum = total;
    carry
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn below(numbers: &__m512i, bound: u16) -> u32 {
    _mm512_cmplt_epu16_mask(*numbers, _mm512_set1_epi16(bound as i16))
}
