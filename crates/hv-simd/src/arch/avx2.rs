//! 256-bit lanes.

mod counting;
pub(crate) mod lanes;
pub(super) mod table;
