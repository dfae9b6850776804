//! 512-bit lanes, with VPOPCNTQ (AVX-512 F, BW, VL, VPOPCNTDQ).

mod counting;
pub(crate) mod lanes;
pub(super) mod table;
