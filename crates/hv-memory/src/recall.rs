//! Answering a query: which slots it is about, which of them it admits, and what was found.

use std::ops::{Range, RangeBounds};
use std::sync::Arc;

use hv_parallel::HV16;
use hv_parallel::for_storage::{Planed, segments_find_pruned, segments_find_top_k};

use crate::arena::{State, Vectors};
use crate::episode::{Episode, Match};
use crate::error::MemoryError;
use crate::query::{Exactness, Query};

/// What a query found, and how.
///
/// It holds the state that it was found in, for [`episodes`](Self::episodes), as a [`Snapshot`](crate::Snapshot) does, and
/// so all vectors of that moment. Keep `matches` alone where it is to be kept for long.
#[derive(Clone)]
#[non_exhaustive]
pub struct Recall {
    /// The episodes, by distance, then by id.
    pub matches: Vec<Match>,
    /// How the vectors were searched.
    pub method: Method,
    /// How many vectors were read in full, those of forgotten episodes that still take space included.
    ///
    /// Where nothing was pruned, these are all whose time is in the range that was asked for; but if times were stored out
    /// of order and more than one in eight is in the range, all there are. Where something was pruned, the number may
    /// differ between two runs, by how several threads came to share the work. What is found does not.
    pub read_in_full: u64,
    /// Keeps the vectors alive, all of them.
    pub(crate) state: Arc<State>,
}

/// How the vectors were searched.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Method {
    /// Every vector in full.
    Scan,
    /// A quarter of each vector first, and those in full that may be near enough. Nothing is missed.
    Pruned,
    /// A quarter of each vector first, and those in full that are likely to be near enough; each episode that
    /// matches is missed with at most this probability.
    PrunedWithin(f64),
}

impl Recall {
    /// Nothing found.
    fn new(state: &Arc<State>) -> Self {
        Self { matches: Vec::new(), method: Method::Scan, read_in_full: 0, state: Arc::clone(state) }
    }

    /// The episodes that were found, in order, as they were when they were found.
    ///
    /// An item is an error where a payload cannot be read or is damaged.
    pub fn episodes(&self) -> impl Iterator<Item = Result<Episode, MemoryError>> + '_ {
        let slots = self.matches.iter().filter_map(|found| self.state.slot(found.id));
        slots.map(|slot| self.state.episode(slot))
    }
}

impl std::fmt::Debug for Recall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recall")
            .field("matches", &self.matches)
            .field("method", &self.method)
            .field("read_in_full", &self.read_in_full)
            .finish_non_exhaustive()
    }
}

/// Answers a query from one state.
pub(crate) fn recall(state: &Arc<State>, query: &Query) -> Result<Recall, MemoryError> {
    let found = recall_batch(state, std::slice::from_ref(&query.cue), query)?.pop();
    Ok(found.unwrap_or_else(|| Recall::new(state)))
}

/// Answers, for each cue in place of the query's own, a query from one state.
pub(crate) fn recall_batch(state: &Arc<State>, cues: &[HV16], query: &Query) -> Result<Vec<Recall>, MemoryError> {
    let (Some(max_distance), Some((first, last))) = (query.max_distance()?, query.time) else {
        return Ok(vec![Recall::new(state); cues.len()]);
    };
    if query.k == 0 || cues.is_empty() {
        return Ok(vec![Recall::new(state); cues.len()]);
    }
    let mut picked = Vec::new();
    let any_time = (first, last) == (i64::MIN, i64::MAX);
    let place = if any_time { Pick::From(0..state.slots()) } else { pick(state, first, last, &mut picked) };
    let in_time = |slot| any_time || (first..=last).contains(&state.time(slot));
    let keep = |index: usize| {
        let slot = place.slot(index);
        !state.is_dead(slot) && in_time(slot) && (!query.filters() || admits(state, query, slot))
    };
    let answer = |found: Vec<(usize, u16)>, method, read_in_full| {
        let matched = |(index, distance)| Match { id: state.id(place.slot(index)), distance };
        Recall { matches: found.into_iter().map(matched).collect(), method, read_in_full, ..Recall::new(state) }
    };
    if let Pick::From(range) = &place
        && range.len() >= if cues.len() > 1 { WORTH_A_PLANE_TO_MANY } else { WORTH_A_PLANE }
        && let Some(cut) = query.cut(max_distance, cues.len())
    {
        let method = match query.exactness {
            Exactness::Exact => Method::Pruned,
            Exactness::Within(p) => Method::PrunedWithin(p),
        };
        let segments = sliced(state, range, Vectors::planed);
        let pruned = segments_find_pruned(cues, &segments, query.k, max_distance, cut.max_plane_distance(), keep);
        let method = |read| {
            if read == range.len() as u64 && query.exactness == Exactness::Exact { Method::Scan } else { method }
        };
        return Ok(pruned.into_iter().map(|p| answer(p.found, method(p.read_in_full), p.read_in_full)).collect());
    }
    let segments = place.segments(state);
    let read_in_full = segments.iter().map(|segment| segment.len() as u64).sum();
    let found = segments_find_top_k(cues, &segments, query.k, max_distance, keep);
    Ok(found.into_iter().map(|found| answer(found, Method::Scan, read_in_full)).collect())
}

/// Vectors of a search for which planes are made. Finding the cut takes some microseconds, which are under 5 % of the
/// plain scan of so many.
const WORTH_A_PLANE: usize = 16_384;

/// The same for many cues, whose first try in vain costs up to 6 % of the plain scan of half as many.
const WORTH_A_PLANE_TO_MANY: usize = 32_768;

/// One in so many vectors at most is read on its own.
const SCATTERED: usize = 8;

/// The slots to search for a range of times; more than those where reading them here and there would cost more.
fn pick<'a>(state: &State, first: i64, last: i64, picked: &'a mut Vec<usize>) -> Pick<'a> {
    let most = state.slots() / SCATTERED;
    if let Some(order) = state.order_if_worth() {
        let places = order.places(|slot| state.time(slot), first..=last);
        if order.is_of_slots() {
            return Pick::From(places);
        }
        if places.len() <= most {
            picked.extend(places.map(|place| order.slot(place)));
            // Ties go to the older, so the order must be that of the slots.
            picked.sort_unstable();
            return Pick::These(picked);
        }
        return Pick::From(0..state.slots());
    }
    // 8 bytes of each time, where the search reads 256 of a vector.
    let times = state.records.chunks().flat_map(|chunk| &chunk.times);
    for (slot, _) in times.enumerate().filter(|(_, time)| (first..=last).contains(time)) {
        if picked.len() == most {
            return Pick::From(0..state.slots());
        }
        picked.push(slot);
    }
    Pick::These(picked)
}

fn admits(state: &State, query: &Query, slot: usize) -> bool {
    let (records, place) = state.records.find(slot);
    query.valence.contains(&records.valences[place])
        && state.vital(slot).strength >= query.min_strength
        && query.exclude.binary_search(&state.id(slot)).is_err()
}

/// The parts of chunks whose slots are in a range; `planed` is asked only about chunks that have some.
fn sliced<'s>(state: &'s State, range: &Range<usize>, planed: impl Fn(&'s Vectors) -> Planed<'s>) -> Vec<Planed<'s>> {
    let mut first = 0;
    let mut parts = Vec::new();
    for chunk in state.vectors.chunks() {
        let within = |slot: usize| slot.clamp(first, first + chunk.len()) - first;
        let (from, to) = (within(range.start), within(range.end));
        if from < to {
            let Planed { vectors, lines } = planed(chunk);
            parts.push(Planed { vectors: &vectors[from..to], lines: lines.get(from..to).unwrap_or_default() });
        }
        first += chunk.len();
    }
    parts
}

/// The slots that are searched, in order.
enum Pick<'a> {
    From(Range<usize>),
    These(&'a [usize]),
}

impl Pick<'_> {
    fn slot(&self, index: usize) -> usize {
        match self {
            Self::From(range) => range.start + index,
            Self::These(slots) => slots[index],
        }
    }

    /// Their vectors, as slices.
    fn segments<'s>(&self, state: &'s State) -> Vec<&'s [HV16]> {
        match self {
            Self::From(range) => {
                let whole = |vectors: &'s Vectors| Planed { vectors, lines: &[] };
                sliced(state, range, whole).into_iter().map(|segment| segment.vectors).collect()
            }
            Self::These(slots) => slots.iter().map(|&slot| std::slice::from_ref(state.vector(slot))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arena::WORTH_SORTING;
    use crate::common::episodes;
    use crate::{EpisodeId, EpisodicMemory};

    /// Sorting takes as long as many scans, and each store makes a state that is to be sorted anew.
    #[test]
    fn times_are_sorted_only_for_many_questions_on_one_state() -> Result<(), MemoryError> {
        let memory = EpisodicMemory::in_memory();
        memory.store_batch(&episodes(0..500))?;
        let cue = HV16::random(7);
        let ask = |times: std::ops::Range<i64>| {
            let found = memory.recall_with(&Query::new(cue).time(times.clone()))?;
            let mut all = memory.recall(&cue, usize::MAX)?;
            all.retain(|found| times.contains(&memory.snapshot().state.time(found.id.0 as usize)));
            assert_eq!(found.matches, all);
            Ok::<_, MemoryError>(found.state.order_is_made())
        };
        // A few of 500, more than are read on their own, and all.
        let ranges = [-1 << 44..1 << 44, 0..1 << 49, i64::MIN..i64::MAX];
        for number in 500..503 {
            memory.store_batch(&episodes(number..number + 1))?;
            for asked in 1..WORTH_SORTING + 9 {
                let times = ranges[asked as usize % 3].clone();
                assert_eq!(ask(times)?, asked >= WORTH_SORTING, "question {asked}");
            }
        }
        // Questions about causes need the order at once.
        memory.store_batch(&episodes(503..504))?;
        memory.causal_chain(EpisodeId(1), &Default::default())?;
        assert!(ask(ranges[0].clone())?);
        Ok(())
    }
}
