//! What can be computed from episodes, apart from how they are stored: pure functions.
//!
//! Nothing here changes or stores anything, and no result depends on threads or hash seeds.

mod causal_chain;
mod coactivations;
mod columns;
mod consolidation_plan;
mod fading;
mod hypergeometric;
mod merge;
#[cfg(test)]
mod tests;

pub(crate) use causal_chain::causal_chain;
pub use causal_chain::{CausalChain, CausalPolicy};
pub use coactivations::{Coactivation, coactivations};

#[cfg(test)]
pub(crate) use columns::Columns;
pub use consolidation_plan::ConsolidatePolicy;
pub(crate) use consolidation_plan::{ConsolidationPlan, consolidation_plan};
pub(crate) use fading::{check_half_life, faded, half_life_micros};
pub use hypergeometric::PlaneCut;
