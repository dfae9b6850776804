//! Which episodes of a state the conditions of a recall admit, similarity and time apart.

use std::ops::RangeBounds;

use crate::arena::State;
use crate::conditions::Conditions;
use crate::episode::EpisodeId;
use crate::key::Key;

/// Conditions with the numbers that sources and tags have in a state.
pub(crate) struct Admission<'a> {
    state: &'a State,
    conditions: &'a Conditions,
    /// For each number of a source, 0 included, whether it will do.
    sources: Option<Vec<bool>>,
    /// For each number of a set of tags, 0 included, whether it will do.
    tag_sets: Option<Vec<bool>>,
}

impl<'a> Admission<'a> {
    pub(crate) fn new(state: &'a State, conditions: &'a Conditions) -> Self {
        let sources = conditions.sources.as_ref().map(|sources| {
            let mut will_do = vec![false; state.sources.len() as usize + 1];
            let numbers = sources.iter().filter_map(|source| state.sources.number_of(source));
            numbers.for_each(|number| will_do[number as usize] = true);
            will_do
        });
        let tags: Vec<&str> = conditions.tags.iter().map(String::as_str).collect();
        let tag_sets = (!tags.is_empty()).then(|| state.tag_sets_with(&tags));
        Self { state, conditions, sources, tag_sets }
    }

    /// The slots of the ids and keys that are asked for, in order; `None` where any will do.
    pub(crate) fn named(&self) -> Option<Vec<usize>> {
        let Self { state, conditions, .. } = self;
        let ordered = |mut slots: Vec<usize>| {
            slots.sort_unstable();
            slots.dedup();
            slots
        };
        let of_keys = |keys: &Vec<Key>| ordered(keys.iter().filter_map(|key| state.slot_of_key(key)).collect());
        let of_ids = |ids: &Vec<EpisodeId>| ordered(ids.iter().filter_map(|&id| state.slot(id)).collect());
        match (conditions.keys.as_ref().map(of_keys), conditions.ids.as_ref().map(of_ids)) {
            (Some(mut keyed), Some(given)) => {
                keyed.retain(|slot| given.binary_search(slot).is_ok());
                Some(keyed)
            }
            (keyed, given) => keyed.or(given),
        }
    }

    /// Whether an episode is live and meets all conditions but those on similarity, ids and keys.
    pub(crate) fn is_met(&self, slot: usize) -> bool {
        let in_time = |(first, last): (i64, i64)| {
            (first, last) == (i64::MIN, i64::MAX) || (first..=last).contains(&self.state.time(slot))
        };
        !self.state.is_deleted(slot)
            && self.conditions.time.is_some_and(in_time)
            && (!self.conditions.filters() || self.admits(slot))
    }

    /// Whether all conditions but those on similarity, time, ids and keys are met.
    fn admits(&self, slot: usize) -> bool {
        let Self { state, conditions, sources, tag_sets } = self;
        let (records, index) = state.records.find(slot);
        let named =
            |will_do: &Option<Vec<bool>>, number: u32| will_do.as_ref().is_none_or(|will_do| will_do[number as usize]);
        conditions.valence.contains(&records.valences[index])
            && state.mutable(slot).strength >= conditions.min_strength
            && !conditions.exclude.contains(&state.id(slot))
            && named(sources, *records.labels.sources.get(index))
            && named(tag_sets, *records.labels.tags.get(index))
    }
}
