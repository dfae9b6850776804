//! Batch operations by path, like for like: the first three paths make a new vector of results, the others write into one
//! that is kept.

use std::cell::RefCell;
use std::hint::black_box;

use hv_parallel::hv_simd::{
    simd_batch_find_most_similar_into, simd_batch_find_top_k, simd_bind, simd_bind_into, simd_bundle,
    simd_similarities_into,
};
use hv_parallel::*;

use crate::inputs::vectors;
use crate::rounds::{Case, Rounds};

/// How an operation is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// On the calling thread.
    Sequential,
    /// On the current pool, however little the work, if it is more than one part.
    Parallel,
    /// Whichever of the two the work is worth.
    Adaptive,
    /// Sequential, into results that are kept.
    SequentialInto,
    /// Parallel, into results that are kept.
    ParallelInto,
    /// Adaptive, into results that are kept.
    AdaptiveInto,
}

impl Path {
    /// The paths of an operation, and those that write into kept results; the last is measured in the cycle alone.
    pub const ALL: [Self; 5] =
        [Self::Sequential, Self::Parallel, Self::Adaptive, Self::SequentialInto, Self::ParallelInto];

    /// The paths that make their results.
    pub const MAKING: [Self; 3] = [Self::Sequential, Self::Parallel, Self::Adaptive];

    /// The name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::Parallel => "parallel",
            Self::Adaptive => "adaptive",
            Self::SequentialInto => "sequential into",
            Self::ParallelInto => "parallel into",
            Self::AdaptiveInto => "adaptive into",
        }
    }
}

/// An operation at many sizes.
pub struct Operation<'a> {
    /// The name in tables.
    pub name: &'static str,
    /// What a size counts.
    pub unit: &'static str,
    /// Sizes in ascending order.
    pub sizes: Vec<usize>,
    /// What a size is in vectors, or in pairs of a query and a vector.
    pub items: fn(usize) -> usize,
    /// Runs a path at a size once. Results are dropped within the time of a call, as a caller would.
    pub run: Box<dyn Fn(Path, usize) + 'a>,
}

impl Operation<'_> {
    /// Adds a case for each of `paths` at each size, in nanoseconds a run.
    pub fn add_to<'a>(&'a self, rounds: &mut Rounds<'a>, paths: &[Path]) -> Vec<(usize, Vec<Case>)> {
        let case = |rounds: &mut Rounds<'a>, path, size| rounds.add(1, move || (self.run)(black_box(path), size));
        let cases = |&size| (size, paths.iter().map(|&path| case(rounds, path, size)).collect());
        self.sizes.iter().map(cases).collect()
    }
}

/// Vectors to measure with: 8 MiB, more than a core's own caches.
pub const VECTORS: usize = 1 << 15;

/// Queries of a search, at most.
pub const QUERIES: usize = 100;

/// Vectors of a set of a batch bundle.
pub const SET: usize = 10;

/// The published cycle: binds, similarities, and bundles of [`SET`].
pub const CYCLE: (usize, usize, usize) = (100, 1_000, 10);

/// What the operations work on, and the results that the `into` forms keep.
pub struct Inputs {
    vectors: Vec<HV16>,
    /// Unrelated to the vectors: a search that has found an equal has little left to do.
    queries: Vec<HV16>,
    bound: RefCell<Vec<HV16>>,
    similarities: RefCell<Vec<f32>>,
    bundles: RefCell<Vec<Option<HV16>>>,
}

impl Default for Inputs {
    fn default() -> Self {
        Self {
            vectors: vectors(VECTORS, 1),
            queries: vectors(QUERIES, 2),
            bound: RefCell::new(vec![HV16::ZERO; VECTORS]),
            similarities: RefCell::new(vec![0.0; VECTORS]),
            bundles: RefCell::new(vec![None; VECTORS / SET]),
        }
    }
}

impl Inputs {
    /// Binds the first `n` vectors with a key.
    pub fn bind(&self, path: Path, n: usize) {
        let (v, key, out) = (black_box(&self.vectors[..n]), &self.queries[0], &mut self.bound.borrow_mut()[..n]);
        match path {
            Path::Sequential => drop(black_box(v.iter().map(|v| simd_bind(v, key)).collect::<Vec<_>>())),
            Path::Parallel => drop(black_box(parallel_batch_bind(v, key))),
            Path::Adaptive => drop(black_box(adaptive_batch_bind(v, key))),
            Path::SequentialInto => simd_bind_into(v, key, black_box(out)),
            Path::ParallelInto => parallel_batch_bind_into(v, key, black_box(out)),
            Path::AdaptiveInto => adaptive_batch_bind_into(v, key, black_box(out)),
        }
    }

    /// The similarities of a query with the first `n` vectors.
    pub fn similarity(&self, path: Path, n: usize) {
        let (v, query, out) =
            (black_box(&self.vectors[..n]), &self.queries[0], &mut self.similarities.borrow_mut()[..n]);
        match path {
            Path::Sequential => {
                let mut new = vec![0.0; n];
                simd_similarities_into(query, v, &mut new);
                black_box(new);
            }
            Path::Parallel => drop(black_box(parallel_batch_similarity(query, v))),
            Path::Adaptive => drop(black_box(adaptive_batch_similarity(query, v))),
            Path::SequentialInto => simd_similarities_into(query, v, black_box(out)),
            Path::ParallelInto => parallel_batch_similarity_into(query, v, black_box(out)),
            Path::AdaptiveInto => adaptive_batch_similarity_into(query, v, black_box(out)),
        }
    }

    /// The bundles of the first `n` of `sets`, which [`sets`](Self::sets) gives.
    pub fn bundles(&self, path: Path, sets: &[&[HV16]]) {
        let (sets, out) = (black_box(sets), &mut self.bundles.borrow_mut()[..sets.len()]);
        match path {
            Path::Sequential => drop(black_box(sets.iter().map(|set| simd_bundle(set)).collect::<Vec<_>>())),
            Path::Parallel => drop(black_box(parallel_batch_bundle(sets))),
            Path::Adaptive => drop(black_box(adaptive_batch_bundle(sets))),
            Path::SequentialInto => {
                black_box(out).iter_mut().zip(sets).for_each(|(out, set)| *out = simd_bundle(set));
            }
            Path::ParallelInto => parallel_batch_bundle_into(sets, black_box(out)),
            Path::AdaptiveInto => adaptive_batch_bundle_into(sets, black_box(out)),
        }
    }

    /// All sets of [`SET`] vectors.
    #[must_use]
    pub fn sets(&self) -> Vec<&[HV16]> {
        self.vectors.chunks_exact(SET).collect()
    }

    /// One bundle of the first `n` vectors; the adaptive path is the parallel one.
    pub fn bundle(&self, path: Path, n: usize) {
        let v = black_box(&self.vectors[..n]);
        black_box(if path == Path::Sequential { simd_bundle(v) } else { parallel_bundle(v) });
    }

    /// The nearest of the first `n` vectors for each of `queries` queries. Of the paths that make their results.
    pub fn nearest(&self, path: Path, queries: usize, n: usize) {
        let (q, v) = (black_box(&self.queries[..queries]), &self.vectors[..n]);
        black_box(match path {
            Path::Parallel => parallel_batch_find_most_similar(q, v),
            Path::Adaptive => adaptive_batch_find_most_similar(q, v),
            _ => {
                let mut out = vec![None; queries];
                simd_batch_find_most_similar_into(q, v, &mut out);
                out
            }
        });
    }

    /// The `k` nearest of the first `n` vectors for each of `queries` queries. Of the paths that make their results.
    pub fn top_k(&self, path: Path, queries: usize, n: usize, k: usize) {
        let (q, v) = (black_box(&self.queries[..queries]), &self.vectors[..n]);
        black_box(match path {
            Path::Parallel => parallel_batch_find_top_k(q, v, k),
            Path::Adaptive => adaptive_batch_find_top_k(q, v, k),
            _ => simd_batch_find_top_k(q, v, k),
        });
    }

    /// The published cycle, each step into kept results.
    pub fn cycle(&self, path: Path, sets: &[&[HV16]]) {
        let path = match path {
            Path::Sequential | Path::SequentialInto => Path::SequentialInto,
            Path::Parallel | Path::ParallelInto => Path::ParallelInto,
            Path::Adaptive | Path::AdaptiveInto => Path::AdaptiveInto,
        };
        self.bind(path, CYCLE.0);
        self.similarity(path, CYCLE.1);
        self.bundles(path, &sets[..CYCLE.2]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paths that did different work, or none, would be compared in vain.
    #[test]
    fn every_path_that_keeps_its_results_leaves_the_same() {
        let inputs = Inputs::default();
        let sets = inputs.sets();
        let kept = |path| {
            inputs.bound.borrow_mut().fill(HV16::ZERO);
            inputs.similarities.borrow_mut().fill(0.0);
            inputs.bundles.borrow_mut().fill(None);
            inputs.cycle(path, &sets);
            let kept = (inputs.bound.borrow(), inputs.similarities.borrow(), inputs.bundles.borrow());
            (kept.0[..CYCLE.0].to_vec(), kept.1[..CYCLE.1].to_vec(), kept.2[..CYCLE.2].to_vec())
        };
        let expected = kept(Path::Sequential);
        assert_eq!(expected.0[99], inputs.vectors[99] ^ inputs.queries[0]);
        assert!(expected.1.iter().all(|&similarity| similarity > 0.0) && expected.2.iter().all(Option::is_some));
        assert!(kept(Path::Parallel) == expected && kept(Path::Adaptive) == expected);
    }
}
