//! Questions, what a vocabulary says about their words, and the vectors that ask for them.

use std::collections::HashMap;

use hv_parallel::HV16;

use crate::closeness::Pattern;
use crate::error::EncodeError;
use crate::fold::fold;
use crate::text_encoder::TextEncoder;
use crate::words::words;

/// Questions to a collection of texts, with what the collection's words say about them.
///
/// The way to answer a question in two steps:
///
/// 1. [`new`](Self::new) takes the questions, and [`see`](Self::see) shows them every word of the collection once, with
///    the number of its texts. Nothing of the collection's words is kept but those that are close to a word asked for.
/// 2. [`cues`](Self::cues) gives the vectors whose nearest texts are candidates, and [`merge`](crate::merge) makes one list of them.
///    [`scorer`](Self::scorer) scores each candidate by its text.
///
/// ```
/// use hv_encode::{Questions, TextEncoder, WordCounts, merge};
/// use hv_encode::hv_parallel::adaptive_batch_find_top_k;
///
/// let texts = ["highest lions", "the light of the world", "what is a man"];
/// let (encoder, counts) = (TextEncoder::new(3, 0), WordCounts::of(&texts));
/// let vectors = encoder.encode_batch(&texts).into_iter().collect::<Result<Vec<_>, _>>()?;
///
/// let mut questions = Questions::new(&["lihgt"], texts.len() as u64);
/// counts.sorted().into_iter().for_each(|(word, count)| questions.see(word, count));
/// let nearest = adaptive_batch_find_top_k(&questions.cues(0, &encoder)?, &vectors, 2);
/// let candidates = merge(nearest.iter().map(|found| found.iter().map(|(index, _)| *index)), 2);
/// let scorer = questions.scorer(0);
/// let best = candidates.into_iter().max_by(|&a, &b| scorer.score(texts[a]).value.total_cmp(&scorer.score(texts[b]).value));
/// assert_eq!(best, Some(1));
/// # Ok::<(), hv_encode::EncodeError>(())
/// ```
#[derive(Debug)]
pub struct Questions {
    /// How many texts there are.
    texts: u64,
    asked: Vec<Asked>,
    /// Every distinct word of the questions.
    pub(crate) words: Vec<Asking>,
    /// The words by length in letters: a word is compared only with words of about its own length.
    by_length: Vec<Vec<u32>>,
    /// Words of the collection that are close to one that is asked for, with their numbers.
    pub(crate) numbers: HashMap<Box<str>, u32>,
    /// Of each such word, by its number, those that it is close to, and how close.
    pub(crate) close_to: Vec<Vec<(u32, f64)>>,
    /// How many texts have it.
    pub(crate) texts_of: Vec<u64>,
}

/// One question.
#[derive(Debug)]
struct Asked {
    /// Its words in order, pairs of characters left out, each with its number among all words.
    sequence: Vec<u32>,
    /// Its distinct words in order of their first use, pairs among them.
    distinct: Vec<u32>,
}

/// A word that is asked for.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(crate) text: Box<str>,
    pattern: Pattern,
    /// How many texts have it.
    texts: u64,
    /// The words of the collection that are nearest to it, the nearest first, of equally near ones the commonest.
    nearest: Vec<Guess>,
}

/// A word that another may stand for.
#[derive(Debug)]
struct Guess {
    word: Box<str>,
    closeness: f64,
    texts: u64,
}

/// The words that a word which no text has may stand for.
const GUESSES: usize = 3;
/// The words of a question that are corrected: more say enough without.
const CORRECTED: usize = 4;
/// Weights of n-grams reach up to this. Adding a vector costs a pass for each bit of its weight.
const FULL: f64 = 15.0;
/// From this many words on, common words say much of what is asked for, and weigh more.
const LONG: usize = 6;
/// The words of a question that count; of a longer one, the first.
pub(crate) const MAX_WORDS: usize = 512;

impl Questions {
    /// Questions to a collection of `texts` texts, before any word of it was seen.
    #[must_use]
    pub fn new<S: AsRef<str>>(questions: &[S], texts: u64) -> Self {
        let (mut numbers, mut all) = (HashMap::<Box<str>, u32>::new(), Vec::new());
        let mut number = |word: &str| match numbers.get(word) {
            Some(&number) => number,
            None => {
                let number = all.len() as u32;
                numbers.insert(word.into(), number);
                all.push(Asking { text: word.into(), pattern: Pattern::new(word), texts: 0, nearest: Vec::new() });
                number
            }
        };
        let mut asked = Vec::with_capacity(questions.len());
        for question in questions {
            let folded = fold(question.as_ref()).unwrap_or_default();
            let (mut sequence, mut distinct) = (Vec::new(), Vec::new());
            for word in words(&folded).take(MAX_WORDS) {
                let number = number(word.text);
                if !word.pair {
                    sequence.push(number);
                }
                if !distinct.contains(&number) {
                    distinct.push(number);
                }
            }
            asked.push(Asked { sequence, distinct });
        }
        let mut by_length: Vec<Vec<u32>> = Vec::new();
        for (word, number) in all.iter().zip(0..) {
            let length = word.pattern.len();
            by_length.resize_with(by_length.len().max(length + 1), Vec::new);
            by_length[length].push(number);
        }
        // A word that is asked for is found where it stands, whether the collection's words name it or not.
        let close_to: Vec<Vec<(u32, f64)>> = (0..all.len() as u32).map(|number| vec![(number, 1.0)]).collect();
        Self { texts, asked, words: all, by_length, numbers, texts_of: vec![0; close_to.len()], close_to }
    }

    /// How many questions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.asked.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// Takes note of a word of the collection, which `texts` of its texts have. The word must be in the
    /// [folded](crate::fold) form, and each is shown once, in any order that is always the same.
    ///
    /// Cost: a few nanoseconds for each word of the questions that is about as long.
    pub fn see(&mut self, word: &str, texts: u64) {
        let pattern = Pattern::new(word);
        let lengths = pattern.len().saturating_sub(4)..=pattern.len() + 4;
        let mut close = Vec::new();
        for length in lengths {
            for &asking in self.by_length.get(length).into_iter().flatten() {
                if let Some(closeness) = self.words[asking as usize].pattern.closeness(&pattern) {
                    close.push((asking, closeness));
                }
            }
        }
        if close.is_empty() {
            return;
        }
        for &(asking, closeness) in &close {
            let asking = &mut self.words[asking as usize];
            if closeness == 1.0 {
                asking.texts = texts;
            }
            let further = |other: &Guess| (other.closeness, other.texts) < (closeness, texts);
            let at = asking.nearest.iter().position(further).unwrap_or(asking.nearest.len());
            if at < GUESSES {
                asking.nearest.insert(at, Guess { word: word.into(), closeness, texts });
                asking.nearest.truncate(GUESSES);
            }
        }
        match self.numbers.get(word) {
            Some(&number) => {
                self.close_to[number as usize] = close;
                self.texts_of[number as usize] = texts;
            }
            None => {
                self.numbers.insert(word.into(), self.close_to.len() as u32);
                self.close_to.push(close);
                self.texts_of.push(texts);
            }
        }
    }

    /// The vectors that ask question `i`: the question itself, its rare words weighing more, and after it the question
    /// with a word that no text has replaced by one that it may stand for.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Empty`] if the question has no letter and no digit.
    ///
    /// # Panics
    ///
    /// If there is no question `i`.
    pub fn cues(&self, i: usize, encoder: &TextEncoder) -> Result<Vec<HV16>, EncodeError> {
        let sequence = &self.asked[i].sequence;
        let heaviest = sequence.iter().map(|&word| self.weight(word)).fold(0.0, f64::max);
        let of = |texts: u64| {
            let share = rarity(self.texts, texts) / heaviest;
            let share = if sequence.len() < LONG { share * share.sqrt() } else { share.sqrt() };
            ((FULL * share).round() as u32).max(1)
        };
        let asking = |at: usize| &self.words[sequence[at] as usize];
        let mut words: Vec<(&str, u32)> =
            (0..sequence.len()).map(|at| (&*asking(at).text, of(asking(at).texts))).collect();
        let mut cues = vec![encoder.encode_weighted(&words)?];
        for at in (0..sequence.len()).filter(|&at| asking(at).texts == 0).take(CORRECTED) {
            let written = words[at];
            for guess in &asking(at).nearest {
                words[at] = (&guess.word, of(guess.texts));
                cues.push(encoder.encode_weighted(&words)?);
            }
            words[at] = written;
        }
        Ok(cues)
    }

    pub(crate) fn sequence(&self, i: usize) -> &[u32] {
        &self.asked[i].sequence
    }

    pub(crate) fn distinct(&self, i: usize) -> &[u32] {
        &self.asked[i].distinct
    }

    /// Whether a text has this word.
    pub(crate) fn is_known(&self, word: u32) -> bool {
        self.words[word as usize].texts > 0
    }

    /// The rarity of a word: the logarithm of the share of texts that lack it to those that have it, so more than 0. A word
    /// that no text has weighs as much as one that a single text has.
    pub(crate) fn weight(&self, word: u32) -> f64 {
        rarity(self.texts, self.words[word as usize].texts)
    }

    /// The rarity of a word in the verdict. A word that no text has is as rare as the one that it may stand for; one that
    /// nothing is close to is rarer than the rarest.
    pub(crate) fn weight_in_verdict(&self, word: u32) -> f64 {
        let asking = &self.words[word as usize];
        match asking.nearest.first() {
            Some(guess) => rarity(self.texts, guess.texts),
            None => absent(self.texts),
        }
    }

    /// How rare a word of the collection is, by its number: 1 for one that a single text has.
    pub(crate) fn rareness(&self, number: usize) -> f64 {
        rarity(self.texts, self.texts_of[number]) / rarity(self.texts, 1)
    }
}

/// See [`Questions::weight`]; the form is that of BM25 in Lucene.
pub(crate) fn rarity(all: u64, with: u64) -> f64 {
    let (all, with) = (all.max(1) as f64, with.max(1) as f64);
    libm::log(1.0 + ((all - with).max(0.0) + 0.5) / (with + 0.5))
}

/// The same for a word that no text has, as if half a text had it.
fn absent(all: u64) -> f64 {
    libm::log(1.0 + all as f64)
}
