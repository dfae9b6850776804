//! What a recollection does to the episodes that it finds.

use std::time::Duration;

use crate::analysis::{check_half_life, faded, half_life_micros};
use crate::arena::Mutable;
use crate::policy_error::{PolicyError, check};

/// How a recollection strengthens: the strength fades to the time of the retrieval, and then a boost is added.
///
/// With the same half-life here and in [`ConsolidatePolicy`](crate::ConsolidatePolicy), a strength depends on when its
/// episode was recollected, and not on how often or when the memory was consolidated. Without one, which is the default, a
/// recollection forgives the fading since the last update: it adds to what the strength was then, and from then on the
/// strength fades again.
///
/// ```
/// use std::time::Duration;
/// use hv_memory::{Conditions, EpisodicMemory, HV16, NewEpisode, RecollectPolicy};
///
/// let (month, today) = (Duration::from_secs(30 * 86_400), 1_700_000_000_000_000);
/// let memory = EpisodicMemory::in_memory();
/// let (content, time) = (HV16::random(7), today - month.as_micros() as i64);
/// memory.store(NewEpisode { content, time, ..NewEpisode::default() })?;
/// let policy = RecollectPolicy::new().half_life(month);
/// let found = memory.recollect(&content, 1, &Conditions::new(), &policy, today)?;
/// assert_eq!(memory.get(found[0].id)?.unwrap().strength, 0.5 + 0.1);
/// # Ok::<(), hv_memory::MemoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecollectPolicy {
    boost: f64,
    cap: f64,
    half_life: Option<Duration>,
}

impl Default for RecollectPolicy {
    fn default() -> Self {
        Self { boost: 0.1, cap: 10.0, half_life: None }
    }
}

impl RecollectPolicy {
    /// The defaults: a boost of 0.1 up to a strength of 10, and no fading before it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is added to the strength; 0 or more. 0.1 by default.
    #[must_use]
    pub fn boost(mut self, boost: f64) -> Self {
        self.boost = boost;
        self
    }

    /// The strength beyond which nothing is added; at least 1. 10 by default.
    #[must_use]
    pub fn cap(mut self, cap: f64) -> Self {
        self.cap = cap;
        self
    }

    /// The time in which a strength halves; more than 0.
    #[must_use]
    pub fn half_life(mut self, half_life: Duration) -> Self {
        self.half_life = Some(half_life);
        self
    }

    /// Lets nothing fade before the boost. The default.
    #[must_use]
    pub fn without_fading(mut self) -> Self {
        self.half_life = None;
        self
    }

    /// Checks that every setting is in range.
    ///
    /// # Errors
    ///
    /// If a setting is NaN or out of its range.
    pub fn validate(&self) -> Result<(), PolicyError> {
        check("boost", self.boost, |boost| boost >= 0.0 && boost.is_finite(), "a finite number, 0 or more")?;
        check("cap", self.cap, |cap| cap >= 1.0 && cap.is_finite(), "a finite number, 1 or more")?;
        check_half_life(self.half_life)
    }

    /// An episode after a retrieval at `now`, or at the last update where that is later. Strength over the cap, as
    /// merging may leave it, stays.
    pub(crate) fn strengthened(&self, mutable: Mutable, now: i64) -> Mutable {
        let faded = faded(mutable.strength, mutable.updated, now, half_life_micros(self.half_life));
        let strength = (faded + self.boost).min(self.cap).max(faded);
        Mutable { strength, updated: mutable.updated.max(now), ..mutable }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::episodes;
    use crate::{Conditions, EpisodeId, EpisodicMemory, HV16};

    /// What counts is known when a store is opened, so that the next recollection does not read the log to find out.
    #[test]
    fn a_store_that_is_opened_knows_what_of_its_log_counts() {
        let folder = tempfile::tempdir().unwrap();
        let trims = |memory: &EpisodicMemory| memory.shared.state.load().log.may_be_trimmed();
        let memory = EpisodicMemory::open(folder.path()).unwrap();
        memory.store_batch(&episodes(0..5)).unwrap();
        for now in 0..4 {
            memory.recollect(&HV16::ZERO, 5, &Conditions::new(), &RecollectPolicy::default(), now).unwrap();
        }
        assert!(!trims(&memory));
        drop(memory);
        let memory = EpisodicMemory::open(folder.path()).unwrap();
        assert!(memory.stats().retrievals == 20 && !trims(&memory));
        memory.compact().unwrap();
        assert!(memory.stats().retrievals == 20 && !trims(&memory), "all that a compaction keeps counts");
        memory.forget(&[0, 1, 2, 3].map(EpisodeId)).unwrap();
        drop(memory);
        assert!(trims(&EpisodicMemory::open(folder.path()).unwrap()), "4 of 20 count");
    }
}
