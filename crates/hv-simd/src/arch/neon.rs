//! 128-bit lanes of 64-bit Arm, which count the ones of each byte.

pub(crate) mod lanes;
pub(super) mod table;
