//! 128-bit lanes of WebAssembly, which count the ones of each byte.

pub(crate) mod lanes;
pub(super) mod table;
