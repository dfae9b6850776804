//! Each batch operation by its three paths, like for like: all three make a new vector of results.
//!
//! A sequential path that wrote into a reused buffer would do less work than a parallel one that allocates;
//! where a twin writes into the caller's slice on both sides, the suites measure that too.

use hv_parallel::hv_simd::{
    simd_batch_find_most_similar_into, simd_batch_find_top_k, simd_bind, simd_bind_into, simd_bundle,
    simd_similarities_into,
};
use hv_parallel::{
    HV16, adaptive_batch_bind, adaptive_batch_bind_into, adaptive_batch_bundle, adaptive_batch_bundle_into,
    adaptive_batch_find_most_similar, adaptive_batch_find_top_k, adaptive_batch_similarity,
    adaptive_batch_similarity_into, parallel_batch_bind, parallel_batch_bind_into, parallel_batch_bundle,
    parallel_batch_bundle_into, parallel_batch_find_most_similar, parallel_batch_find_top_k, parallel_batch_similarity,
    parallel_batch_similarity_into,
};

use crate::inputs::vectors;

/// How an operation is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// On the calling thread.
    Sequential,
    /// On the current pool, however little the work, if it is more than one part.
    Parallel,
    /// Whichever of the two the work is worth.
    Adaptive,
}

impl Path {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Sequential, Self::Parallel, Self::Adaptive];

    /// The name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::Parallel => "parallel",
            Self::Adaptive => "adaptive",
        }
    }
}

/// Binds every vector with `key`.
#[must_use]
pub fn bind(path: Path, vectors: &[HV16], key: &HV16) -> Vec<HV16> {
    match path {
        Path::Sequential => vectors.iter().map(|v| simd_bind(v, key)).collect(),
        Path::Parallel => parallel_batch_bind(vectors, key),
        Path::Adaptive => adaptive_batch_bind(vectors, key),
    }
}

/// The similarities of `query` with every target.
#[must_use]
pub fn similarity(path: Path, query: &HV16, targets: &[HV16]) -> Vec<f32> {
    match path {
        Path::Sequential => {
            let mut out = vec![0.0; targets.len()];
            simd_similarities_into(query, targets, &mut out);
            out
        }
        Path::Parallel => parallel_batch_similarity(query, targets),
        Path::Adaptive => adaptive_batch_similarity(query, targets),
    }
}

/// The bundle of every set.
#[must_use]
pub fn bundle(path: Path, sets: &[&[HV16]]) -> Vec<Option<HV16>> {
    match path {
        Path::Sequential => sets.iter().map(|set| simd_bundle(set)).collect(),
        Path::Parallel => parallel_batch_bundle(sets),
        Path::Adaptive => adaptive_batch_bundle(sets),
    }
}

/// For each query the nearest of `memory`.
#[must_use]
pub fn nearest(path: Path, queries: &[HV16], memory: &[HV16]) -> Vec<Option<(usize, f32)>> {
    match path {
        Path::Sequential => {
            let mut out = vec![None; queries.len()];
            simd_batch_find_most_similar_into(queries, memory, &mut out);
            out
        }
        Path::Parallel => parallel_batch_find_most_similar(queries, memory),
        Path::Adaptive => adaptive_batch_find_most_similar(queries, memory),
    }
}

/// For each query the `k` nearest of `memory`.
#[must_use]
pub fn top_k(path: Path, queries: &[HV16], memory: &[HV16], k: usize) -> Vec<Vec<(usize, f32)>> {
    match path {
        Path::Sequential => simd_batch_find_top_k(queries, memory, k),
        Path::Parallel => parallel_batch_find_top_k(queries, memory, k),
        Path::Adaptive => adaptive_batch_find_top_k(queries, memory, k),
    }
}

/// The published cycle: 100 binds, 1,000 similarities, 10 bundles of 10.
#[derive(Clone, Debug)]
pub struct Cycle {
    vectors: Vec<HV16>,
    bound: Vec<HV16>,
    similarities: Vec<f32>,
    bundles: Vec<Option<HV16>>,
}

impl Cycle {
    /// Binds of a cycle.
    pub const BINDS: usize = 100;
    /// Similarities of a cycle.
    pub const SIMILARITIES: usize = 1_000;
    /// Bundles of a cycle, and vectors of each.
    pub const BUNDLES: usize = 10;

    /// With inputs and room for the results.
    #[must_use]
    pub fn new() -> Self {
        Self {
            vectors: vectors(Self::SIMILARITIES, 1),
            bound: vec![HV16::ZERO; Self::BINDS],
            similarities: vec![0.0; Self::SIMILARITIES],
            bundles: vec![None; Self::BUNDLES],
        }
    }

    /// One cycle. Every path writes into room made before.
    pub fn run(&mut self, path: Path) {
        let (key, binds) = (&self.vectors[0], &self.vectors[..Self::BINDS]);
        let sets: [&[HV16]; Self::BUNDLES] =
            std::array::from_fn(|i| &self.vectors[i * Self::BUNDLES..][..Self::BUNDLES]);
        match path {
            Path::Sequential => {
                simd_bind_into(binds, key, &mut self.bound);
                simd_similarities_into(key, &self.vectors, &mut self.similarities);
                for (out, set) in self.bundles.iter_mut().zip(sets) {
                    *out = simd_bundle(set);
                }
            }
            Path::Parallel => {
                parallel_batch_bind_into(binds, key, &mut self.bound);
                parallel_batch_similarity_into(key, &self.vectors, &mut self.similarities);
                parallel_batch_bundle_into(&sets, &mut self.bundles);
            }
            Path::Adaptive => {
                adaptive_batch_bind_into(binds, key, &mut self.bound);
                adaptive_batch_similarity_into(key, &self.vectors, &mut self.similarities);
                adaptive_batch_bundle_into(&sets, &mut self.bundles);
            }
        }
    }
}

impl Default for Cycle {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paths that did different work would be compared in vain.
    #[test]
    fn the_paths_agree() {
        let memory = vectors(300, 7);
        let (queries, sets) = (vectors(5, 8), memory.chunks(10).collect::<Vec<_>>());
        for path in [Path::Parallel, Path::Adaptive] {
            assert_eq!(bind(path, &memory, &queries[0]), bind(Path::Sequential, &memory, &queries[0]));
            assert_eq!(similarity(path, &queries[0], &memory), similarity(Path::Sequential, &queries[0], &memory));
            assert_eq!(bundle(path, &sets), bundle(Path::Sequential, &sets));
            assert_eq!(nearest(path, &queries, &memory), nearest(Path::Sequential, &queries, &memory));
            assert_eq!(top_k(path, &queries, &memory, 10), top_k(Path::Sequential, &queries, &memory, 10));
            let (mut cycle, mut sequential) = (Cycle::new(), Cycle::new());
            cycle.run(path);
            sequential.run(Path::Sequential);
            assert_eq!(cycle.bound, sequential.bound);
            assert_eq!(cycle.similarities, sequential.similarities);
            assert_eq!(cycle.bundles, sequential.bundles);
        }
    }
}
