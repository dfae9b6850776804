//! What a recollection does to the episodes that it finds.

use crate::analysis::faded;
use crate::arena::Vital;
use crate::policy_error::{PolicyError, check};

/// How a recollection strengthens: the strength fades to the time of the retrieval, and then `boost` is added.
///
/// With the same half-life here and in [`ConsolidatePolicy`](crate::ConsolidatePolicy), a strength depends on when its
/// episode was recollected, and not on how often or when the memory was consolidated. With the infinite one, which is
/// the default, a recollection forgives the fading since the last update: it adds to what the strength was then, and
/// from then on the strength fades anew.
///
/// ```
/// use hv_memory::{Conditions, ConsolidatePolicy, EpisodicMemory, HV16, NewEpisode, RecollectPolicy};
///
/// let (day, today) = (86_400_000_000, 1_700_000_000_000_000);
/// let memory = EpisodicMemory::in_memory();
/// let content = HV16::random(7);
/// memory.store(NewEpisode { content, time: today - 30 * day, valence: 0.0, payload: vec![], ..NewEpisode::default() })?;
/// let policy = RecollectPolicy { half_life: ConsolidatePolicy::default().half_life, ..RecollectPolicy::default() };
/// let found = memory.recollect(&content, 1, &Conditions::new(), &policy, today)?;
/// assert_eq!(memory.get(found[0].id)?.unwrap().strength, 0.5 + 0.1);
/// # Ok::<(), hv_memory::MemoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecollectPolicy {
    /// What is added to the strength; 0 or more. 0.1 by default.
    pub boost: f64,
    /// The strength beyond which nothing is added; at least 1. 10 by default.
    pub cap: f64,
    /// The time in which a strength halves, in microseconds; more than 0. Infinite by default: nothing fades before the
    /// boost.
    pub half_life: f64,
}

impl Default for RecollectPolicy {
    fn default() -> Self {
        Self { boost: 0.1, cap: 10.0, half_life: f64::INFINITY }
    }
}

impl RecollectPolicy {
    /// Whether every setting can be meant.
    ///
    /// # Errors
    ///
    /// If a setting is NaN or out of its range.
    pub fn validate(&self) -> Result<(), PolicyError> {
        check("boost", self.boost, |boost| boost >= 0.0 && boost.is_finite(), "a finite number, 0 or more")?;
        check("cap", self.cap, |cap| cap >= 1.0 && cap.is_finite(), "a finite number, 1 or more")?;
        check("half_life", self.half_life, |h| h > 0.0, "a number of microseconds, more than 0")
    }

    /// An episode after a retrieval at `now`, or at the last update where that is later. Strength over the cap, as
    /// merging may leave it, stays.
    pub(crate) fn strengthened(&self, vital: Vital, now: i64) -> Vital {
        let faded = faded(vital.strength, vital.updated, now, self.half_life);
        let strength = (faded + self.boost).min(self.cap).max(faded);
        Vital { strength, updated: vital.updated.max(now), ..vital }
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
