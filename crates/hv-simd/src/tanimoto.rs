//! The searches by Tanimoto score that users call, on one thread.

use alloc::vec;
use alloc::vec::Vec;

use hv_core::HV16;

use crate::by_ones::ByOnes;
use crate::kernels::Kernels;
use crate::tanimoto_top_k::TanimotoTopK;

/// Vectors that are sorted and searched at a time: a copy of 64 MiB.
const CHUNK: usize = 1 << 18;

/// For each query the `k` vectors of `memory` with the best Tanimoto scores as `(index, score)`: by score, then by lower
/// index. Scores are compared exactly, as fractions.
///
/// Fewer where the memory has fewer.
///
/// Cost: a pass that sorts a copy of the memory, in parts of 64 MiB, and at most one distance a pair. Vectors whose number
/// of ones is too far from the query's for a place among its best are not compared. Ask many queries at once.
///
/// ```
/// use hv_simd::{HV16, simd_find_top_k_tanimoto};
///
/// let mut memory = vec![HV16::ZERO; 3];
/// (0..4).for_each(|bit| memory[1].set_bit(bit, true));
/// (0..6).for_each(|bit| memory[2].set_bit(bit, true));
/// assert_eq!(simd_find_top_k_tanimoto(&[memory[1]], &memory, 2), [[(1, 1.0), (2, 4.0 / 6.0)]]);
/// ```
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`](crate::init).
#[must_use]
pub fn simd_find_top_k_tanimoto(queries: &[HV16], memory: &[HV16], k: usize) -> Vec<Vec<(usize, f64)>> {
    Kernels::active().find_tanimoto(queries, memory, &TanimotoTopK::new(k, 0.0))
}

/// For each query all vectors of `memory` whose Tanimoto score is at least `threshold`, as `(index, score)`: by score, then
/// by lower index.
///
/// A score counts as the nearest `f64` to its fraction, so 7 / 10 reaches a threshold of 0.7.
///
/// Cost: that of [`simd_find_top_k_tanimoto`]; allocates in proportion to the results.
///
/// ```
/// use hv_simd::{HV16, simd_find_within_tanimoto};
///
/// let mut memory = vec![HV16::ZERO; 3];
/// (0..4).for_each(|bit| memory[1].set_bit(bit, true));
/// (0..6).for_each(|bit| memory[2].set_bit(bit, true));
/// assert_eq!(simd_find_within_tanimoto(&[memory[2]], &memory, 0.6), [[(2, 1.0), (1, 4.0 / 6.0)]]);
/// ```
///
/// # Panics
///
/// If `threshold` is NaN, or if `HV_BACKEND` is wrong, see [`init`](crate::init).
#[must_use]
pub fn simd_find_within_tanimoto(queries: &[HV16], memory: &[HV16], threshold: f64) -> Vec<Vec<(usize, f64)>> {
    assert!(!threshold.is_nan(), "the Tanimoto threshold is NaN; it must be a number, usually from 0 to 1");
    Kernels::active().find_tanimoto(queries, memory, &TanimotoTopK::new(usize::MAX, threshold))
}

impl Kernels {
    /// For each query what a state like `new` keeps of the memory, as `(index, score)`.
    #[must_use]
    pub fn find_tanimoto(&self, queries: &[HV16], memory: &[HV16], new: &TanimotoTopK) -> Vec<Vec<(usize, f64)>> {
        let sorted = ByOnes::new(self, queries, 0);
        let mut states = vec![new.clone(); queries.len()];
        for (i, part) in memory.chunks(CHUNK).enumerate() {
            let part = ByOnes::new(self, part, i * CHUNK);
            self.scan_tanimoto(&sorted, 0..sorted.len(), &part, &mut states);
        }
        let mut out = vec![Vec::new(); queries.len()];
        for (&query, state) in sorted.indices().iter().zip(states) {
            out[query] = state.into_scores();
        }
        out
    }
}
