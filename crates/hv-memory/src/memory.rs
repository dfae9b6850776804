//! What a memory can be asked and told.

use std::path::Path;
use std::sync::Arc;

use hv_parallel::{HV16, Progress};

use crate::changes::{Applied, Changes};
use crate::conditions::Conditions;
use crate::disk::{Folder, Verification, bytes_of};
use crate::episode::{Episode, EpisodeId, MAX_BYTES, Match, NewEpisode};
use crate::error::{MemoryError, advance};
use crate::recall::recall_one;
use crate::recollect::RecollectPolicy;
use crate::shared::Shared;
use crate::snapshot::Snapshot;
use crate::stats::Stats;
use crate::timer::Timer;

/// Episodes, stored for good and recalled by similarity.
///
/// `Send + Sync`: any number of threads recall while others store. Stores take turns. What is asked less often, the
/// analyses among it, is asked of a [`snapshot`](Self::snapshot).
///
/// # Fork
///
/// A memory belongs to the process that opened it. In a child that was forked from it, recalls and other reads go on, on
/// one thread, of what was there at the fork. Every change, `flush` and `verify` are the error
/// [`Forked`](MemoryError::Forked) there, and so are reads of the application's rows, since those lie in a file that the
/// parent goes on writing. Dropping the memory touches nothing on disk. The store stays locked until the parent has closed
/// it; where the parent was killed, until its children have dropped the memory or ended.
///
/// ```
/// use hv_memory::{EpisodicMemory, HV16, NewEpisode};
///
/// let memory = EpisodicMemory::in_memory();
/// let time = 1_700_000_000_000_000; // microseconds since 1970: a day in November 2023
/// for seed in 0..100 {
///     memory.store(NewEpisode { content: HV16::random(seed), time, valence: 0.0, payload: vec![seed as u8], ..NewEpisode::default() })?;
/// }
/// let found = memory.recall(&HV16::random(42), 1)?;
/// assert_eq!(found[0].similarity(), 1.0);
/// assert_eq!(memory.get(found[0].id)?.unwrap().payload, [42]);
/// # Ok::<(), hv_memory::MemoryError>(())
/// ```
pub struct EpisodicMemory {
    pub(crate) shared: Arc<Shared>,
    /// Commits what has waited long enough; only where stores are batched.
    pub(crate) timer: Option<Timer>,
}

impl EpisodicMemory {
    /// Stores an episode, and returns its id: the next in order.
    ///
    /// When this returns the episode is there for every later recall, and durable as
    /// [`Durability`](crate::Durability) says. Where more than one is at hand, [`store_batch`](Self::store_batch) is
    /// faster by orders of magnitude.
    ///
    /// # Errors
    ///
    /// As [`store_batch`](Self::store_batch).
    pub fn store(&self, episode: NewEpisode) -> Result<EpisodeId, MemoryError> {
        let first = self.shared.store(std::slice::from_ref(&episode), &Progress::new())?;
        Ok(EpisodeId(first))
    }

    /// Stores episodes in one durable step: all of them, or on an error none.
    ///
    /// # Errors
    ///
    /// [`InvalidValence`](MemoryError::InvalidValence), [`PayloadTooLarge`](MemoryError::PayloadTooLarge),
    /// [`ReadOnly`](MemoryError::ReadOnly), [`Full`](MemoryError::Full) and the other errors of the system. What
    /// was stored before is kept and readable, and the next store tries again.
    pub fn store_batch(&self, episodes: &[NewEpisode]) -> Result<Vec<EpisodeId>, MemoryError> {
        self.store_batch_with(episodes, &Progress::new())
    }

    /// [`store_batch`](Self::store_batch) that counts how far it is, in episodes, and can be stopped before they are committed.
    ///
    /// # Errors
    ///
    /// As [`store_batch`](Self::store_batch), and [`Stopped`](MemoryError::Stopped).
    pub fn store_batch_with(
        &self,
        episodes: &[NewEpisode],
        progress: &Progress,
    ) -> Result<Vec<EpisodeId>, MemoryError> {
        let first = self.shared.store(episodes, progress)?;
        Ok((first..).map(EpisodeId).take(episodes.len()).collect())
    }

    /// Makes everything acknowledged durable. Does nothing where it is already.
    ///
    /// # Errors
    ///
    /// Those of the operating system. What could not be written remains in memory for the next attempt.
    pub fn flush(&self) -> Result<(), MemoryError> {
        self.shared.flush()
    }

    /// The episode of an id; `None` if it was never given out or is forgotten.
    ///
    /// # Errors
    ///
    /// If the payload cannot be read, or is not what was stored.
    pub fn get(&self, id: EpisodeId) -> Result<Option<Episode>, MemoryError> {
        self.snapshot().get(id)
    }

    /// The `k` episodes nearest to a cue: by distance, then the older. Exact; fewer where there are fewer, and all of them
    /// with a `k` of [`usize::MAX`].
    ///
    /// Cost: one distance an episode, on all cores where that pays. Changes nothing.
    ///
    /// # Errors
    ///
    /// None today: the vectors are in memory.
    pub fn recall(&self, cue: &HV16, k: usize) -> Result<Vec<Match>, MemoryError> {
        self.snapshot().recall(cue, k)
    }

    /// [`recall`](Self::recall) for many cues in one tiled pass: several times as fast as one after the other.
    ///
    /// # Errors
    ///
    /// None today: the vectors are in memory.
    pub fn recall_batch(&self, cues: &[HV16], k: usize) -> Result<Vec<Vec<Match>>, MemoryError> {
        self.snapshot().recall_batch(cues, k)
    }

    /// The `k` nearest to a cue of the episodes that meet some conditions; see [`Conditions`]. A `k` of [`usize::MAX`]
    /// gives all of them.
    ///
    /// Cost: the scan of those that the condition on time leaves, or less where pruning pays. Changes nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidQuery`](MemoryError::InvalidQuery) for NaN, or a probability out of range.
    pub fn recall_where(&self, cue: &HV16, k: usize, conditions: &Conditions) -> Result<Vec<Match>, MemoryError> {
        self.snapshot().recall_where(cue, k, conditions)
    }

    /// [`recall_where`](Self::recall_where) for many cues in one tiled pass.
    ///
    /// Pruning has to beat that pass, so it is used for fewer questions than with one cue alone. Where it is not used,
    /// [`Exactness::Within`](crate::Exactness::Within) misses nothing.
    ///
    /// ```
    /// # use hv_memory::{Conditions, EpisodicMemory, HV16, NewEpisode};
    /// # let memory = EpisodicMemory::in_memory();
    /// # for time in 0..9 {
    /// #     memory.store(NewEpisode { content: HV16::random(7), time, valence: 0.0, payload: vec![], ..NewEpisode::default() })?;
    /// # }
    /// let late = Conditions::new().time(3..);
    /// let found = memory.recall_batch_where(&[HV16::random(7), HV16::random(8)], 1, &late)?;
    /// assert_eq!((found.len(), found[0][0].id.0), (2, 3));
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`recall_where`](Self::recall_where).
    pub fn recall_batch_where(
        &self,
        cues: &[HV16],
        k: usize,
        conditions: &Conditions,
    ) -> Result<Vec<Vec<Match>>, MemoryError> {
        self.snapshot().recall_batch_where(cues, k, conditions)
    }

    /// Recalls, and in the same durable step strengthens what was found and logs the retrieval.
    ///
    /// `now` is the time of the retrieval on the clock of the episodes, from which they fade from then on; one before
    /// the last update of a strength counts as that. An episode that conditions left out is not strengthened.
    ///
    /// Cost: that of [`recall_where`](Self::recall_where), as often as the memory is changed while it runs; after the second
    /// time stores wait, while this thread alone searches. Where the log of retrievals has doubled since it was last looked
    /// at, it is read, and rewritten if less than half of it counts.
    ///
    /// # Errors
    ///
    /// As [`recall_where`](Self::recall_where) and [`store`](Self::store);
    /// [`InvalidPolicy`](MemoryError::InvalidPolicy) where the policy makes no sense. On an error nothing changes.
    pub fn recollect(
        &self,
        cue: &HV16,
        k: usize,
        conditions: &Conditions,
        policy: &RecollectPolicy,
        now: i64,
    ) -> Result<Vec<Match>, MemoryError> {
        self.recollect_with(cue, k, conditions, policy, now, &Progress::new())
    }

    /// [`recollect`](Self::recollect) that counts how far its search is, as
    /// [`explain_recall_with`](Snapshot::explain_recall_with) does.
    ///
    /// # Errors
    ///
    /// As [`recollect`](Self::recollect), and [`Stopped`](MemoryError::Stopped).
    pub fn recollect_with(
        &self,
        cue: &HV16,
        k: usize,
        conditions: &Conditions,
        policy: &RecollectPolicy,
        now: i64,
        progress: &Progress,
    ) -> Result<Vec<Match>, MemoryError> {
        policy.validate()?;
        progress.start(0);
        let (mut writer, base, found) =
            self.shared.prepared(|state| recall_one(state, cue, k, conditions, progress))?;
        advance(progress, 0)?;
        if !found.is_empty() {
            let ids: Vec<EpisodeId> = found.iter().map(|found| found.id).collect();
            let events: Vec<(EpisodeId, i64)> = ids.iter().map(|&id| (id, now)).collect();
            let change = |mutable| policy.strengthened(mutable, now);
            self.shared.change(&mut writer, &base, &ids, &events, &change)?;
        }
        progress.finish();
        Ok(found)
    }

    /// Forgets episodes, durably: they are found no more, and their ids are never given out again. Returns how
    /// many of them there were. Their space comes back with the next compaction.
    ///
    /// # Errors
    ///
    /// As [`store`](Self::store). On an error none is forgotten.
    pub fn forget(&self, ids: &[EpisodeId]) -> Result<usize, MemoryError> {
        let ids = ids.iter().copied();
        Ok(self.shared.apply(&Changes::new().forget(ids), &Progress::new())?.forgotten)
    }

    /// Makes several changes in one durable step: see [`Changes`].
    ///
    /// # Errors
    ///
    /// As [`store_batch`](Self::store_batch), and [`RowTooLarge`](MemoryError::RowTooLarge). On an error nothing is
    /// changed.
    pub fn apply(&self, changes: &Changes) -> Result<Applied, MemoryError> {
        self.apply_with(changes, &Progress::new())
    }

    /// [`apply`](Self::apply) that counts how far it is, in episodes that are stored, and can be stopped before the commit.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply), and [`Stopped`](MemoryError::Stopped).
    pub fn apply_with(&self, changes: &Changes, progress: &Progress) -> Result<Applied, MemoryError> {
        self.shared.apply(changes, progress)
    }

    /// Writes all episodes to a folder, which is made, or must be empty: JSON lines and raw vectors. With it go ids,
    /// strengths, retrievals and the note, so that an import of it is the same memory. What is written is the memory as
    /// it was at first. An export into the folder that was interrupted, for example by a power failure, is replaced.
    ///
    /// # Errors
    ///
    /// Those of the operating system, and [`Damaged`](MemoryError::Damaged) for a payload that is not what was stored. On
    /// an error nothing that was written stays.
    pub fn export(&self, folder: impl AsRef<Path>) -> Result<(), MemoryError> {
        self.snapshot().export(folder)
    }

    /// [`export`](Self::export) that counts how far it is, in episodes.
    ///
    /// # Errors
    ///
    /// As [`export`](Self::export), and [`Stopped`](MemoryError::Stopped).
    pub fn export_with(&self, folder: impl AsRef<Path>, progress: &Progress) -> Result<(), MemoryError> {
        self.snapshot().export_with(folder, progress)
    }

    /// Reads the whole store again, and reports every block and record that is not what was written.
    ///
    /// Stores wait meanwhile, readers do not. A memory without a folder is always sound. [`verify`](crate::verify) does
    /// this for a store that cannot be opened.
    ///
    /// # Errors
    ///
    /// Those of the operating system. Damage is a result, not an error.
    pub fn verify(&self) -> Result<Verification, MemoryError> {
        self.verify_with(&Progress::new())
    }

    /// [`verify`](Self::verify) that counts how far it is, in bytes.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify), and [`Stopped`](MemoryError::Stopped).
    pub fn verify_with(&self, progress: &Progress) -> Result<Verification, MemoryError> {
        progress.start(0);
        match &self.shared.lock()?.disk {
            Some(disk) => disk.verify_open(progress),
            None => Ok(Verification::default()),
        }
    }

    /// The application's note: opaque bytes, empty at first. For example how contents were encoded.
    ///
    /// # Errors
    ///
    /// None today: the note is in memory.
    pub fn metadata(&self) -> Result<Vec<u8>, MemoryError> {
        self.snapshot().metadata()
    }

    /// Replaces the application's note, durably.
    ///
    /// # Errors
    ///
    /// [`MetadataTooLarge`](MemoryError::MetadataTooLarge) over 1 MiB, [`ReadOnly`](MemoryError::ReadOnly), and the
    /// errors of the system; the old note is kept.
    pub fn set_metadata(&self, metadata: &[u8]) -> Result<(), MemoryError> {
        if metadata.len() > MAX_BYTES {
            return Err(MemoryError::MetadataTooLarge { bytes: metadata.len(), max: MAX_BYTES });
        }
        self.shared.set_metadata(metadata)
    }

    /// How many episodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.state.load().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts, sizes and the span of time. Cost: a pass over the times, and a look at the folder.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let disk_bytes = self.shared.folder.as_deref().map_or(0, bytes_of);
        Stats::of(&self.shared.state.load(), disk_bytes)
    }

    /// The memory as it is now, for as long as wanted. Lock-free and O(1).
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.shared.state.load_full())
    }
}

impl Drop for EpisodicMemory {
    /// Commits what is waiting. An error cannot be reported from here: call [`flush`](EpisodicMemory::flush) first
    /// where that matters. In a forked child, this touches nothing on disk.
    fn drop(&mut self) {
        drop(self.timer.take());
        let _ = self.shared.flush();
    }
}

impl std::fmt::Debug for EpisodicMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EpisodicMemory")
            .field("path", &self.shared.folder.as_deref().map(Folder::path))
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
