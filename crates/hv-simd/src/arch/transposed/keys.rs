//! How a word is cut into threes of columns, and what a vector's bits find in the tables made of these.

use hv_core::HV16;

use crate::lanes::{Key, words};

/// Words of a vector: the columns of one of them are transposed, tabled and added at a time.
const WORDS: usize = HV16::DIM / 64;

/// Queries of one pass over memory: their keys and counters, 1.4 KiB each on 256 bits, stay in L2 beside the tile.
pub(in crate::arch) const PASS: usize = 128;

/// Pairs of threes, as columns of a word: of each byte the low six bits, and of three bytes each the two that are left.
pub(in crate::arch) const THREES: [[[usize; 3]; 2]; 10] = [
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
pub(in crate::arch) const SINGLES: [[usize; 2]; 2] = [[54, 55], [62, 63]];

/// What a query's word finds in the tables.
#[derive(Clone, Copy)]
pub(in crate::arch) struct Keys {
    /// The bits of each three of a pair: the first eight pairs, and the others.
    threes: [[Key<8>; 8]; 2],
    threes_left: [[Key<8>; 2]; 2],
    /// The parities of both threes of a pair, and both single bits.
    parities: [Key<4>; 8],
    parities_left: [Key<4>; 2],
    singles: [Key<4>; 2],
}

impl Keys {
    /// The indices of a word as bytes: of the first threes, the second threes, the parities, and what is left.
    #[inline(always)]
    fn indices(word: u64) -> [u64; 4] {
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

    #[inline(always)]
    fn new([first, second, parities, left]: [u64; 4]) -> Self {
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

    /// For pair `i` of [`THREES`].
    #[inline(always)]
    pub(in crate::arch) fn high(&self, i: usize) -> [Key<8>; 2] {
        if i < 8 {
            [self.threes[0][i], self.threes[1][i]]
        } else {
            [self.threes_left[0][i - 8], self.threes_left[1][i - 8]]
        }
    }

    /// For pair `i` of [`THREES`] and then [`SINGLES`].
    #[inline(always)]
    pub(in crate::arch) fn low(&self, i: usize) -> Key<4> {
        match i {
            0..8 => self.parities[i],
            8..10 => self.parities_left[i - 8],
            _ => self.singles[i - 10],
        }
    }
}

/// The size of passes of one query or more, none of them much smaller than the others.
pub(in crate::arch) fn pass_of(queries: usize) -> usize {
    queries.div_ceil(queries.div_ceil(PASS))
}

/// Writes the keys of all queries, for `STEP` words of each after the other. Inlined for the lanes of the caller.
#[inline(always)]
pub(in crate::arch) fn write_keys<const STEP: usize>(queries: &[HV16], keys: &mut Vec<[Keys; STEP]>) {
    keys.resize(queries.len() * WORDS / STEP, [Keys::new([0; 4]); STEP]);
    for (q, query) in queries.iter().enumerate() {
        let indices = words(query).map(Keys::indices);
        for (step, indices) in indices.as_chunks::<STEP>().0.iter().enumerate() {
            keys[step * queries.len() + q] = indices.map(Keys::new);
        }
    }
}
