//! Two steps: candidates by vectors, then an order by the stored text.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use hv_encode::{EncodeError, Questions, TextEncoder, TextWords, merge};
use hv_memory::{Conditions, EpisodeId, HV16, Match, Snapshot};
use hv_parallel::Operation;
use hv_parallel::for_encoding::adaptive_map;
use hv_parallel::hv_simd::simd_hamming;

use super::answer::{Answer, Found};
use super::text::{WIDER, text_of};
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
    snapshot: &Snapshot,
    encoder: &TextEncoder,
    questions: &[String],
    k: usize,
    filters: &Filters,
) -> Result<Vec<Result<Answer, EncodeError>>, Failure> {
    let mut asked = Questions::new(questions, snapshot.len() as u64);
    vocabulary::show(snapshot, &mut asked)?;
    let plain = encoder.encode_batch(questions);
    // A smallest similarity is that to the question as it stands, so it is asked as it stands.
    let conditions = filters.conditions(filters.min_similarity);
    let (plain_only, duplicates) = (filters.min_similarity.is_some(), filters.duplicates);
    let search = Search { snapshot, encoder, asked, plain: plain_only, duplicates, conditions, k };
    let (mut answers, mut texts) = (Vec::with_capacity(questions.len()), Texts::default());
    for first in (0..questions.len()).step_by(TOGETHER) {
        let last = (first + TOGETHER).min(questions.len());
        answers.extend(search.some(first, &plain[first..last], &mut texts)?);
    }
    Ok(answers)
}

struct Search<'a> {
    snapshot: &'a Snapshot,
    encoder: &'a TextEncoder,
    asked: Questions,
    plain: bool,
    duplicates: bool,
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
        let limit = CANDIDATES.max(self.k);
        let candidates = self.candidates(first, plain, limit)?;
        texts.read(self.snapshot, &self.asked, &candidates)?;
        let work = candidates.iter().map(Vec::len).sum::<usize>().saturating_mul(SCORE);
        let answers = adaptive_map(Operation::Bundle, work, plain.len(), 1, |i| {
            let question = plain[i].as_ref().map_err(Clone::clone)?;
            Ok(self.answer(first + i, question, &candidates[i], texts))
        });
        let too_few = |answer: &Answer, found: usize| !self.duplicates && answer.found.len() < self.k && found == limit;
        let mut wide = Vec::with_capacity(answers.len());
        for (i, answer) in answers.into_iter().enumerate() {
            wide.push(match (answer, &plain[i]) {
                (Ok(answer), Ok(question)) if too_few(&answer, candidates[i].len()) => {
                    Ok(self.wide(first + i, question, texts)?)
                }
                (answer, _) => answer,
            });
        }
        Ok(wide)
    }

    /// Answers a question for which equal texts left too few others among the candidates.
    fn wide(&self, i: usize, question: &HV16, texts: &mut Texts) -> Result<Answer, Failure> {
        let mut limit = CANDIDATES.max(self.k);
        loop {
            limit = limit.saturating_mul(WIDER);
            let candidates = self.candidates(i, &[Ok(*question)], limit)?;
            texts.read(self.snapshot, &self.asked, &candidates)?;
            let answer = self.answer(i, question, &candidates[0], texts);
            if answer.found.len() == self.k || candidates[0].len() < limit {
                return Ok(answer);
            }
        }
    }

    /// The candidates of each question, in the order of the vectors.
    fn candidates(
        &self,
        first: usize,
        plain: &[Result<HV16, EncodeError>],
        limit: usize,
    ) -> Result<Vec<Vec<EpisodeId>>, Failure> {
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
        let mut texts = HashSet::new();
        ranked.retain(|(_, text, _)| self.duplicates || text.same.is_none_or(|same| texts.insert(same)));
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
    /// A hash of the text, the same for equal ones; that two others share 64 bits does not happen.
    same: Option<u64>,
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
            let text = text_of(&episode.payload);
            let words = asked.cut(text.as_deref().unwrap_or_default());
            Ok::<_, Failure>(Some(Text { vector: episode.content, words, same: text.as_deref().map(hash) }))
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

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
