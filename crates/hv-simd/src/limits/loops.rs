//! What the loops of every backend share: their types, and the plain read.

use hv_core::HV16;

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
