//! Consolidation and compaction: what stays, how it is kept, and how far that is.

use hv_parallel::Progress;

use crate::analysis::ConsolidatePolicy;
use crate::arena::Keep;
use crate::consolidation::{Consolidation, plan};
use crate::error::{MemoryError, advance};
use crate::memory::EpisodicMemory;

impl EpisodicMemory {
    /// Lets strengths fade to the time `now`, drops what is too weak, merges near-duplicates, and keeps the strongest:
    /// see [`ConsolidatePolicy`]. One atomic, durable step, which also compacts.
    ///
    /// Ten calls in a second fade as much as one: what counts is the time since a strength was last set, by a
    /// recollection or a consolidation, and else since the episode happened. So `now` must be on the clock of the
    /// episodes: see [`ConsolidatePolicy::half_life`].
    ///
    /// Of an episode that stays, id, time, valence and payload stay too. Of one that is dropped or absorbed into
    /// another, the payload and the retrievals are lost, so that coactivations of what was merged vanish. To see what
    /// would happen first, ask [`Snapshot::plan_consolidation`](crate::Snapshot::plan_consolidation).
    ///
    /// Cost: O(n) and writing what stays; with merging up to n² / 2 distances. Readers go on meanwhile. Stores wait for the
    /// writing only; where they change the memory before that, it is planned again, and after the second time they wait for
    /// that too, and this thread alone plans. So merge in a quiet hour. Memory and files are at most doubled for as long as
    /// it takes.
    ///
    /// ```
    /// use hv_memory::{ConsolidatePolicy, EpisodicMemory, HV16, NewEpisode};
    ///
    /// let memory = EpisodicMemory::in_memory();
    /// let new = |seed| NewEpisode { content: HV16::random(seed), ..NewEpisode::default() };
    /// memory.store_batch(&[1, 2, 2].map(new))?;
    /// let report = memory.consolidate(&ConsolidatePolicy::new().floor(0.0).merge(0.9), 0)?;
    /// assert_eq!((report.kept, memory.len()), (2, 2));               // the near-duplicates are one
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`compact`](Self::compact), and [`InvalidPolicy`](MemoryError::InvalidPolicy).
    pub fn consolidate(&self, policy: &ConsolidatePolicy, now: i64) -> Result<Consolidation, MemoryError> {
        self.consolidate_with(policy, now, &Progress::new())
    }

    /// [`consolidate`](Self::consolidate) that counts how far it is.
    ///
    /// The unit is a byte to write, or with merging a pair of episodes to compare, which takes about as long. What is
    /// merged or dropped counts as written, and without a folder all is written at once. Where the memory was changed
    /// while this planned, the work starts again.
    ///
    /// # Errors
    ///
    /// As [`consolidate`](Self::consolidate), and [`Stopped`](MemoryError::Stopped).
    pub fn consolidate_with(
        &self,
        policy: &ConsolidatePolicy,
        now: i64,
        progress: &Progress,
    ) -> Result<Consolidation, MemoryError> {
        let merging = policy.merge.is_some();
        let mut at_most = 0;
        let (mut writer, base, (plan, report)) = self.shared.prepared(|state| {
            // What merging will leave is not known before.
            at_most = if merging { state.bytes_of(state.live()) } else { 0 };
            plan(state, policy, now, at_most, progress)
        })?;
        let bytes = plan.keep().bytes(&base);
        if merging {
            advance(progress, at_most.saturating_sub(bytes))?;
        } else {
            progress.start(bytes);
        }
        self.shared.keep(&mut writer, &base, plan.keep(), &[], &mut |bytes| advance(progress, bytes))?;
        progress.finish();
        Ok(report)
    }

    /// Gives back the space of forgotten episodes, and drops retrievals that no longer count. One atomic, durable
    /// step.
    ///
    /// # Errors
    ///
    /// As [`store`](Self::store), and [`Damaged`](MemoryError::Damaged) if a payload is not what was stored: forget
    /// that episode first. On an error everything is as it was.
    pub fn compact(&self) -> Result<(), MemoryError> {
        self.compact_with(&Progress::new())
    }

    /// [`compact`](Self::compact) that counts how far it is: in bytes of vectors and payloads, about every mebibyte, and
    /// in a memory without a folder all at once.
    ///
    /// # Errors
    ///
    /// As [`compact`](Self::compact), and [`Stopped`](MemoryError::Stopped).
    pub fn compact_with(&self, progress: &Progress) -> Result<(), MemoryError> {
        let mut writer = self.shared.writer()?;
        let base = self.shared.base(&mut writer)?;
        progress.start(base.bytes_of(base.live()));
        advance(progress, 0)?;
        let kept = base.all_kept();
        let live = Keep { kept: &kept, merged: &[] };
        self.shared.keep(&mut writer, &base, live, &[], &mut |bytes| advance(progress, bytes))?;
        progress.finish();
        Ok(())
    }
}
