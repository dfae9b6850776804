//! 128-bit lanes, for every x86-64 CPU: no population count, no byte shuffle.

mod counting;
pub(crate) mod lanes;
pub(super) mod table;
