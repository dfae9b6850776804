//! Steps of liquid networks, one state and batches, next to what their synapses cost at least.
//!
//! The limit of a step is its number of synapses times the cost of a gathered multiply-add, plus its sigmoids: one for each
//! unit in a plain step, one for each synapse in each of the six unfolds of an LTC. Both costs are measured in the same
//! rounds: the sums of a sparse matrix of the same size, in the better of two forms, and sigmoids of a thousand numbers in
//! L1.

use std::hint::black_box;

use hv_ltc::workspace_internals::{Gathered, sigmoid};
use hv_ltc::{Network, Wiring};

use super::table::{Row, grouped};
use crate::quiet::Cores;
use crate::rounds::{Case, Effort, Rounds, Times};

/// Units of the networks, which have 10 % of the synapses.
const SIZES: [usize; 4] = [100, 250, 500, 1_000];

/// States of a batch.
const BATCH: usize = 32;

/// What the system that hv follows has published for a plain step of 1,000 units, before and after its work on it, in
/// milliseconds.
const PUBLISHED: [f64; 2] = [4.65, 1.19];

const UNFOLDS: usize = 6;

/// The cases of one number of units.
struct Cases {
    units: usize,
    synapses: usize,
    /// A gathered multiply-add, in two forms.
    gathered: [Case; 2],
    /// A step of one state, and of a state in a batch.
    plain: [Case; 2],
    ltc: [Case; 2],
}

pub(super) fn measure(effort: Effort) -> Vec<Row> {
    let networks = SIZES.map(|units| {
        let wiring = Wiring::random(0, units, units, 0.9, 1).expect("a wiring of one unit or more");
        let plain = Network::<f32>::plain(&wiring, 2);
        (Gathered::new(&wiring), plain, Network::<f32>::ltc(&wiring, 3))
    });
    let mut rounds = Rounds::default();
    let mut numbers: Vec<f32> = (0..1_000).map(|i| i as f32 / 100.0 - 5.0).collect();
    let sigmoids = rounds.add(Cores::Caller, numbers.len(), move || sigmoid(black_box(&mut numbers)));
    let networks = SIZES.into_iter().zip(&networks);
    let cases: Vec<Cases> = networks
        .map(|(units, (sums, plain, ltc))| Cases {
            units,
            synapses: sums.synapses(),
            gathered: gathered(&mut rounds, sums, units),
            plain: steps(&mut rounds, plain),
            ltc: steps(&mut rounds, ltc),
        })
        .collect();
    let times = rounds.measure(effort.fewer(5));
    cases.iter().flat_map(|cases| rows(&times, cases, sigmoids)).collect()
}

/// The sums of a sparse matrix by hv-ltc's kernel, and by a loop without registers.
fn gathered<'a>(rounds: &mut Rounds<'a>, sums: &'a Gathered, units: usize) -> [Case; 2] {
    let x: Vec<f32> = (0..units).map(|i| i as f32 / units as f32).collect();
    let (mut y, other, mut y_other) = (vec![0.0; units], x.clone(), vec![0.0; units]);
    let kernel = rounds.add(Cores::Caller, sums.synapses(), move || sums.kernel(black_box(&x), black_box(&mut y)));
    let plain =
        rounds.add(Cores::Caller, sums.synapses(), move || sums.plain(black_box(&other), black_box(&mut y_other)));
    [kernel, plain]
}

/// A step of one state, and of each state of a batch.
fn steps<'a>(rounds: &mut Rounds<'a>, network: &'a Network<f32>) -> [Case; 2] {
    let (mut state, mut batch) = (network.state(), network.batch(BATCH));
    let one = rounds.add(Cores::Caller, 1, move || _ = black_box(network.step(&[], black_box(0.1), &mut state)));
    let times = [0.1; BATCH];
    let many =
        rounds.add(Cores::Caller, BATCH, move || _ = black_box(network.step_batch(&[], black_box(&times), &mut batch)));
    [one, many]
}

fn rows(times: &Times, cases: &Cases, sigmoids: Case) -> Vec<Row> {
    let (units, synapses, gathered) = (cases.units, cases.synapses, times.fastest(&cases.gathered));
    // Each with its gathered multiply-adds and its sigmoids.
    let kinds = [("plain", cases.plain, synapses, units), ("LTC", cases.ltc, UNFOLDS * synapses, UNFOLDS * synapses)];
    let mut rows = Vec::new();
    for (kind, all, sums, calls) in kinds {
        for (case, states) in all.into_iter().zip(["one state", "a state in a batch of 32"]) {
            let work = format!("{kind} step, {} units, 10 % of the synapses, {states}", grouped(units));
            let together = [case, gathered, sigmoids];
            let [time, sum, call] = together.map(|case| times.median_with(case, &together));
            let (limit, quiet) = (sums as f64 * sum + calls as f64 * call, times.quiet(&together));
            rows.push(Row::new(work.clone(), "us", time / 1e3, quiet).limit(limit / 1e3));
            if units == SIZES[3] {
                rows.push(Row::new(format!("{work}, of the limit"), "%", 100.0 * limit / time, quiet).at_least(70.0));
            }
        }
    }
    if units == SIZES[3] {
        let [one, _] = cases.plain;
        let over = |ms: f64| {
            let work = format!("plain step, {} units: the published {ms} ms over ours", grouped(units));
            Row::new(work, "x", 1e6 * ms / times.median(one), times.quiet(&[one]))
        };
        rows.extend([over(PUBLISHED[0]).at_least(20.0), over(PUBLISHED[1])]);
    }
    rows
}
