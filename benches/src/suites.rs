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

/// The name of a benchmark: its group, itself, and its size.
pub(crate) type Name = (&'static str, &'static str, usize);

/// Benchmarks that are measured in turn.
#[derive(Default)]
pub(crate) struct Suite<'a> {
    pub(crate) rounds: Rounds<'a>,
    cases: Vec<(Estimate, Case)>,
}

impl<'a> Suite<'a> {
    /// Names a case of `rounds`, in nanoseconds a run.
    pub(crate) fn name(&mut self, (group, function, size): Name, items: Option<usize>, case: Case) -> Case {
        self.cases.push((Estimate { group, function, size, items, median: 0.0, spread: 0.0 }, case));
        case
    }

    /// Adds a benchmark.
    pub(crate) fn add(&mut self, name: Name, items: Option<usize>, run: impl FnMut() + 'a) -> Case {
        let case = self.rounds.add(Cores::All, 1, run);
        self.name(name, items, case)
    }

    pub(crate) fn measure(self, effort: Effort) -> (Vec<Estimate>, Times) {
        let times = self.rounds.measure(effort);
        let estimate =
            |(estimate, case)| Estimate { median: times.median(case), spread: times.spread(case), ..estimate };
        (self.cases.into_iter().map(estimate).collect(), times)
    }
}

/// Single operations, inputs in L1.
pub fn kernels(effort: Effort) -> Vec<Estimate> {
    let vectors = vectors(100, 1);
    let (a, b) = (&vectors[0], &vectors[1]);
    let mut suite = Suite::default();
    suite.add(("single", "bind", 1), Some(1), || _ = black_box(simd_bind(black_box(a), black_box(b))));
    for n in [3, 5, 10, 50, 100] {
        let set = &vectors[..n];
        suite.add(("bundle", "sequential", n), Some(n), move || _ = black_box(simd_bundle(black_box(set))));
    }
    for n in [1, 8, 64, 1_000] {
        let run = move || _ = black_box(simd_permute(black_box(a), black_box(n)));
        suite.add(("permute", "sequential", n as usize), Some(1), run);
    }
    suite.measure(effort).0
}

/// What an adaptive function may cost more than the better path, next to a share of it: a microsecond.
const SLACK_NS: f64 = 1_000.0;

/// Batch operations by path and size, and the bar for the adaptive ones.
pub fn batches(effort: Effort) -> (Vec<Estimate>, Option<Row>) {
    let (inputs, mut suite, mut choices) = (Inputs::default(), Suite::default(), Vec::new());
    for operation in OPERATIONS {
        for &size in operation.suite {
            let (inputs, work) = (&inputs, (operation.work)(size));
            let add = |&path: &Path| {
                let name = (operation.name, path.name(), size);
                suite.add(name, Some(work.items()), move || inputs.run(black_box(path), work))
            };
            let cases: Vec<Case> = work.paths().iter().map(add).collect();
            if work.threshold().is_some() {
                let work = format!("{}, {} {}", operation.name, grouped(size), operation.unit);
                choices.push((work, [cases[0], cases[1], cases[2]]));
            }
        }
    }
    let (estimates, times) = suite.measure(effort);
    let row = |(work, cases): (String, [Case; 3])| {
        let [sequential, parallel, adaptive] = cases.map(|case| times.median_with(case, &cases));
        let excess = 100.0 * ((adaptive - SLACK_NS) / sequential.min(parallel) - 1.0);
        let work = format!("adaptive less 1 us over the better path; the worst of all sizes: {work}");
        Row::new(work, "%", excess, times.quiet(&cases)).at_most(10.0)
    };
    let worst = choices.into_iter().map(row).max_by(|a, b| a.measured.total_cmp(&b.measured));
    (estimates, worst)
}
