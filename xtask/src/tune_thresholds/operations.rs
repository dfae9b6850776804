//! The operations that are measured: both paths of each, its sizes, and its unit of work.

use std::hint::black_box;

use hv_benches::inputs::vectors;
use hv_benches::paths::{self, Path};
use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::hv_simd::{
    Bound, active_backend, max_distance, simd_bind, simd_bundle, simd_similarities_into, similarity as similarity_of,
};
use hv_parallel::{
    HV16, Operation as Field, Thresholds, parallel_all_pairs_similarity, parallel_batch_bind_pairs, parallel_bundle,
    parallel_find_similar_pairs,
};

use super::effort::Effort;

/// An operation at many sizes.
pub struct Operation<'a> {
    pub name: &'static str,
    /// What a size counts.
    pub unit: &'static str,
    /// The threshold that chooses its path, where one does.
    pub field: Option<Field>,
    pub sizes: Vec<usize>,
    /// The size in the unit of the threshold.
    pub work: fn(usize) -> usize,
    /// So many calls in a row at a size. Where no threshold chooses, `Path::Adaptive` is the parallel one.
    pub run: Box<dyn FnMut(Path, usize, usize) + 'a>,
}

/// Vectors to measure with: 8 MiB, more than a core's own caches.
const VECTORS: usize = 1 << 15;

/// Vectors of a set of batch bundle.
const SET: usize = 10;

/// Queries of a search, at most.
const QUERIES: usize = 100;

/// What the operations work on.
pub struct Inputs {
    vectors: Vec<HV16>,
    /// Unrelated to the vectors: a search that has found an equal has little left to do.
    queries: Vec<HV16>,
}

impl Inputs {
    pub fn new() -> Self {
        Self { vectors: vectors(VECTORS, 1), queries: vectors(QUERIES, 2) }
    }
}

/// Sizes by doubling, and those of the published figures.
fn doubling(effort: Effort) -> Vec<usize> {
    let mut sizes: Vec<usize> = (7..=15).map(|bits| 1 << bits).step_by(effort.step).collect();
    sizes.extend([100, 500, 1_000, 5_000]);
    sizes.sort_unstable();
    sizes
}

/// Numbers of queries or of sets, those of the published figures among them.
fn few(effort: Effort, largest: usize) -> Vec<usize> {
    let sizes = [1, 2, 5, 10, 20, 50, 100, 200, 400, 800, 1_600];
    sizes
        .into_iter()
        .filter(|&size| size <= largest)
        .rev()
        .step_by(effort.step)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect()
}

/// Every operation of hv-parallel that has a sequential twin to be compared with.
pub fn all(inputs: &Inputs, effort: Effort) -> Vec<Operation<'_>> {
    let mut operations = vec![bind(inputs, effort), bind_pairs(inputs, effort), similarity(inputs, effort)];
    operations.extend([batch_bundle(inputs, effort), bundle(inputs, effort)]);
    operations.extend(nearest(inputs, effort));
    operations.extend(top_k(inputs, effort));
    operations.extend([all_pairs(inputs, effort), similar_pairs(inputs, effort)]);
    operations
}

/// Puts an operation together from what it does once; results are dropped within the time of a call, as a caller
/// would.
fn operation<'a, R>(
    (name, unit, field): (&'static str, &'static str, Option<Field>),
    sizes: Vec<usize>,
    work: fn(usize) -> usize,
    mut once: impl FnMut(Path, usize) -> R + 'a,
) -> Operation<'a> {
    let run = move |path, size, calls| (0..calls).for_each(|_| drop(black_box(once(path, size))));
    Operation { name, unit, field, sizes, work, run: Box::new(run) }
}

fn bind(Inputs { vectors: v, .. }: &Inputs, effort: Effort) -> Operation<'_> {
    operation(
        ("batch bind", "vectors", Some(Field::Bind)),
        doubling(effort),
        |n| n,
        |path, n| paths::bind(path, &v[..n], &v[0]),
    )
}

fn bind_pairs(Inputs { vectors: v, .. }: &Inputs, effort: Effort) -> Operation<'_> {
    operation(
        ("batch bind pairs", "pairs", None),
        doubling(effort),
        |n| n,
        |path, n| match path {
            Path::Sequential => v[..n].iter().zip(&v[VECTORS - n..]).map(|(a, b)| simd_bind(a, b)).collect(),
            Path::Parallel | Path::Adaptive => parallel_batch_bind_pairs(&v[..n], &v[VECTORS - n..]),
        },
    )
}

fn similarity(Inputs { vectors: v, .. }: &Inputs, effort: Effort) -> Operation<'_> {
    operation(
        ("batch similarity", "vectors", Some(Field::Similarity)),
        doubling(effort),
        |n| n,
        |path, n| paths::similarity(path, &v[0], &v[..n]),
    )
}

fn batch_bundle(Inputs { vectors: v, .. }: &Inputs, effort: Effort) -> Operation<'_> {
    let sets: Vec<&[HV16]> = v.chunks(SET).collect();
    let header = ("batch bundle, sets of 10", "sets", Some(Field::Bundle));
    operation(
        header,
        few(effort, 1_600),
        |n| n * (SET + Thresholds::SET_WORK),
        move |path, n| paths::bundle(path, &sets[..n]),
    )
}

fn bundle(Inputs { vectors: v, .. }: &Inputs, effort: Effort) -> Operation<'_> {
    operation(
        ("one bundle", "vectors", None),
        doubling(effort),
        |n| n,
        |path, n| match path {
            Path::Sequential => simd_bundle(&v[..n]),
            Path::Parallel | Path::Adaptive => parallel_bundle(&v[..n]),
        },
    )
}

fn nearest(Inputs { vectors: v, queries: q }: &Inputs, effort: Effort) -> [Operation<'_>; 2] {
    let once = |path, queries: usize, n: usize| paths::nearest(path, &q[..queries], &v[..n]);
    let field = Some(Field::Nearest);
    [
        operation(("nearest, 1 query", "vectors", field), doubling(effort), |n| n, move |path, n| once(path, 1, n)),
        operation(
            ("nearest, 1,000 vectors", "queries", field),
            few(effort, QUERIES),
            |q| q * 1_000,
            move |path, q| once(path, q, 1_000),
        ),
    ]
}

fn top_k(Inputs { vectors: v, queries: q }: &Inputs, effort: Effort) -> [Operation<'_>; 4] {
    fn work(queries: usize, n: usize, k: usize) -> usize {
        queries * (n + k * Thresholds::result_work(active_backend()))
    }
    let once = |path, queries: usize, n: usize, k: usize| paths::top_k(path, &q[..queries], &v[..n], k);
    let field = Some(Field::TopK);
    [
        operation(
            ("top-10, 1 query", "vectors", field),
            doubling(effort),
            |n| work(1, n, 10),
            move |path, n| once(path, 1, n, 10),
        ),
        operation(
            ("top-10, 1,000 vectors", "queries", field),
            few(effort, QUERIES),
            |q| work(q, 1_000, 10),
            move |path, q| once(path, q, 1_000, 10),
        ),
        operation(
            ("top-100, 1,000 vectors", "queries", field),
            few(effort, QUERIES),
            |q| work(q, 1_000, 100),
            move |path, q| once(path, q, 1_000, 100),
        ),
        operation(
            ("top-10, 10,000 vectors", "queries", field),
            few(effort, QUERIES),
            |q| work(q, 10_000, 10),
            move |path, q| once(path, q, 10_000, 10),
        ),
    ]
}

fn all_pairs(Inputs { vectors: v, .. }: &Inputs, effort: Effort) -> Operation<'_> {
    let row = |query, n: usize| {
        let mut row = vec![0.0; n];
        simd_similarities_into(query, &v[..n], &mut row);
        row
    };
    operation(
        ("all pairs", "vectors", None),
        few(effort, 400),
        |n| n * n,
        move |path, n| match path {
            Path::Sequential => v[..n].iter().map(|query| row(query, n)).collect(),
            Path::Parallel | Path::Adaptive => parallel_all_pairs_similarity(&v[..n]),
        },
    )
}

fn similar_pairs(Inputs { vectors: v, .. }: &Inputs, effort: Effort) -> Operation<'_> {
    const THRESHOLD: f32 = 0.9;
    const ROWS: usize = 64;
    let bound = max_distance(THRESHOLD).map_or(Bound::NOTHING, Bound::within);
    let rows = move |rows: &[HV16], start: usize, n: usize, found: &mut Vec<(usize, usize, f32)>| {
        Kernels::active().scan(rows, &v[start..n], start, &mut vec![bound; rows.len()], &mut |row, j, distance| {
            if j > start + row {
                found.push((start + row, j, similarity_of(distance)));
            }
            bound
        });
    };
    let header = ("similar pairs", "vectors", None);
    operation(
        header,
        few(effort, 800),
        |n| n * n / 2,
        move |path, n| match path {
            Path::Sequential => {
                let mut found = Vec::new();
                v[..n].chunks(ROWS).enumerate().for_each(|(i, block)| rows(block, i * ROWS, n, &mut found));
                found
            }
            Path::Parallel | Path::Adaptive => parallel_find_similar_pairs(&v[..n], THRESHOLD),
        },
    )
}
