//! Consolidation and compaction: what stays, and a state of that alone.

use crate::analysis::{ConsolidatePolicy, consolidation_plan};
use crate::arena::{State, Survivor};
use crate::{EpisodeId, MemoryError};

/// What a consolidation did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Consolidation {
    /// How many episodes stay.
    pub kept: usize,
    /// The episodes whose strength fell below the floor; gone.
    pub faded: Vec<EpisodeId>,
    /// The episodes that were merged into another, and that one; the former are gone.
    pub absorbed: Vec<(EpisodeId, EpisodeId)>,
    /// The weakest beyond the capacity; gone.
    pub surplus: Vec<EpisodeId>,
}

/// Plans a consolidation: the episodes that stay as they will be, and the report.
pub(crate) fn plan(
    state: &State,
    policy: &ConsolidatePolicy,
    now: i64,
) -> Result<(Vec<Survivor>, Consolidation), MemoryError> {
    let plan = consolidation_plan(state, policy, now)?;
    let mut merged = plan.merged.into_iter().peekable();
    let survivors: Vec<Survivor> = plan
        .kept
        .iter()
        .map(|kept| {
            // Both are in order of slot.
            let vector = merged.next_if(|&(slot, _)| slot == kept.slot).map(|(_, vector)| Box::new(vector));
            Survivor { slot: kept.slot, strength: kept.strength, updated: kept.updated, vector }
        })
        .collect();
    let ids = |slots: Vec<usize>| slots.into_iter().map(|slot| state.id(slot)).collect();
    let report = Consolidation {
        kept: survivors.len(),
        faded: ids(plan.faded),
        absorbed: plan.absorbed.into_iter().map(|(slot, by)| (state.id(slot), state.id(by))).collect(),
        surplus: ids(plan.surplus),
    };
    Ok((survivors, report))
}

/// Every living episode as it is.
pub(crate) fn all_living(state: &State) -> Vec<Survivor> {
    let living = (0..state.slots()).filter(|&slot| !state.is_dead(slot));
    living
        .map(|slot| {
            let vital = state.vital(slot);
            Survivor { slot, strength: vital.strength, updated: vital.updated, vector: None }
        })
        .collect()
}
