//! The scan beneath every search, in tiles that stay in cache, and the searches built on it.

use hv_core::HV16;

use crate::top_k::{NO_BOUND, TopK};
use crate::{Kernels, similarity};

/// Receives a pair nearer than its query's bound, as `(query index, memory index, distance)`, and returns the
/// query's bound from then on.
///
/// It is a dynamic call, and cheap for all that: a search keeps its bound tight, so few pairs reach it.
pub type Report<'a> = &'a mut dyn FnMut(usize, usize, u16) -> u16;

/// Vectors of memory that all queries visit before the next ones: 512 of them are 128 KiB, so that the tile stays
/// in L2 beside the queries while each query block passes over it.
const TILE: usize = 512;

impl Kernels {
    /// Reports each pair whose distance is below its query's bound.
    ///
    /// The memory's vectors are numbered from `first`. For any one query the reports come in ascending order of
    /// the memory index; among queries the order is not specified. A bound of 0 reports nothing, one of 2,049
    /// everything, and `d + 1` all within a distance of `d`; `bounds` holds the last bounds on return.
    ///
    /// Cost: one distance a pair, at the tile's speed, and one call of `report` for each pair reported. Nothing
    /// is allocated.
    ///
    /// # Panics
    ///
    /// If `bounds` is not as long as `queries`.
    pub fn scan(&self, queries: &[HV16], memory: &[HV16], first: usize, bounds: &mut [u16], report: Report<'_>) {
        assert_eq!(queries.len(), bounds.len(), "scan: {} queries, but {} bounds", queries.len(), bounds.len());
        for (i, tile) in memory.chunks(TILE).enumerate() {
            (self.scan_tile)(queries, tile, first + i * TILE, bounds, report);
        }
    }

    /// See [`simd_find_most_similar`](crate::simd_find_most_similar).
    #[must_use]
    pub fn find_most_similar(&self, query: &HV16, memory: &[HV16]) -> Option<(usize, f32)> {
        let mut best = None;
        self.scan(std::slice::from_ref(query), memory, 0, &mut [NO_BOUND], &mut |_, index, distance| {
            best = Some((index, similarity(distance)));
            distance
        });
        best
    }

    /// See [`simd_batch_find_most_similar_into`](crate::simd_batch_find_most_similar_into).
    pub fn batch_find_most_similar_into(&self, queries: &[HV16], memory: &[HV16], out: &mut [Option<(usize, f32)>]) {
        assert_eq!(queries.len(), out.len(), "nearest: {} queries, but room for {} results", queries.len(), out.len());
        out.fill(None);
        let mut bounds = vec![NO_BOUND; queries.len()];
        self.scan(queries, memory, 0, &mut bounds, &mut |query, index, distance| {
            out[query] = Some((index, similarity(distance)));
            distance
        });
    }

    /// See [`simd_find_top_k`](crate::simd_find_top_k).
    #[must_use]
    pub fn find_top_k(&self, query: &HV16, memory: &[HV16], k: usize) -> Vec<(usize, f32)> {
        let mut nearest = TopK::new(k);
        self.scan(std::slice::from_ref(query), memory, 0, &mut [nearest.bound()], &mut |_, index, distance| {
            nearest.offer(distance, index)
        });
        nearest.into_similarities()
    }

    /// See [`simd_batch_find_top_k`](crate::simd_batch_find_top_k).
    #[must_use]
    pub fn batch_find_top_k(&self, queries: &[HV16], memory: &[HV16], k: usize) -> Vec<Vec<(usize, f32)>> {
        let mut nearest = vec![TopK::new(k); queries.len()];
        let mut bounds: Vec<u16> = nearest.iter().map(TopK::bound).collect();
        self.scan(queries, memory, 0, &mut bounds, &mut |query, index, distance| nearest[query].offer(distance, index));
        nearest.into_iter().map(TopK::into_similarities).collect()
    }
}
