//! What this CPU could do at best: the loops that benchmarks compare the kernels with.

use hv_core::HV16;

/// The total of the distances of a query to some vectors.
pub type XorPopcount = fn(&HV16, &[HV16]) -> u64;

/// The OR of all 64-bit words of some vectors.
pub type Read = fn(&[HV16]) -> u64;

/// The distances of a query to some vectors, written to a slice of the same length.
pub type Distances = fn(&HV16, &[HV16], &mut [u16]);

/// The loops of one backend.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A distance of the backend without its horizontal reduction, its comparison and its result. So no exact kernel that
    /// counts the bits of each pair can be faster by more than noise, given vectors in L1. The kernels for many queries do
    /// not count them, and can.
    pub xor_popcount: XorPopcount,
    /// A scan reads each cache line once too, so none can be faster than the fastest of these over vectors beyond the
    /// caches. Which that is depends on the CPU's prefetchers.
    pub reads: [Read; 5],
    /// The distances of one query, by how many bytes ahead vectors are fetched; with 0 they are not.
    pub distances: [(usize, Distances); 5],
    /// How many bytes ahead the kernels fetch, one of these.
    pub ahead: usize,
}
