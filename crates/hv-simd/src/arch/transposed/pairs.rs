//! The tables of a word and what they add to a distance, for lanes without ternary logic.
//!
//! An adder takes five operations here. But two of them are eight where the inputs come as `a` and `a ^ b`, and the
//! carries leave so too (MDFA: Demenkov, Kojevnikov, Kulikov, Yaroslavtsev, "New upper bounds on the Boolean circuit
//! complexity of symmetric functions", Information Processing Letters 110, 2010). So lanes go in pairs: the parities of
//! two threes have one table, and one key. Keys are bytes that were made ready, each an offset that a load adds to its
//! address, since the operations on lanes are the bound and loads are not.
//!
//! Mix for two words of a query and every vector of a tile: 374 operations, 112 loads and stores of lanes, and 64 loads
//! of keys. On 256 bits these are 24 operations a pair; Zen 3 starts 3.4 in a cycle where four are the most, so that a
//! pair takes 7 cycles, where counting takes 17. The tables of a vector, its transposition among them, cost 29 ns.

use crate::lanes::Key;

/// Pairs of threes, as columns of a word: of each byte the low six bits, and of three bytes each the two that are left.
pub(crate) const THREES: [[[usize; 3]; 2]; 10] = [
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
pub(crate) const SINGLES: [[usize; 2]; 2] = [[54, 55], [62, 63]];

/// What a query's word finds in the tables.
#[derive(Clone, Copy)]
pub(crate) struct Keys {
    /// The bits of each three of a pair: the first eight pairs, and the others.
    threes: [[Key<8>; 8]; 2],
    threes_left: [[Key<8>; 2]; 2],
    /// The parities of both threes of a pair, and both single bits.
    parities: [Key<4>; 8],
    parities_left: [Key<4>; 2],
    singles: [Key<4>; 2],
}

impl Keys {
    #[inline(always)]
    pub(crate) fn new([first, second, parities, left]: [u64; 4]) -> Self {
        let [c, d, e, f, ..] = Key::eight(left);
        let [.., g, h, i, j] = Key::eight(left);
        Self {
            threes: [Key::eight(first), Key::eight(second)],
            threes_left: [[c, d], [e, f]],
            parities: Key::eight(parities),
            parities_left: [g, h],
            singles: [i, j],
        }
    }

    /// The indices of a word as bytes: of the first threes, the second threes, the parities, and what is left.
    #[inline(always)]
    pub(crate) fn prepare(word: u64) -> [u64; 4] {
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
    pub(crate) fn high(&self, i: usize) -> [Key<8>; 2] {
        if i < 8 {
            [self.threes[0][i], self.threes[1][i]]
        } else {
            [self.threes_left[0][i - 8], self.threes_left[1][i - 8]]
        }
    }

    /// For pair `i` of [`THREES`] and then [`SINGLES`].
    #[inline(always)]
    pub(crate) fn low(&self, i: usize) -> Key<4> {
        match i {
            0..8 => self.parities[i],
            8..10 => self.parities_left[i - 8],
            _ => self.singles[i - 10],
        }
    }
}

/// Adds the eight fours of a word to three sums and returns two carries of weight 32. Text, as the compiler would not
/// inline a function of this size.
macro_rules! add_fours {
    ($four:ident, $word:expr, $fours:ident, $eights:ident, $sixteens:ident) => {{
        let (p, q) = ($four($word, 0), $four($word, 1));
        let eight_a = double_add(&mut $fours, p, q);
        let (p, q) = ($four($word, 2), $four($word, 3));
        let eight_b = double_add(&mut $fours, p, q);
        let sixteen_a = double_add(&mut $eights, eight_a, eight_b);
        let (p, q) = ($four($word, 4), $four($word, 5));
        let eight_a = double_add(&mut $fours, p, q);
        let (p, q) = ($four($word, 6), $four($word, 7));
        let eight_b = double_add(&mut $fours, p, q);
        let sixteen_b = double_add(&mut $eights, eight_a, eight_b);
        double_add(&mut $sixteens, sixteen_a, sixteen_b)
    }};
}

/// Makes what [`transposed`](super) asks for by these names, for a lane type, of operations in the instruction set.
macro_rules! pairs {
    ($(#[$features:meta])* $lane:ty, $xor:path, $and:path, $or:path, $and_not:path, $add_words:path) => {
        use crate::arch::transposed::pairs::{Keys, SINGLES, THREES};

        /// Words that are added at a time: their tables take half of L1, and sums in L2 are read and written once.
        const STEP: usize = 2;

        /// Sums of weight 1 to 64: a step adds 128 to a distance at most.
        const LOW: usize = 7;

        /// What each three or pair of columns contributes to a distance, for each key of a query.
        #[derive(Clone, Copy)]
        struct Tables {
            /// Twos: of each three, if two or three of its bits differ.
            high: [[[$lane; 8]; 2]; 10],
            /// Ones, of both, as a pair.
            low: [[Pair; 4]; 12],
        }

        impl Tables {
            $(#[$features])*
            fn new() -> [Self; STEP] {
                let zero = splat(0);
                [Self { high: [[[zero; 8]; 2]; 10], low: [[(zero, zero); 4]; 12] }; STEP]
            }

            $(#[$features])*
            fn fill(&mut self, columns: &[$lane; 64]) {
                let ones = splat(u64::MAX);
                let choose = |x, a, b| $xor(b, $and(x, $xor(a, b)));
                let (of_threes, of_singles) = self.low.split_at_mut(THREES.len());
                for ((threes, high), low) in THREES.iter().zip(&mut self.high).zip(of_threes) {
                    let mut parities = [ones; 2];
                    for ((three, high), parity) in threes.iter().zip(high).zip(&mut parities) {
                        let [a, b, c] = three.map(|i| columns[i]);
                        let differ = $xor(a, b);
                        *parity = $xor(differ, c);
                        // The majority, of the bits as they are and with one complemented.
                        high[0] = choose(differ, c, a);
                        high[1] = choose(differ, b, c);
                        high[2] = choose(differ, a, c);
                        high[4] = choose(differ, $xor(c, ones), a);
                        for key in [0, 1, 2, 4] {
                            high[7 - key] = $xor(high[key], ones);
                        }
                    }
                    *low = each_key(parities);
                }
                for (single, low) in SINGLES.iter().zip(of_singles) {
                    *low = each_key(single.map(|i| columns[i]));
                }
            }
        }

        /// Two columns, for each key of two bits.
        #[inline]
        $(#[$features])*
        fn each_key([a, b]: [$lane; 2]) -> [Pair; 4] {
            let ones = splat(u64::MAX);
            let (not_a, not_b) = ($xor(a, ones), $xor(b, ones));
            [pair(a, b), pair(not_a, b), pair(a, not_b), pair(not_a, not_b)]
        }

        /// Adds the differing bits of two words, and returns the carry of weight 128. Not inlined, so that it has the
        /// registers to itself.
        #[inline(never)]
        $(#[$features])*
        fn count(tables: &[Tables; STEP], keys: &[Keys; STEP], sums: &mut [$lane; LOW]) -> $lane {
            let [mut ones, mut twos, mut fours, mut eights, mut sixteens, mut thirty_twos, mut sixty_fours] = *sums;
            // Two pairs of weight two of a word, as one of weight four: six times one of them is a carry of ones.
            let mut four = |word: usize, i: usize| {
                let (tables, keys) = (&tables[word], &keys[word]);
                let low = |i: usize| *keys.low(i).of(&tables.low[i]);
                let high = |i: usize| {
                    let ([a, b], [of_a, of_b]) = (keys.high(i), &tables.high[i]);
                    pair(*a.of(of_a), *b.of(of_b))
                };
                let (p, q) = if i < 6 {
                    (double_add(&mut ones, low(2 * i), low(2 * i + 1)), high(i))
                } else {
                    (high(2 * i - 6), high(2 * i - 5))
                };
                double_add(&mut twos, q, p)
            };
            let p = add_fours!(four, 0, fours, eights, sixteens);
            let q = add_fours!(four, 1, fours, eights, sixteens);
            let carries = double_add(&mut thirty_twos, p, q);
            let carry = add_pair(&mut sixty_fours, carries);
            *sums = [ones, twos, fours, eights, sixteens, thirty_twos, sixty_fours];
            carry
        }

        /// Two lanes as the adders take them: the second as its difference from the first.
        type Pair = ($lane, $lane);

        #[inline]
        $(#[$features])*
        fn pair(a: $lane, b: $lane) -> Pair {
            (a, $xor(a, b))
        }

        /// Two full adders in eight operations.
        #[inline]
        $(#[$features])*
        fn double_add(sum: &mut $lane, (a, ab): Pair, (c, cd): Pair) -> Pair {
            let first = $or(ab, $xor(a, *sum));
            let middle = $xor(ab, *sum);
            let second = $and_not(cd, $xor(c, middle));
            *sum = $xor(cd, middle);
            ($xor(first, middle), $xor(first, second))
        }

        #[inline]
        $(#[$features])*
        fn add_pair(sum: &mut $lane, (a, ab): Pair) -> $lane {
            // The two never meet, so an or would serve too. But an addition of numbers keeps the compiler from the
            // floating-point forms of all the operations here, which Haswell can start once a cycle and not three times.
            let carry = $add_words($and_not(ab, a), $and(ab, *sum));
            *sum = $xor(ab, *sum);
            carry
        }

        /// Adds two lanes to a sum, and returns the carry.
        #[inline]
        $(#[$features])*
        fn add(sum: &mut $lane, a: $lane, b: $lane) -> $lane {
            add_pair(sum, pair(a, b))
        }
    };
}
