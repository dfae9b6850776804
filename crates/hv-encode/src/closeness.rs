//! How much a word is like another: equal, misspelt, or of one stem.

use std::cmp::Ordering;

use rapidfuzz::distance::{levenshtein, osa};

/// How like a stored word one is that was asked for: 1 if they are equal, less the more they differ by typos or endings, and
/// `None` if they have nothing to do with each other. Both must be in the [folded](crate::fold) form.
///
/// ```
/// use hv_encode::closeness;
///
/// assert_eq!(closeness("light", "light"), Some(1.0));
/// assert!(closeness("lihgt", "light").is_some_and(|close| close < 1.0));
/// assert_eq!(closeness("light", "fire"), None);
/// ```
#[must_use]
pub fn closeness(asked: &str, stored: &str) -> Option<f64> {
    Pattern::new(asked).closeness(&Pattern::new(stored))
}

/// A word of a question, made ready to be compared with many words.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    letters: Vec<char>,
    /// One bit for each letter that is there, by the lowest bits of the letter.
    set: u64,
}

/// From this many letters on, in the longer word, one edit is allowed.
const ONE_EDIT: usize = 4;
/// From this many letters on, in the longer word, two edits are allowed.
const TWO_EDITS: usize = 8;
/// The shortest word that may be misspelt: one edit of two letters leaves one.
const SHORTEST: usize = 3;
/// Letters that words of one stem share at the beginning, at least.
const STEM: usize = 4;
/// Letters that a word may have after the stem that it shares with another.
const ENDING: usize = 4;

/// What an edit costs, where a word of one letter would be wholly different at 1: commoner slips cost less.
mod cost {
    /// Two neighbours exchanged, or a letter doubled.
    pub(super) const EXCHANGED: f64 = 0.8;
    /// A letter missing.
    pub(super) const MISSING: f64 = 1.15;
    /// A wrong letter.
    pub(super) const WRONG: f64 = 1.3;
    /// A letter too many that is not its neighbour again.
    pub(super) const EXTRA: f64 = 2.45;
    /// What is added where the first letter differs, which is seldom mistyped.
    pub(super) const FIRST: f64 = 0.3;
    /// What is added where a wrong letter is the last one: more often another ending than a slip.
    pub(super) const LAST: f64 = 0.3;
    /// Each letter of the longer ending where only the stem is common.
    pub(super) const ENDING: f64 = 1.1;
}

/// The closeness of words that are two edits apart, or share no more than a stem, at most: less than a single word of a
/// question needs to be found.
const FAR: f64 = 0.65;

impl Pattern {
    pub(crate) fn new(word: &str) -> Self {
        let letters: Vec<char> = word.chars().collect();
        Self { set: set(&letters), letters }
    }

    pub(crate) fn len(&self) -> usize {
        self.letters.len()
    }

    /// How like a stored word this one is, which was asked for: 1 if they are equal, `None` if they have nothing to do with
    /// each other.
    pub(crate) fn closeness(&self, stored: &Self) -> Option<f64> {
        let other = stored;
        let (longer, shorter) = (self.len().max(other.len()), self.len().min(other.len()));
        if longer - shorter > ENDING || shorter < SHORTEST {
            return (self.letters == other.letters).then_some(1.0);
        }
        let edits = match longer {
            TWO_EDITS.. => 2,
            ONE_EDIT.. => 1,
            // Of three letters, two may be exchanged.
            _ => usize::from(self.set == other.set),
        };
        let apart = (self.set & !other.set).count_ones().max((other.set & !self.set).count_ones()) as usize;
        let near = longer - shorter <= edits && apart <= edits;
        let misspelt = near.then(|| self.misspelt(other, edits)).flatten();
        [misspelt, self.one_stem(other)].into_iter().flatten().max_by(f64::total_cmp)
    }

    fn misspelt(&self, other: &Self, edits: usize) -> Option<f64> {
        let (a, b) = (self.letters.iter().copied(), other.letters.iter().copied());
        let args = osa::Args::default().score_cutoff(edits);
        let distance = osa::distance_with_args(a.clone(), b.clone(), &args)?;
        if distance == 0 {
            return Some(1.0);
        }
        let first = if self.letters[0] == other.letters[0] { 0.0 } else { cost::FIRST };
        let longer = self.len().max(other.len()) as f64;
        // An exchange of neighbours is two edits to one who knows no exchange.
        let exchanges = (levenshtein::distance(a, b) - distance).min(distance);
        if distance > 1 {
            let cost = cost::EXCHANGED * exchanges as f64 + cost::WRONG * (distance - exchanges) as f64 + first;
            return Some((1.0 - cost / longer).min(FAR));
        }
        let cost = match self.len().cmp(&other.len()) {
            _ if exchanges > 0 => cost::EXCHANGED,
            Ordering::Less => cost::MISSING,
            Ordering::Equal if self.common(other) + 1 == self.len() => cost::WRONG + cost::LAST,
            Ordering::Equal => cost::WRONG,
            Ordering::Greater if self.has_doubled(self.common(other)) => cost::EXCHANGED,
            Ordering::Greater => cost::EXTRA,
        };
        Some(1.0 - (cost + first) / longer)
    }

    /// How many letters two words share at the beginning.
    fn common(&self, other: &Self) -> usize {
        self.letters.iter().zip(&other.letters).take_while(|(a, b)| a == b).count()
    }

    /// Whether the letter at an index is that before it.
    fn has_doubled(&self, at: usize) -> bool {
        at > 0 && self.letters.get(at) == self.letters.get(at - 1)
    }

    fn one_stem(&self, other: &Self) -> Option<f64> {
        let common = self.common(other);
        let longer = self.len().max(other.len());
        let ending = longer - common;
        // Who asks for the stem itself, of five letters or more, means what is made of it.
        let most = if common == self.len() && common > STEM { 1.0 } else { FAR };
        (common >= STEM && ending <= ENDING).then(|| (1.0 - cost::ENDING * ending as f64 / longer as f64).min(most))
    }
}

fn set(letters: &[char]) -> u64 {
    letters.iter().fold(0, |set, &letter| set | 1 << (u32::from(letter) % u64::BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_close_and_other_words_are_not() {
        for (a, b) in [("a", "a"), ("light", "light"), ("玻璃", "玻璃")] {
            assert_eq!(closeness(a, b), Some(1.0));
        }
        let ordered =
            ["lihgt", "ligt", "lignt", "kight", "lighf", "lighxt"].map(|asked| closeness(asked, "light").unwrap());
        // A wrong first letter costs as much as a wrong last one.
        assert_eq!(ordered[3], ordered[4]);
        assert!([ordered[0], ordered[1], ordered[2], ordered[3], ordered[5]].is_sorted_by(|a, b| a > b), "{ordered:?}");
        assert_eq!(closeness("ligght", "light"), closeness("lihgtx", "lightx"), "doubled is as exchanged");
        for (a, b) in [("begin", "beginning"), ("teh", "the"), ("creatd", "created"), ("beginnning", "begining")] {
            assert!(closeness(a, b).is_some_and(|close| (0.4..1.0).contains(&close)), "{a} {b}");
        }
        for (a, b) in [("the", "she"), ("cat", "cut"), ("light", "night watch"), ("light", "fire"), ("玻璃", "玻杯")]
        {
            assert_eq!(closeness(a, b), None, "{a} {b}");
        }
    }

    proptest::proptest! {
        /// The letters' sets leave out no word that the edit distance would let in.
        #[test]
        fn nothing_close_is_left_out(a in "[a-dé\u{10061}]{1,10}", b in "[a-dé\u{10061}]{1,10}") {
            let (x, y) = (Pattern::new(&a), Pattern::new(&b));
            let longer = x.len().max(y.len());
            let edits = if longer >= TWO_EDITS { 2 } else { usize::from(longer >= ONE_EDIT) };
            let distance = osa::distance(a.chars(), b.chars());
            let expected = distance <= edits && x.len().min(y.len()) >= SHORTEST;
            let found = closeness(&a, &b);
            proptest::prop_assert!(!expected || found.is_some());
            proptest::prop_assert!(found.is_none_or(|close| close > 0.0 && close <= 1.0));
            proptest::prop_assert_eq!(found == Some(1.0), a == b);
        }
    }
}
