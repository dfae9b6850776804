//! Pairs of episodes that are near-duplicates: all of them, or block by block.

use std::ops::{ControlFlow, RangeInclusive};

use hv_parallel::HV16;
use hv_parallel::Progress;
use hv_parallel::for_storage::{segments_find_similar_pairs_of, segments_find_similar_pairs_with_progress};

use crate::arena::State;
use crate::conditions::Conditions;
use crate::episode::EpisodeId;
use crate::error::MemoryError;
use crate::snapshot::Snapshot;

/// What a block of similar pairs may hold at most: 1.5 GiB, if each is within the similarity of every other.
const BLOCK_PAIRS: usize = 1 << 26;

/// Rows of such a block: enough that the kernels and several threads are at their best, and few enough to report.
const BLOCK_ROWS: RangeInclusive<usize> = 16..=1_024;

/// Rows of a block whose pairs with all of `n` others stay within [`BLOCK_PAIRS`], as far as that is sensible.
fn block_rows(n: usize) -> usize {
    (BLOCK_PAIRS / n.max(1)).clamp(*BLOCK_ROWS.start(), *BLOCK_ROWS.end())
}

impl Snapshot {
    /// All pairs of episodes of at least this similarity, as `(older, newer, distance)`, ordered by the ids. The similarity
    /// of a pair is `1 - distance / 2048`, and [`hv_parallel::hv_simd::similarity_of_distance`] computes it.
    ///
    /// Cost: n² / 2 distances, in tiles and on all cores where that pays.
    ///
    /// ```
    /// use hv_memory::{EpisodeId, EpisodicMemory, HV16, NewEpisode};
    ///
    /// let memory = EpisodicMemory::in_memory();
    /// let new = |seed| NewEpisode { content: HV16::random(seed), ..NewEpisode::default() };
    /// memory.store_batch(&[1, 2, 1].map(new))?;
    /// assert_eq!(memory.snapshot().similar_pairs(0.9)?, [(EpisodeId(0), EpisodeId(2), 0)]);
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidQuery`](MemoryError::InvalidQuery) if the similarity is NaN.
    pub fn similar_pairs(&self, min_similarity: f32) -> Result<Vec<(EpisodeId, EpisodeId, u16)>, MemoryError> {
        self.similar_pairs_with(min_similarity, &Progress::new())
    }

    /// [`similar_pairs`](Self::similar_pairs) that counts how far it is: in pairs compared, forgotten episodes that still
    /// take space included, after about every 128 episodes that were compared with all later ones.
    ///
    /// # Errors
    ///
    /// [`InvalidQuery`](MemoryError::InvalidQuery) if the similarity is NaN.
    pub fn similar_pairs_with(
        &self,
        min_similarity: f32,
        progress: &Progress,
    ) -> Result<Vec<(EpisodeId, EpisodeId, u16)>, MemoryError> {
        let Some(distance) = Conditions::new().min_similarity(min_similarity).max_distance()? else {
            progress.start(0);
            return Ok(Vec::new());
        };
        let segments: Vec<&[HV16]> = self.vectors().collect();
        let pairs = segments_find_similar_pairs_with_progress(&segments, distance, progress);
        Ok(live_pairs(&self.state, pairs))
    }

    /// [`similar_pairs`](Self::similar_pairs) block by block, so that there may be more of them than fit into memory:
    /// `visit` gets the pairs of the next older episodes with all newer ones, in the same order. It may end the search.
    /// `progress` counts the pairs compared, forgotten episodes that still take space included, after each block.
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
        progress: &Progress,
        mut visit: impl FnMut(&[(EpisodeId, EpisodeId, u16)]) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, MemoryError> {
        let state = &*self.state;
        progress.start(0);
        let Some(distance) = Conditions::new().min_similarity(min_similarity).max_distance()? else {
            return Ok(ControlFlow::Continue(()));
        };
        let segments: Vec<&[HV16]> = self.vectors().collect();
        let n = state.slots();
        let pairs_among = |n: usize| n as u64 * (n as u64).saturating_sub(1) / 2;
        progress.start(pairs_among(n));
        for first in (0..n).step_by(block_rows(n)) {
            let rows = first..n.min(first + block_rows(n));
            let pairs = live_pairs(state, segments_find_similar_pairs_of(&segments, rows.clone(), distance));
            progress.advance(pairs_among(n - rows.start) - pairs_among(n - rows.end));
            if let ControlFlow::Break(value) = visit(&pairs) {
                progress.finish();
                return Ok(ControlFlow::Break(value));
            }
        }
        progress.finish();
        Ok(ControlFlow::Continue(()))
    }
}

/// The ids of the pairs whose slots are both live.
fn live_pairs(state: &State, mut pairs: Vec<(usize, usize, u16)>) -> Vec<(EpisodeId, EpisodeId, u16)> {
    pairs.retain(|&(i, j, _)| !state.is_deleted(i) && !state.is_deleted(j));
    pairs.into_iter().map(|(i, j, distance)| (state.id(i), state.id(j), distance)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_pairs_are_bounded() {
        assert_eq!([0, 1, 65_536, 131_072, 1_000_000, 100_000_000].map(block_rows), [1_024, 1_024, 1_024, 512, 67, 16]);
    }
}
