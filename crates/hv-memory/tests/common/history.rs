//! Random histories of a memory, and the obvious model of what they leave.
#![allow(dead_code)]

use std::collections::BTreeMap;

use hv_memory::{
    Changes, Conditions, ConsolidatePolicy, EpisodeId, EpisodicMemory, HV16, Key, MemoryError, NewEpisode,
    RecollectPolicy,
};

use super::{Random, episode, episodes, is};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Store(u64),
    Forget(Vec<u64>),
    Recollect(u64),
    Compact,
    /// Keep this many, the strongest.
    Consolidate(usize),
    Note(u8),
    /// Store an episode of this key, in the place of one that has it.
    Replace(u64),
    /// Store this many hidden episodes.
    Hide(u64),
    /// Show hidden episodes.
    Reveal(Vec<u64>),
    /// Put rows of the application, or delete them, with an episode that is stored.
    Rows(Vec<(u8, Option<u8>)>),
}

/// What kind of change a history is full of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Focus {
    Stores,
    Compaction,
    Consolidation,
}

/// What is stored: the strengths and retrievals of the live, and the next id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub live: BTreeMap<u64, (f64, Vec<i64>)>,
    pub next_id: u64,
    pub note: Vec<u8>,
    /// The episode of each key.
    pub keys: BTreeMap<u64, u64>,
    pub rows: BTreeMap<Vec<u8>, Vec<u8>>,
    pub hidden: Hidden,
}

/// The hidden episodes, which cannot be told from a memory: two models with different ones are equal.
#[derive(Clone, Debug, Default)]
pub struct Hidden(Vec<u64>);

impl PartialEq for Hidden {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A row: some have values of many pages.
fn row(key: u8, value: u8) -> (Vec<u8>, Vec<u8>) {
    (format!("row {key}").into_bytes(), vec![value; if value.is_multiple_of(7) { 9_000 } else { value as usize }])
}

impl Model {
    /// The next change of a history.
    pub fn next(&self, random: &mut Random, focus: Focus, largest: u64) -> Change {
        let some_id = |random: &mut Random| {
            let from = random.below(self.next_id.max(1));
            self.live.range(from..).chain(&self.live).next().map(|(&id, _)| id)
        };
        match (random.below(14), focus) {
            (12, _) => Change::Hide(1 + random.below(30)),
            (13, _) if self.hidden.0.is_empty() => Change::Hide(1 + random.below(largest)),
            (13, _) => Change::Reveal(self.hidden.0.clone()),
            (10, _) => Change::Replace(random.below(4)),
            (11, _) => {
                let row = |random: &mut Random| {
                    let value = random.below(3) > 0;
                    (random.below(5) as u8, value.then(|| random.below(256) as u8))
                };
                Change::Rows((0..1 + random.below(3)).map(|_| row(random)).collect())
            }
            (0..3, _) => Change::Store(1 + random.below(30)),
            (3, _) => Change::Store(1 + random.below(largest)),
            (4, _) => {
                let gone = 1 + random.below(6);
                Change::Forget(self.live.keys().copied().filter(|id| id % 7 < gone % 3).collect())
            }
            (5..7, _) => some_id(random).map_or(Change::Store(1), Change::Recollect),
            (7, _) => Change::Note(random.below(256) as u8),
            (_, Focus::Stores) => Change::Store(1),
            (_, Focus::Compaction) => Change::Compact,
            (_, Focus::Consolidation) => Change::Consolidate(self.live.len() * 9 / 10),
        }
    }

    /// The change to the model; `now` is its time.
    pub fn apply(&mut self, change: &Change, now: i64) {
        match change {
            Change::Store(count) => {
                let ids = self.next_id..self.next_id + count;
                self.live.extend(ids.map(|id| (id, (1.0, Vec::new()))));
                self.next_id += count;
            }
            Change::Forget(ids) => self.live.retain(|id, _| !ids.contains(id)),
            Change::Recollect(id) => {
                let (strength, retrievals) = self.live.get_mut(id).unwrap();
                *strength += 0.5;
                retrievals.push(now);
            }
            Change::Compact => self.hidden = Hidden::default(),
            Change::Hide(count) => {
                self.hidden.0.extend(self.next_id..self.next_id + count);
                self.next_id += count;
            }
            Change::Reveal(ids) => {
                self.live.extend(ids.iter().map(|&id| (id, (1.0, Vec::new()))));
                self.hidden.0.retain(|id| !ids.contains(id));
            }
            Change::Consolidate(capacity) => {
                self.hidden = Hidden::default();
                let mut ranked: Vec<(u64, f64)> = self.live.iter().map(|(&id, vital)| (id, vital.0)).collect();
                ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
                for (id, _) in ranked.split_off(ranked.len().min(*capacity)) {
                    self.live.remove(&id);
                }
            }
            Change::Note(note) => self.note = vec![*note; 9],
            Change::Replace(key) => {
                if let Some(replaced) = self.keys.insert(*key, self.next_id) {
                    self.live.remove(&replaced);
                }
                self.live.insert(self.next_id, (1.0, Vec::new()));
                self.next_id += 1;
            }
            Change::Rows(rows) => {
                self.live.insert(self.next_id, (1.0, Vec::new()));
                self.next_id += 1;
                for &(key, value) in rows {
                    let (key, bytes) = row(key, value.unwrap_or(0));
                    match value {
                        Some(_) => self.rows.insert(key, bytes),
                        None => self.rows.remove(&key),
                    };
                }
            }
        }
        let live = &self.live;
        self.keys.retain(|_, id| live.contains_key(id));
    }

    /// The change to a memory that is as this model.
    pub fn run(&self, memory: &EpisodicMemory, change: &Change, now: i64) -> Result<(), MemoryError> {
        match change {
            Change::Store(count) => {
                let ids = memory.store_batch(&episodes(self.next_id..self.next_id + count))?;
                assert!(ids.iter().map(|id| id.0).eq(self.next_id..self.next_id + count));
            }
            Change::Forget(ids) => {
                let ids: Vec<EpisodeId> = ids.iter().copied().map(EpisodeId).collect();
                assert_eq!(memory.forget(&ids)?, ids.len());
            }
            Change::Recollect(id) => {
                let policy = RecollectPolicy::new().boost(0.5).cap(1e9);
                let found = memory.recollect(&HV16::random(*id), 1, &Conditions::new(), &policy, now)?;
                assert_eq!(found[0].id.0, *id);
            }
            Change::Compact => memory.compact()?,
            Change::Hide(count) => {
                let changes = Changes::new().store_batch(episodes(self.next_id..self.next_id + count)).hide();
                assert!(memory.apply(&changes)?.ids.iter().map(|id| id.0).eq(self.next_id..self.next_id + count));
            }
            Change::Reveal(ids) => drop(memory.apply(&Changes::new().reveal(ids.iter().copied().map(EpisodeId)))?),
            Change::Consolidate(capacity) => {
                let policy = ConsolidatePolicy::new().without_fading().floor(0.0).capacity(*capacity);
                let report = memory.consolidate(&policy, now)?;
                assert_eq!(report.surplus.len(), self.live.len() - report.kept);
            }
            Change::Note(note) => memory.set_metadata(&[*note; 9])?,
            Change::Replace(key) => {
                let stored = memory.store(NewEpisode { key: Some(Key::from(*key)), ..episode(self.next_id) })?;
                assert_eq!(stored.0, self.next_id);
            }
            Change::Rows(rows) => {
                let changes =
                    rows.iter().fold(Changes::new().store(episode(self.next_id)), |changes, &(key, value)| {
                        let (key, bytes) = row(key, value.unwrap_or(0));
                        if value.is_some() { changes.put_row(key, bytes) } else { changes.delete_row(key) }
                    });
                assert_eq!(memory.apply(&changes)?.ids, [EpisodeId(self.next_id)]);
            }
        }
        Ok(())
    }

    /// What a memory holds, after checking that every episode is the one that was given.
    pub fn of(memory: &EpisodicMemory) -> Self {
        let mut model = Self { next_id: memory.stats().next_id, note: memory.metadata().unwrap(), ..Self::default() };
        for stored in memory.snapshot().episodes() {
            let stored = stored.unwrap();
            assert!(is(&stored, &episode(stored.id.0)), "episode {} is not what was stored", stored.id);
            model.live.insert(stored.id.0, (stored.strength, Vec::new()));
            if let Some(Key::Number(key)) = stored.key {
                assert_eq!(memory.snapshot().id_of_key(&Key::Number(key)), Some(stored.id));
                assert_eq!(model.keys.insert(key, stored.id.0), None, "two episodes have the key {key}");
            }
        }
        for (id, time) in memory.snapshot().retrieval_log().unwrap() {
            model.live.get_mut(&id.0).unwrap().1.push(time);
        }
        assert_eq!(memory.len(), model.live.len());
        let snapshot = memory.snapshot();
        model.rows = snapshot.rows(b"").map(Result::unwrap).collect();
        assert_eq!(snapshot.row_count(), model.rows.len() as u64);
        for (key, value) in &model.rows {
            assert_eq!(snapshot.row(key).unwrap().as_ref(), Some(value));
        }
        model
    }
}
