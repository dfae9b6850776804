//! Batch operations by path, like for like: the first three paths make a new vector of results, the others write into one
//! that is kept.

use std::cell::RefCell;
use std::hint::black_box;

use hv_parallel::hv_simd::{
    active_backend, simd_batch_find_most_similar_into, simd_batch_find_top_k, simd_bind, simd_bind_into, simd_bundle,
    simd_similarities_into,
};
use hv_parallel::{Operation as Field, *};

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
    /// Sequential, into results that are kept.
    SequentialInto,
    /// Parallel, into results that are kept.
    ParallelInto,
    /// Adaptive, into results that are kept.
    AdaptiveInto,
}

impl Path {
    /// The paths that make their results.
    pub const MAKING: [Self; 3] = [Self::Sequential, Self::Parallel, Self::Adaptive];

    /// The same into results that are kept.
    const INTO: [Self; 3] = [Self::SequentialInto, Self::ParallelInto, Self::AdaptiveInto];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        ["sequential", "parallel", "adaptive", "sequential into", "parallel into", "adaptive into"][self as usize]
    }
}

/// An operation with its size. Searches have numbers of queries and of vectors.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// This many vectors are bound with a key.
    Bind(usize),
    /// This many vectors are compared with a query.
    Similarity(usize),
    /// This many sets of [`SET`] vectors are bundled.
    Bundles(usize),
    /// One set of this many vectors is bundled. The adaptive path is the parallel one.
    Bundle(usize),
    /// The nearest vector for each query.
    Nearest(usize, usize),
    /// The nearest vectors for each query, and how many.
    TopK(usize, usize, usize),
    /// The published cycle, each step into kept results.
    Cycle,
}

impl Work {
    /// The vectors, or the pairs of a query and a vector.
    pub fn items(self) -> usize {
        match self {
            Self::Bind(n) | Self::Similarity(n) | Self::Bundle(n) => n,
            Self::Bundles(sets) => SET * sets,
            Self::Nearest(q, n) | Self::TopK(q, n, _) => q * n,
            Self::Cycle => 1,
        }
    }

    /// The threshold that chooses the path, where one does, and what the work is in its unit.
    pub fn threshold(self) -> Option<(Field, usize)> {
        match self {
            Self::Bind(n) => Some((Field::Bind, n)),
            Self::Similarity(n) => Some((Field::Similarity, n)),
            Self::Bundles(sets) => Some((Field::Bundle, (SET + Thresholds::SET_WORK) * sets)),
            Self::Nearest(q, n) => Some((Field::Nearest, q * n)),
            Self::TopK(q, n, k) => Some((Field::TopK, q * (n + k * Thresholds::result_work(active_backend())))),
            Self::Bundle(_) | Self::Cycle => None,
        }
    }

    /// The paths that the suites measure.
    pub fn paths(self) -> &'static [Path] {
        const ALL: [Path; 5] =
            [Path::Sequential, Path::Parallel, Path::Adaptive, Path::SequentialInto, Path::ParallelInto];
        if matches!(self, Self::Bind(_) | Self::Similarity(_) | Self::Bundles(_)) { &ALL } else { &Path::MAKING }
    }
}

/// An operation by its size.
pub struct Operation {
    /// The name in tables.
    pub name: &'static str,
    /// What a size counts.
    pub unit: &'static str,
    /// The work of a size.
    pub work: fn(usize) -> Work,
    /// The sizes that the suites measure, the published ones among them.
    pub suite: &'static [usize],
    /// The sizes that thresholds follow from, in ascending order.
    pub sizes: &'static [usize],
}

const fn operation(
    name: &'static str,
    unit: &'static str,
    work: fn(usize) -> Work,
    suite: &'static [usize],
    sizes: &'static [usize],
) -> Operation {
    Operation { name, unit, work, suite, sizes }
}

const SUITE_COUNTS: &[usize] = &[100, 500, 1_000, 5_000];
const VECTOR_COUNTS: &[usize] = &[100, 128, 256, 500, 512, 1_000, 1_024, 2_048, 4_096, 5_000, 8_192, 16_384, VECTORS];
const QUERY_COUNTS: &[usize] = &[1, 2, 5, 10, 20, 50, QUERIES];
const SET_COUNTS: &[usize] = &[1, 2, 5, 10, 20, 50, 100, 200, 400, 800, 1_600];

/// All operations of the suites and of `tune-thresholds`.
pub const OPERATIONS: [Operation; 13] = [
    operation("batch bind", "vectors", Work::Bind, SUITE_COUNTS, VECTOR_COUNTS),
    operation("batch similarity", "vectors", Work::Similarity, SUITE_COUNTS, VECTOR_COUNTS),
    operation("batch bundle of 10", "sets", Work::Bundles, &[10, 50, 100, 200], SET_COUNTS),
    operation("nearest of 1000", "queries", |q| Work::Nearest(q, 1_000), &[10, 50, 100], QUERY_COUNTS),
    operation("top-k of 50 x 1000, by k", "results", |k| Work::TopK(50, 1_000, k), &[1, 5, 10], &[]),
    operation("top-k of 100 x 10000, by k", "results", |k| Work::TopK(100, 10_000, k), &[10], &[]),
    operation("cycle", "cycles", |_| Work::Cycle, &[1], &[]),
    operation("one bundle", "vectors", Work::Bundle, &[], VECTOR_COUNTS),
    operation("nearest, 1 query", "vectors", |n| Work::Nearest(1, n), &[], VECTOR_COUNTS),
    operation("top-10, 1 query", "vectors", |n| Work::TopK(1, n, 10), &[], VECTOR_COUNTS),
    operation("top-10 of 1000", "queries", |q| Work::TopK(q, 1_000, 10), &[], QUERY_COUNTS),
    operation("top-100 of 1000", "queries", |q| Work::TopK(q, 1_000, 100), &[], QUERY_COUNTS),
    operation("top-10 of 10000", "queries", |q| Work::TopK(q, 10_000, 10), &[], QUERY_COUNTS),
];

/// Vectors to measure with: 8 MiB, more than a core's own caches.
const VECTORS: usize = 1 << 15;

/// Queries of a search, at most.
const QUERIES: usize = 100;

/// Vectors of a set of a batch bundle.
pub const SET: usize = 10;

/// The published cycle: binds, similarities, and bundles of [`SET`].
pub const CYCLE: (usize, usize, usize) = (100, 1_000, 10);

/// What the operations work on, and the results that the `into` forms keep.
pub struct Inputs {
    /// Unrelated vectors.
    pub vectors: Vec<HV16>,
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
    /// Does some work once. Results are dropped within the time of a call, as a caller would.
    pub fn run(&self, path: Path, work: Work) {
        match work {
            Work::Bind(n) => self.bind(path, n),
            Work::Similarity(n) => self.similarity(path, n),
            Work::Bundles(sets) => self.bundles(path, sets),
            Work::Bundle(n) => {
                let v = black_box(&self.vectors[..n]);
                black_box(if path == Path::Sequential { simd_bundle(v) } else { parallel_bundle(v) });
            }
            Work::Nearest(queries, n) => self.nearest(path, queries, n),
            Work::TopK(queries, n, k) => self.top_k(path, queries, n, k),
            Work::Cycle => {
                let path = Path::INTO[path as usize % 3];
                self.bind(path, CYCLE.0);
                self.similarity(path, CYCLE.1);
                self.bundles(path, CYCLE.2);
            }
        }
    }

    fn bind(&self, path: Path, n: usize) {
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

    fn similarity(&self, path: Path, n: usize) {
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

    fn bundles(&self, path: Path, sets: usize) {
        let (all, _) = self.vectors.as_chunks::<SET>();
        let (sets, out) = (black_box(&all[..sets]), &mut self.bundles.borrow_mut()[..sets]);
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

    /// By the paths that make their results, as `top_k`.
    fn nearest(&self, path: Path, queries: usize, n: usize) {
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

    fn top_k(&self, path: Path, queries: usize, n: usize, k: usize) {
        let (q, v) = (black_box(&self.queries[..queries]), &self.vectors[..n]);
        black_box(match path {
            Path::Parallel => parallel_batch_find_top_k(q, v, k),
            Path::Adaptive => adaptive_batch_find_top_k(q, v, k),
            _ => simd_batch_find_top_k(q, v, k),
        });
    }
}

#[cfg(test)]
#[path = "../tests/units/operations.rs"]
mod tests;
