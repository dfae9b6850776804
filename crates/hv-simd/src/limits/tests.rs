use alloc::vec::Vec;

use hv_core::{HV16, reference};

use crate::backend::Backend;
use crate::kernels::Kernels;
use crate::lanes;
use crate::limits::loops::Limits;

/// Every form on every backend against the obvious; a loop that skips work would make the kernels look bad.
#[test]
fn every_form_does_all_of_its_work() {
    let query = HV16::random(1_000);
    for n in [0, 1, 2, 3, 7, 8, 9, 64, 67] {
        let vectors: Vec<HV16> = (0..n).map(HV16::random).collect();
        let distances: u64 = vectors.iter().map(|v| u64::from(reference::hamming(&query, v))).sum();
        let seen = vectors.iter().flat_map(lanes::words).fold(0, |a, b| a | b);
        for kernels in Backend::ALL.iter().copied().filter_map(Kernels::for_backend) {
            let limits = Limits::of(kernels);
            for (form, total) in limits.xor_popcount {
                assert_eq!(total(&query, &vectors), distances, "{kernels:?} {form}, {n} vectors");
            }
            for (form, read) in limits.read {
                assert_eq!(read(&vectors), seen, "{kernels:?} {form}, {n} vectors");
            }
        }
    }
}

/// A single bit anywhere is read.
#[test]
fn a_read_reaches_every_line() {
    for at in 0..19 {
        let mut vectors = [HV16::ZERO; 19];
        vectors[at].set_bit(at * 107, true);
        for kernels in Backend::ALL.iter().copied().filter_map(Kernels::for_backend) {
            for (form, read) in Limits::of(kernels).read {
                assert_eq!(read(&vectors), 1 << (at * 107 % 64), "{kernels:?} {form}, bit in vector {at}");
            }
        }
    }
}
