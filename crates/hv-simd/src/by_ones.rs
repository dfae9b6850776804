//! Vectors sorted by their number of ones.

use alloc::vec;
use alloc::vec::Vec;

use hv_core::HV16;

use crate::kernels::Kernels;

/// A copy of vectors, sorted by their number of ones and then by index.
#[derive(Debug)]
pub struct ByOnes {
    vectors: Vec<HV16>,
    ones: Vec<u16>,
    indices: Vec<usize>,
}

impl ByOnes {
    /// Sorts vectors, which are numbered from `first`.
    ///
    /// Cost: a pass over the vectors to count and one to copy them, on one thread.
    #[must_use]
    pub fn new(kernels: &Kernels, vectors: &[HV16], first: usize) -> Self {
        let mut counts = vec![0; vectors.len()];
        kernels.distances_into(&HV16::ZERO, vectors, &mut counts);
        let mut order: Vec<usize> = (0..vectors.len()).collect();
        order.sort_by_key(|&i| counts[i]);
        Self {
            vectors: order.iter().map(|&i| vectors[i]).collect(),
            ones: order.iter().map(|&i| counts[i]).collect(),
            indices: order.iter().map(|&i| first + i).collect(),
        }
    }

    /// The number of vectors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.vectors.len()
    }

    /// Whether there are no vectors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.vectors.is_empty()
    }

    /// The vectors, those with the fewest ones first.
    #[must_use]
    pub fn vectors(&self) -> &[HV16] {
        &self.vectors
    }

    /// The number of ones of each vector, ascending.
    #[must_use]
    pub fn ones(&self) -> &[u16] {
        &self.ones
    }

    /// The index that each vector had, counted from `first`.
    #[must_use]
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }
}
