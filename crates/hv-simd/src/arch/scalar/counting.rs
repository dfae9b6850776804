//! Distances by counting the differing bits of each pair, word by word.
//!
//! Mix: 32 xors, population counts and adds a distance. Without a POPCNT instruction (x86-64 before its v2) the
//! compiler's count takes a dozen operations a word, and those bound it.

use hv_core::HV16;

use crate::bound::Bound;
use crate::lanes;
use crate::prefix::Prefix;
use crate::report::{OnMatch, OnPrefix, report_below, report_prefixes_below};

pub(super) fn hamming(a: &HV16, b: &HV16) -> u32 {
    lanes::words(a).iter().zip(lanes::words(b)).map(|(a, b)| (a ^ b).count_ones()).sum()
}

pub(super) fn similarity(a: &HV16, b: &HV16) -> f32 {
    crate::similarity::similarity_of_distance(hamming(a, b) as u16)
}

pub(super) fn distances_into<const AHEAD: usize>(query: &HV16, targets: &[HV16], out: &mut [u16]) {
    for (out, target) in out.iter_mut().zip(targets) {
        lanes::fetch_bytes_ahead::<AHEAD, _>(target);
        *out = hamming(query, target) as u16;
    }
}

/// The differing bits of a query and some vectors as one total, which benchmarks compare the kernels with.
#[cfg(feature = "std")]
pub(super) fn xor_popcount(query: &HV16, vectors: &[HV16]) -> u64 {
    vectors.iter().map(|v| u64::from(hamming(query, v))).sum()
}

pub(super) fn scan_tile(queries: &[HV16], memory: &[HV16], first: usize, bounds: &mut [Bound], report: OnMatch<'_>) {
    for (q, (query, bound)) in queries.iter().zip(bounds).enumerate() {
        for (i, v) in memory.iter().enumerate() {
            let distance = hamming(query, v) as u16;
            if bound.admits(distance) {
                report_below(&[distance], q, first + i, bound, report);
            }
        }
    }
}

pub(super) fn scan_prefixes(query: &Prefix, plane: &[Prefix], first: usize, bound: &mut Bound, report: OnPrefix<'_>) {
    for (i, prefix) in plane.iter().enumerate() {
        let pairs = lanes::prefix_words(query).iter().zip(lanes::prefix_words(prefix));
        let distance = pairs.map(|(a, b)| (a ^ b).count_ones()).sum::<u32>() as u16;
        if bound.admits(distance) {
            report_prefixes_below(&[distance], first + i, bound, report);
        }
    }
}
