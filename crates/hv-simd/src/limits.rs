//! What this CPU could do at best: the loops that benchmarks hold the kernels against.
//!
//! Not part of the public interface (hidden from the documentation, free to change): it lives here because it needs
//! the lanes and the CPU features, and nothing that computes a result calls it. Two bounds:
//!
//! - [`Limits::xor_popcount`]: the differing bits of a query and some vectors, as one total. That is a distance
//!   without its horizontal reduction, its comparison and its result, so no exact kernel of the same backend that
//!   counts the bits of each pair can beat the best form by more than noise, given vectors that lie in L1. The kernels
//!   for many queries do not count them, and go below.
//! - [`Limits::read`]: the OR of all lines of some memory. A scan reads each line once too, so none can be faster
//!   over vectors that lie beyond the caches. Which variant is best depends on the CPU's prefetchers, so there are a
//!   few, and the best one counts.

use hv_core::HV16;

use crate::{Kernels, lanes};

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

impl Limits {
    /// The loops of the backend whose table this is; holding it is the proof that the CPU can run them.
    #[must_use]
    #[allow(unsafe_code)]
    pub fn of(kernels: &Kernels) -> Self {
        match kernels.backend() {
            #[cfg(all(target_arch = "x86_64", not(hv_portable)))]
            // SAFETY: a table exists only where detection found every feature of its backend, and the loops enable
            // no others.
            crate::Backend::Sse2 => unsafe { x86::sse2::limits() },
            #[cfg(all(target_arch = "x86_64", not(hv_portable)))]
            // SAFETY: as above.
            crate::Backend::Avx2 => unsafe { x86::avx2::limits() },
            #[cfg(all(target_arch = "x86_64", not(hv_portable)))]
            // SAFETY: as above.
            crate::Backend::Avx512 => unsafe { x86::avx512::limits() },
            _ => scalar::limits(),
        }
    }
}

/// Makes `read_streams` for a lane type: one accumulator a lane of a vector, so that nothing waits for anything but
/// memory.
macro_rules! reads {
    ($(#[$features:meta])* $lane:ty, $view:path, $view_mut:path, $zero:expr, $or:path, $fetch:expr) => {
        /// Reads `STREAMS` parts of the memory in step, each line fetched before if `FETCHED`.
        $(#[$features])*
        fn read_streams<const STREAMS: usize, const FETCHED: bool>(vectors: &[HV16]) -> u64 {
            let part = vectors.len() / STREAMS;
            let mut seen = [$zero; size_of::<HV16>() / size_of::<$lane>()];
            let mut see = |v: &HV16| {
                if FETCHED {
                    $fetch(v);
                }
                for (seen, &lane) in seen.iter_mut().zip($view(v)) {
                    *seen = $or(*seen, lane);
                }
            };
            for i in 0..part {
                for stream in 0..STREAMS {
                    see(&vectors[stream * part + i]);
                }
            }
            vectors[STREAMS * part..].iter().for_each(see);
            let mut total = HV16::ZERO;
            *$view_mut(&mut total) = seen;
            lanes::words(&total).iter().fold(0, |a, b| a | b)
        }
    };
}

#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
mod x86;

/// Plain Rust on 64-bit words.
mod scalar {
    use super::*;

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
}

#[cfg(test)]
mod tests {
    use hv_core::reference;

    use super::*;
    use crate::Backend;

    /// Every form on every backend against the obvious; a loop that skips work would make the kernels look bad.
    #[test]
    fn every_form_does_all_of_its_work() {
        let query = HV16::random(1_000);
        for n in [0, 1, 2, 3, 7, 8, 9, 64, 67] {
            let vectors: Vec<HV16> = (0..n).map(HV16::random).collect();
            let distances: u64 = vectors.iter().map(|v| u64::from(reference::hamming(&query, v))).sum();
            let seen = vectors.iter().flat_map(lanes::words).fold(0, |a, b| a | b);
            for kernels in Backend::ALL.into_iter().filter_map(Kernels::for_backend) {
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
            for kernels in Backend::ALL.into_iter().filter_map(Kernels::for_backend) {
                for (form, read) in Limits::of(kernels).read {
                    assert_eq!(read(&vectors), 1 << (at * 107 % 64), "{kernels:?} {form}, bit in vector {at}");
                }
            }
        }
    }
}
