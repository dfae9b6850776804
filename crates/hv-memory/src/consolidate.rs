//! Consolidation and compaction: what stays, and a state of that alone.

use std::mem::take;

use crate::analysis::{ConsolidatePolicy, ConsolidationPlan, Kept, consolidation_plan};
use crate::arena::{State, Vital};
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

/// Plans a consolidation: what stays, as it will be, and the report.
pub(crate) fn plan(
    state: &State,
    policy: &ConsolidatePolicy,
    now: i64,
) -> Result<(ConsolidationPlan, Consolidation), MemoryError> {
    let mut plan = consolidation_plan(state, policy, now)?;
    let ids = |slots: &mut Vec<usize>| take(slots).into_iter().map(|slot| state.id(slot)).collect();
    let report = Consolidation {
        kept: plan.kept.len(),
        faded: ids(&mut plan.faded),
        absorbed: take(&mut plan.absorbed).into_iter().map(|(slot, by)| (state.id(slot), state.id(by))).collect(),
        surplus: ids(&mut plan.surplus),
    };
    Ok((plan, report))
}

/// Every living episode as it is.
pub(crate) fn all_living(state: &State) -> ConsolidationPlan {
    let as_it_is = |slot| {
        let Vital { strength, updated, .. } = state.vital(slot);
        Kept { slot, strength, updated }
    };
    let living = (0..state.slots()).filter(|&slot| !state.is_dead(slot));
    ConsolidationPlan { kept: living.map(as_it_is).collect(), ..ConsolidationPlan::default() }
}
