//! Plain Rust on 64-bit words, for every CPU.

mod counting;
pub(crate) mod lanes;
pub(super) mod table;
#[cfg(all(feature = "std", target_endian = "little"))]
mod tiles;
