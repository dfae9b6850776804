//! Answering a recall: which slots it is about, which of them its conditions admit, and what was found.

use std::ops::Range;

use hv_parallel::for_storage::{WithPrefixes, segments_find_pruned, segments_find_top_k};
use hv_parallel::{HV16, Progress};

use crate::admission::Admission;
use crate::arena::{State, Vectors};
use crate::conditions::{Conditions, Exactness};
use crate::episode::Match;
use crate::error::{MemoryError, advance};
use crate::planner::{Costs, Search, WORTH_SORTING};

/// Vectors that a recall reads before it looks whether it is still wanted: a quarter of a GiB, which takes some hundredths of a second.
const PART: usize = 1 << 20;

/// What a recall found, and how it searched.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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
}

/// How the vectors were searched.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Method {
    /// Every vector in full.
    Scan,
    /// A quarter of each vector first, and those in full that may be near enough. Nothing is missed.
    Pruned,
    /// A quarter of each vector first, and those in full that are likely to be near enough; each episode that
    /// matches is missed with at most this probability.
    PrunedWithin(f64),
    /// By the search that the snapshot was given: [`Snapshot::with_search`](crate::Snapshot::with_search).
    Given,
}

impl Recall {
    /// What a given search found among all slots.
    pub(crate) fn given(matches: Vec<Match>, slots: usize) -> Self {
        Self { matches, method: Method::Given, read_in_full: slots as u64 }
    }

    /// Nothing, found without a search.
    pub(crate) fn nothing() -> Self {
        Self { matches: Vec::new(), method: Method::Scan, read_in_full: 0 }
    }
}

/// The `k` nearest to a cue of the episodes of a state that meet the conditions.
pub(crate) fn recall_one(
    state: &State,
    cue: &HV16,
    k: usize,
    conditions: &Conditions,
    progress: &Progress,
) -> Result<Vec<Match>, MemoryError> {
    let recall = explained(state, std::slice::from_ref(cue), k, conditions, Some(progress))?.pop();
    Ok(recall.map(|recall| recall.matches).unwrap_or_default())
}

/// [`recall_one`] for many cues, which also says how it searched. `progress` counts vectors that were searched, or all at the end.
pub(crate) fn explained(
    state: &State,
    cues: &[HV16],
    k: usize,
    conditions: &Conditions,
    progress: Option<&Progress>,
) -> Result<Vec<Recall>, MemoryError> {
    let (Some(max_distance), Some((first, last))) = (conditions.max_distance()?, conditions.time) else {
        return Ok(vec![Recall::nothing(); cues.len()]);
    };
    if k == 0 || cues.is_empty() {
        return Ok(vec![Recall::nothing(); cues.len()]);
    }
    let mut picked = Vec::new();
    let any_time = (first, last) == (i64::MIN, i64::MAX);
    let costs = Costs::active();
    let admission = Admission::new(state, conditions);
    let pick = match admission.named() {
        Some(named) => {
            picked = named;
            Pick::These(&picked)
        }
        None if any_time => Pick::From(0..state.slots()),
        None => pick(state, &costs, first, last, &mut picked),
    };
    let keep = |index: usize| admission.is_met(pick.slot(index));
    let answer = |found: Vec<(usize, u16)>, method, read_in_full| {
        let matched = |(index, distance)| Match { id: state.id(pick.slot(index)), distance };
        Recall { matches: found.into_iter().map(matched).collect(), method, read_in_full }
    };
    let exactness = conditions.exactness;
    let search = |vectors| Search { vectors, cues: cues.len(), max_distance, exactness };
    if let Pick::From(range) = &pick
        && state.has_planes()
        && let Some(cut) = costs.cut(&search(range.len()))
    {
        let method = match conditions.exactness {
            Exactness::Exact => Method::Pruned,
            Exactness::Within(p) => Method::PrunedWithin(p),
        };
        let segments = sliced(state, range, Vectors::with_prefixes);
        let worth = Costs::worth(cues.len());
        let pruned = segments_find_pruned(cues, &segments, k, max_distance, cut.max_plane_distance(), worth, keep);
        let method = |read| {
            if read == range.len() as u64 && conditions.exactness == Exactness::Exact { Method::Scan } else { method }
        };
        return Ok(pruned.into_iter().map(|p| answer(p.found, method(p.read_in_full), p.read_in_full)).collect());
    }
    let segments = pick.segments(state);
    let read_in_full = segments.iter().map(|segment| segment.len() as u64).sum();
    let all_are_met = conditions.admit_all() && state.deleted == 0;
    let found = match progress {
        Some(progress) => {
            progress.start(read_in_full);
            in_parts(cues, &segments, k, max_distance, |index| all_are_met || keep(index), PART, progress)?
        }
        None if all_are_met => segments_find_top_k(cues, &segments, k, max_distance, |_| true),
        None => segments_find_top_k(cues, &segments, k, max_distance, keep),
    };
    Ok(found.into_iter().map(|found| answer(found, Method::Scan, read_in_full)).collect())
}

/// [`segments_find_top_k`] in parts of about `part` vectors. The caller may stop it after each part.
fn in_parts(
    cues: &[HV16],
    segments: &[&[HV16]],
    k: usize,
    max_distance: u16,
    keep: impl Fn(usize) -> bool + Sync,
    part: usize,
    progress: &Progress,
) -> Result<Vec<Vec<(usize, u16)>>, MemoryError> {
    let mut best: Vec<Vec<(usize, u16)>> = vec![Vec::new(); cues.len()];
    let (mut rest, mut first) = (segments, 0);
    advance(progress, 0)?;
    while !rest.is_empty() {
        let (mut count, mut len) = (0, 0);
        while count < rest.len() && len < part {
            len += rest[count].len();
            count += 1;
        }
        let (now, later) = rest.split_at(count);
        // What came earlier wins against what is equally far.
        let farthest = |best: &Vec<(usize, u16)>| best.get(k - 1).map_or(max_distance, |&(_, farthest)| farthest);
        let limit = best.iter().map(farthest).max().unwrap_or(max_distance);
        let found = segments_find_top_k(cues, now, k, limit, |index| keep(first + index));
        for (best, found) in best.iter_mut().zip(found) {
            best.extend(found.into_iter().map(|(index, distance)| (first + index, distance)));
            best.sort_by_key(|&(_, distance)| distance);
            best.truncate(k);
        }
        (rest, first) = (later, first + len);
        advance(progress, len as u64)?;
    }
    Ok(best)
}

/// The slots to search for a range of times; more than those where reading them here and there would cost more.
fn pick<'a>(state: &State, costs: &Costs, first: i64, last: i64, picked: &'a mut Vec<usize>) -> Pick<'a> {
    let most = costs.most_picked(state.slots());
    if let Some(order) = state.order_if_worth(WORTH_SORTING) {
        let positions = order.positions(|slot| state.time(slot), first..=last);
        if order.is_of_slots() {
            return Pick::From(positions);
        }
        if positions.len() <= most {
            picked.extend(positions.map(|position| order.slot(position)));
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

/// The parts of chunks whose slots are in a range; `with_prefixes` is asked only about chunks that have some.
fn sliced<'s>(
    state: &'s State,
    range: &Range<usize>,
    with_prefixes: impl Fn(&'s Vectors) -> WithPrefixes<'s>,
) -> Vec<WithPrefixes<'s>> {
    let mut first = 0;
    let mut parts = Vec::new();
    for chunk in state.vectors.chunks() {
        let within = |slot: usize| slot.clamp(first, first + chunk.len()) - first;
        let (from, to) = (within(range.start), within(range.end));
        if from < to {
            let WithPrefixes { vectors, prefixes } = with_prefixes(chunk);
            parts.push(WithPrefixes {
                vectors: &vectors[from..to],
                prefixes: prefixes.get(from..to).unwrap_or_default(),
            });
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
                let whole = |vectors: &'s Vectors| WithPrefixes { vectors, prefixes: &[] };
                sliced(state, range, whole).into_iter().map(|segment| segment.vectors).collect()
            }
            Self::These(slots) => slots.iter().map(|&slot| std::slice::from_ref(state.vector(slot))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::episodes;
    use crate::{EpisodeId, EpisodicMemory};

    #[test]
    fn a_recall_in_parts_finds_the_same() -> Result<(), MemoryError> {
        let mut vectors: Vec<HV16> = (0..1_000).map(HV16::random).collect();
        // Equal ones in different parts.
        (0..10).for_each(|i| vectors[997 - 97 * i] = vectors[3]);
        let segments: Vec<&[HV16]> = vectors.chunks(77).collect();
        let cues = [vectors[3], vectors[500], HV16::random(5_000)];
        let keep = |index: usize| index % 10 != 4;
        for (k, max_distance) in [(1, 2_048), (5, 2_048), (20, 1_010), (3, 0), (usize::MAX, 2_048)] {
            let whole = segments_find_top_k(&cues, &segments, k, max_distance, keep);
            for part in [1, 77, 78, 400, 10_000] {
                let progress = Progress::new();
                assert_eq!(in_parts(&cues, &segments, k, max_distance, keep, part, &progress)?, whole, "{k} in {part}");
                assert_eq!(progress.done(), 1_000);
            }
        }
        Ok(())
    }

    #[test]
    fn a_recall_stops_after_a_part() {
        let vectors: Vec<HV16> = (0..100).map(HV16::random).collect();
        let segments: Vec<&[HV16]> = vectors.chunks(10).collect();
        let progress = Progress::new();
        let keep = |index: usize| {
            if index >= 30 {
                progress.stop();
            }
            true
        };
        let stopped = in_parts(&vectors[..1], &segments, 100, 2_048, keep, 20, &progress);
        assert!(matches!(stopped, Err(MemoryError::Stopped)));
        assert_eq!(progress.done(), 40);
    }

    /// Sorting takes as long as many scans, and each store makes a state that is to be sorted again.
    #[test]
    fn times_are_sorted_only_for_many_questions_on_one_state() -> Result<(), MemoryError> {
        let memory = EpisodicMemory::in_memory();
        memory.store_batch(&episodes(0..500))?;
        let cue = HV16::random(7);
        let ask = |times: std::ops::Range<i64>| {
            let snapshot = memory.snapshot();
            let found = snapshot.recall_where(&cue, usize::MAX, &Conditions::new().time(times.clone()))?;
            let mut all = snapshot.recall(&cue, usize::MAX)?;
            all.retain(|found| times.contains(&snapshot.state.time(found.id.0 as usize)));
            assert_eq!(found, all);
            Ok::<_, MemoryError>(snapshot.state.order_is_made())
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
        memory.snapshot().causal_chain(EpisodeId(1), &Default::default())?;
        assert!(ask(ranges[0].clone())?);
        Ok(())
    }
}
