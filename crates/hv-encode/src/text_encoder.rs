//! Folded text to hypervector: the encoder for what people ask.

use std::sync::Arc;

use hv_parallel::HV16;
use hv_parallel::hv_simd::Accumulator;

use crate::encoder::Encoder;
use crate::error::EncodeError;
use crate::fold::{fold, is_spaceless};
use crate::item_memory::ItemMemory;
use crate::ngram::{BYTE_WORK, NgramEncoder, Ngrams, encode_all};
use crate::rotations::Rotations;

/// Encodes text as the bundle of the distinct letter n-grams of its [folded](fold) form.
///
/// N-grams are bound and bundled as [`NgramEncoder`] does. What differs is the form: case, accents
/// and composition make no difference, and of a script that is written without spaces every character and every pair of
/// neighbours counts instead, so that two characters find the line that holds them. A vector of one encoder says
/// nothing to the other.
///
/// The n-grams of a text all weigh the same, so its vector depends on nothing but the text. A question may weigh its words
/// ([`encode_weighted`](Self::encode_weighted)).
///
/// Similarity profile and cost: as for [`NgramEncoder`].
///
/// ```
/// use hv_encode::{NgramEncoder, TextEncoder};
///
/// let encoder = TextEncoder::new(NgramEncoder::DEFAULT_N, 0);
/// assert_eq!(encoder.encode("Ὀδυσσεύς")?, encoder.encode("ΟΔΥΣΣΕΥΣ")?);
/// # Ok::<(), hv_encode::EncodeError>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Ngrams", into = "Ngrams")
)]
pub struct TextEncoder {
    rotations: Arc<Rotations>,
}

impl TextEncoder {
    /// The encoder for n-grams of `n` characters with the item memory of `seed`.
    ///
    /// # Panics
    ///
    /// If `n` is 0 or over [`NgramEncoder::MAX_N`].
    #[must_use]
    pub fn new(n: usize, seed: u64) -> Self {
        let max = NgramEncoder::MAX_N;
        assert!((1..=max).contains(&n), "an n-gram has 1 to {max} characters, not {n}");
        Self { rotations: Arc::new(Rotations::new(ItemMemory::new(seed), n)) }
    }

    /// The characters in an n-gram.
    #[must_use]
    pub fn n(&self) -> usize {
        self.rotations.n()
    }

    /// The seed of the item memory.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.rotations.items().seed()
    }

    /// The vector of a text.
    ///
    /// ```
    /// use hv_encode::{TextEncoder, hv_parallel::hv_simd::simd_similarity};
    ///
    /// let encoder = TextEncoder::new(3, 1);
    /// let [asked, stored] = ["shephard", "The LORD is my shepherd"].map(|text| encoder.encode(text));
    /// assert!(simd_similarity(&asked?, &stored?) > 0.55);
    /// assert_eq!(encoder.encode("Thé Lord!")?, encoder.encode("the lord")?);
    /// # Ok::<(), hv_encode::EncodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`EncodeError::Empty`] if the text has no letter and no digit.
    pub fn encode(&self, text: &str) -> Result<HV16, EncodeError> {
        let text: Vec<char> = fold(text).ok_or(EncodeError::Empty)?.chars().collect();
        let mut runs: Vec<&[char]> = Vec::with_capacity(text.len());
        self.each_run(&text, &mut |start, end| runs.push(&text[start..end]));
        self.rotations.bundle_distinct(runs)
    }

    /// [`encode`](Self::encode) for many texts, on all cores where that pays.
    #[must_use]
    pub fn encode_batch<S: AsRef<str> + Sync>(&self, texts: &[S]) -> Vec<Result<HV16, EncodeError>> {
        encode_all(texts, |text| self.encode(text))
    }

    /// The vector of a sequence of folded words that weigh differently.
    ///
    /// An n-gram weighs as much as the heaviest word that it has a letter of, and once. Weights of 1 give the vector of
    /// the text. Words of weight 0 only separate their neighbours. Neighbours that are both of a script
    /// without spaces are one run.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Empty`] if no word with a weight above 0 has a letter or digit.
    pub fn encode_weighted(&self, words: &[(&str, u32)]) -> Result<HV16, EncodeError> {
        let (mut text, mut weights) = (vec![' '], vec![0]);
        for &(word, weight) in words {
            let begins_spaceless = word.chars().next().is_some_and(is_spaceless);
            if begins_spaceless && text.len() > 1 && is_spaceless(text[text.len() - 2]) {
                text.pop();
                weights.pop();
            }
            text.extend(word.chars().chain([' ']));
            weights.extend(word.chars().map(|_| weight).chain([0]));
        }
        let mut runs: Vec<(&[char], u32)> = Vec::with_capacity(text.len());
        self.each_run(&text, &mut |start, end| {
            let weight = weights[start..end].iter().copied().max();
            runs.push((&text[start..end], weight.unwrap_or(0)));
        });
        // The heaviest of equal runs comes first, and stays.
        runs.sort_unstable_by(|a, b| a.0.cmp(b.0).then(b.1.cmp(&a.1)));
        runs.dedup_by(|a, b| a.0 == b.0);
        let mut counters = Accumulator::new();
        for (run, weight) in runs {
            counters.add_weighted(&self.rotations.bind(run), weight);
        }
        counters.majority().ok_or(EncodeError::Empty)
    }

    /// All runs of a folded text that are bundled, as ranges of characters.
    fn each_run(&self, text: &[char], each: &mut impl FnMut(usize, usize)) {
        let mut start = 0;
        while start < text.len() {
            // Words of scripts with spaces go together with the spaces around them; the others go alone.
            let spaceless = is_spaceless(text[start]);
            let end =
                text[start..].iter().position(|&c| is_spaceless(c) != spaceless).map_or(text.len(), |n| start + n);
            let part = end - start;
            if spaceless {
                for n in 1..=self.n().min(2).min(part) {
                    (start..=end - n).for_each(|at| each(at, at + n));
                }
            } else if text[start..end].iter().any(|&c| c != ' ') {
                let n = self.n().min(part);
                (start..=end - n).for_each(|at| each(at, at + n));
            }
            start = end;
        }
    }
}

impl TryFrom<Ngrams> for TextEncoder {
    type Error = EncodeError;

    fn try_from(ngrams: Ngrams) -> Result<Self, EncodeError> {
        ngrams.check()?;
        Ok(Self::new(ngrams.n, ngrams.seed))
    }
}

impl From<TextEncoder> for Ngrams {
    fn from(encoder: TextEncoder) -> Self {
        Self { n: encoder.n(), seed: encoder.seed() }
    }
}

impl Encoder<str> for TextEncoder {
    fn encode(&self, text: &str) -> Result<HV16, EncodeError> {
        Self::encode(self, text)
    }

    fn work(&self, text: &str) -> usize {
        text.len().saturating_mul(BYTE_WORK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_has_the_vector_of_the_other_encoder() {
        for n in [1, 2, 3, 5] {
            let (folded, plain) = (TextEncoder::new(n, 7), NgramEncoder::new(n, 7));
            for text in ["a", "in the beginning", "Let there be light: and there was light."] {
                assert_eq!(folded.encode(text), plain.encode(text), "n = {n}, {text:?}");
            }
        }
    }

    #[test]
    fn equal_weights_change_nothing() {
        let encoder = TextEncoder::new(3, 1);
        for text in ["in the beginning god", "玻璃", "rust 语言 x"] {
            for weight in [1, 7] {
                let words: Vec<(&str, u32)> = text.split(' ').map(|word| (word, weight)).collect();
                assert_eq!(encoder.encode_weighted(&words), encoder.encode(text), "{text:?}");
            }
        }
        let light = encoder.encode_weighted(&[("what", 0), ("light", 1), ("of", 0)]);
        let heavy = encoder.encode_weighted(&[("what", 1), ("light", 9), ("of", 1)]);
        assert!(hv_parallel::hv_simd::simd_similarity(&light.unwrap(), &heavy.unwrap()) > 0.8);
        assert_eq!(encoder.encode_weighted(&[("what", 0)]), Err(EncodeError::Empty));
        assert_eq!(encoder.encode_weighted(&[]), Err(EncodeError::Empty));
    }

    /// A word that is there twice weighs as the heavier of both.
    #[test]
    fn the_heaviest_of_equal_runs_counts() {
        let encoder = TextEncoder::new(3, 1);
        let encode = |words: &[(&str, u32)]| encoder.encode_weighted(words).unwrap();
        // Where they meet, the run "t l" has a letter of both.
        let expected = encoder.encode("light light").unwrap();
        assert_eq!(encode(&[("light", 9), ("light", 1)]), expected);
        assert_eq!(encode(&[("light", 1), ("light", 9)]), expected);
        assert_ne!(encode(&[("light", 9), ("dark", 1)]), encode(&[("light", 1), ("dark", 9)]));
    }

    /// A run of one or two characters is in the line that has them, whatever the length of an n-gram.
    #[test]
    fn two_characters_find_their_line() {
        for n in [1, 2, 3, 4] {
            let encoder = TextEncoder::new(n, 0);
            let [with, without] =
                ["我能吞下玻璃而不伤身体", "他昨天去了北京"].map(|text| encoder.encode(text).unwrap());
            let question = encoder.encode("玻璃").unwrap();
            let distance = |text| hv_parallel::hv_simd::simd_hamming(&question, text);
            assert!(distance(&with) + 100 < distance(&without), "n = {n}");
        }
    }
}
