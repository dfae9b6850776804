//! What benchmarks compare with, and what they search: the limits of a device, and random vectors.

use hv_parallel::HV16;

/// What a device can do at most, measured by kernels that do nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Bytes of its memory that it reads a second.
    pub read: f64,
    /// Bytes that come over the bus a second, from memory of the host that is pinned.
    pub upload: f64,
    /// 32-bit words a second whose ones it counts.
    pub counted: f64,
    /// Pairs of vectors a second whose common ones its tensor cores count, where it has such.
    pub compared: Option<f64>,
}

/// A random vector: its word `w` of 64 bits, little-endian, is SplitMix64 at `32 i + w`.
#[must_use]
pub fn random_vector(i: usize) -> HV16 {
    let mut vector = HV16::ZERO;
    for (w, bytes) in (0..).zip(vector.0.chunks_exact_mut(8)) {
        let word = (i as u64 * 32 + w).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.copy_from_slice(&(word ^ word >> 31).to_le_bytes());
    }
    vector
}
