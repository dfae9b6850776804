//! What is stored and what is found: episodes, their ids, and matches.

use std::num::ParseIntError;
use std::str::FromStr;

use hv_parallel::HV16;
use hv_parallel::hv_simd::similarity_of_distance;

use crate::error::MemoryError;
use crate::key::Key;

/// The largest payload of an episode, and the largest metadata of a memory: 1 MiB.
pub const MAX_BYTES: usize = 1 << 20;

/// The identity of an episode: ascending from 0 in order of storing, never reused.
///
/// ```
/// # use hv_memory::EpisodeId;
/// let id = EpisodeId::from(40);
/// assert_eq!("40".parse(), Ok(id));
/// assert_eq!(id.to_string(), "40");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct EpisodeId(pub u64);

impl From<u64> for EpisodeId {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl FromStr for EpisodeId {
    type Err = ParseIntError;

    /// Reads an id as it is displayed: a number in decimal digits.
    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

impl std::fmt::Display for EpisodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The longest source of an episode: 4 KiB.
pub const MAX_SOURCE_BYTES: usize = 4096;

/// The most tags of an episode.
pub const MAX_TAGS: usize = 64;

/// The longest tag, in bytes of UTF-8.
pub const MAX_TAG_BYTES: usize = 256;

/// Something that happened, to be stored.
///
/// Give what there is and take the rest from the default: `NewEpisode { content, time, ..NewEpisode::default() }`.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// A class within which distances rank alike, 0 by default; for example the number of ones of a fingerprint.
    pub group: u16,
    /// Where it comes from, at most [`MAX_SOURCE_BYTES`]: for example the name of a file, which need not be UTF-8. Episodes
    /// of one source share its bytes.
    pub source: Option<Vec<u8>>,
    /// The caller's name for it. An episode of this key that is there already is replaced.
    pub key: Option<Key>,
    /// Up to [`MAX_TAGS`] words of up to [`MAX_TAG_BYTES`] each, in any order. Episodes with the same tags share them.
    pub tags: Vec<String>,
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
        match self.wrong_label() {
            Some(what) => Err(MemoryError::InvalidLabel { index, what }),
            None => Ok(()),
        }
    }

    /// What is wrong with source, key or tags.
    pub(crate) fn wrong_label(&self) -> Option<String> {
        let source = self.source.as_ref().map_or(0, Vec::len);
        if source > MAX_SOURCE_BYTES {
            return Some(format!("its source has {source} bytes, the limit is {MAX_SOURCE_BYTES}"));
        }
        if let Some(Key::Text(text)) = &self.key
            && text.len() > Key::MAX_BYTES
        {
            return Some(format!("its key has {} bytes, the limit is {}", text.len(), Key::MAX_BYTES));
        }
        if self.tags.len() > MAX_TAGS {
            return Some(format!("it has {} tags, the limit is {MAX_TAGS}", self.tags.len()));
        }
        let long = self.tags.iter().find(|tag| tag.len() > MAX_TAG_BYTES)?;
        Some(format!("a tag of it has {} bytes, the limit is {MAX_TAG_BYTES}", long.len()))
    }
}

/// A stored episode.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
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
    /// Its group, 0 if none was given.
    pub group: u16,
    /// Where it comes from.
    pub source: Option<Vec<u8>>,
    /// The caller's name for it.
    pub key: Option<Key>,
    /// Its tags, sorted, each once.
    pub tags: Vec<String>,
}

/// An episode that a recall found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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

    /// The similarity to the cue, `1 - distance / 2048`: 1 for equal vectors, 0.5 ± 0.011 for unrelated ones.
    ///
    /// ```
    /// # use hv_memory::{EpisodeId, Match};
    /// assert_eq!(Match::new(EpisodeId(0), 512).similarity(), 0.75);
    /// ```
    #[must_use]
    pub fn similarity(&self) -> f32 {
        similarity_of_distance(self.distance)
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
