//! Text to hypervector by its words: n-grams of words, bundled by majority.

use hv_parallel::HV16;
use hv_parallel::hv_simd::{simd_bundle, simd_permute};

use crate::encoder::Encoder;
use crate::error::EncodeError;
use crate::item_memory::ItemMemory;
use crate::ngram::{BYTE_WORK, Ngrams};
use crate::text::normalize;

/// Encodes text as the bundle of its distinct n-grams of words.
///
/// Words are what stands between spaces in the [normalised](normalize) text, and each has a vector of its own, so spellings
/// make all the difference: for misspelt text take [`NgramEncoder`](crate::NgramEncoder). The run `a b` becomes
/// `permute(A, 1) ^ B`. With n = 1 the order of words makes no difference. A text of fewer than n words is one
/// run, of the length it has.
///
/// Similarity profile: texts of a and b distinct n-grams, c of them shared, have similarity of about
/// `1/2 + asin(c / sqrt(a b)) / pi`.
///
/// Cost: about half a microsecond a word.
///
/// ```
/// use hv_encode::hv_parallel::hv_simd::simd_similarity;
/// use hv_encode::{Encoder, WordNgramEncoder};
///
/// let encoder = WordNgramEncoder::new(1, 42)?;
/// let text = encoder.encode("the dog bit the man")?;
/// assert_eq!(text, encoder.encode("The man bit the dog!")?);
/// assert!(simd_similarity(&text, &encoder.encode("the man saw a dog")?) > 0.6);
/// assert_ne!(WordNgramEncoder::new(2, 42)?.encode("a b c"), WordNgramEncoder::new(2, 42)?.encode("c b a"));
/// # Ok::<(), hv_encode::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Ngrams", into = "Ngrams")
)]
pub struct WordNgramEncoder {
    ngrams: Ngrams,
}

impl WordNgramEncoder {
    /// The encoder for n-grams of `n` words with the item memory of `seed`.
    ///
    /// # Errors
    ///
    /// If `n` is 0 or over [`NgramEncoder::MAX_N`](crate::NgramEncoder::MAX_N).
    pub fn new(n: usize, seed: u64) -> Result<Self, EncodeError> {
        Ngrams { n, seed }.try_into()
    }
}

impl TryFrom<Ngrams> for WordNgramEncoder {
    type Error = EncodeError;

    fn try_from(ngrams: Ngrams) -> Result<Self, EncodeError> {
        ngrams.check()?;
        Ok(Self { ngrams })
    }
}

impl From<WordNgramEncoder> for Ngrams {
    fn from(encoder: WordNgramEncoder) -> Self {
        encoder.ngrams
    }
}

impl Encoder<str> for WordNgramEncoder {
    /// The vector of a text.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Empty`] if the text has no letter and no digit.
    fn encode(&self, text: &str) -> Result<HV16, EncodeError> {
        let text = normalize(text).ok_or(EncodeError::Empty)?;
        let words: Vec<&str> = text.split_whitespace().collect();
        let items = ItemMemory::new(self.ngrams.seed);
        let vectors: Vec<HV16> = words.iter().map(|word| items.vector(word)).collect();
        let n = self.ngrams.n.min(words.len());
        let mut starts: Vec<usize> = (0..=words.len() - n).collect();
        starts.sort_unstable_by_key(|&start| &words[start..start + n]);
        starts.dedup_by_key(|start| &words[*start..*start + n]);
        let gram = |start: usize| {
            let run = &vectors[start..start + n];
            run.iter().fold(HV16::ZERO, |gram, word| simd_permute(&gram, 1) ^ word)
        };
        let grams: Vec<HV16> = starts.into_iter().map(gram).collect();
        simd_bundle(&grams).ok_or(EncodeError::Empty)
    }

    fn work(&self, text: &str) -> usize {
        text.len().saturating_mul(BYTE_WORK)
    }
}
