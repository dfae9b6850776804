//! The scan beneath every search, in tiles that stay in cache, and the searches built on it.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use hv_core::HV16;

use crate::bound::Bound;
use crate::kernels::{Kernels, TILE};
use crate::plan::Tiles;
use crate::report::{OnDistances, OnMatch};
use crate::similarity::similarity_of_distance;
#[cfg(feature = "alloc")]
use crate::top_k::TopK;

/// Queries whose bounds fit on the stack. The kernels cut them further as their caches want it.
const QUERIES: usize = 512;

impl Kernels {
    /// Reports each pair whose distance its query's bound admits.
    ///
    /// The memory's vectors are numbered from `first`. For any one query the reports come in ascending order of
    /// the memory index; among queries the order is not specified. `bounds` holds the last bounds on return.
    ///
    /// Cost: one distance a pair, at the tile's speed, and one call of `report` for each pair reported. Many
    /// queries, from 6 to 48 on by backend, over a [`tile`](Self::tile) of vectors or more cost less a pair, some hundred
    /// of them half to three quarters of it, and less still under low bounds; so do as many vectors for hundreds of
    /// queries. For these each thread keeps some 300 KiB from its first such scan on. Nothing else is allocated.
    ///
    /// # Panics
    ///
    /// If `bounds` is not as long as `queries`.
    pub fn scan(&self, queries: &[HV16], memory: &[HV16], first: usize, bounds: &mut [Bound], report: OnMatch<'_>) {
        self.scan_nearest(usize::MAX, queries, memory, first, bounds, report);
    }

    /// [`scan`](Self::scan) for whoever keeps about `wanted` of the nearest for each query, and lowers its bound to the
    /// last of these: fewer pairs are reported, since of hundreds of vectors the nearest may come first.
    ///
    /// For any one query reports of the same distance come in ascending order of the memory index, and others in no
    /// order that is specified, so that a bound that is lowered to the distance of the last of `wanted` reports leaves
    /// out none that is nearer, or as near with a lower index. `wanted` changes nothing else: a caller who does not lower
    /// bounds gets all that [`scan`](Self::scan) reports.
    ///
    /// ```
    /// use hv_simd::{Bound, HV16, TopK, workspace_internals::Kernels};
    ///
    /// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
    /// let mut nearest = vec![TopK::new(3); 100];
    /// let bounds = &mut [Bound::NONE; 100];
    /// Kernels::active().scan_nearest(3, &memory[..100], &memory, 0, bounds, &mut |query, index, distance| {
    ///     nearest[query].offer(distance, index)
    /// });
    /// assert_eq!(nearest.swap_remove(50).into_sorted()[0], (50, 0));
    /// ```
    ///
    /// # Panics
    ///
    /// If `bounds` is not as long as `queries`.
    pub fn scan_nearest(
        &self,
        wanted: usize,
        queries: &[HV16],
        memory: &[HV16],
        first: usize,
        bounds: &mut [Bound],
        report: OnMatch<'_>,
    ) {
        assert_eq!(queries.len(), bounds.len(), "scan: {} queries, but {} bounds", queries.len(), bounds.len());
        match self.tiles_for(queries.len(), memory.len()) {
            Some((tiled, Tiles::OfQueries(taken))) => {
                let (bounds, bounds_left) = bounds.split_at_mut(taken);
                (tiled.scan_by_queries)(&queries[..taken], memory, first, bounds, report);
                let report = &mut |query, index, distance| report(taken + query, index, distance);
                self.scan_in_cache(&queries[taken..], memory, first, bounds_left, report);
            }
            Some((tiled, Tiles::OfMemory(taken))) => {
                (tiled.scan_by_memory)(wanted, queries, &memory[..taken], first, bounds, report);
                self.scan_in_cache(queries, &memory[taken..], first + taken, bounds, report);
            }
            None => self.scan_in_cache(queries, memory, first, bounds, report),
        }
    }

    /// Scans with the kernels for few queries, tile by tile.
    fn scan_in_cache(
        &self,
        queries: &[HV16],
        memory: &[HV16],
        first: usize,
        bounds: &mut [Bound],
        report: OnMatch<'_>,
    ) {
        // A query alone passes over memory once in any case.
        let tile = if queries.len() <= 1 { memory.len().max(1) } else { TILE };
        for (i, vectors) in memory.chunks(tile).enumerate() {
            (self.scan_tile)(queries, vectors, first + i * tile, bounds, report);
        }
    }

    /// Tells all distances of all queries, in pieces.
    ///
    /// For any one query the pieces come in ascending order and leave nothing out; among queries the order is not
    /// specified. A piece has at most 512 distances.
    ///
    /// Cost: as [`scan`](Self::scan), so that for many queries a distance costs half of what [`distances_into`] takes;
    /// besides the room of the thread it allocates two bytes a query.
    ///
    /// [`distances_into`]: Self::distances_into
    ///
    /// ```
    /// use hv_simd::{HV16, workspace_internals::Kernels};
    ///
    /// let vectors: Vec<HV16> = (0..100).map(HV16::random).collect();
    /// let mut matrix = vec![vec![0; vectors.len()]; vectors.len()];
    /// Kernels::active().scan_distances(&vectors, &vectors, &mut |query, first, distances| {
    ///     matrix[query][first..first + distances.len()].copy_from_slice(distances);
    /// });
    /// assert!(matrix[7][7] == 0 && matrix[7][8] == matrix[8][7]);
    /// ```
    pub fn scan_distances(&self, queries: &[HV16], memory: &[HV16], on_distances: OnDistances<'_>) {
        let mut taken = 0;
        if let Some((tiled, n)) = self.tiled_for(memory.len(), queries.len()) {
            taken = n;
            (tiled.distances_of_all)(queries, &memory[..taken], on_distances);
        }
        let mut distances = [0; TILE];
        for (i, vectors) in memory[taken..].chunks(TILE).enumerate() {
            let distances = &mut distances[..vectors.len()];
            for (q, query) in queries.iter().enumerate() {
                self.distances_into(query, vectors, distances);
                on_distances(q, taken + i * TILE, distances);
            }
        }
    }

    /// See [`simd_find_most_similar`](crate::simd_find_most_similar).
    #[must_use]
    pub fn find_most_similar(&self, query: &HV16, memory: &[HV16]) -> Option<(usize, f32)> {
        let mut best = None;
        self.scan(core::slice::from_ref(query), memory, 0, &mut [Bound::NONE], &mut |_, index, distance| {
            best = Some((index, similarity_of_distance(distance)));
            Bound::below(distance)
        });
        best
    }

    /// See [`simd_batch_find_most_similar_into`](crate::simd_batch_find_most_similar_into).
    ///
    /// # Panics
    ///
    /// If `out` is not as long as `queries`.
    pub fn batch_find_most_similar_into(&self, queries: &[HV16], memory: &[HV16], out: &mut [Option<(usize, f32)>]) {
        assert_eq!(queries.len(), out.len(), "nearest: {} queries, but room for {} results", queries.len(), out.len());
        out.fill(None);
        for (queries, out) in queries.chunks(QUERIES).zip(out.chunks_mut(QUERIES)) {
            let bounds = &mut [Bound::NONE; QUERIES][..queries.len()];
            self.scan_nearest(1, queries, memory, 0, bounds, &mut |query, index, distance| {
                out[query] = Some((index, similarity_of_distance(distance)));
                Bound::below(distance)
            });
        }
    }
}

#[cfg(feature = "alloc")]
impl Kernels {
    /// See [`simd_find_top_k`](crate::simd_find_top_k).
    #[must_use]
    pub fn find_top_k(&self, query: &HV16, memory: &[HV16], k: usize) -> Vec<(usize, f32)> {
        let mut nearest = TopK::new(k);
        self.scan(core::slice::from_ref(query), memory, 0, &mut [nearest.bound()], &mut |_, index, distance| {
            nearest.offer(distance, index)
        });
        nearest.into_similarities()
    }

    /// See [`simd_batch_find_top_k`](crate::simd_batch_find_top_k).
    #[must_use]
    pub fn batch_find_top_k(&self, queries: &[HV16], memory: &[HV16], k: usize) -> Vec<Vec<(usize, f32)>> {
        let mut nearest: Vec<TopK> = queries.iter().map(|_| TopK::new(k)).collect();
        for (queries, nearest) in queries.chunks(QUERIES).zip(nearest.chunks_mut(QUERIES)) {
            let bounds = &mut [TopK::new(k).bound(); QUERIES][..queries.len()];
            self.scan_nearest(k, queries, memory, 0, bounds, &mut |query, index, distance| {
                nearest[query].offer(distance, index)
            });
        }
        nearest.into_iter().map(TopK::into_similarities).collect()
    }
}
