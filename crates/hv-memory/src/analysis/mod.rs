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
mod policy_error;

pub use causal_chain::{CausalChain, CausalPolicy, causal_chain};
pub use coactivations::{Coactivation, coactivations};
pub use columns::{Columns, TimeOrder};
pub use consolidation_plan::{
    ConsolidatePolicy, ConsolidationPlan, Kept, consolidation_plan, consolidation_plan_with_progress,
};
pub(crate) use fading::faded;
pub use hypergeometric::PlaneCut;
pub use policy_error::PolicyError;
pub(crate) use policy_error::check;
