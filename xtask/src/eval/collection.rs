//! A collection of texts, and how questions to it are answered: as `hv recall` does, but in memory.

use hv_encode::{NgramEncoder, Questions, Score, TextEncoder, TextWords, WordCounts, merge, words};
use hv_parallel::{HV16, adaptive_batch_find_top_k};

/// The candidates that the vectors give and the text orders.
pub const CANDIDATES: usize = 1_000;

/// Texts with their vectors and words.
pub struct Collection {
    pub texts: Vec<String>,
    /// The words of each text, pairs of characters left out.
    pub words: Vec<Vec<String>>,
    pub counts: WordCounts,
    encoder: TextEncoder,
    vectors: Vec<HV16>,
}

/// What one kind of question came to, in percent.
#[derive(Clone, Copy)]
pub struct Figures {
    /// The right text was the first.
    pub first: f64,
    /// The right text was among the first ten.
    pub ten: f64,
    /// The answer was "nothing close".
    pub nothing: f64,
}

/// A question, and the texts that are right; none where nothing is.
pub type Question = (String, Vec<usize>);

impl Collection {
    pub fn new(texts: Vec<String>, seed: u64) -> Self {
        let encoder = TextEncoder::new(NgramEncoder::DEFAULT_N, seed);
        let vectors = encoder.encode_batch(&texts).into_iter().map(Result::unwrap_or_default).collect();
        let of = |text: &String| {
            let folded = hv_encode::fold(text).unwrap_or_default();
            words(&folded).filter(|word| !word.pair).map(|word| word.text.to_owned()).collect()
        };
        Self { words: texts.iter().map(of).collect(), counts: WordCounts::of(&texts), encoder, vectors, texts }
    }

    /// Asks all questions.
    pub fn ask(&self, asked: &[Question]) -> Figures {
        let texts: Vec<&str> = asked.iter().map(|(question, _)| question.as_str()).collect();
        let mut questions = Questions::new(&texts, self.texts.len() as u64);
        self.counts.sorted().into_iter().for_each(|(word, count)| questions.see(word, count));
        let mut cut: Vec<Option<TextWords>> = vec![None; self.texts.len()];
        let mut found = [0; 3];
        for (i, (_, right)) in asked.iter().enumerate() {
            let ranked = self.answer(&questions, i, &mut cut);
            let is_right = |(text, _): &(usize, Score)| right.contains(text);
            found[0] += usize::from(ranked.iter().take(1).any(is_right));
            found[1] += usize::from(ranked.iter().take(10).any(is_right));
            found[2] += usize::from(!ranked.first().is_some_and(|(_, score)| score.is_close()));
        }
        let [first, ten, nothing] = found.map(|n| 100.0 * n as f64 / asked.len() as f64);
        Figures { first, ten, nothing }
    }

    /// The candidates of a question, the best first.
    fn answer(&self, questions: &Questions, i: usize, cut: &mut [Option<TextWords>]) -> Vec<(usize, Score)> {
        let Ok(cues) = questions.cues(i, &self.encoder) else { return Vec::new() };
        let found = adaptive_batch_find_top_k(&cues, &self.vectors, CANDIDATES);
        let candidates = merge(found.iter().map(|list| list.iter().map(|&(text, _)| text)), CANDIDATES);
        let scorer = questions.scorer(i);
        let mut score = |text: usize| {
            let words = cut[text].get_or_insert_with(|| questions.cut(&self.texts[text]));
            (text, scorer.score_words(words))
        };
        let mut ranked: Vec<(usize, Score)> = candidates.into_iter().map(&mut score).collect();
        ranked.sort_by(|a, b| b.1.value.total_cmp(&a.1.value));
        ranked
    }
}
