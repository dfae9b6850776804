//! Consolidation and compaction: what stays, how it is kept, and how far that is.

use hv_parallel::HV16;

use crate::analysis::ConsolidatePolicy;
use crate::arena::{Keep, State};
use crate::consolidation::{Consolidation, plan};
use crate::error::MemoryError;
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
    /// would happen first, ask [`Snapshot::consolidation`](crate::Snapshot::consolidation).
    ///
    /// Cost: O(n) and writing what stays; with merging up to n² / 2 distances. Readers go on meanwhile. Stores wait for the
    /// writing only; where they change the memory before that, it is planned anew, and after the second time they wait for
    /// that too, and this thread alone plans. So merge in a quiet hour. Memory and files are at most doubled for as long as
    /// it takes.
    ///
    /// # Errors
    ///
    /// As [`compact`](Self::compact), and [`InvalidPolicy`](MemoryError::InvalidPolicy).
    pub fn consolidate(&self, policy: &ConsolidatePolicy, now: i64) -> Result<Consolidation, MemoryError> {
        self.consolidate_with_progress(policy, now, |_, _| ())
    }

    /// [`consolidate`](Self::consolidate) that reports how far it is: `progress` gets the work done and all, at first
    /// 0 and in the end all.
    ///
    /// The unit is a byte to write, or with merging a pair of episodes to compare, which takes about as long. What is
    /// merged or dropped counts as written, and without a folder all is written at once. Where the memory was changed
    /// while this planned, the numbers begin again at 0, with another all.
    ///
    /// `progress` may ask this memory, which then works on the calling thread alone. It may neither change it nor use a
    /// Rayon pool: stores may be waiting for it, and so would it then.
    ///
    /// # Errors
    ///
    /// As [`consolidate`](Self::consolidate).
    pub fn consolidate_with_progress(
        &self,
        policy: &ConsolidatePolicy,
        now: i64,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Consolidation, MemoryError> {
        let merging = policy.merge.is_some();
        let (mut pairs, mut at_most) = (0, 0);
        let (mut writer, base, (plan, report)) = self.shared.prepared(|state| {
            // What merging will leave is not known before.
            at_most = if merging { bytes_to_keep(state, state.living()) } else { 0 };
            plan(state, policy, now, &mut |done, all| {
                if merging {
                    progress(done, all + at_most);
                }
                pairs = all;
            })
        })?;
        let bytes = bytes_to_keep(&base, plan.kept.iter().map(|kept| kept.slot));
        let mut writing = Progress::of_last(bytes, pairs + at_most.max(bytes), &mut progress);
        self.shared.keep(&mut writer, &base, plan.keep(), &[], &mut |bytes| writing.advance(bytes))?;
        writing.finish();
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
        self.compact_with_progress(|_, _| ())
    }

    /// [`compact`](Self::compact) that reports how far it is: `progress` gets the bytes of vectors and payloads written
    /// and all, at first 0, then about every mebibyte, in the end all. In a memory without a folder, only the first and
    /// the last. What it may do is said at [`consolidate_with_progress`](Self::consolidate_with_progress).
    ///
    /// # Errors
    ///
    /// As [`compact`](Self::compact).
    pub fn compact_with_progress(&self, mut progress: impl FnMut(u64, u64)) -> Result<(), MemoryError> {
        let mut writer = self.shared.writer()?;
        let base = self.shared.base(&mut writer)?;
        let bytes = bytes_to_keep(&base, base.living());
        let mut writing = Progress::of_last(bytes, bytes, &mut progress);
        let kept = base.all_kept();
        let living = Keep { kept: &kept, merged: &[] };
        self.shared.keep(&mut writer, &base, living, &[], &mut |bytes| writing.advance(bytes))?;
        writing.finish();
        Ok(())
    }
}

/// The bytes of some episodes' vectors and payloads: the work of keeping them.
pub(crate) fn bytes_to_keep(state: &State, slots: impl Iterator<Item = usize>) -> u64 {
    slots.map(|slot| (HV16::BYTES + state.payload_len(slot)) as u64).sum()
}

/// A part of some work that is done step by step, and reported against all of it.
pub(crate) struct Progress<'a> {
    done: u64,
    all: u64,
    report: &'a mut dyn FnMut(u64, u64),
}

impl<'a> Progress<'a> {
    /// The last `left` of all the work remain to be done.
    pub(crate) fn of_last(left: u64, all: u64, report: &'a mut dyn FnMut(u64, u64)) -> Self {
        let mut progress = Self { done: all - left, all, report };
        progress.advance(0);
        progress
    }

    pub(crate) fn advance(&mut self, by: u64) {
        self.done = self.all.min(self.done + by);
        (self.report)(self.done, self.all);
    }

    pub(crate) fn finish(mut self) {
        self.advance(self.all);
    }
}
