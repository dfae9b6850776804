//! What hv-encode is built on: batches of anything under the thresholds.
//!
//! For crates of this workspace alone: everything here may change with any release.

pub use crate::adaptive_map::adaptive_map;
