//! The loops on 128-bit lanes of WebAssembly. What each form costs stands in the backend's kernel file.

use alloc::vec;
use core::arch::wasm32::*;

use hv_core::HV16;

use crate::arch::simd128::lanes::Simd128;
use crate::lanes;
use crate::limits::loops::{self, Limits};

pub(super) fn limits() -> Limits {
    Limits {
        xor_popcount: vec![("counts of bytes", counts_of_bytes)],
        read: vec![("1 stream", read_streams::<1, false>), ("4 streams", read_streams::<4, false>)],
    }
}

#[target_feature(enable = "simd128")]
fn read_streams<const STREAMS: usize, const FETCHED: bool>(vectors: &[HV16]) -> u64 {
    loops::read_streams::<_, 16, STREAMS, FETCHED>(Simd128::new(), vectors)
}

/// Each of the sixteen lanes is counted.
fn counts_of_bytes(query: &HV16, vectors: &[HV16]) -> u64 {
    let query: &[v128; 16] = lanes::view(query);
    let mut total = u64x2_splat(0);
    for v in vectors {
        let mut bytes = u8x16_splat(0); // at most 16 times 8
        for (&q, &lane) in query.iter().zip(lanes::view::<_, [v128; 16]>(v)) {
            bytes = u8x16_add(bytes, u8x16_popcnt(v128_xor(q, lane)));
        }
        let words = u32x4_extadd_pairwise_u16x8(u16x8_extadd_pairwise_u8x16(bytes));
        total = u64x2_add(total, u64x2_extend_low_u32x4(words));
        total = u64x2_add(total, u64x2_extend_high_u32x4(words));
    }
    u64x2_extract_lane::<0>(total) + u64x2_extract_lane::<1>(total)
}
