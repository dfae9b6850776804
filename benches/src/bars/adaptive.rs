//! The adaptive functions next to the better of the two paths that they choose from, at every size of the suite.

use std::hint::black_box;

use hv_parallel::HV16;

use super::table::{Row, grouped};
use crate::inputs::vectors;
use crate::paths::{self, Path};
use crate::quiet::Cores;
use crate::rounds::{Case, Effort, Rounds};

/// What an adaptive function may cost more than the better path, besides a share of it: a microsecond.
const SLACK_NS: f64 = 1_000.0;

/// Adds the three paths of one operation.
fn paths<'a>(rounds: &mut Rounds<'a>, run: impl Fn(Path) + Copy + 'a) -> [Case; 3] {
    Path::ALL.map(|path| rounds.add(1, move || run(black_box(path))))
}

pub(super) fn measure(effort: Effort) -> Row {
    let (memory, queries) = (vectors(10_000, 1), vectors(100, 2));
    let sets: Vec<&[HV16]> = memory.chunks(10).collect();
    let (memory, queries, sets) = (&memory[..], &queries[..], &sets[..]);
    let mut rounds = Rounds::on(Cores::GlobalPool);
    let mut works: Vec<(String, [Case; 3])> = Vec::new();
    let key = &queries[0];
    for n in [100, 500, 1_000, 5_000] {
        let run = move |path| drop(black_box(paths::bind(path, &memory[..n], key)));
        works.push((format!("batch bind of {}", grouped(n)), paths(&mut rounds, run)));
        let run = move |path| drop(black_box(paths::similarity(path, key, &memory[..n])));
        works.push((format!("batch similarity of {}", grouped(n)), paths(&mut rounds, run)));
    }
    for n in [10, 50, 100, 200] {
        let run = move |path| drop(black_box(paths::bundle(path, &sets[..n])));
        works.push((format!("batch bundle of {n} sets of 10"), paths(&mut rounds, run)));
    }
    for q in [10, 50, 100] {
        let run = move |path| drop(black_box(paths::nearest(path, &queries[..q], &memory[..1_000])));
        works.push((format!("nearest, {q} x 1,000"), paths(&mut rounds, run)));
    }
    for (q, n, k) in [(50, 1_000, 1), (50, 1_000, 5), (50, 1_000, 10), (100, 10_000, 10)] {
        let run = move |path| drop(black_box(paths::top_k(path, &queries[..q], &memory[..n], k)));
        works.push((format!("top-{k}, {q} x {}", grouped(n)), paths(&mut rounds, run)));
    }
    let times = rounds.measure(effort);
    let excess = |[sequential, parallel, adaptive]: [Case; 3]| {
        // All three over the same rounds.
        let median = |case| times.beside(case, &[sequential, parallel, adaptive]);
        100.0 * ((median(adaptive) - SLACK_NS) / median(sequential).min(median(parallel)) - 1.0)
    };
    let by_excess = works.into_iter().map(|(work, cases)| (excess(cases), work, times.quiet(&cases)));
    let (worst, work, quiet) = by_excess.max_by(|a, b| a.0.total_cmp(&b.0)).expect("some works");
    Row::new(format!("adaptive less 1 us over the better path; the worst of all sizes: {work}"), "%", worst, quiet)
        .at_most(10.0)
}
