//! The score of a text for a question: words by their rarity, misspelt or not, and their order.

use crate::fold::fold;
use crate::questions::Questions;
use crate::words::words;

/// How well a text answers a question.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Score {
    /// From 0, no word is alike, to 1, the words of the question in their order and no other. See [`Scorer`].
    pub value: f64,
    /// The part of the question that the text has, from 0 to 1, where a word counts by the square of its rarity. It says
    /// whether this is an answer at all: see [`is_close`](Self::is_close).
    pub coverage: f64,
    /// What the coverage must reach for this to be an answer, from 0 to 1: less where the weight of the question is spread
    /// over many words.
    pub least_coverage: f64,
}

/// Less coverage than this is no answer to a question of one word.
///
/// Calibrated by `cargo xtask eval` on two collections, one of them in 21 languages: the largest limit at which at most 3 %
/// of the questions with a typo get "nothing close".
const LEAST_COVERAGE: f64 = 0.70;
/// What multiplies that where the collection has a word of the question, of two or more: the others are then more likely
/// misspelt than unknown.
const KNOWN: f64 = 0.88;
/// Over how many words the weight of a question is spread, to this power, divides that.
const SPREAD: f64 = 0.8;

impl Score {
    /// Whether the best text is an answer. Where it is not, the collection has nothing close.
    #[must_use]
    pub fn is_close(&self) -> bool {
        self.coverage >= self.least_coverage
    }
}

/// The share of a score that pairs of neighbours make.
const PAIRS: f64 = 0.20;
/// The share that the longest run in the question's order makes.
const RUN: f64 = 0.15;
/// What is taken from the score of a very long text for a very long question.
const DAMPING: f64 = 0.4;
/// A question of this many words is damped half as much as a very long one.
const HALF_DAMPED: f64 = 12.0;
/// What a similar word counts for one that other texts have as it was written.
const OTHER_WORD: f64 = 0.75;
/// What a common word that is close to one asked for counts less than a rare one: of two words that are equally close, the
/// rarer comes first, since fewer texts have it.
const COMMON: f64 = 0.05;
/// No word of the collection is close to one asked for: no number.
const NONE: u32 = u32::MAX;

/// The words of a text that matter to some [`Questions`], ready to be scored by each of them.
#[derive(Clone, Debug)]
pub struct TextWords {
    /// Position and number of each word that is close to one asked for.
    found: Vec<(u32, u32)>,
    /// The words of the text.
    len: usize,
}

impl TextWords {
    /// Bytes of memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.found.capacity() * size_of::<(u32, u32)>()
    }
}

impl Questions {
    /// Cuts a text into words, once for all questions. Cost: about 1 us for 100 letters of ASCII.
    #[must_use]
    pub fn cut(&self, text: &str) -> TextWords {
        let folded = fold(text).unwrap_or_default();
        let (mut found, mut len) = (Vec::new(), 0);
        for word in words(&folded) {
            len = word.position + 1;
            if let Some(&number) = self.numbers.get(word.text) {
                found.push((word.position as u32, number));
            }
        }
        found.shrink_to_fit();
        TextWords { found, len }
    }

    /// What scores texts for question `i`, after all words of the collection were seen.
    ///
    /// # Panics
    ///
    /// If there is no question `i`.
    #[must_use]
    pub fn scorer(&self, i: usize) -> Scorer<'_> {
        let (sequence, distinct) = (self.sequence(i), self.distinct(i));
        let weights: Vec<f64> = distinct.iter().map(|&word| self.weight(word)).collect();
        let mut positions = vec![NONE; self.words.len()];
        distinct.iter().zip(0..).for_each(|(&word, position)| positions[word as usize] = position);
        let mut starts = vec![NONE; self.close_to.len()];
        let mut lists: Vec<Vec<(u32, f64)>> = Vec::new();
        for (number, close) in self.close_to.iter().enumerate() {
            let mut list = Vec::new();
            for &(word, closeness) in close {
                let position = positions[word as usize];
                if position != NONE {
                    let other = if self.is_known(word) { OTHER_WORD } else { 1.0 };
                    let rare = 1.0 - COMMON + COMMON * self.rareness(number);
                    list.push((position, if closeness < 1.0 { closeness * other * rare } else { 1.0 }));
                }
            }
            if !list.is_empty() {
                starts[number] = lists.len() as u32;
                lists.push(list);
            }
        }
        let at: Vec<u32> = sequence.iter().map(|&word| positions[word as usize]).collect();
        let mut uses = vec![Vec::new(); distinct.len()];
        at.iter().enumerate().for_each(|(index, &position)| uses[position as usize].push(index));
        let heavy: Vec<f64> =
            distinct.iter().map(|&word| self.weight_in_verdict(word)).map(|weight| weight * weight).collect();
        let squares: f64 = heavy.iter().sum();
        let spread = squares * squares / heavy.iter().map(|weight| weight * weight).sum::<f64>();
        let is_known = |&word: &u32| self.is_known(word);
        let prior = if distinct.len() > 1 && distinct.iter().any(is_known) { KNOWN } else { 1.0 };
        let of = |at: &u32| weights[*at as usize];
        let pair = |pair: &[u32]| of(&pair[0]).min(of(&pair[1]));
        Scorer {
            questions: self,
            all: weights.iter().sum(),
            squares,
            least: LEAST_COVERAGE * prior / libm::pow(spread, SPREAD),
            pairs: at.windows(2).map(pair).sum(),
            run: at.iter().map(of).sum(),
            weights,
            heavy,
            sequence: at,
            uses,
            starts,
            lists,
        }
    }
}

/// Scores texts for one question.
///
/// The value is `(0.65 c + 0.2 p + 0.15 r) (1 - damping)`:
///
/// - `c`: the sum over the distinct words of the question of rarity x closeness of the text's closest word, as a share of
///   the most that is possible. The rarity of a word in `n` of `N` texts is `ln(1 + (N - n + 1/2) / (n + 1/2))`, as in
///   BM25 (Robertson and Zaragoza, 2009). The closeness of equal words is 1; it falls with the edits of the optimal string
///   alignment by which a word was misspelt, one from 4 letters on and two from 8, and with the letters after a common
///   stem.
/// - `p`: the same share for pairs of neighbours that are neighbours in the text, each as rare as the commoner of the two.
///   `r`: for the longest run of the question's words in the text. A question of one word has `p = r = c`.
/// - The damping is `0.4 (1 - m / n) m / (m + 12)` for a question of `m` words and a longer text of `n`, so that among texts
///   that have all of a question the shorter comes first. It is below 0.03 for a single word, and 0 for a shorter text.
///
/// The same on every machine, as sums are in a fixed order and the logarithm is that of `libm`.
#[derive(Debug)]
pub struct Scorer<'a> {
    questions: &'a Questions,
    /// Of each distinct word.
    weights: Vec<f64>,
    /// Of each distinct word in the verdict: the square of its rarity.
    heavy: Vec<f64>,
    /// The question's words in order, as positions in `weights`.
    sequence: Vec<u32>,
    /// Where in `sequence` each distinct word is.
    uses: Vec<Vec<usize>>,
    /// The sums that the parts are shares of.
    all: f64,
    squares: f64,
    least: f64,
    pairs: f64,
    run: f64,
    /// For each word of the collection its position in `lists`.
    starts: Vec<u32>,
    /// Places in `weights` that a word is close to, and how close.
    lists: Vec<Vec<(u32, f64)>>,
}

impl Scorer<'_> {
    /// Scores a text.
    #[must_use]
    pub fn score(&self, text: &str) -> Score {
        self.score_words(&self.questions.cut(text))
    }

    /// Scores a text that was cut before by the same questions. Cost: some 0.1 us, more where the text has many of the words.
    #[must_use]
    pub fn score_words(&self, text: &TextWords) -> Score {
        let hits: Vec<(u32, &[(u32, f64)])> = text
            .found
            .iter()
            .filter_map(|&(position, number)| {
                Some((position, self.lists.get(self.starts[number as usize] as usize)?.as_slice()))
            })
            .collect();
        if hits.is_empty() {
            return Score { value: 0.0, coverage: 0.0, least_coverage: self.least };
        }
        let mut best = vec![0.0_f64; self.weights.len()];
        for &(word, closeness) in hits.iter().flat_map(|(_, close)| *close) {
            best[word as usize] = best[word as usize].max(closeness);
        }
        let (mut gain, mut squares) = (0.0, 0.0);
        for ((weight, heavy), closeness) in self.weights.iter().zip(&self.heavy).zip(&best) {
            gain += weight * closeness;
            squares += heavy * closeness;
        }
        let share = gain / self.all;
        let [pairs, run] = if self.sequence.len() < 2 { [share; 2] } else { self.order(&hits) };
        let asked = self.sequence.len() as f64;
        let more = 1.0 - (asked / text.len as f64).min(1.0);
        let damping = DAMPING * more * asked / (asked + HALF_DAMPED);
        let value = ((1.0 - PAIRS - RUN) * share + PAIRS * pairs + RUN * run) * (1.0 - damping);
        Score {
            value: value.clamp(0.0, 1.0),
            coverage: (squares / self.squares).clamp(0.0, 1.0),
            least_coverage: self.least,
        }
    }

    /// The shares of pairs and of the longest run.
    fn order(&self, hits: &[(u32, &[(u32, f64)])]) -> [f64; 2] {
        let n = self.sequence.len();
        // For each word of the question, what the run that ends with it at the last position weighs.
        let (mut runs, mut next) = (vec![(0.0, 0.0); n], vec![(0.0, 0.0); n]);
        let (mut pairs, mut longest, mut last) = (vec![0.0_f64; n - 1], 0.0_f64, None);
        for same in hits.chunk_by(|a, b| a.0 == b.0) {
            if last.is_none_or(|last| last + 1 != same[0].0) {
                runs.fill((0.0, 0.0));
            }
            last = Some(same[0].0);
            next.fill((0.0, 0.0));
            for &(word, closeness) in same.iter().flat_map(|(_, close)| *close) {
                for &at in &self.uses[word as usize] {
                    let (before, closeness_before) = if at > 0 { runs[at - 1] } else { (0.0, 0.0) };
                    if closeness_before > 0.0 {
                        pairs[at - 1] = pairs[at - 1].max(closeness.min(closeness_before));
                    }
                    let run = before + self.weights[word as usize] * closeness;
                    if run > next[at].0 {
                        next[at] = (run, closeness);
                    }
                    longest = longest.max(run);
                }
            }
            std::mem::swap(&mut runs, &mut next);
        }
        let weight = |at: usize| self.weights[self.sequence[at] as usize];
        let pairs: f64 = (0..n - 1).map(|at| pairs[at] * weight(at).min(weight(at + 1))).sum();
        [pairs / self.pairs, longest / self.run]
    }
}

/// Merges the candidates of several cues into one list of at most `limit`, each once. They are ordered by the best rank that
/// a candidate has in any list, then by the earlier list.
///
/// ```
/// // The second cue has found one that the first has not.
/// assert_eq!(hv_encode::merge([vec![7, 8, 9], vec![5, 7]], 3), [7, 5, 8]);
/// ```
#[must_use]
pub fn merge<T, L>(lists: impl IntoIterator<Item = L>, limit: usize) -> Vec<T>
where
    T: Copy + Eq + std::hash::Hash,
    L: IntoIterator<Item = T>,
{
    let mut lists: Vec<_> = lists.into_iter().map(|list| list.into_iter()).collect();
    let (mut merged, mut seen) = (Vec::new(), std::collections::HashSet::new());
    while merged.len() < limit {
        let row: Vec<T> = lists.iter_mut().filter_map(Iterator::next).collect();
        if row.is_empty() {
            break;
        }
        merged.extend(row.into_iter().filter(|&candidate| seen.insert(candidate)));
    }
    merged.truncate(limit);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::WordCounts;

    #[test]
    fn lists_merge_by_rank_and_keep_each_once() {
        assert_eq!(merge([vec![1, 2, 3], vec![4, 1, 5]], 10), [1, 4, 2, 3, 5]);
        assert_eq!(merge([vec![1, 2, 3], vec![4, 1, 5]], 3), [1, 4, 2]);
        assert_eq!(merge([Vec::<u8>::new()], 3), []);
    }

    fn score(texts: &[&str], question: &str, text: &str) -> Score {
        let mut questions = Questions::new(&[question], texts.len() as u64);
        WordCounts::of(texts).sorted().into_iter().for_each(|(word, count)| questions.see(word, count));
        questions.scorer(0).score(text)
    }

    #[test]
    fn the_parts_of_a_score() {
        let texts = ["the light of the world", "the world of light", "the lord is my shepherd", "light"];
        let value = |question: &str, text: &str| score(&texts, question, text).value;
        assert_eq!(value("light of the world", "Light of the WORLD!"), 1.0);
        assert!(value("light of the world", texts[0]) > value("light of the world", texts[1]), "order");
        assert!(value("light", texts[3]) > value("light", texts[0]), "length");
        assert!(value("the shepherd", texts[2]) > value("the shepherd", texts[0]), "rarity");
        assert!(value("lihgt", texts[3]) > 0.7 && value("lihgt", texts[2]) == 0.0, "a typo");
        assert_eq!(value("...", texts[0]), 0.0);
        assert_eq!(value("light", "..."), 0.0);
    }

    #[test]
    fn a_question_whose_rare_word_is_absent_has_no_answer() {
        let texts: Vec<String> = (0..200).map(|i| format!("what about the thing number {i}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert!(score(&texts, "what about the thing", texts[0]).is_close());
        assert!(score(&texts, "what about the 77", texts[77]).is_close());
        assert!(!score(&texts, "what about the zebra", texts[0]).is_close());
    }

    /// A wrong letter in a word of four may be any other word. Next to a word that texts have, it is taken for a slip.
    #[test]
    fn a_known_word_makes_a_typo_likelier() {
        let numbered = (0..200).map(|i| format!("the year {i}"));
        let texts: Vec<String> = numbered.chain(["the wood of lebanon".to_owned()]).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert!(!score(&texts, "wuod", texts[200]).is_close());
        assert!(score(&texts, "the wuod", texts[200]).is_close());
        assert!(!score(&texts, "zzz wuod", texts[200]).is_close(), "no text has either");
    }

    proptest::proptest! {
        #[test]
        fn a_score_is_a_share_and_a_text_answers_itself(
            texts in proptest::collection::vec("[ab]{1,3}( [abc玻璃]{1,5}){0,6}", 1..8),
            question in "[ab]{1,5}( [abcd璃]{1,5}){0,4}",
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            for text in &texts {
                let found = score(&texts, &question, text);
                proptest::prop_assert!((0.0..=1.0).contains(&found.value) && (0.0..=1.0).contains(&found.coverage));
                let own = score(&texts, text, text);
                proptest::prop_assert!(own.value > 1.0 - 1e-9 && own.is_close(), "{own:?}");
            }
        }
    }
}
