//! Two steps: candidates by vectors, then an order by the stored text.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use hv_encode::{EncodeError, Questions, TextEncoder, TextWords, merge};
use hv_memory::{Conditions, EpisodeId, EpisodicMemory, HV16, Match, Snapshot};
use hv_parallel::Operation;
use hv_parallel::for_encoding::adaptive_map;
use hv_parallel::hv_simd::simd_hamming;
use serde::Deserialize;

use super::answer::{Answer, Found};
use crate::args::Filters;
use crate::failure::Failure;
use crate::vocabulary;

/// The candidates of a question, at least.
const CANDIDATES: usize = 1_000;
/// Questions that are searched for together: their candidates are in memory at once.
const TOGETHER: usize = 128;
/// Bytes of words of texts that are kept for the next questions.
const KEPT: usize = 64 << 20;
/// What a candidate costs, in vectors of a bundle: to read it, and to score it.
const READ: usize = 500;
const SCORE: usize = 20;

/// Asks all questions, for at most `k` matches each.
pub fn search(
    memory: &EpisodicMemory,
    encoder: &TextEncoder,
    questions: &[String],
    k: usize,
    filters: &Filters,
) -> Result<Vec<Result<Answer, EncodeError>>, Failure> {
    let snapshot = memory.snapshot();
    let mut asked = Questions::new(questions, snapshot.len() as u64);
    vocabulary::show(&snapshot, &mut asked)?;
    let plain = encoder.encode_batch(questions);
    // A smallest similarity is that to the question as it stands, so it is asked as it stands.
    let conditions = filters.conditions(filters.min_similarity);
    let search = Search { snapshot, encoder, asked, plain: filters.min_similarity.is_some(), conditions, k };
    let (mut answers, mut texts) = (Vec::with_capacity(questions.len()), Texts::default());
    for first in (0..questions.len()).step_by(TOGETHER) {
        let last = (first + TOGETHER).min(questions.len());
        answers.extend(search.some(first, &plain[first..last], &mut texts)?);
    }
    Ok(answers)
}

struct Search<'a> {
    snapshot: Snapshot,
    encoder: &'a TextEncoder,
    asked: Questions,
    plain: bool,
    conditions: Conditions,
    k: usize,
}

impl Search<'_> {
    /// Answers the questions from `first` on, whose plain vectors these are.
    fn some(
        &self,
        first: usize,
        plain: &[Result<HV16, EncodeError>],
        texts: &mut Texts,
    ) -> Result<Vec<Result<Answer, EncodeError>>, Failure> {
        let candidates = self.candidates(first, plain)?;
        texts.read(&self.snapshot, &self.asked, &candidates)?;
        let work = candidates.iter().map(Vec::len).sum::<usize>().saturating_mul(SCORE);
        let answers = adaptive_map(Operation::Bundle, work, plain.len(), 1, |i| {
            let question = plain[i].as_ref().map_err(|&error| error)?;
            Ok(self.answer(first + i, question, &candidates[i], texts))
        });
        Ok(answers)
    }

    /// The candidates of each question, in the order of the vectors.
    fn candidates(&self, first: usize, plain: &[Result<HV16, EncodeError>]) -> Result<Vec<Vec<EpisodeId>>, Failure> {
        let (mut cues, mut counts) = (Vec::new(), Vec::new());
        for (i, question) in plain.iter().enumerate() {
            let before = cues.len();
            match question {
                Ok(question) if self.plain => cues.push(*question),
                Ok(_) => cues.extend(self.asked.cues(first + i, self.encoder).unwrap_or_default()),
                Err(_) => (),
            }
            counts.push(cues.len() - before);
        }
        let limit = CANDIDATES.max(self.k);
        let mut found = self.snapshot.recall_batch_where(&cues, limit, &self.conditions)?.into_iter();
        let merged = |count| {
            let lists: Vec<Vec<Match>> = found.by_ref().take(count).collect();
            merge(lists.iter().map(|list| list.iter().map(|found| found.id)), limit)
        };
        Ok(counts.into_iter().map(merged).collect())
    }

    fn answer(&self, i: usize, question: &HV16, candidates: &[EpisodeId], texts: &Texts) -> Answer {
        let scorer = self.asked.scorer(i);
        let score = |&id: &EpisodeId| {
            let text = texts.kept.get(&id)?;
            Some((id, text, scorer.score_words(&text.words)))
        };
        let mut ranked: Vec<_> = candidates.iter().filter_map(score).collect();
        // Equal scores keep the order of the vectors.
        ranked.sort_by(|a, b| b.2.value.total_cmp(&a.2.value));
        ranked.truncate(self.k);
        let found = ranked.iter().map(|(id, text, score)| {
            let nearness = Match::new(*id, simd_hamming(question, &text.vector) as u16);
            Found { nearness, score: Some(score.value) }
        });
        Answer { found: found.collect(), is_close: ranked.first().is_some_and(|(.., score)| score.is_close()) }
    }
}

/// Texts that were read.
#[derive(Default)]
struct Texts {
    kept: HashMap<EpisodeId, Text>,
    bytes: usize,
}

struct Text {
    vector: HV16,
    words: TextWords,
}

/// The part of a record that is scored.
#[derive(Deserialize)]
struct TextOnly<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

impl Texts {
    /// Reads what is not there yet.
    fn read(&mut self, snapshot: &Snapshot, asked: &Questions, candidates: &[Vec<EpisodeId>]) -> Result<(), Failure> {
        if self.bytes > KEPT {
            *self = Self::default();
        }
        let missing: HashSet<EpisodeId> =
            candidates.iter().flatten().copied().filter(|id| !self.kept.contains_key(id)).collect();
        // In the order in which they lie on disk.
        let mut missing: Vec<EpisodeId> = missing.into_iter().collect();
        missing.sort_unstable();
        let work = missing.len().saturating_mul(READ);
        let read = adaptive_map(Operation::Bundle, work, missing.len(), 1, |i| {
            let Some(episode) = snapshot.get(missing[i])? else { return Ok(None) };
            // Episodes of other programs have no text.
            let record = serde_json::from_slice::<TextOnly>(&episode.payload);
            let words = asked.cut(record.as_ref().map_or("", |record| &record.text));
            Ok::<_, Failure>(Some(Text { vector: episode.content, words }))
        });
        for (id, text) in missing.into_iter().zip(read) {
            if let Some(text) = text? {
                self.bytes += size_of::<Text>() + text.words.bytes();
                self.kept.insert(id, text);
            }
        }
        Ok(())
    }
}
