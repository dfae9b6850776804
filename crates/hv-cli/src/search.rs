//! The search for the stored lines that answer some questions.

pub mod answer;
mod by_similarity;
mod by_text;
mod conditions;
mod text;

use std::time::{Duration, Instant};

use hv_encode::EncodeError;
use hv_memory::Snapshot;

use crate::args::{Filters, Order};
use crate::failure::Failure;
use crate::record::TextToVector;
use crate::store::Store;
use answer::Answer;

/// What the search found for each question, and how long it took in all.
pub struct Answers {
    pub answers: Vec<Result<Answer, EncodeError>>,
    pub time: Duration,
}

impl Answers {
    /// How many questions were searched for: those with something to encode.
    pub fn asked(&self) -> usize {
        self.answers.iter().filter(|answer| answer.is_ok()).count()
    }

    /// The share of each of these in the time.
    pub fn time_each(&self) -> Duration {
        self.time / self.asked().max(1) as u32
    }
}

/// Asks a snapshot of the store all questions, for at most `k` matches each.
pub fn search(
    store: &Store,
    snapshot: &Snapshot,
    questions: &[String],
    k: usize,
    order: Order,
    filters: &Filters,
) -> Result<Answers, Failure> {
    let start = Instant::now();
    let answers = match (&store.encoder, order) {
        (TextToVector::Folded(encoder), Order::Text) => by_text::search(snapshot, encoder, questions, k, filters)?,
        (encoder, _) => by_similarity::search(snapshot, encoder.encode_batch(questions), k, filters)?,
    };
    Ok(Answers { answers, time: start.elapsed() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_shared_by_the_questions_that_were_asked() {
        let answers = |answers| Answers { answers, time: Duration::from_micros(12) };
        let ok = || Ok(Answer { found: Vec::new(), is_close: true });
        let some = answers(vec![ok(), Err(EncodeError::Empty), ok(), ok()]);
        assert_eq!((some.asked(), some.time_each()), (3, Duration::from_micros(4)));
        let none = answers(vec![Err(EncodeError::Empty)]);
        assert_eq!((none.asked(), none.time_each()), (0, Duration::from_micros(12)));
    }
}
