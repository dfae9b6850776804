//! The loops on 128-bit lanes of 64-bit Arm. What each form costs stands in the backend's kernel file.

use alloc::vec;
use core::arch::aarch64::*;

use hv_core::HV16;

use crate::arch::neon::lanes::Neon;
use crate::lanes;
use crate::limits::loops::{self, Limits};

#[target_feature(enable = "neon")]
pub(super) fn limits() -> Limits {
    Limits {
        xor_popcount: vec![("counts of bytes", counts_of_bytes)],
        read: vec![
            ("1 stream", read_streams::<1, false>),
            ("4 streams", read_streams::<4, false>),
            ("fetched ahead", read_streams::<1, true>),
        ],
    }
}

#[target_feature(enable = "neon")]
fn read_streams<const STREAMS: usize, const FETCHED: bool>(vectors: &[HV16]) -> u64 {
    loops::read_streams::<_, 16, STREAMS, FETCHED>(Neon::new(), vectors)
}

/// Each of the sixteen lanes is counted.
#[target_feature(enable = "neon")]
fn counts_of_bytes(query: &HV16, vectors: &[HV16]) -> u64 {
    let query: &[uint64x2_t; 16] = lanes::view(query);
    let mut total = vdupq_n_u32(0);
    let mut sum = 0;
    // So few that the sums of words, of 512 more at a time, cannot overflow.
    for vectors in vectors.chunks(1 << 20) {
        for v in vectors {
            let mut bytes = vdupq_n_u8(0); // at most 16 times 8
            for (&q, &lane) in query.iter().zip(lanes::view::<_, [uint64x2_t; 16]>(v)) {
                bytes = vaddq_u8(bytes, vcntq_u8(vreinterpretq_u8_u64(veorq_u64(q, lane))));
            }
            total = vpadalq_u16(total, vpaddlq_u8(bytes));
        }
        sum += vaddlvq_u32(total);
        total = vdupq_n_u32(0);
    }
    sum
}
