//! The loops in plain Rust on 64-bit words.

use hv_core::HV16;

use crate::lanes;
use crate::limits::loops::Limits;

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

reads!(u64, lanes::words, lanes::words_mut, 0, std::ops::BitOr::bitor, |_| ());
