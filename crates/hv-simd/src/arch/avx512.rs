//! 512-bit lanes, with VPOPCNTQ (AVX-512 F, BW, VL, VPOPCNTDQ).

pub(crate) mod adders;
mod counting;
pub(super) mod table;
mod transposed;
