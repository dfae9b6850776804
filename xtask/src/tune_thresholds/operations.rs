//! The operations that have a threshold, by many sizes.

use hv_benches::operations::{Inputs, Operation, Path, QUERIES, SET};
use hv_parallel::hv_simd::active_backend;
use hv_parallel::{Operation as Field, Thresholds};

/// Sizes by doubling, and those of the published figures; every `step`th of the first.
fn doubling(step: usize) -> Vec<usize> {
    let mut sizes: Vec<usize> = (7..=15).map(|bits| 1 << bits).step_by(step).collect();
    sizes.extend([100, 500, 1_000, 5_000]);
    sizes.sort_unstable();
    sizes
}

/// Numbers of queries or of sets, those of the published figures among them; every `step`th from the largest down.
fn few(step: usize, largest: usize) -> Vec<usize> {
    let sizes = [1_600, 800, 400, 200, 100, 50, 20, 10, 5, 2, 1].into_iter();
    let mut sizes: Vec<usize> = sizes.filter(|&size| size <= largest).step_by(step).collect();
    sizes.reverse();
    sizes
}

/// The work of a top-k, in pairs.
fn of_top_k(queries: usize, n: usize, k: usize) -> usize {
    queries * (n + k * Thresholds::result_work(active_backend()))
}

/// Every operation with its threshold, and one bundle, which has none; every `step`th of their sizes.
pub fn all<'a>(inputs: &'a Inputs, step: usize) -> Vec<(Operation<'a>, Option<Field>)> {
    let sets = inputs.sets();
    let mut operations = Vec::new();
    let mut add = |(name, unit, field), sizes, items, run: Box<dyn Fn(Path, usize) + 'a>| {
        operations.push((Operation { name, unit, sizes, items, run }, field));
    };
    let header = ("batch bind", "vectors", Some(Field::Bind));
    add(header, doubling(step), |n| n, Box::new(|path, n| inputs.bind(path, n)));
    let header = ("batch similarity", "vectors", Some(Field::Similarity));
    add(header, doubling(step), |n| n, Box::new(|path, n| inputs.similarity(path, n)));
    let header = ("batch bundle, sets of 10", "sets", Some(Field::Bundle));
    let run = move |path, n| inputs.bundles(path, &sets[..n]);
    add(header, few(step, 1_600), |n| n * (SET + Thresholds::SET_WORK), Box::new(run));
    add(("one bundle", "vectors", None), doubling(step), |n| n, Box::new(|path, n| inputs.bundle(path, n)));
    let field = Some(Field::Nearest);
    add(("nearest, 1 query", "vectors", field), doubling(step), |n| n, Box::new(|path, n| inputs.nearest(path, 1, n)));
    let run = |path, q| inputs.nearest(path, q, 1_000);
    add(("nearest, 1,000 vectors", "queries", field), few(step, QUERIES), |q| q * 1_000, Box::new(run));
    let field = Some(Field::TopK);
    let run = |path, n| inputs.top_k(path, 1, n, 10);
    add(("top-10, 1 query", "vectors", field), doubling(step), |n| of_top_k(1, n, 10), Box::new(run));
    let mut of_queries = |name, items, n, k| {
        let run = move |path, q| inputs.top_k(path, q, n, k);
        add((name, "queries", field), few(step, QUERIES), items, Box::new(run));
    };
    of_queries("top-10, 1,000 vectors", |q| of_top_k(q, 1_000, 10), 1_000, 10);
    of_queries("top-100, 1,000 vectors", |q| of_top_k(q, 1_000, 100), 1_000, 100);
    of_queries("top-10, 10,000 vectors", |q| of_top_k(q, 10_000, 10), 10_000, 10);
    operations
}
