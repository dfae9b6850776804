//! 256-bit lanes.

pub(crate) mod adders;
mod counting;
pub(super) mod table;
mod transposed;
