//! The loops that benchmarks compare the kernels with do all of their work: one that skips some would make the kernels look
//! bad.

use hv_core::{HV16, reference};
use hv_simd::Backend;
use hv_simd::workspace_internals::Kernels;

fn tables() -> impl Iterator<Item = &'static Kernels> {
    Backend::ALL.iter().copied().filter_map(Kernels::for_backend)
}

fn words(v: &HV16) -> impl Iterator<Item = u64> {
    v.0.as_chunks().0.iter().map(|&bytes| u64::from_ne_bytes(bytes))
}

#[test]
fn every_form_does_all_of_its_work() {
    let query = HV16::random(1_000);
    for n in [0, 1, 2, 3, 7, 8, 9, 64, 67] {
        let vectors: Vec<HV16> = (0..n).map(HV16::random).collect();
        let distances: Vec<u16> = vectors.iter().map(|v| reference::hamming(&query, v) as u16).collect();
        let total = distances.iter().copied().map(u64::from).sum();
        let seen = vectors.iter().flat_map(words).fold(0, |a, b| a | b);
        for kernels in tables() {
            let limits = kernels.limits();
            assert_eq!((limits.xor_popcount)(&query, &vectors), total, "{kernels:?}, {n} vectors");
            for (form, read) in limits.reads.iter().enumerate() {
                assert_eq!(read(&vectors), seen, "{kernels:?}, form {form}, {n} vectors");
            }
            for (ahead, distances_into) in limits.distances {
                let mut out = vec![u16::MAX; vectors.len()];
                distances_into(&query, &vectors, &mut out);
                assert_eq!(out, distances, "{kernels:?}, {ahead} bytes ahead, {n} vectors");
            }
            assert!(limits.distances.iter().any(|&(ahead, _)| ahead == limits.ahead), "{kernels:?}");
        }
    }
}

/// A single bit anywhere is read.
#[test]
fn a_read_reaches_every_line() {
    for at in 0..19 {
        let mut vectors = [HV16::ZERO; 19];
        vectors[at].set_bit(at * 107, true);
        let expected = words(&vectors[at]).fold(0, |a, b| a | b);
        for kernels in tables() {
            for (form, read) in kernels.limits().reads.iter().enumerate() {
                assert_eq!(read(&vectors), expected, "{kernels:?}, form {form}, bit in vector {at}");
            }
        }
    }
}
