//! One step: the order of the vectors.

use std::collections::HashSet;

use hv_encode::EncodeError;
use hv_memory::{Conditions, HV16, Match, Snapshot};

use super::answer::{Answer, Found};
use super::text::{WIDER, text_of};
use crate::args::Filters;
use crate::failure::Failure;

/// Asks for the vectors of some questions, for at most `k` matches each.
pub fn search(
    snapshot: &Snapshot,
    cues: Vec<Result<HV16, EncodeError>>,
    k: usize,
    filters: &Filters,
) -> Result<Vec<Result<Answer, EncodeError>>, Failure> {
    let conditions = filters.conditions(filters.min_similarity);
    let vectors: Vec<HV16> = cues.iter().filter_map(|cue| cue.as_ref().ok().copied()).collect();
    let mut found = snapshot.recall_batch_where(&vectors, k, &conditions)?.into_iter();
    let mut answers = Vec::with_capacity(cues.len());
    for cue in cues {
        let Ok(cue) = cue else {
            answers.push(cue.map(|_| Answer { found: Vec::new(), is_close: false }));
            continue;
        };
        let mut found = found.next().unwrap_or_default();
        if !filters.duplicates {
            found = distinct(snapshot, &cue, found, k, &conditions)?;
        }
        let found = found.into_iter().map(|nearness| Found { nearness, score: None }).collect();
        answers.push(Ok(Answer { found, is_close: true }));
    }
    Ok(answers)
}

/// The first `k` distinct texts among the episodes nearest to a cue; `found` are the first `k` episodes.
fn distinct(
    snapshot: &Snapshot,
    cue: &HV16,
    mut found: Vec<Match>,
    k: usize,
    conditions: &Conditions,
) -> Result<Vec<Match>, Failure> {
    let mut limit = k;
    loop {
        let (mut texts, mut first) = (HashSet::new(), Vec::new());
        for found in &found {
            let episode = snapshot.get(found.id)?;
            let text = episode.as_ref().and_then(|episode| text_of(&episode.payload));
            if text.is_none_or(|text| texts.insert(text.into_owned())) {
                first.push(*found);
            }
            if first.len() == k {
                return Ok(first);
            }
        }
        if found.len() < limit {
            return Ok(first);
        }
        limit = limit.saturating_mul(WIDER);
        found = snapshot.recall_where(cue, limit, conditions)?;
    }
}
