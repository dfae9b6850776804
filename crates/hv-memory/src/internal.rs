//! What the workspace's own tools measure and draw. Not part of the interface: it may change with any release.

pub use crate::analysis::{PlaneCut, coactivations};
pub use crate::planner::Costs;
