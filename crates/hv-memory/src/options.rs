//! How a store is opened, and when what it acknowledges is on disk.

use std::time::Duration;

/// What a store has promised when it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Durability {
    /// The episodes are on the device. One commit a call, so hundreds to thousands of calls a second.
    #[default]
    Immediate,
    /// The episodes are in memory, visible to every recall, and will be on the device at the next commit:
    /// after `episodes` more of them, after `delay`, at a [`flush`](crate::EpisodicMemory::flush), or when the memory is
    /// dropped. If the process dies before that they are lost; never in part, and never an older one without all
    /// newer ones.
    ///
    /// Where a commit after `delay` fails, the next store or flush commits in any case, and returns the error if it
    /// fails again: nothing more is acknowledged until a commit has worked. What waits remains in memory, and
    /// commits are tried again after a doubled delay, of up to four seconds.
    Batched {
        /// Commit when this many wait. Their payloads, of up to 1 MiB, are in memory until then.
        episodes: usize,
        /// Commit when one has waited this long.
        delay: Duration,
    },
}

/// How many retrievals of each episode count, where nothing else is said.
const RETRIEVALS_KEPT: usize = 1_024;

/// More of one episode would not fit into a line of an export.
const MAX_RETRIEVALS_KEPT: usize = 1 << 20;

/// How to open a store.
///
/// ```no_run
/// use std::time::Duration;
/// use hv_memory::{Durability, Options};
///
/// let batched = Durability::Batched { episodes: 10_000, delay: Duration::from_millis(100) };
/// let memory = Options::new().durability(batched).open("sensors.hv")?;
/// # Ok::<(), hv_memory::MemoryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) durability: Durability,
    pub(crate) retrievals_kept: usize,
    pub(crate) prefix_plane: bool,
    pub(crate) wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let wait = Duration::ZERO;
        Self { durability: Durability::Immediate, retrievals_kept: RETRIEVALS_KEPT, prefix_plane: false, wait }
    }
}

impl Options {
    /// The defaults: [`Durability::Immediate`], 1,024 retrievals kept of each episode, no prefix plane, and no waiting.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// When episodes become durable.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// How long opening waits while another handle has the store: not at all by default, and with [`Duration::MAX`] until
    /// the store is free. Then it is [`InUse`](crate::MemoryError::InUse).
    ///
    /// Looks every 50 ms or more often, so that of several who wait it is chance who comes first.
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Whether to keep the first 512 bits of all vectors in a plane of their own: 64 bytes an episode. Off by default.
    ///
    /// It makes recalls over 4,096 episodes or more several times as fast that name a
    /// [`min_similarity`](crate::Conditions::min_similarity) of about 0.88 or more, or
    /// [`Exactness::Within`](crate::Exactness::Within) a probability. Others are no faster, and all give the same answers
    /// with and without. docs/retrieval.md has the figures of each backend.
    #[must_use]
    pub fn prefix_plane(mut self, prefix_plane: bool) -> Self {
        self.prefix_plane = prefix_plane;
        self
    }

    /// How many retrievals of each episode count: the last ones. Older ones are dropped by the next consolidation
    /// or compaction, or by a recollection when they are more than half of the log. 1,024 by default, and at most
    /// 1,048,576: a larger number counts as that.
    #[must_use]
    pub fn retrievals_kept(mut self, retrievals: usize) -> Self {
        self.retrievals_kept = retrievals.min(MAX_RETRIEVALS_KEPT);
        self
    }
}
