//! What is stored and what is found: episodes, their ids, and matches.

use hv_parallel::HV16;
use hv_parallel::hv_simd::similarity;

use crate::error::MemoryError;

/// The largest payload of an episode, and the largest metadata of a memory: 1 MiB.
pub const MAX_BYTES: usize = 1 << 20;

/// The identity of an episode: ascending from 0 in order of storing, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EpisodeId(pub u64);

impl std::fmt::Display for EpisodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Something that happened, to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEpisode {
    /// What happened.
    pub content: HV16,
    /// When, in microseconds since the Unix epoch; any value, in any order.
    ///
    /// The strength, 1 at first, fades from this time on, and not from that of storing: see
    /// [`ConsolidatePolicy::half_life`](crate::ConsolidatePolicy::half_life).
    pub time: i64,
    /// How good or bad it was, from -1 to 1.
    pub valence: f32,
    /// Bytes of the caller, at most [`MAX_BYTES`].
    pub payload: Vec<u8>,
}

impl NewEpisode {
    /// Checks valence and payload; `index` is the position in the batch.
    pub(crate) fn check(&self, index: usize) -> Result<(), MemoryError> {
        // NaN is in no range.
        if !(-1.0..=1.0).contains(&self.valence) {
            return Err(MemoryError::InvalidValence { index, value: self.valence });
        }
        if self.payload.len() > MAX_BYTES {
            return Err(MemoryError::PayloadTooLarge { index, bytes: self.payload.len(), max: MAX_BYTES });
        }
        Ok(())
    }
}

/// A stored episode.
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// Its identity.
    pub id: EpisodeId,
    /// What happened.
    pub content: HV16,
    /// When, in microseconds since the Unix epoch.
    pub time: i64,
    /// How good or bad it was, from -1 to 1.
    pub valence: f32,
    /// How firmly it is remembered, as of [`updated`](Self::updated): 1 when stored. What it is now, a
    /// [`ConsolidatePolicy`](crate::ConsolidatePolicy::faded) tells.
    pub strength: f64,
    /// When the strength was last set, in microseconds since the Unix epoch: by a recollection or a consolidation, and
    /// [`time`](Self::time) before there was one.
    pub updated: i64,
    /// The caller's bytes.
    pub payload: Vec<u8>,
}

/// An episode that a recall found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Match {
    /// Which episode.
    pub id: EpisodeId,
    /// The Hamming distance from the cue, 0 to 2,048.
    pub distance: u16,
}

impl Match {
    /// A match at this Hamming distance.
    #[must_use]
    pub fn new(id: EpisodeId, distance: u16) -> Self {
        Self { id, distance }
    }

    /// The similarity to the cue, `1 - distance / 2048`: 1 for equal vectors, 0.5 ± 0.011 for strangers.
    ///
    /// ```
    /// # use hv_memory::{EpisodeId, Match};
    /// assert_eq!(Match::new(EpisodeId(0), 512).similarity(), 0.75);
    /// ```
    #[must_use]
    pub fn similarity(&self) -> f32 {
        similarity(self.distance)
    }

    /// How many standard deviations the match lies above chance: `(1024 - distance) / sqrt(512)`.
    ///
    /// ```
    /// # use hv_memory::{EpisodeId, Match};
    /// assert!(Match::new(EpisodeId(0), 900).z_score() > 5.0);
    /// ```
    #[must_use]
    pub fn z_score(&self) -> f32 {
        (1024.0 - f32::from(self.distance)) / 512f32.sqrt()
    }
}
