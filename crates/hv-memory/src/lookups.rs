//! What a snapshot finds by name: episodes by key, source and tag, and the application's rows.

use std::collections::VecDeque;
use std::ops::Bound;
use std::sync::Arc;

use crate::arena::{Column, State};
use crate::episode::EpisodeId;
use crate::error::MemoryError;
use crate::key::Key;
use crate::snapshot::Snapshot;

impl Snapshot {
    /// The episode of a key. Cost: O(log n).
    ///
    /// ```
    /// use hv_memory::{EpisodicMemory, Key, NewEpisode};
    ///
    /// let memory = EpisodicMemory::in_memory();
    /// let id = memory.store(NewEpisode { key: Some("tea".into()), ..NewEpisode::default() })?;
    /// assert_eq!(memory.snapshot().id_of_key(&Key::from("tea")), Some(id));
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    #[must_use]
    pub fn id_of_key(&self, key: &Key) -> Option<EpisodeId> {
        self.state.keys.get(key).copied().map(EpisodeId)
    }

    /// The episodes of a source, in order. Cost: a pass over the sources, 4 bytes an episode at most.
    #[must_use]
    pub fn ids_of_source(&self, source: &[u8]) -> Vec<EpisodeId> {
        let Some(number) = self.state.sources.number_of(source) else { return Vec::new() };
        let mut ids = Vec::new();
        let mut first = 0;
        for records in self.state.records.chunks() {
            if records.labels.sources.has(&number) {
                let of_it = (0..records.ids.len()).filter(|&i| *records.labels.sources.get(i) == number);
                ids.extend(of_it.filter(|i| !self.state.is_deleted(first + i)).map(|i| EpisodeId(records.ids[i])));
            }
            first += records.ids.len();
        }
        ids
    }

    /// The episodes that have a tag, in order. Cost: a pass over the sets of tags, 4 bytes an episode at most.
    #[must_use]
    pub fn ids_of_tag(&self, tag: &str) -> Vec<EpisodeId> {
        let has = self.state.tag_sets_with(&[tag]);
        let tagged = |&slot: &usize| {
            let (records, index) = self.state.records.find(slot);
            has.get(*records.labels.tags.get(index) as usize).is_some_and(|&has| has)
        };
        self.state.live().filter(tagged).map(|slot| self.state.id(slot)).collect()
    }

    /// The sources of episodes, in order, each with how many episodes it has. Cost: a pass over the sources.
    ///
    /// ```
    /// use hv_memory::{EpisodicMemory, NewEpisode};
    ///
    /// let memory = EpisodicMemory::in_memory();
    /// let new = || NewEpisode { source: Some(b"diary.txt".to_vec()), ..NewEpisode::default() };
    /// memory.store_batch(&[new(), new()])?;
    /// assert_eq!(memory.snapshot().sources(), [(b"diary.txt".to_vec(), 2)]);
    /// assert_eq!(memory.snapshot().ids_of_source(b"diary.txt").len(), 2);
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    #[must_use]
    pub fn sources(&self) -> Vec<(Vec<u8>, usize)> {
        let mut counts = vec![0; self.state.sources.len() as usize + 1];
        self.state.live().for_each(|slot| counts[*of(&self.state, slot, |labels| &labels.sources) as usize] += 1);
        let sources = self.state.sources.sorted().map(|(source, number)| (source.to_vec(), counts[number as usize]));
        sources.filter(|(_, count)| *count > 0).collect()
    }

    /// The tags of episodes, in order, each with how many episodes have it. Cost: a pass over the sets of tags.
    #[must_use]
    pub fn tags(&self) -> Vec<(String, usize)> {
        let mut counts = vec![0; self.state.tag_sets.len() as usize + 1];
        self.state.live().for_each(|slot| counts[*of(&self.state, slot, |labels| &labels.tags) as usize] += 1);
        let mut tags = std::collections::BTreeMap::<&str, usize>::new();
        for (number, set) in self.state.tag_sets.after(0) {
            set.iter().for_each(|tag| *tags.entry(tag).or_default() += counts[number as usize]);
        }
        tags.into_iter().filter(|(_, count)| *count > 0).map(|(tag, count)| (tag.to_owned(), count)).collect()
    }

    /// The application's row of a key, read from the store.
    ///
    /// # Errors
    ///
    /// If the row cannot be read, or is not what was written; [`StaleSnapshot`](MemoryError::StaleSnapshot) where a write
    /// has failed since, and an [`Io`](MemoryError::Io) error once the memory is closed, unless a compaction since has left
    /// these rows to the snapshot. [`Forked`](MemoryError::Forked) in a forked child.
    pub fn row(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MemoryError> {
        self.state.rows.get(key)
    }

    /// The application's rows whose keys begin with a prefix, in order of the keys. They are read at most
    /// 256 at a time, and about 1 MiB. An empty prefix gives all.
    #[must_use]
    pub fn rows(&self, prefix: &[u8]) -> Rows {
        Rows {
            state: Arc::clone(&self.state),
            prefix: prefix.to_vec(),
            last: None,
            read: VecDeque::new(),
            ended: false,
        }
    }

    /// How many rows the application has.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.state.rows.len()
    }
}

/// A label of a slot.
fn of<'s, T: Clone + PartialEq>(
    state: &'s State,
    slot: usize,
    column: impl Fn(&'s crate::arena::Labels) -> &'s Column<T>,
) -> &'s T {
    let (records, index) = state.records.find(slot);
    column(&records.labels).get(index)
}

/// The application's rows under a prefix, in order of their keys: see [`Snapshot::rows`].
///
/// After an error the iteration ends.
pub struct Rows {
    state: Arc<State>,
    prefix: Vec<u8>,
    last: Option<Vec<u8>>,
    read: VecDeque<(Vec<u8>, Vec<u8>)>,
    ended: bool,
}

impl Rows {
    fn read_on(&mut self) -> Result<(), MemoryError> {
        let from = self.last.as_deref().map_or(Bound::Included(&*self.prefix), Bound::Excluded);
        let rows = self.state.rows.range(from, &self.prefix)?;
        self.ended = rows.is_empty();
        self.last = rows.last().map(|(key, _)| key.clone());
        self.read = rows.into();
        Ok(())
    }
}

impl Iterator for Rows {
    type Item = Result<(Vec<u8>, Vec<u8>), MemoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.read.is_empty()
            && !self.ended
            && let Err(error) = self.read_on()
        {
            self.ended = true;
            return Some(Err(error));
        }
        self.read.pop_front().map(Ok)
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
