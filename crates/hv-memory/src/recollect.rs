//! What a recollection does to the episodes that it finds, and the log that it leaves.

use std::collections::HashMap;

use crate::analysis::check;
use crate::arena::{State, Vital};
use crate::{EpisodeId, MemoryError};

/// How a recollection strengthens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecollectPolicy {
    /// What is added to the strength; 0 or more. 0.1 by default.
    pub boost: f64,
    /// The strength beyond which nothing is added; at least 1. 10 by default.
    pub cap: f64,
}

impl Default for RecollectPolicy {
    fn default() -> Self {
        Self { boost: 0.1, cap: 10.0 }
    }
}

impl RecollectPolicy {
    pub(crate) fn check(&self) -> Result<(), MemoryError> {
        check("boost", self.boost, |boost| boost >= 0.0 && boost.is_finite(), "a finite number, 0 or more")?;
        Ok(check("cap", self.cap, |cap| cap >= 1.0 && cap.is_finite(), "a finite number, 1 or more")?)
    }

    /// An episode after a retrieval at `now`. Strength over the cap, as merging may leave it, stays.
    pub(crate) fn strengthened(&self, vital: Vital, now: i64) -> Vital {
        let strength = (vital.strength + self.boost).min(self.cap).max(vital.strength);
        Vital { strength, updated: vital.updated.max(now), ..vital }
    }
}

/// The retrievals of living episodes in the order of the log: of each episode the last ones, as many as count.
pub(crate) fn retrievals(state: &State) -> Result<Vec<(EpisodeId, i64)>, MemoryError> {
    let mut events = state.log.read()?;
    let mut left: HashMap<EpisodeId, usize> = HashMap::new();
    for &(id, _) in &events {
        *left.entry(id).or_default() += 1;
    }
    events.retain(|&(id, _)| {
        let Some(count) = left.get_mut(&id) else { return false };
        *count -= 1;
        // `count` more come behind this one.
        *count < state.log.kept && state.slot(id).is_some()
    });
    Ok(events)
}
