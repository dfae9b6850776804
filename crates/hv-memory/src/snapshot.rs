//! A frozen view of the memory, and the questions that it answers.

use std::sync::Arc;

use hv_parallel::{HV16, segments_find_top_k};

use crate::arena::State;
use crate::{Episode, EpisodeId, Match, MemoryError};

/// The largest distance there is: a limit that admits every vector.
const ANY_DISTANCE: u16 = 2048;

/// The memory as it was at one moment.
///
/// Taking one is lock-free and O(1), and so is everything that it answers: readers never wait for the writer, nor it
/// for them. It shares its vectors with the memory, and keeps those alive that the memory has dropped since.
///
/// ```
/// # use hv_memory::{EpisodicMemory, HV16, NewEpisode};
/// let memory = EpisodicMemory::in_memory();
/// let before = memory.snapshot();
/// memory.store(NewEpisode { content: HV16::random(1), time: 0, valence: 0.0, payload: vec![] })?;
/// assert_eq!((before.len(), memory.snapshot().len()), (0, 1));
/// # Ok::<(), hv_memory::MemoryError>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) state: Arc<State>,
}

impl Snapshot {
    /// How many episodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The episode of an id; `None` if it was never given out or is forgotten. Reads the payload from disk.
    ///
    /// # Errors
    ///
    /// If the payload cannot be read, or is not what was stored.
    pub fn get(&self, id: EpisodeId) -> Result<Option<Episode>, MemoryError> {
        self.state.slot(id).map(|slot| self.state.episode(slot)).transpose()
    }

    /// All episodes, in order of id. Reads each payload as it comes.
    #[must_use]
    pub fn episodes(&self) -> Episodes {
        Episodes { state: Arc::clone(&self.state), next: 0 }
    }

    /// The application's note, empty at first.
    #[must_use]
    pub fn metadata(&self) -> Vec<u8> {
        self.state.metadata.to_vec()
    }

    /// See [`EpisodicMemory::recall`](crate::EpisodicMemory::recall).
    ///
    /// # Errors
    ///
    /// None today: the vectors are in memory.
    pub fn recall(&self, cue: &HV16, k: usize) -> Result<Vec<Match>, MemoryError> {
        Ok(self.recall_batch(std::slice::from_ref(cue), k)?.pop().unwrap_or_default())
    }

    /// See [`EpisodicMemory::recall_batch`](crate::EpisodicMemory::recall_batch).
    ///
    /// # Errors
    ///
    /// None today: the vectors are in memory.
    pub fn recall_batch(&self, cues: &[HV16], k: usize) -> Result<Vec<Vec<Match>>, MemoryError> {
        let state = &*self.state;
        let segments: Vec<&[HV16]> = state.vectors.chunks().map(|chunk| &**chunk).collect();
        let found = if state.dead == 0 {
            segments_find_top_k(cues, &segments, k, ANY_DISTANCE, |_| true)
        } else {
            segments_find_top_k(cues, &segments, k, ANY_DISTANCE, |slot| !state.is_dead(slot))
        };
        let matched = |(slot, distance)| Match { id: state.id(slot), distance };
        Ok(found.into_iter().map(|found| found.into_iter().map(matched).collect()).collect())
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// The episodes of a snapshot in order of id.
///
/// An item is an error where a payload cannot be read or is damaged; the iteration goes on behind it.
#[derive(Clone)]
pub struct Episodes {
    state: Arc<State>,
    next: usize,
}

impl Iterator for Episodes {
    type Item = Result<Episode, MemoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        let slot = (self.next..self.state.slots()).find(|&slot| !self.state.is_dead(slot))?;
        self.next = slot + 1;
        Some(self.state.episode(slot))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let slots = self.state.slots() - self.next;
        (slots.saturating_sub(self.state.dead), Some(slots))
    }
}

impl std::fmt::Debug for Episodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Episodes").field("next", &self.next).finish_non_exhaustive()
    }
}
