//! The search for the stored lines most like some questions.

use std::ops::Bound;
use std::time::{Duration, Instant};

use hv_encode::EncodeError;
use hv_memory::{Conditions, EpisodeId, Exactness, HV16, Match};

use crate::args::Filters;
use crate::failure::Failure;
use crate::store::Store;

/// What the search found for each question, and how long it took in all.
pub struct Answers {
    pub matches: Vec<Result<Vec<Match>, EncodeError>>,
    pub time: Duration,
}

impl Answers {
    /// How many questions were searched for: those with something to encode.
    pub fn asked(&self) -> usize {
        self.matches.iter().filter(|found| found.is_ok()).count()
    }

    /// The share of each of these in the time.
    pub fn time_each(&self) -> Duration {
        self.time / self.asked().max(1) as u32
    }
}

/// Asks all questions in one pass over the store.
pub fn search(store: &Store, questions: &[String], k: usize, filters: &Filters) -> Result<Answers, Failure> {
    let encoded = store.encoder.encode_batch(questions);
    let cues: Vec<HV16> = encoded.iter().filter_map(|cue| cue.ok()).collect();
    let start = Instant::now();
    let found = store.memory.recall_batch_where(&cues, k, &filters.conditions())?;
    let time = start.elapsed();
    let mut found = found.into_iter();
    let matches = encoded.into_iter().map(|cue| cue.map(|_| found.next().unwrap_or_default())).collect();
    Ok(Answers { matches, time })
}

impl Filters {
    fn conditions(&self) -> Conditions {
        let from = self.since.map_or(Bound::Unbounded, Bound::Included);
        let to = self.before.map_or(Bound::Unbounded, Bound::Excluded);
        let mut conditions = Conditions::new().time((from, to)).exclude(self.exclude.iter().copied().map(EpisodeId));
        if let Some(least) = self.min_similarity {
            conditions = conditions.min_similarity(least);
        }
        if self.min_valence.or(self.max_valence).is_some() {
            conditions = conditions.valence(self.min_valence.unwrap_or(-1.0)..=self.max_valence.unwrap_or(1.0));
        }
        if let Some(least) = self.min_strength {
            conditions = conditions.min_strength(least);
        }
        if let Some(probability) = self.miss {
            conditions = conditions.exactness(Exactness::Within(probability));
        }
        conditions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_shared_by_the_questions_that_were_asked() {
        let answers = |matches| Answers { matches, time: Duration::from_micros(12) };
        let some = answers(vec![Ok(Vec::new()), Err(EncodeError::Empty), Ok(Vec::new()), Ok(Vec::new())]);
        assert_eq!((some.asked(), some.time_each()), (3, Duration::from_micros(4)));
        let none = answers(vec![Err(EncodeError::Empty)]);
        assert_eq!((none.asked(), none.time_each()), (0, Duration::from_micros(12)));
    }
}
