//! How a state grows, and how a new one is made of what stays.

use std::collections::HashMap;
use std::sync::Arc;

use super::columns::{Mutable, Mutables, Record, Records};
use super::keep::{Keep, Kept};
use super::labels::Label;
use super::levels::Levels;
use super::names::Names;
use super::payload::Payload;
use super::sizes::BLOCK;
use super::state::{MAX_NEXT_ID, State};
use super::vectors::Vectors;
use crate::episode::NewEpisode;
use crate::error::MemoryError;

impl State {
    /// This state and new episodes. `payload` says where the payload of each is, in order. A new episode takes the place of
    /// a live one with the same key, which is deleted.
    ///
    /// # Errors
    ///
    /// [`NoMoreIds`](MemoryError::NoMoreIds), what `payload` fails with, and errors of the operating system.
    pub(crate) fn append(
        &self,
        episodes: &[NewEpisode],
        payload: &dyn Fn(usize) -> Result<Payload, MemoryError>,
    ) -> Result<Self, MemoryError> {
        let next_id = self.next_id.checked_add(episodes.len() as u64).filter(|&next| next <= MAX_NEXT_ID);
        let next_id = next_id.ok_or(MemoryError::NoMoreIds { next_id: self.next_id, max: MAX_NEXT_ID })?;
        let (mut sources, mut tag_sets) = (self.sources.clone(), self.tag_sets.clone());
        let labels: Vec<Label> =
            episodes.iter().map(|episode| label_of(episode, &mut sources, &mut tag_sets)).collect();
        let mut record = |row: usize| {
            let NewEpisode { time, valence, .. } = episodes[row];
            let label = labels[row].clone();
            Ok(Record { id: self.next_id + row as u64, time, valence, payload: payload(row)?, label })
        };
        let mutable = |row: usize| Mutable { strength: 1.0, updated: episodes[row].time, deleted: false };
        let vectors = Vectors::appended(&self.vectors, episodes.len(), &mut |row| episodes[row].content)?;
        let grown = self.append_columns(vectors, episodes.len(), &mut record, &mutable)?;
        let mut grown = Self { next_id, sources, tag_sets, ..grown };
        for slot in self.replaced_by(episodes) {
            grown.kill(slot);
        }
        Ok(grown)
    }

    /// The slots that die when episodes are stored: those whose key a later one has.
    fn replaced_by(&self, episodes: &[NewEpisode]) -> Vec<usize> {
        let mut newest = HashMap::new();
        let mut replaced = Vec::new();
        for (slot, key) in (self.slots()..).zip(episodes).filter_map(|(slot, new)| Some((slot, new.key.as_ref()?))) {
            let stored = || self.slot_of_key(key);
            replaced.extend(newest.insert(key, slot).or_else(stored));
        }
        replaced
    }

    /// This state with `vectors`, which has `rows` more, and the other columns of these rows. `record` and `mutable` are
    /// asked for each row once, in order.
    pub(crate) fn append_columns(
        &self,
        vectors: Levels<Vectors>,
        rows: usize,
        record: &mut dyn FnMut(usize) -> Result<Record, MemoryError>,
        mutable: &dyn Fn(usize) -> Mutable,
    ) -> Result<Self, MemoryError> {
        let (mut ascending, mut deleted, mut keys) = (self.ascending, self.deleted, self.keys.clone());
        let records = self.records.append(rows, &mut |unfinished: Option<&Records>, range| {
            let mut chunk = unfinished.cloned().unwrap_or_default();
            for row in range {
                let record = record(row)?;
                ascending = ascending.filter(|&last| last <= record.time).map(|_| record.time);
                if let Some(key) = record.label.key.as_ref().filter(|_| !mutable(row).deleted) {
                    keys.insert_mut(key.clone(), record.id);
                }
                chunk.push(record);
            }
            Ok(chunk)
        })?;
        let mutables = self.mutables.append(rows, &mut |unfinished: Option<&Mutables>, range| {
            let mut chunk = unfinished.cloned().unwrap_or_default();
            for mutable in range.map(mutable) {
                deleted += usize::from(mutable.deleted);
                chunk.push(mutable);
            }
            Ok(chunk)
        })?;
        Ok(Self { vectors, records, mutables, deleted, ascending, keys, order: Arc::default(), ..self.clone() })
    }

    /// A state of whole blocks, without vectors and names.
    pub(crate) fn of_blocks(blocks: Vec<(Records, Mutables)>) -> Result<Self, MemoryError> {
        let (mut state, rows) = (Self::new(), blocks.len() * BLOCK);
        for (records, mutables) in &blocks {
            for &time in &records.times {
                state.ascending = state.ascending.filter(|&last| last <= time).map(|_| time);
            }
            for index in 0..records.ids.len() {
                let deleted = mutables.is_deleted(index);
                state.deleted += usize::from(deleted);
                if let Some(key) = records.labels.keys.get(index).as_ref().filter(|_| !deleted) {
                    state.keys.insert_mut(key.clone(), records.ids[index]);
                }
            }
        }
        let (records, mutables): (Vec<_>, Vec<_>) = blocks.into_iter().unzip();
        let (mut records, mut mutables) = (records.into_iter(), mutables.into_iter());
        // From nothing, whole blocks come one by one.
        state.records = state.records.append(rows, &mut |_, _| Ok(records.next().unwrap_or_default()))?;
        state.mutables = state.mutables.append(rows, &mut |_, _| Ok(mutables.next().unwrap_or_default()))?;
        Ok(state)
    }

    /// A state of what stays; `payload` is asked once for each record, in order, where its
    /// payload will be. Its log is empty. Of names those stay that an episode has.
    pub(crate) fn rebuilt(
        &self,
        keep: Keep<'_>,
        payload: &mut dyn FnMut(usize, &Record) -> Result<Payload, MemoryError>,
    ) -> Result<Self, MemoryError> {
        let Keep { kept, merged } = keep;
        // Both are in order of slot.
        let mut merged = merged.iter().peekable();
        let vectors = Vectors::appended(&Levels::new(), kept.len(), &mut |row| {
            let slot = kept[row].slot;
            let merged = merged.next_if(|(of, _)| *of == slot);
            merged.map_or_else(|| *self.vector(slot), |&(_, vector)| vector)
        })?;
        let (mut sources, mut tag_sets) = (Names::new(), Names::new());
        let mut record = |row: usize| {
            let record = self.record(kept[row].slot);
            let Label { source, tags, .. } = record.label;
            let source = self.sources.get(source).map_or(0, |source| sources.intern(source));
            let tags = self.tag_sets.get(tags).map_or(0, |tags| tag_sets.intern(tags));
            let label = Label { source, tags, ..record.label.clone() };
            Ok(Record { payload: payload(row, &record)?, label, ..record })
        };
        let mutable = |row: usize| {
            let Kept { strength, updated, .. } = kept[row];
            Mutable { strength, updated, deleted: false }
        };
        let rebuilt = Self::new().append_columns(vectors, kept.len(), &mut record, &mutable)?;
        Ok(Self {
            next_id: self.next_id,
            metadata: Arc::clone(&self.metadata),
            log: self.log.emptied(),
            payloads: self.payloads.clone(),
            rows: self.rows.clone(),
            sources,
            tag_sets,
            ..rebuilt
        })
    }
}

/// The labels of a new episode, whose names get numbers.
fn label_of(episode: &NewEpisode, sources: &mut Names<[u8]>, tag_sets: &mut Names<[Arc<str>]>) -> Label {
    let source = episode.source.as_deref();
    let source = source.map_or(0, |source| sources.number_of(source).unwrap_or_else(|| sources.intern(&source.into())));
    let tags = if episode.tags.is_empty() { 0 } else { tag_sets.intern(&tag_set(&episode.tags)) };
    Label { group: episode.group, source, tags, key: episode.key.clone() }
}

/// Tags in order, each once.
pub(crate) fn tag_set(tags: &[String]) -> Arc<[Arc<str>]> {
    let mut set: Vec<Arc<str>> = tags.iter().map(|tag| tag.as_str().into()).collect();
    set.sort_unstable();
    set.dedup();
    set.into()
}
