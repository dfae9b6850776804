//! What a consolidation would do, by id.

use std::mem::take;

use hv_parallel::Progress;

use crate::analysis::{ConsolidatePolicy, ConsolidationPlan, consolidation_plan};
use crate::arena::State;
use crate::episode::EpisodeId;
use crate::error::{MemoryError, advance};

/// What a consolidation did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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

/// Plans a consolidation: what stays, as it will be, and the report. `progress` starts with the pairs to settle and the
/// work that the caller has left to do after that.
pub(crate) fn plan(
    state: &State,
    policy: &ConsolidatePolicy,
    now: i64,
    after: u64,
    progress: &Progress,
) -> Result<(ConsolidationPlan, Consolidation), MemoryError> {
    let mut plan = consolidation_plan(state, policy, now, after, progress)?;
    advance(progress, 0)?;
    let ids = |slots: &mut Vec<usize>| take(slots).into_iter().map(|slot| state.id(slot)).collect();
    let report = Consolidation {
        kept: plan.kept.len(),
        faded: ids(&mut plan.faded),
        absorbed: take(&mut plan.absorbed).into_iter().map(|(slot, by)| (state.id(slot), state.id(by))).collect(),
        surplus: ids(&mut plan.surplus),
    };
    Ok((plan, report))
}
