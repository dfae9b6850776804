//! Other libraries on the same vectors, with the feature `peers`; none without it.
//!
//! Neither of them searches: nearest and top-k are made of their distances as a careful user would, into a buffer
//! that is kept, with a heap bounded to k.

use hv_parallel::HV16;
use hv_parallel::hv_simd::TopK;

/// A library that computes Hamming distances.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The crate's name.
    pub name: &'static str,
    /// The distances of a query to every target, in the crate's best way.
    pub distances_into: fn(&HV16, &[HV16], &mut [u32]),
}

/// The peers of this build.
pub const ALL: &[Peer] = &[
    #[cfg(feature = "peers")]
    Peer {
        name: "hamming-bitwise-fast",
        distances_into: |query, targets, out| {
            hamming_bitwise_fast::array::batch(&query.0, bytemuck::cast_slice::<HV16, [u8; HV16::BYTES]>(targets), out);
        },
    },
    #[cfg(feature = "peers")]
    Peer {
        name: "simsimd",
        distances_into: |query, targets, out| {
            for (out, target) in out.iter_mut().zip(targets) {
                let distance = <u8 as simsimd::BinarySimilarity>::hamming(&query.0, &target.0);
                *out = distance.expect("vectors of one length") as u32;
            }
        },
    },
];

impl Peer {
    /// For each query the nearest of `memory` as `(index, distance)`.
    pub fn nearest(&self, queries: &[HV16], memory: &[HV16], buffer: &mut [u32]) -> Vec<Option<(usize, u32)>> {
        let nearest = |query| {
            (self.distances_into)(query, memory, buffer);
            buffer.iter().copied().enumerate().min_by_key(|&(_, distance)| distance)
        };
        queries.iter().map(nearest).collect()
    }

    /// For each query the `k` nearest of `memory` as `(index, distance)`.
    pub fn top_k(&self, queries: &[HV16], memory: &[HV16], k: usize, buffer: &mut [u32]) -> Vec<Vec<(usize, u16)>> {
        let top_k = |query| {
            (self.distances_into)(query, memory, buffer);
            let mut nearest = TopK::new(k);
            let mut bound = nearest.bound();
            for (i, &distance) in buffer.iter().enumerate() {
                if bound.admits(distance as u16) {
                    bound = nearest.offer(distance as u16, i);
                }
            }
            nearest.into_sorted()
        };
        queries.iter().map(top_k).collect()
    }
}

// Without peers it would pass in vain.
#[cfg(all(test, feature = "peers"))]
#[path = "../tests/units/peers.rs"]
mod tests;
