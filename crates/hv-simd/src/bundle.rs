//! Bundles of a slice.

use hv_core::HV16;

use crate::kernels::Kernels;
use crate::planes::planes_for;

impl Kernels {
    /// See [`simd_bundle`](crate::simd_bundle).
    #[must_use]
    pub fn bundle(&self, vectors: &[HV16]) -> Option<HV16> {
        match vectors.len() {
            0 => None,
            1..=4095 => Some((self.bundle)(vectors)),
            n => {
                let planes = &mut [HV16::ZERO; usize::BITS as usize][..planes_for(n as u64)];
                (self.accumulate)(planes, vectors);
                Some((self.majority)(planes, n as u64))
            }
        }
    }
}
