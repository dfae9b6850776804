//! A fixed number of bits, as a filter.

use std::fmt;

/// Bits in a word.
const WORD: usize = u64::BITS as usize;

/// A fixed number of bits, one for each vector of a memory: which of them a search may find.
///
/// Bit `i` is bit `i % 64`, the least significant first, of word `i / 64`. Bits of the last word that are beyond the
/// length are 0.
///
/// ```
/// use hv_parallel::Bitmap;
///
/// let mut even = Bitmap::from_fn(100, |index| index % 2 == 0);
/// assert!(even.get(4) && !even.get(5));
/// even.set(5, true);
/// assert_eq!((even.count_ones(), even.words().len()), (51, 2));
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Bitmap {
    len: usize,
    words: Vec<u64>,
}

impl Bitmap {
    /// `len` bits, all 0.
    #[must_use]
    pub fn new(len: usize) -> Self {
        Self { len, words: vec![0; len.div_ceil(WORD)] }
    }

    /// `len` bits, each as `bit` says, which is asked in ascending order.
    #[must_use]
    pub fn from_fn(len: usize, mut bit: impl FnMut(usize) -> bool) -> Self {
        let words = (0..len).step_by(WORD).map(|start| {
            let bits = start..len.min(start + WORD);
            bits.fold(0, |word, index| word | u64::from(bit(index)) << (index - start))
        });
        Self { len, words: words.collect() }
    }

    /// The number of bits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A bit.
    ///
    /// # Panics
    ///
    /// If there is no such bit.
    #[must_use]
    pub fn get(&self, index: usize) -> bool {
        self.check(index);
        self.words[index / WORD] >> (index % WORD) & 1 == 1
    }

    /// Sets a bit to `value`.
    ///
    /// # Panics
    ///
    /// If there is no such bit.
    pub fn set(&mut self, index: usize, value: bool) {
        self.check(index);
        let bit = 1 << (index % WORD);
        if value {
            self.words[index / WORD] |= bit;
        } else {
            self.words[index / WORD] &= !bit;
        }
    }

    /// The number of bits that are 1.
    #[must_use]
    pub fn count_ones(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The bits in words of 64.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    fn check(&self, index: usize) {
        assert!(index < self.len, "there is no bit {index}: there are {}", self.len);
    }
}

impl fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bitmap").field("len", &self.len).field("ones", &self.count_ones()).finish()
    }
}
