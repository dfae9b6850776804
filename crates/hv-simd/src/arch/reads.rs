//! The plain read of memory, which benchmarks compare the kernels with.

use hv_core::HV16;

use crate::arch::lane::Lane;
use crate::lanes;

/// The OR of all words, in `STREAMS` parts of the memory that are read in step, each vector fetched ahead if `FETCHED`. Each
/// lane of a vector has an accumulator, so that nothing waits for anything but memory.
#[inline(always)]
pub(super) fn read<L: Lane, const N: usize, const STREAMS: usize, const FETCHED: bool>(l: L, vectors: &[HV16]) -> u64 {
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
