//! The loops in plain Rust on 64-bit words.

use alloc::vec;

use hv_core::HV16;

use crate::arch::scalar::lanes::Scalar;
use crate::lanes;
use crate::limits::loops::{self, Limits};

pub(super) fn limits() -> Limits {
    Limits {
        xor_popcount: vec![("words", words)],
        read: vec![("1 stream", read_streams::<1, false>), ("4 streams", read_streams::<4, false>)],
    }
}

fn words(query: &HV16, vectors: &[HV16]) -> u64 {
    let query = lanes::words(query);
    let distance = |v| query.iter().zip(lanes::words(v)).map(|(a, b)| u64::from((a ^ b).count_ones())).sum::<u64>();
    vectors.iter().map(distance).sum()
}

fn read_streams<const STREAMS: usize, const FETCHED: bool>(vectors: &[HV16]) -> u64 {
    loops::read_streams::<_, 32, STREAMS, FETCHED>(Scalar::new(), vectors)
}
