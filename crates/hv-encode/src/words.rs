//! The words of a text, and how many texts have each.

use std::collections::HashMap;

use hv_parallel::Operation;
use hv_parallel::for_encoding::adaptive_map;

use crate::fold::{fold, is_spaceless};

/// A word of a folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word: at most [`MAX_WORD`] characters.
    pub text: &'a str,
    /// Its position in the text, from 0. Two words of one position are a character of a script without spaces, and the
    /// pair that it begins.
    pub position: usize,
    /// Whether it is such a pair.
    pub pair: bool,
}

/// The longest word, in characters. Of a longer one the beginning counts.
pub const MAX_WORD: usize = 64;

/// The words of a [folded](fold) text, in order.
///
/// What stands between spaces is a word; of a script without spaces, every character and every pair of neighbours is one.
///
/// ```
/// use hv_encode::{fold, words};
///
/// let text = fold("Rust 很快!").unwrap_or_default();
/// let found: Vec<(&str, usize)> = words(&text).map(|word| (word.text, word.position)).collect();
/// assert_eq!(found, [("rust", 0), ("很", 1), ("很快", 1), ("快", 2)]);
/// ```
pub fn words(folded: &str) -> impl Iterator<Item = Word<'_>> {
    let mut position = 0;
    folded.split(' ').filter(|run| !run.is_empty()).flat_map(move |run| {
        let first = position;
        let spaceless = run.chars().next().is_some_and(is_spaceless);
        position += if spaceless { run.chars().count() } else { 1 };
        let whole = (!spaceless).then(|| Word { text: cut(run), position: first, pair: false });
        let characters = if spaceless { run } else { "" };
        whole.into_iter().chain(characters.char_indices().enumerate().flat_map(move |(i, (start, c))| {
            let (rest, position) = (&characters[start..], first + i);
            let end = c.len_utf8();
            let single = Word { text: &rest[..end], position, pair: false };
            let next = rest[end..].chars().next();
            let pair = next.map(|next| Word { text: &rest[..end + next.len_utf8()], position, pair: true });
            std::iter::once(single).chain(pair)
        }))
    })
}

/// The beginning of a word that is too long.
fn cut(word: &str) -> &str {
    match word.len() > MAX_WORD {
        true => word.char_indices().nth(MAX_WORD).map_or(word, |(end, _)| &word[..end]),
        false => word,
    }
}

/// In how many texts each word occurs.
///
/// It says which words are rare, and what a misspelt word may have been. Counts can be added, and taken away again when a
/// text is gone, so an application that stores them in the step that stores its texts has them right at every moment.
///
/// ```
/// use hv_encode::WordCounts;
///
/// let counts = WordCounts::of(&["the cat sat", "The CAT, the dog"]);
/// let sorted: Vec<(&str, u64)> = counts.sorted();
/// assert_eq!(sorted, [("cat", 2), ("dog", 1), ("sat", 1), ("the", 2)]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct WordCounts {
    counts: HashMap<String, Count>,
    /// How many texts were added one by one.
    added: u64,
}

/// How many texts have a word.
#[derive(Clone, Copy, Debug)]
struct Count {
    texts: u64,
    /// The last text that was counted, so that a word counts once in each.
    last: u64,
}

/// Texts that one thread counts at a time.
const BLOCK: usize = 512;
/// What a byte of text costs, in vectors of a bundle.
const BYTE_WORK: usize = 4;

impl WordCounts {
    /// The words of some texts, counted on all cores where that pays. A word counts once a text.
    #[must_use]
    pub fn of<S: AsRef<str> + Sync>(texts: &[S]) -> Self {
        let bytes = texts.iter().map(|text| text.as_ref().len()).fold(0, usize::saturating_add);
        let blocks: Vec<&[S]> = texts.chunks(BLOCK).collect();
        let counted = adaptive_map(Operation::Bundle, bytes.saturating_mul(BYTE_WORK), blocks.len(), 1, |i| {
            let mut counts = Self::default();
            blocks[i].iter().for_each(|text| counts.add(text.as_ref()));
            counts
        });
        let mut all = Self::default();
        for (word, count) in counted.into_iter().flat_map(|part| part.counts) {
            all.counts.entry(word).or_insert(Count { texts: 0, last: 0 }).texts += count.texts;
        }
        all
    }

    /// Counts the words of a text.
    pub fn add(&mut self, text: &str) {
        let Some(folded) = fold(text) else { return };
        self.added += 1;
        for word in words(&folded) {
            match self.counts.get_mut(word.text) {
                Some(count) if count.last == self.added => (),
                Some(count) => *count = Count { texts: count.texts + 1, last: self.added },
                None => {
                    self.counts.insert(word.text.to_owned(), Count { texts: 1, last: self.added });
                }
            }
        }
    }

    /// How many texts have a word; it must be in the folded form.
    #[must_use]
    pub fn of_word(&self, word: &str) -> u64 {
        self.counts.get(word).map_or(0, |count| count.texts)
    }

    /// How many words there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// All words with their counts, in order of the words' bytes.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&str, u64)> {
        let mut all: Vec<(&str, u64)> = self.counts.iter().map(|(word, count)| (word.as_str(), count.texts)).collect();
        all.sort_unstable();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(String, usize, bool)> {
        words(&fold(text).unwrap()).map(|word| (word.text.to_owned(), word.position, word.pair)).collect()
    }

    #[test]
    fn words_and_runs_of_one_and_two() {
        let expected = [("a", 0, false), ("玻", 1, false), ("玻璃", 1, true), ("璃", 2, false), ("b", 3, false)];
        assert_eq!(of("a玻璃b"), expected.map(|(text, position, pair)| (text.to_owned(), position, pair)));
        let long = "é".repeat(MAX_WORD + 1);
        assert_eq!(of(&format!("{long} x"))[0].0, "e".repeat(MAX_WORD));
        assert_eq!(of(&"ж".repeat(MAX_WORD + 1))[0].0, "ж".repeat(MAX_WORD));
    }

    #[test]
    fn parts_count_as_the_whole() {
        let texts: Vec<String> = (0..2_000).map(|i| format!("word{} common common", i % 7)).collect();
        let mut one = WordCounts::default();
        texts.iter().for_each(|text| one.add(text));
        assert_eq!(WordCounts::of(&texts).sorted(), one.sorted());
        assert_eq!((one.len(), one.of_word("common"), one.of_word("none")), (8, 2_000, 0));
    }
}
