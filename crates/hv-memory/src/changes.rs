//! Several changes in one durable step.

use crate::arena::RowChange;
use crate::episode::{EpisodeId, NewEpisode};
use crate::error::MemoryError;

/// Changes that are made together: all of them, durably, or on an error none.
///
/// Rows are the application's own: bytes under a key of bytes, as many as there is room for. They are read by key and by
/// prefix ([`Snapshot::row`](crate::Snapshot::row), [`Snapshot::rows`](crate::Snapshot::rows)) and are not held in memory
/// where the memory has a folder. Here they change in the same step as the episodes that they are about.
///
/// The order is: episodes are forgotten and revealed, then stored, then rows change. Of two changes of one row the last
/// counts.
///
/// ```
/// use hv_memory::{Changes, EpisodicMemory, HV16, NewEpisode};
///
/// let memory = EpisodicMemory::in_memory();
/// let episode = NewEpisode { content: HV16::random(1), ..NewEpisode::default() };
/// let applied = memory.apply(&Changes::new().store(episode).put_row("words/tea", 1_u32.to_le_bytes()))?;
/// let snapshot = memory.snapshot();
/// assert_eq!(snapshot.row(b"words/tea")?, Some(vec![1, 0, 0, 0]));
///
/// memory.apply(&Changes::new().forget(applied.ids).delete_row("words/tea"))?;
/// assert_eq!((memory.len(), memory.snapshot().rows(b"words/").count()), (0, 0));
/// # Ok::<(), hv_memory::MemoryError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    pub(crate) episodes: Vec<NewEpisode>,
    pub(crate) forget: Vec<EpisodeId>,
    pub(crate) hidden: bool,
    pub(crate) reveal: Vec<EpisodeId>,
    pub(crate) rows: Vec<RowChange>,
    pub(crate) compact: bool,
}

/// What was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Applied {
    /// The ids of the stored episodes, in order.
    pub ids: Vec<EpisodeId>,
    /// How many episodes were forgotten.
    pub forgotten: usize,
}

impl Changes {
    /// The longest key of a row: 1 KiB.
    pub const MAX_ROW_KEY: usize = 1024;
    /// The largest value of a row: 1 MiB.
    pub const MAX_ROW_VALUE: usize = 1 << 20;

    /// No change yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores an episode.
    #[must_use]
    pub fn store(mut self, episode: NewEpisode) -> Self {
        self.episodes.push(episode);
        self
    }

    /// Stores episodes.
    #[must_use]
    pub fn store_batch(mut self, episodes: impl IntoIterator<Item = NewEpisode>) -> Self {
        self.episodes.extend(episodes);
        self
    }

    /// Forgets episodes; one that is not there changes nothing.
    #[must_use]
    pub fn forget(mut self, ids: impl IntoIterator<Item = EpisodeId>) -> Self {
        self.forget.extend(ids);
        self
    }

    /// Hides the episodes that these changes store: nothing finds them until they are [revealed](Self::reveal). None of them
    /// may have a key.
    ///
    /// So what is too large for one step can be stored in many and be there from the last one on. On disk they are as
    /// forgotten ones: a compaction or consolidation drops those that are still hidden.
    ///
    /// ```
    /// # use hv_memory::{Changes, EpisodicMemory, HV16, NewEpisode};
    /// # let memory = EpisodicMemory::in_memory();
    /// # let [first, second] = [1, 2].map(|seed| NewEpisode { content: HV16::random(seed), ..NewEpisode::default() });
    /// let old = memory.store(first)?;
    /// let new = memory.apply(&Changes::new().store(second).hide())?.ids;
    /// assert_eq!((memory.len(), memory.get(new[0])?), (1, None));
    /// memory.apply(&Changes::new().forget([old]).reveal(new))?;
    /// assert_eq!(memory.len(), 1);
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    #[must_use]
    pub fn hide(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Shows [hidden](Self::hide) episodes from now on; one that is not there changes nothing. A forgotten one that no
    /// compaction has dropped comes back, too, unless it has a key.
    #[must_use]
    pub fn reveal(mut self, ids: impl IntoIterator<Item = EpisodeId>) -> Self {
        self.reveal.extend(ids);
        self
    }

    /// Puts a row in the place of one of the same key, if there is one.
    #[must_use]
    pub fn put_row(mut self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.rows.push((key.as_ref().into(), Some(value.as_ref().into())));
        self
    }

    /// Deletes a row; one that is not there changes nothing.
    #[must_use]
    pub fn delete_row(mut self, key: impl AsRef<[u8]>) -> Self {
        self.rows.push((key.as_ref().into(), None));
        self
    }

    /// Compacts in the same step: see [`EpisodicMemory::compact`](crate::EpisodicMemory::compact).
    #[must_use]
    pub fn compact(mut self) -> Self {
        self.compact = true;
        self
    }

    /// Whether nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether these only delete, and so make room.
    pub(crate) fn only_delete(&self) -> bool {
        self.episodes.is_empty() && self.reveal.is_empty() && self.rows.iter().all(|(_, value)| value.is_none())
    }

    /// Checks the episodes and the sizes of rows.
    pub(crate) fn check(&self) -> Result<(), MemoryError> {
        self.episodes.iter().enumerate().try_for_each(|(index, episode)| episode.check(index))?;
        if self.hidden
            && let Some(index) = self.episodes.iter().position(|episode| episode.key.is_some())
        {
            let what = "it has a key, and is to be hidden; only episodes without a key can be".to_owned();
            return Err(MemoryError::InvalidLabel { index, what });
        }
        for (key, value) in &self.rows {
            let value = value.as_ref().map_or(0, Vec::len);
            for (part, bytes, max) in [("key", key.len(), Self::MAX_ROW_KEY), ("value", value, Self::MAX_ROW_VALUE)] {
                if bytes > max {
                    return Err(MemoryError::RowTooLarge { part, bytes, max });
                }
            }
        }
        Ok(())
    }
}
