//! One consistent state of the memory: what a snapshot holds, and what a store replaces.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use hv_parallel::HV16;
use rpds::RedBlackTreeMapSync;

use super::app_rows::AppRows;
use super::columns::{Mutable, Mutables, Record, Records};
use super::labels::Label;
use super::levels::Levels;
use super::log::Log;
use super::names::Names;
use super::payload::{Payload, PayloadSource};
use super::time_order::TimeOrder;
use super::vectors::Vectors;
use crate::episode::{Episode, EpisodeId};
use crate::error::MemoryError;
use crate::key::Key;

/// The largest `next_id`: ids are below it, so that every language has a type for them.
pub(crate) const MAX_NEXT_ID: u64 = i64::MAX as u64;

/// All episodes at one moment. A clone shares everything.
///
/// Episodes have slots, in order of id. Slot and id differ once a consolidation has dropped episodes.
#[derive(Clone)]
pub(crate) struct State {
    pub vectors: Levels<Vectors>,
    /// The same in states whose vectors begin alike: those that others were appended to.
    pub lineage: Arc<()>,
    pub records: Levels<Records>,
    pub mutables: Levels<Mutables>,
    /// The id of the next episode.
    pub next_id: u64,
    /// How many slots are deleted.
    pub deleted: usize,
    pub metadata: Arc<[u8]>,
    /// The latest time, while times ascend with the slots; `None` from where they do not.
    pub ascending: Option<i64>,
    /// The slots in order of time, made when that is worth it.
    pub order: Arc<LazyOrder>,
    /// The retrievals.
    pub log: Log,
    /// Reads the payloads that are not in memory; `None` in a memory without a folder. A snapshot keeps that of its
    /// generation.
    pub payloads: Option<Arc<dyn PayloadSource>>,
    /// The sources of episodes.
    pub sources: Names<[u8]>,
    /// The sets of tags of episodes, each sorted.
    pub tag_sets: Names<[Arc<str>]>,
    /// The live episode of each key.
    pub keys: RedBlackTreeMapSync<Key, u64>,
    /// The application's rows.
    pub rows: AppRows,
    /// Slots whose mutables have changed since the last commit, with what they were.
    pub unsaved: Vec<(usize, Mutable)>,
}

/// The slots in order of time, and how many questions have done without.
#[derive(Default)]
pub(crate) struct LazyOrder {
    made: OnceLock<TimeOrder>,
    missed: AtomicU32,
}

/// The first of `0..len` for which `below`, true of all before it, is false.
fn partition(len: usize, below: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if below(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            vectors: Levels::new(),
            lineage: Arc::default(),
            records: Levels::new(),
            mutables: Levels::new(),
            next_id: 0,
            deleted: 0,
            metadata: Arc::default(),
            ascending: Some(i64::MIN),
            order: Arc::default(),
            log: Log::new(0),
            payloads: None,
            sources: Names::new(),
            tag_sets: Names::new(),
            keys: RedBlackTreeMapSync::new_sync(),
            rows: AppRows::none(),
            unsaved: Vec::new(),
        }
    }

    /// How many slots there are, deleted ones included.
    pub(crate) fn slots(&self) -> usize {
        self.records.len()
    }

    /// How many episodes there are.
    pub(crate) fn len(&self) -> usize {
        self.slots() - self.deleted
    }

    /// The slots of the live episodes.
    pub(crate) fn live(&self) -> impl Iterator<Item = usize> {
        (0..self.slots()).filter(|&slot| !self.is_deleted(slot))
    }

    /// Notes that a payload is in the file now.
    pub(crate) fn set_payload(&mut self, slot: usize, payload: Payload) {
        let (records, index) = self.records.find_mut(slot);
        records.payloads[index] = payload;
    }

    /// Changes what can change of an episode. A key of one that dies is free again.
    pub(crate) fn set_mutable(&mut self, slot: usize, mutable: Mutable) {
        self.unsaved.push((slot, self.mutable(slot)));
        let (mutables, index) = self.mutables.find_mut(slot);
        self.deleted = self.deleted - usize::from(mutables.is_deleted(index)) + usize::from(mutable.deleted);
        mutables.set(index, mutable);
        if mutable.deleted {
            let (records, index) = self.records.find(slot);
            if let Some(key) = records.labels.keys.get(index)
                && self.keys.get(key) == Some(&records.ids[index])
            {
                self.keys.remove_mut(&key.clone());
            }
        }
    }

    /// This with the mutables of the last commit.
    pub(crate) fn as_saved(&self) -> Self {
        let mut saved = self.clone();
        for &(slot, mutable) in self.unsaved.iter().rev() {
            let (mutables, index) = saved.mutables.find_mut(slot);
            mutables.set(index, mutable);
        }
        saved
    }

    /// Drops an episode: its slot remains until the next compaction.
    pub(crate) fn kill(&mut self, slot: usize) {
        self.set_mutable(slot, Mutable { deleted: true, ..self.mutable(slot) });
    }

    /// Hides the episodes of the slots from `first` on.
    pub(crate) fn hide_from(&mut self, first: usize) {
        (first..self.slots()).for_each(|slot| self.kill(slot));
    }

    /// Shows a hidden episode again.
    pub(crate) fn reveal(&mut self, slot: usize) {
        self.set_mutable(slot, Mutable { deleted: false, ..self.mutable(slot) });
    }

    /// [`order`](Self::order), where that is there or worth its making; nobody waits for another who makes it.
    pub(crate) fn order_if_worth(&self, questions: u32) -> Option<&TimeOrder> {
        if self.ascending.is_some() {
            return Some(self.order());
        }
        let worth = || self.order.missed.fetch_add(1, Ordering::Relaxed) + 1 == questions;
        self.order.made.get().or_else(|| worth().then(|| self.order()))
    }

    /// The slots in order of time. O(n log n) once for a state whose times do not ascend, else O(1).
    pub(crate) fn order(&self) -> &TimeOrder {
        if let Some(made) = self.order.made.get() {
            return made;
        }
        // Not while others wait for it: a child that is forked meanwhile would wait for ever.
        let made = match self.ascending {
            Some(_) => TimeOrder::ascending(self.slots()),
            None => TimeOrder::new(self.slots(), |slot| self.time(slot)),
        };
        self.order.made.get_or_init(|| made)
    }

    #[cfg(test)]
    pub(crate) fn order_is_made(&self) -> bool {
        self.order.made.get().is_some()
    }

    pub(crate) fn time(&self, slot: usize) -> i64 {
        let (records, index) = self.records.find(slot);
        records.times[index]
    }

    pub(crate) fn valence(&self, slot: usize) -> f32 {
        let (records, index) = self.records.find(slot);
        records.valences[index]
    }

    pub(crate) fn vector(&self, slot: usize) -> &HV16 {
        let (vectors, index) = self.vectors.find(slot);
        &vectors[index]
    }

    pub(crate) fn record(&self, slot: usize) -> Record {
        let (records, index) = self.records.find(slot);
        Record {
            id: records.ids[index],
            time: records.times[index],
            valence: records.valences[index],
            payload: records.payloads[index].clone(),
            label: records.labels.get(index),
        }
    }

    /// The bytes of the vectors and payloads of some slots.
    pub(crate) fn bytes_of(&self, slots: impl Iterator<Item = usize>) -> u64 {
        slots.map(|slot| (HV16::BYTES + self.payload_len(slot)) as u64).sum()
    }

    pub(crate) fn payload_len(&self, slot: usize) -> usize {
        let (records, index) = self.records.find(slot);
        records.payloads[index].len()
    }

    pub(crate) fn mutable(&self, slot: usize) -> Mutable {
        let (mutables, index) = self.mutables.find(slot);
        Mutable {
            strength: mutables.strengths[index],
            updated: mutables.updated[index],
            deleted: mutables.is_deleted(index),
        }
    }

    pub(crate) fn id(&self, slot: usize) -> EpisodeId {
        let (records, index) = self.records.find(slot);
        EpisodeId(records.ids[index])
    }

    pub(crate) fn is_deleted(&self, slot: usize) -> bool {
        let (mutables, index) = self.mutables.find(slot);
        mutables.is_deleted(index)
    }

    /// The slot of a live episode.
    pub(crate) fn slot(&self, id: EpisodeId) -> Option<usize> {
        self.any_slot(id).filter(|&slot| !self.is_deleted(slot))
    }

    /// The slot of an episode that can be revealed: a deleted one without a key.
    pub(crate) fn hidden_slot(&self, id: EpisodeId) -> Option<usize> {
        let can_be_revealed = |&slot: &usize| {
            let (records, index) = self.records.find(slot);
            self.is_deleted(slot) && records.labels.keys.get(index).is_none()
        };
        self.any_slot(id).filter(can_be_revealed)
    }

    /// The slot of an episode, live or deleted.
    fn any_slot(&self, id: EpisodeId) -> Option<usize> {
        // An id is never below its slot, and equal to it until something was dropped.
        let guess = usize::try_from(id.0).ok().filter(|&guess| guess < self.slots());
        let slot = match guess {
            Some(guess) if self.id(guess) == id => guess,
            _ => partition(guess.unwrap_or(self.slots()), |slot| self.id(slot) < id),
        };
        (slot < self.slots() && self.id(slot) == id).then_some(slot)
    }

    /// For each number of a set of tags, 0 included, whether the set has all of these.
    pub(crate) fn tag_sets_with(&self, tags: &[&str]) -> Vec<bool> {
        let has = |set: &[Arc<str>]| tags.iter().all(|tag| set.binary_search_by(|of| (**of).cmp(tag)).is_ok());
        [tags.is_empty()].into_iter().chain(self.tag_sets.after(0).map(|(_, set)| has(set))).collect()
    }

    /// The slot of the live episode of a key.
    pub(crate) fn slot_of_key(&self, key: &Key) -> Option<usize> {
        self.slot(EpisodeId(*self.keys.get(key)?))
    }

    /// Whether there are planes of prefixes.
    pub(crate) fn has_planes(&self) -> bool {
        self.vectors.chunks().any(|chunk| chunk.plane_bytes() > 0)
    }

    /// Makes the planes that are not there yet.
    pub(crate) fn make_planes(&self) {
        self.vectors.chunks().for_each(Vectors::make_plane);
    }

    /// The whole episode in a slot; reads the payload where it is on disk, and checks it.
    pub(crate) fn episode(&self, slot: usize) -> Result<Episode, MemoryError> {
        let Record { id, time, valence, payload, label } = self.record(slot);
        let Label { group, source, tags, key } = label;
        let Mutable { strength, updated, .. } = self.mutable(slot);
        Ok(Episode {
            id: EpisodeId(id),
            content: *self.vector(slot),
            time,
            valence,
            strength,
            updated,
            payload: self.payload(id, &payload)?,
            group,
            source: self.sources.get(source).map(|source| source.to_vec()),
            key,
            tags: self.tag_sets.get(tags).map_or(Vec::new(), |tags| tags.iter().map(|tag| tag.to_string()).collect()),
        })
    }

    /// The bytes of a payload of episode `id`.
    pub(crate) fn payload(&self, id: u64, payload: &Payload) -> Result<Vec<u8>, MemoryError> {
        match (payload, payload.extent(), &self.payloads) {
            (Payload::Memory(bytes), ..) => Ok(bytes.to_vec()),
            (_, Some(index), Some(source)) => source.read(id, index),
            // Only a memory with a folder has payloads in a file.
            _ => Ok(Vec::new()),
        }
    }
}
