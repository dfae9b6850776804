//! A frozen view of the memory, and the questions that it answers.

use std::ops::{ControlFlow, RangeInclusive};
use std::path::Path;
use std::sync::Arc;

use hv_parallel::HV16;
use hv_parallel::for_storage::segments_find_similar_pairs_of;

use crate::analysis::{self, CausalChain, CausalPolicy, Coactivation, ConsolidatePolicy};
use crate::arena::{State, retrievals};
use crate::conditions::Conditions;
use crate::consolidation::{self, Consolidation};
use crate::episode::{Episode, EpisodeId, Match};
use crate::error::MemoryError;
use crate::exchange;
use crate::recall::{Recall, explained, recall, recall_one};
use crate::stats::Stats;

/// What a block of similar pairs may hold at most: 1.5 GiB, if each is within the similarity of every other.
const BLOCK_PAIRS: usize = 1 << 26;

/// Rows of such a block: enough that the kernels and several threads are at their best, and few enough to report.
const BLOCK_ROWS: RangeInclusive<usize> = 16..=1_024;

/// Rows between two reports of progress.
const REPORTED_ROWS: usize = 128;

/// Rows of a block whose pairs with all of `n` others stay within [`BLOCK_PAIRS`], as far as that is sensible.
fn block_rows(n: usize) -> usize {
    (BLOCK_PAIRS / n.max(1)).clamp(*BLOCK_ROWS.start(), *BLOCK_ROWS.end())
}

/// The memory as it was at one moment.
///
/// Taking one is lock-free and O(1). Readers never wait for the writer, nor it for them. Of readers, one waits for another
/// only where both ask for the causes of an episode: the first such question on a state whose times do not ascend sorts
/// them, for the others too. It shares its vectors with the memory, and keeps those alive that the memory has dropped
/// since.
///
/// ```
/// # use hv_memory::{EpisodicMemory, HV16, NewEpisode};
/// let memory = EpisodicMemory::in_memory();
/// let before = memory.snapshot();
/// let time = 1_700_000_000_000_000;
/// memory.store(NewEpisode { content: HV16::random(1), time, valence: 0.0, payload: vec![], ..NewEpisode::default() })?;
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

    /// Counts, sizes and the span of time. The files are those of the memory, so [`disk_bytes`](Stats::disk_bytes) is 0.
    /// Cost: a pass over the times.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats::of(&self.state, 0)
    }

    /// See [`EpisodicMemory::export`](crate::EpisodicMemory::export).
    ///
    /// # Errors
    ///
    /// Those of the system, and [`Damaged`](MemoryError::Damaged) for a payload that is not what was stored.
    pub fn export(&self, folder: impl AsRef<Path>, mut progress: impl FnMut(u64, u64)) -> Result<(), MemoryError> {
        exchange::export(&self.state, folder.as_ref(), &mut progress)
    }

    /// The application's note, empty at first.
    ///
    /// # Errors
    ///
    /// None today: the note is in memory.
    pub fn metadata(&self) -> Result<Vec<u8>, MemoryError> {
        Ok(self.state.metadata.to_vec())
    }

    /// See [`EpisodicMemory::recall`](crate::EpisodicMemory::recall).
    ///
    /// # Errors
    ///
    /// None today: the vectors are in memory.
    pub fn recall(&self, cue: &HV16, k: usize) -> Result<Vec<Match>, MemoryError> {
        self.recall_where(cue, k, &Conditions::new())
    }

    /// See [`EpisodicMemory::recall_batch`](crate::EpisodicMemory::recall_batch).
    ///
    /// # Errors
    ///
    /// None today: the vectors are in memory.
    pub fn recall_batch(&self, cues: &[HV16], k: usize) -> Result<Vec<Vec<Match>>, MemoryError> {
        self.recall_batch_where(cues, k, &Conditions::new())
    }

    /// See [`EpisodicMemory::recall_where`](crate::EpisodicMemory::recall_where).
    ///
    /// # Errors
    ///
    /// [`InvalidQuery`](MemoryError::InvalidQuery).
    pub fn recall_where(&self, cue: &HV16, k: usize, conditions: &Conditions) -> Result<Vec<Match>, MemoryError> {
        recall_one(&self.state, cue, k, conditions)
    }

    /// See [`EpisodicMemory::recall_batch_where`](crate::EpisodicMemory::recall_batch_where).
    ///
    /// # Errors
    ///
    /// [`InvalidQuery`](MemoryError::InvalidQuery).
    pub fn recall_batch_where(
        &self,
        cues: &[HV16],
        k: usize,
        conditions: &Conditions,
    ) -> Result<Vec<Vec<Match>>, MemoryError> {
        recall(&self.state, cues, k, conditions)
    }

    /// [`recall_batch_where`](Self::recall_batch_where) that also says how it searched: see [`Recall`].
    ///
    /// # Errors
    ///
    /// [`InvalidQuery`](MemoryError::InvalidQuery).
    pub fn explain_recall(&self, cues: &[HV16], k: usize, conditions: &Conditions) -> Result<Vec<Recall>, MemoryError> {
        explained(&self.state, cues, k, conditions)
    }

    /// The episodes of matches, in their order. Reads each payload as it comes.
    ///
    /// Matches of this snapshot all have their episode. Those of another moment are left out where the episode is not in
    /// this one.
    ///
    /// ```
    /// # use hv_memory::{EpisodicMemory, HV16, NewEpisode};
    /// # let memory = EpisodicMemory::in_memory();
    /// # memory.store(NewEpisode { content: HV16::random(7), time: 0, valence: 0.0, payload: b"tea".to_vec(), ..NewEpisode::default() })?;
    /// let snapshot = memory.snapshot();
    /// let found = snapshot.recall(&HV16::random(7), 5)?;
    /// for episode in snapshot.episodes_of(&found) {
    ///     assert_eq!(episode?.payload, b"tea");
    /// }
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    ///
    /// An item is an error where a payload cannot be read or is damaged.
    pub fn episodes_of(&self, matches: &[Match]) -> impl Iterator<Item = Result<Episode, MemoryError>> {
        let slots = matches.iter().filter_map(|found| self.state.slot(found.id));
        slots.map(|slot| self.state.episode(slot))
    }

    /// When an episode was recollected, in the order in which that was logged; the last ones, as many as the log
    /// keeps. Empty for one that never was, or does not exist.
    ///
    /// Cost: reads the whole log.
    ///
    /// # Errors
    ///
    /// If the log cannot be read, or is not what was written.
    pub fn retrievals(&self, id: EpisodeId) -> Result<Vec<i64>, MemoryError> {
        let mut times = Vec::new();
        if self.state.slot(id).is_some() {
            self.state.log.for_each(&mut |(of, time)| {
                if of == id {
                    times.push(time);
                }
                Ok(())
            })?;
        }
        times.drain(..times.len().saturating_sub(self.state.log.kept));
        Ok(times)
    }

    /// All retrievals of living episodes, in the order in which they were logged: of each episode the last ones, as
    /// many as the log keeps.
    ///
    /// # Errors
    ///
    /// If the log cannot be read, or is not what was written.
    pub fn retrieval_log(&self) -> Result<Vec<(EpisodeId, i64)>, MemoryError> {
        retrievals(&self.state)
    }

    /// What a consolidation at the time `now` would do to this; nothing is changed. See
    /// [`EpisodicMemory::consolidate`](crate::EpisodicMemory::consolidate).
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy`](MemoryError::InvalidPolicy).
    pub fn consolidation(&self, policy: &ConsolidatePolicy, now: i64) -> Result<Consolidation, MemoryError> {
        self.consolidation_with_progress(policy, now, |_, _| ())
    }

    /// [`consolidation`](Self::consolidation) that reports how far it is with merging, which takes nearly all of the
    /// time: `progress` gets the pairs of episodes settled and all of them, at first 0, then after every 64 survivors,
    /// in the end all. Of a policy that merges nothing, all are 0. It may do what it likes.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy`](MemoryError::InvalidPolicy).
    pub fn consolidation_with_progress(
        &self,
        policy: &ConsolidatePolicy,
        now: i64,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Consolidation, MemoryError> {
        Ok(consolidation::plan(&self.state, policy, now, &mut progress)?.1)
    }

    /// Which episodes were recollected within `window` microseconds of each other, at least `min_count` times: see
    /// [`Coactivation`].
    ///
    /// # Errors
    ///
    /// If the log cannot be read, or is not what was written.
    pub fn coactivations(&self, window: u64, min_count: u64) -> Result<Vec<Coactivation>, MemoryError> {
        Ok(analysis::coactivations(&retrievals(&self.state)?, window, min_count))
    }

    /// The likely causes of an episode, back in time link by link: see [`CausalChain`]. `None` if there
    /// is no such episode.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy`](MemoryError::InvalidPolicy).
    pub fn causal_chain(&self, effect: EpisodeId, policy: &CausalPolicy) -> Result<Option<CausalChain>, MemoryError> {
        let chain = |slot| analysis::causal_chain(&*self.state, self.state.order(), slot, policy);
        policy.validate()?;
        Ok(self.state.slot(effect).map(chain).transpose()?)
    }

    /// All pairs of episodes of at least this similarity, as `(older, newer, distance)`, ordered by the ids. The similarity
    /// of a pair is `1 - distance / 2048`, and [`hv_parallel::hv_simd::similarity`] computes it.
    ///
    /// Cost: n² / 2 distances, in tiles and on all cores where that pays.
    ///
    /// # Errors
    ///
    /// [`InvalidQuery`](MemoryError::InvalidQuery) if the similarity is NaN.
    pub fn similar_pairs(&self, min_similarity: f32) -> Result<Vec<(EpisodeId, EpisodeId, u16)>, MemoryError> {
        self.similar_pairs_with_progress(min_similarity, |_, _| ())
    }

    /// [`similar_pairs`](Self::similar_pairs) that reports how far it is: `progress` gets the pairs compared, forgotten
    /// episodes that still take space included, and all of them: at first 0, then about whenever 128 episodes or fewer
    /// have been compared with all behind them, in the end all.
    ///
    /// The first and the last call come from the calling thread, the others from the threads that work, one at a time and
    /// with a number that always rises. It may ask this memory and use the pool. What it must not do is wait for other work
    /// of the pool, for example for a lock that such work holds; storing into a memory that such work stores into is that.
    ///
    /// # Errors
    ///
    /// [`InvalidQuery`](MemoryError::InvalidQuery) if the similarity is NaN.
    pub fn similar_pairs_with_progress(
        &self,
        min_similarity: f32,
        mut progress: impl FnMut(u64, u64) + Send,
    ) -> Result<Vec<(EpisodeId, EpisodeId, u16)>, MemoryError> {
        let state = &*self.state;
        let Some(distance) = Conditions::new().min_similarity(min_similarity).max_distance()? else {
            progress(0, 0);
            return Ok(Vec::new());
        };
        let segments: Vec<&[HV16]> = state.vectors.chunks().map(|chunk| &**chunk).collect();
        let (n, mut pairs) = (state.slots(), Vec::new());
        let pairs_among = |n: usize| n as u64 * (n as u64).saturating_sub(1) / 2;
        let all = pairs_among(n);
        progress(0, all);
        for first in (0..n).step_by(REPORTED_ROWS) {
            let rows = first..n.min(first + REPORTED_ROWS);
            let done = all - pairs_among(n - rows.end);
            pairs.extend(segments_find_similar_pairs_of(&segments, rows, distance));
            progress(done, all);
        }
        Ok(living_pairs(state, pairs))
    }

    /// [`similar_pairs`](Self::similar_pairs) block by block, so that there may be more of them than fit into memory:
    /// `visit` gets the pairs of the next older episodes with all newer ones, in the same order, and the pairs compared
    /// so far and all of them, forgotten episodes that still take space included. It may end the search.
    ///
    /// A block has up to 1,024 older episodes, and of more than 65,536 episodes as many as make 2²⁶ pairs at most (but
    /// 16 at least): 1.5 GiB, and as much again while it is put together, were each pair similar. `visit` runs on the
    /// calling thread, between the blocks.
    ///
    /// # Errors
    ///
    /// [`InvalidQuery`](MemoryError::InvalidQuery) if the similarity is NaN.
    pub fn visit_similar_pairs<B>(
        &self,
        min_similarity: f32,
        mut visit: impl FnMut(&[(EpisodeId, EpisodeId, u16)], u64, u64) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, MemoryError> {
        let state = &*self.state;
        let Some(distance) = Conditions::new().min_similarity(min_similarity).max_distance()? else {
            return Ok(visit(&[], 0, 0));
        };
        let segments: Vec<&[HV16]> = state.vectors.chunks().map(|chunk| &**chunk).collect();
        let n = state.slots();
        let pairs_among = |n: usize| n as u64 * (n as u64).saturating_sub(1) / 2;
        let all = pairs_among(n);
        for first in (0..n).step_by(block_rows(n)) {
            let rows = first..n.min(first + block_rows(n));
            let done = all - pairs_among(n - rows.end);
            let pairs = living_pairs(state, segments_find_similar_pairs_of(&segments, rows, distance));
            if let ControlFlow::Break(value) = visit(&pairs, done, all) {
                return Ok(ControlFlow::Break(value));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// The ids of the pairs of slots of which both are alive.
fn living_pairs(state: &State, mut pairs: Vec<(usize, usize, u16)>) -> Vec<(EpisodeId, EpisodeId, u16)> {
    pairs.retain(|&(i, j, _)| !state.is_dead(i) && !state.is_dead(j));
    pairs.into_iter().map(|(i, j, distance)| (state.id(i), state.id(j), distance)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_pairs_are_bounded() {
        assert_eq!([0, 1, 65_536, 131_072, 1_000_000, 100_000_000].map(block_rows), [1_024, 1_024, 1_024, 512, 67, 16]);
    }
}
