//! 128-bit lanes, for every x86-64 CPU: no population count, no byte shuffle.

pub(crate) mod adders;
mod counting;
pub(super) mod table;
mod transposed;
