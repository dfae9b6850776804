//! The suites: single operations, batches by path, and the episodic memory by its size.

use std::hint::black_box;

use hv_parallel::hv_simd::{simd_bind, simd_bundle, simd_permute};

use crate::bars::{Row, grouped};
use crate::inputs::vectors;
use crate::operations::{Inputs, Operation, Path, SET};
use crate::quiet::Cores;
use crate::rounds::{Case, Effort, Rounds, Times};

/// One benchmark's result.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// The group, for example "batch bind".
    pub group: String,
    /// The benchmark in it, mostly the path: "sequential".
    pub function: String,
    /// The size or parameter; 1 where there is none.
    pub size: usize,
    /// Items that a run handles, where its time goes by them.
    pub items: Option<usize>,
    /// The median, in nanoseconds a run.
    pub median: f64,
    /// Half of the rounds lie within this fraction of the median.
    pub spread: f64,
}

impl Estimate {
    /// The name by which runs are compared.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}/{}", self.group, self.function, self.size)
    }
}

/// Benchmarks that are measured in turn.
pub(crate) struct Suite<'a> {
    pub(crate) rounds: Rounds<'a>,
    cases: Vec<(Estimate, Case)>,
}

impl<'a> Suite<'a> {
    pub(crate) fn new() -> Self {
        Self { rounds: Rounds::on(Cores::GlobalPool), cases: Vec::new() }
    }

    /// Names a case of `rounds`, in nanoseconds a run.
    pub(crate) fn name(&mut self, group: &str, function: &str, size: usize, items: Option<usize>, case: Case) {
        let (group, function) = (group.to_owned(), function.to_owned());
        self.cases.push((Estimate { group, function, size, items, median: 0.0, spread: 0.0 }, case));
    }

    /// Adds a benchmark.
    pub(crate) fn add(
        &mut self,
        group: &str,
        function: &str,
        size: usize,
        items: Option<usize>,
        run: impl FnMut() + 'a,
    ) {
        let case = self.rounds.add(1, run);
        self.name(group, function, size, items, case);
    }

    pub(crate) fn measure(self, effort: Effort) -> (Vec<Estimate>, Times) {
        let times = self.rounds.measure(effort);
        let estimate =
            |(estimate, case)| Estimate { median: times.median(case), spread: times.spread(case), ..estimate };
        (self.cases.into_iter().map(estimate).collect(), times)
    }
}

/// Single operations, inputs in L1. So short a run is repeated, since it is called through a pointer.
#[must_use]
pub fn kernels(effort: Effort) -> Vec<Estimate> {
    const CALLS: usize = 64;
    let vectors = vectors(100, 1);
    let (a, b) = (&vectors[0], &vectors[1]);
    let mut suite = Suite::new();
    let case =
        suite.rounds.add(CALLS, || (0..CALLS).for_each(|_| _ = black_box(simd_bind(black_box(a), black_box(b)))));
    suite.name("single", "bind", 1, Some(1), case);
    for n in [3, 5, 10, 50, 100] {
        let set = &vectors[..n];
        let case = suite.rounds.add(8, move || (0..8).for_each(|_| _ = black_box(simd_bundle(black_box(set)))));
        suite.name("bundle", "sequential", n, Some(n), case);
    }
    for n in [1, 8, 64, 1_000] {
        let run = move || (0..CALLS).for_each(|_| _ = black_box(simd_permute(black_box(a), black_box(n))));
        let case = suite.rounds.add(CALLS, run);
        suite.name("permute", "sequential", n as usize, Some(1), case);
    }
    suite.measure(effort).0
}

/// What an adaptive function may cost more than the better path, next to a share of it: a microsecond.
const SLACK_NS: f64 = 1_000.0;

/// Batch operations by path and size, and the bar for the adaptive ones.
#[must_use]
pub fn batches(effort: Effort) -> (Vec<Estimate>, Row) {
    let inputs = Inputs::default();
    let operations = operations(&inputs);
    let mut suite = Suite::new();
    let mut choices = Vec::new();
    for (operation, paths) in &operations {
        for (size, cases) in operation.add_to(&mut suite.rounds, paths) {
            for (path, &case) in paths.iter().zip(&cases) {
                suite.name(operation.name, path.name(), size, Some((operation.items)(size)), case);
            }
            if operation.name != "cycle" {
                choices.push((format!("{}, {} {}", operation.name, grouped(size), operation.unit), cases));
            }
        }
    }
    let (estimates, times) = suite.measure(effort);
    let excess = |cases: &[Case]| {
        // All three in the same rounds.
        let [sequential, parallel, adaptive] = [0, 1, 2].map(|path| times.median_with(cases[path], &cases[..3]));
        100.0 * ((adaptive - SLACK_NS) / sequential.min(parallel) - 1.0)
    };
    let by_excess = choices.iter().map(|(work, cases)| (excess(cases), work, times.quiet(&cases[..3])));
    let worst = by_excess.max_by(|a, b| a.0.total_cmp(&b.0));
    let (excess, work, quiet) =
        worst.map_or((0.0, "none", 1.0), |(excess, work, quiet)| (excess, work.as_str(), quiet));
    let work = format!("adaptive less 1 us over the better path; the worst of all sizes: {work}");
    (estimates, Row::new(work, "%", excess, quiet).at_most(10.0))
}

/// The operations of the suites with their paths; an item is a vector, or a pair of query and vector for searches.
fn operations<'a>(inputs: &'a Inputs) -> Vec<(Operation<'a>, &'static [Path])> {
    let sets = inputs.sets();
    let (of_cycle, all, making) = (sets.clone(), &Path::ALL[..], &Path::MAKING[..]);
    let operation = |name, unit, sizes: &[usize], items, paths, run: Box<dyn Fn(Path, usize) + 'a>| {
        (Operation { name, unit, sizes: sizes.to_vec(), items, run }, paths)
    };
    let sizes = &[100, 500, 1_000, 5_000];
    let bundles: Box<dyn Fn(Path, usize) + 'a> = Box::new(move |path, n| inputs.bundles(path, &sets[..n]));
    vec![
        operation("batch bind", "vectors", sizes, |n| n, all, Box::new(|path, n| inputs.bind(path, n))),
        operation("batch similarity", "vectors", sizes, |n| n, all, Box::new(|path, n| inputs.similarity(path, n))),
        operation("batch bundle of 10", "sets", &[10, 50, 100, 200], |n| SET * n, all, bundles),
        operation(
            "nearest of 1000",
            "queries",
            &[10, 50, 100],
            |q| q * 1_000,
            making,
            Box::new(|path, q| inputs.nearest(path, q, 1_000)),
        ),
        operation(
            "top-k of 50 x 1000, by k",
            "results",
            &[1, 5, 10],
            |_| 50_000,
            making,
            Box::new(|path, k| inputs.top_k(path, 50, 1_000, k)),
        ),
        operation(
            "top-k of 100 x 10000, by k",
            "results",
            &[10],
            |_| 1_000_000,
            making,
            Box::new(|path, k| inputs.top_k(path, 100, 10_000, k)),
        ),
        operation("cycle", "cycles", &[1], |_| 1, making, Box::new(move |path, _| inputs.cycle(path, &of_cycle))),
    ]
}
