//! What the loops of every backend share: their types, and the plain read.

use alloc::vec::Vec;

use hv_core::HV16;

use crate::arch::lane::Lane;
use crate::lanes;

/// The total of the distances of a query to some vectors.
pub type XorPopcount = fn(&HV16, &[HV16]) -> u64;

/// The OR of all 64-bit words of some vectors.
pub type Read = fn(&[HV16]) -> u64;

/// The loops of one backend, each with the name of its form.
#[derive(Debug)]
pub struct Limits {
    /// Forms of the xor-popcount-add loop.
    pub xor_popcount: Vec<(&'static str, XorPopcount)>,
    /// Forms of the plain read.
    pub read: Vec<(&'static str, Read)>,
}

/// The OR of all words, in parts of the memory that are read in step, each line fetched before if `FETCHED`. One
/// accumulator a lane of a vector, so that nothing waits for anything but memory.
#[inline(always)]
pub(super) fn read_streams<L: Lane, const N: usize, const STREAMS: usize, const FETCHED: bool>(
    l: L,
    vectors: &[HV16],
) -> u64 {
    let vectors: &[[L::Bits; N]] = lanes::views(vectors);
    let part = vectors.len() / STREAMS;
    let mut seen = [l.splat(0); N];
    for i in 0..part {
        for stream in 0..STREAMS {
            see::<L, N, FETCHED>(l, &mut seen, &vectors[stream * part + i]);
        }
    }
    for v in &vectors[STREAMS * part..] {
        see::<L, N, FETCHED>(l, &mut seen, v);
    }
    lanes::numbers(&seen).iter().fold(0, |a, b: &u64| a | b)
}

#[inline(always)]
fn see<L: Lane, const N: usize, const FETCHED: bool>(l: L, seen: &mut [L::Bits; N], v: &[L::Bits; N]) {
    if FETCHED {
        lanes::fetch_ahead(v);
    }
    for (seen, &lane) in seen.iter_mut().zip(v) {
        *seen = l.or(*seen, lane);
    }
}
