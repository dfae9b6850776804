//! One consistent state of the memory: what a snapshot holds, and what a store replaces.

use std::path::PathBuf;
use std::sync::Arc;

use hv_parallel::HV16;

use super::{Levels, Payload, Record, Records, Vectors, Vital, Vitals};
use crate::disk::StoreFile;
use crate::{Episode, EpisodeId, MemoryError, NewEpisode};

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
    /// Where payloads in the file are; `None` in a memory without a folder.
    pub payload_file: Option<PayloadFile>,
}

/// The payload file of a generation. A snapshot keeps it open even when a newer generation has replaced it.
#[derive(Clone)]
pub(crate) struct PayloadFile {
    pub file: Arc<dyn StoreFile>,
    pub path: PathBuf,
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
            payload_file: None,
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

    /// This and new episodes, of which `payload` tells where each one's payload is.
    pub(crate) fn append(
        &self,
        episodes: &[NewEpisode],
        payload: &dyn Fn(usize) -> Payload,
    ) -> Result<Self, MemoryError> {
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
        let mut grown = self.append_columns(vectors, episodes.len(), &mut |row| (record(row), vital(row)))?;
        grown.next_id += episodes.len() as u64;
        Ok(grown)
    }

    /// This with `vectors`, which are `rows` more, and the rest of those rows.
    pub(crate) fn append_columns(
        &self,
        vectors: Levels<Vectors>,
        rows: usize,
        row: &mut dyn FnMut(usize) -> (Record, Vital),
    ) -> Result<Self, MemoryError> {
        let mut fresh_vitals = Vec::with_capacity(rows);
        let records = self.records.append(rows, &mut |unfinished: Option<&Records>, range| {
            let mut chunk = unfinished.cloned().unwrap_or_default();
            for (record, vital) in range.map(&mut *row) {
                chunk.push(record);
                fresh_vitals.push(vital);
            }
            Ok(chunk)
        })?;
        let vitals = self.vitals.append(rows, &mut |unfinished: Option<&Vitals>, range| {
            let mut chunk = unfinished.cloned().unwrap_or_default();
            fresh_vitals[range].iter().for_each(|&vital| chunk.push(vital));
            Ok(chunk)
        })?;
        let dead = self.dead + fresh_vitals.iter().filter(|vital| vital.dead).count();
        Ok(Self { vectors, records, vitals, dead, ..self.clone() })
    }

    /// Notes that a payload is in the file now.
    pub(crate) fn set_payload(&mut self, slot: usize, payload: Payload) {
        let (records, place) = self.records.find_mut(slot);
        records.payloads[place] = payload;
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
        let (mut low, mut high) = (0, self.slots());
        // An id is never below its slot, and equal to it until something was dropped.
        if let Ok(guess) = usize::try_from(id.0)
            && guess < high
        {
            if self.id(guess) == id {
                return (!self.is_dead(guess)).then_some(guess);
            }
            high = guess;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.id(middle) < id { low = middle + 1 } else { high = middle }
        }
        (low < self.slots() && self.id(low) == id && !self.is_dead(low)).then_some(low)
    }

    /// The whole episode in a slot; reads the payload where it is on disk, and checks it.
    pub(crate) fn episode(&self, slot: usize) -> Result<Episode, MemoryError> {
        let Record { id, time, valence, payload } = self.record(slot);
        Ok(Episode {
            id: EpisodeId(id),
            content: *self.vector(slot),
            time,
            valence,
            strength: self.vital(slot).strength,
            payload: self.payload(id, &payload)?,
        })
    }

    /// The bytes of a payload of episode `id`.
    pub(crate) fn payload(&self, id: u64, payload: &Payload) -> Result<Vec<u8>, MemoryError> {
        let (&offset, &len, &crc) = match payload {
            Payload::Memory(bytes) => return Ok(bytes.to_vec()),
            Payload::File { offset, len, crc } => (offset, len, crc),
        };
        // Only a memory with a folder has payloads in a file.
        let Some(PayloadFile { file, path }) = &self.payload_file else { return Ok(Vec::new()) };
        let mut bytes = vec![0; len as usize];
        file.read_at(offset, &mut bytes).map_err(|source| match source.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                MemoryError::damaged(path, format!("the file ends within the payload of episode {id}"))
            }
            _ => MemoryError::io("read", path, source),
        })?;
        if crc32fast::hash(&bytes) != crc {
            let what = format!("the payload of episode {id} ({len} bytes at {offset}) does not match its checksum");
            return Err(MemoryError::damaged(path, what));
        }
        Ok(bytes)
    }
}
