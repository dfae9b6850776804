//! The analyses against their obvious forms.

mod causal_chain;
mod coactivations;
mod consolidation_plan;
mod plane_cut;
mod rows;
