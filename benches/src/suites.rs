//! The suites: single operations, batches by path, and the episodic memory by its size.

use std::hint::black_box;

use hv_parallel::hv_simd::{simd_bind, simd_bundle, simd_permute};

use crate::bars::{Row, grouped};
use crate::inputs::vectors;
use crate::operations::{Inputs, OPERATIONS, Path};
use crate::quiet::Cores;
use crate::rounds::{Case, Effort, Rounds, Times};

/// One benchmark's result.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// The group, for example "batch bind".
    pub group: &'static str,
    /// The benchmark in it, mostly the path: "sequential".
    pub function: &'static str,
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
    /// The name by which `cargo bench` chooses.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}/{}", self.group, self.function, self.size)
    }
}

/// The name of a benchmark: its group, itself, and its size.
pub(crate) type Name = (&'static str, &'static str, usize);

/// Benchmarks that are measured in turn.
pub(crate) struct Suite<'a> {
    pub(crate) rounds: Rounds<'a>,
    cases: Vec<(Estimate, Case)>,
}

impl<'a> Suite<'a> {
    pub(crate) fn new() -> Self {
        Self { rounds: Rounds::on(Cores::All), cases: Vec::new() }
    }

    /// Names a case of `rounds`, in nanoseconds a run.
    pub(crate) fn name(&mut self, (group, function, size): Name, items: Option<usize>, case: Case) {
        self.cases.push((Estimate { group, function, size, items, median: 0.0, spread: 0.0 }, case));
    }

    /// Adds a benchmark.
    pub(crate) fn add(&mut self, name: Name, items: Option<usize>, run: impl FnMut() + 'a) {
        let case = self.rounds.add(1, run);
        self.name(name, items, case);
    }

    /// Adds a benchmark of so short a run that it is repeated, since it is called through a pointer.
    fn add_short(&mut self, name: Name, items: usize, mut run: impl FnMut() + 'a) {
        const CALLS: usize = 64;
        let case = self.rounds.add(CALLS, move || (0..CALLS).for_each(|_| run()));
        self.name(name, Some(items), case);
    }

    pub(crate) fn measure(self, effort: Effort) -> (Vec<Estimate>, Times) {
        let times = self.rounds.measure(effort);
        let estimate =
            |(estimate, case)| Estimate { median: times.median(case), spread: times.spread(case), ..estimate };
        (self.cases.into_iter().map(estimate).collect(), times)
    }
}

/// Single operations, inputs in L1.
#[must_use]
pub fn kernels(effort: Effort) -> Vec<Estimate> {
    let vectors = vectors(100, 1);
    let (a, b) = (&vectors[0], &vectors[1]);
    let mut suite = Suite::new();
    suite.add_short(("single", "bind", 1), 1, || _ = black_box(simd_bind(black_box(a), black_box(b))));
    for n in [3, 5, 10, 50, 100] {
        let set = &vectors[..n];
        suite.add_short(("bundle", "sequential", n), n, move || _ = black_box(simd_bundle(black_box(set))));
    }
    for n in [1, 8, 64, 1_000] {
        let run = move || _ = black_box(simd_permute(black_box(a), black_box(n)));
        suite.add_short(("permute", "sequential", n as usize), 1, run);
    }
    suite.measure(effort).0
}

/// What an adaptive function may cost more than the better path, next to a share of it: a microsecond.
const SLACK_NS: f64 = 1_000.0;

/// Batch operations by path and size, and the bar for the adaptive ones.
#[must_use]
pub fn batches(effort: Effort) -> (Vec<Estimate>, Row) {
    let vectors = Inputs::vectors();
    let (inputs, mut suite, mut choices) = (Inputs::new(&vectors), Suite::new(), Vec::new());
    for operation in OPERATIONS {
        for &size in operation.suite {
            let work = (operation.work)(size);
            let mut add = |&path: &Path| {
                let inputs = &inputs;
                let case = suite.rounds.add(1, move || inputs.run(black_box(path), work));
                suite.name((operation.name, path.name(), size), Some(work.items()), case);
                case
            };
            let cases: Vec<Case> = work.paths().iter().map(&mut add).collect();
            if work.threshold().is_some() {
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
