//! One consistent state of the memory: what a snapshot holds, and what a store replaces.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use hv_parallel::HV16;

use super::columns::{Record, Records, Vital, Vitals};
use super::keep::{Keep, Kept};
use super::levels::Levels;
use super::log::Log;
use super::payload::{Payload, PayloadSource};
use super::time_order::TimeOrder;
use super::vectors::Vectors;
use crate::episode::{Episode, EpisodeId, NewEpisode};
use crate::error::MemoryError;

/// The largest `next_id`: ids are below it, so that every language has a type for them.
pub(crate) const MAX_NEXT_ID: u64 = i64::MAX as u64;

/// All episodes at one moment. A clone shares everything.
///
/// Episodes have slots, in order of id. Slot and id differ once a consolidation has dropped episodes.
#[derive(Clone)]
pub(crate) struct State {
    pub vectors: Levels<Vectors>,
    pub records: Levels<Records>,
    pub vitals: Levels<Vitals>,
    /// The id of the next episode.
    pub next_id: u64,
    /// How many slots are dead.
    pub dead: usize,
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
}

/// The slots in order of time, and how many questions have done without.
#[derive(Default)]
pub(crate) struct LazyOrder {
    made: OnceLock<TimeOrder>,
    missed: AtomicU32,
}

/// So many questions on one state pass over the times before one sorts them, which takes as long as some dozens of
/// passes. So beside a writer, whose every step makes another state, no question sorts for itself alone; and of one
/// state, all together take at most about twice the time that they would if it were known how many they are.
pub(crate) const WORTH_SORTING: u32 = 64;

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
            records: Levels::new(),
            vitals: Levels::new(),
            next_id: 0,
            dead: 0,
            metadata: Arc::default(),
            ascending: Some(i64::MIN),
            order: Arc::default(),
            log: Log::new(0),
            payloads: None,
        }
    }

    /// How many slots there are, dead ones included.
    pub(crate) fn slots(&self) -> usize {
        self.records.len()
    }

    /// How many episodes there are.
    pub(crate) fn len(&self) -> usize {
        self.slots() - self.dead
    }

    /// The slots of the living episodes.
    pub(crate) fn living(&self) -> impl Iterator<Item = usize> {
        (0..self.slots()).filter(|&slot| !self.is_dead(slot))
    }

    /// This and new episodes, of which `payload` tells where each one's payload is.
    ///
    /// # Errors
    ///
    /// [`NoMoreIds`](MemoryError::NoMoreIds), and those of the system.
    pub(crate) fn append(
        &self,
        episodes: &[NewEpisode],
        payload: &dyn Fn(usize) -> Payload,
    ) -> Result<Self, MemoryError> {
        let next_id = self.next_id.checked_add(episodes.len() as u64).filter(|&next| next <= MAX_NEXT_ID);
        let next_id = next_id.ok_or(MemoryError::NoMoreIds { next_id: self.next_id, max: MAX_NEXT_ID })?;
        let record = |row: usize| {
            let NewEpisode { time, valence, .. } = episodes[row];
            Record { id: self.next_id + row as u64, time, valence, payload: payload(row) }
        };
        let vital = |row: usize| Vital { strength: 1.0, updated: episodes[row].time, dead: false };
        let vectors = self.vectors.append(episodes.len(), &mut |unfinished, rows| {
            let old = unfinished.map_or(&[][..], |chunk| chunk);
            Vectors::filled(old.len() + rows.len(), |out| {
                let (kept, new) = out.split_at_mut(old.len());
                kept.copy_from_slice(old);
                for (out, episode) in new.iter_mut().zip(&episodes[rows]) {
                    *out = episode.content;
                }
                Ok(())
            })
        })?;
        let grown = self.append_columns(vectors, episodes.len(), &mut |row| Ok(record(row)), &vital)?;
        Ok(Self { next_id, ..grown })
    }

    /// This with `vectors`, which are `rows` more, and the rest of those rows, each of which `record` and `vital` are
    /// asked for once, in order.
    pub(crate) fn append_columns(
        &self,
        vectors: Levels<Vectors>,
        rows: usize,
        record: &mut dyn FnMut(usize) -> Result<Record, MemoryError>,
        vital: &dyn Fn(usize) -> Vital,
    ) -> Result<Self, MemoryError> {
        let (mut ascending, mut dead) = (self.ascending, self.dead);
        let records = self.records.append(rows, &mut |unfinished: Option<&Records>, range| {
            let mut chunk = unfinished.cloned().unwrap_or_default();
            for row in range {
                let record = record(row)?;
                ascending = ascending.filter(|&last| last <= record.time).map(|_| record.time);
                chunk.push(record);
            }
            Ok(chunk)
        })?;
        let vitals = self.vitals.append(rows, &mut |unfinished: Option<&Vitals>, range| {
            let mut chunk = unfinished.cloned().unwrap_or_default();
            for vital in range.map(vital) {
                dead += usize::from(vital.dead);
                chunk.push(vital);
            }
            Ok(chunk)
        })?;
        Ok(Self { vectors, records, vitals, dead, ascending, order: Arc::default(), ..self.clone() })
    }

    /// A state of what stays; `payload` is asked once for each record, in order, where its
    /// payload will be. Its log is empty.
    pub(crate) fn rebuilt(
        &self,
        keep: Keep<'_>,
        payload: &mut dyn FnMut(usize, &Record) -> Result<Payload, MemoryError>,
    ) -> Result<Self, MemoryError> {
        let Keep { kept, merged } = keep;
        // Both are in order of slot.
        let mut merged = merged.iter().peekable();
        let vectors = Levels::new().append(kept.len(), &mut |unfinished: Option<&Vectors>, rows| {
            let old = unfinished.map_or(&[][..], |chunk| chunk);
            Vectors::filled(old.len() + rows.len(), |out| {
                let (before, new) = out.split_at_mut(old.len());
                before.copy_from_slice(old);
                for (out, &Kept { slot, .. }) in new.iter_mut().zip(&kept[rows]) {
                    let merged = merged.next_if(|(of, _)| *of == slot);
                    *out = merged.map_or_else(|| *self.vector(slot), |&(_, vector)| vector);
                }
                Ok(())
            })
        })?;
        let mut record = |row: usize| {
            let record = self.record(kept[row].slot);
            Ok(Record { payload: payload(row, &record)?, ..record })
        };
        let vital = |row: usize| {
            let Kept { strength, updated, .. } = kept[row];
            Vital { strength, updated, dead: false }
        };
        let rebuilt = Self::new().append_columns(vectors, kept.len(), &mut record, &vital)?;
        let log = self.log.emptied();
        let metadata = Arc::clone(&self.metadata);
        Ok(Self { next_id: self.next_id, metadata, log, payloads: self.payloads.clone(), ..rebuilt })
    }

    /// Notes that a payload is in the file now.
    pub(crate) fn set_payload(&mut self, slot: usize, payload: Payload) {
        let (records, place) = self.records.find_mut(slot);
        records.payloads[place] = payload;
    }

    /// Changes what can change of an episode.
    pub(crate) fn set_vital(&mut self, slot: usize, vital: Vital) {
        let (vitals, place) = self.vitals.find_mut(slot);
        self.dead = self.dead - usize::from(vitals.is_dead(place)) + usize::from(vital.dead);
        vitals.set(place, vital);
    }

    /// [`order`](Self::order), where that is there or worth its making; nobody waits for another who makes it.
    pub(crate) fn order_if_worth(&self) -> Option<&TimeOrder> {
        if self.ascending.is_some() {
            return Some(self.order());
        }
        let worth = || self.order.missed.fetch_add(1, Ordering::Relaxed) + 1 == WORTH_SORTING;
        self.order.made.get().or_else(|| worth().then(|| self.order()))
    }

    /// The slots in order of time. O(n log n) once for a state whose times do not ascend, else O(1).
    pub(crate) fn order(&self) -> &TimeOrder {
        self.order.made.get_or_init(|| match self.ascending {
            Some(_) => TimeOrder::ascending(self.slots()),
            None => TimeOrder::new(self.slots(), |slot| self.time(slot)),
        })
    }

    #[cfg(test)]
    pub(crate) fn order_is_made(&self) -> bool {
        self.order.made.get().is_some()
    }

    pub(crate) fn time(&self, slot: usize) -> i64 {
        let (records, place) = self.records.find(slot);
        records.times[place]
    }

    pub(crate) fn valence(&self, slot: usize) -> f32 {
        let (records, place) = self.records.find(slot);
        records.valences[place]
    }

    pub(crate) fn vector(&self, slot: usize) -> &HV16 {
        let (vectors, place) = self.vectors.find(slot);
        &vectors[place]
    }

    pub(crate) fn record(&self, slot: usize) -> Record {
        let (records, place) = self.records.find(slot);
        Record {
            id: records.ids[place],
            time: records.times[place],
            valence: records.valences[place],
            payload: records.payloads[place].clone(),
        }
    }

    pub(crate) fn payload_len(&self, slot: usize) -> usize {
        let (records, place) = self.records.find(slot);
        records.payloads[place].len()
    }

    pub(crate) fn vital(&self, slot: usize) -> Vital {
        let (vitals, place) = self.vitals.find(slot);
        Vital { strength: vitals.strengths[place], updated: vitals.updated[place], dead: vitals.is_dead(place) }
    }

    pub(crate) fn id(&self, slot: usize) -> EpisodeId {
        let (records, place) = self.records.find(slot);
        EpisodeId(records.ids[place])
    }

    pub(crate) fn is_dead(&self, slot: usize) -> bool {
        let (vitals, place) = self.vitals.find(slot);
        vitals.is_dead(place)
    }

    /// The slot of a living episode.
    pub(crate) fn slot(&self, id: EpisodeId) -> Option<usize> {
        // An id is never below its slot, and equal to it until something was dropped.
        let guess = usize::try_from(id.0).ok().filter(|&guess| guess < self.slots());
        let slot = match guess {
            Some(guess) if self.id(guess) == id => guess,
            _ => partition(guess.unwrap_or(self.slots()), |slot| self.id(slot) < id),
        };
        (slot < self.slots() && self.id(slot) == id && !self.is_dead(slot)).then_some(slot)
    }

    /// Makes the planes that are not there yet, as after loading.
    pub(crate) fn make_planes(&self) {
        self.vectors.chunks().for_each(Vectors::make_plane);
    }

    /// The whole episode in a slot; reads the payload where it is on disk, and checks it.
    pub(crate) fn episode(&self, slot: usize) -> Result<Episode, MemoryError> {
        let Record { id, time, valence, payload } = self.record(slot);
        let Vital { strength, updated, .. } = self.vital(slot);
        Ok(Episode {
            id: EpisodeId(id),
            content: *self.vector(slot),
            time,
            valence,
            strength,
            updated,
            payload: self.payload(id, &payload)?,
        })
    }

    /// The bytes of a payload of episode `id`.
    pub(crate) fn payload(&self, id: u64, payload: &Payload) -> Result<Vec<u8>, MemoryError> {
        match (payload, payload.place(), &self.payloads) {
            (Payload::Memory(bytes), ..) => Ok(bytes.to_vec()),
            (_, Some(place), Some(source)) => source.read(id, place),
            // Only a memory with a folder has payloads in a file.
            _ => Ok(Vec::new()),
        }
    }
}
