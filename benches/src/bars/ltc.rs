//! Steps of liquid networks, one state and batches, next to what their synapses cost at least.
//!
//! The limit of a step is its number of synapses times the cost of a gathered multiply-add, plus its sigmoids: one for each
//! unit in a plain step, one for each synapse in each of the six unfolds of an LTC. Both costs are measured in the same
//! rounds: the sums of a sparse matrix of the same size, in the better of two forms, and sigmoids of a thousand numbers in
//! L1.

use std::hint::black_box;

use hv_ltc::workspace_internals::{Gathered, sigmoid};
use hv_ltc::{Network, Wiring};

use super::table::{Bar, Row, grouped};
use crate::quiet::Cores;
use crate::rounds::{Case, Effort, Rounds, Times};

/// Units of the networks, which have 10 % of the synapses.
const SIZES: [usize; 4] = [100, 250, 500, 1_000];

/// States of a batch.
const BATCH: usize = 32;

/// What Symthaea has published for a plain step of 1,000 units, before and after its work on it, in milliseconds, and how
/// many times as fast ours must be.
const PUBLISHED: [(f64, Option<Bar>); 2] = [(4.65, Some(Bar::AtLeast(20.0))), (1.19, None)];

const UNFOLDS: usize = 6;

/// A step of some network.
struct Step {
    work: String,
    units: usize,
    case: Case,
    /// A gathered multiply-add, in two forms.
    gathered: [Case; 2],
    /// Gathered multiply-adds and sigmoids of a step.
    costs: [usize; 2],
}

pub(super) fn measure(effort: Effort) -> Vec<Row> {
    let networks = SIZES.map(|units| {
        let wiring = Wiring::random(0, units, units, 0.9, 1).expect("a wiring of one unit or more");
        let plain = Network::<f32>::plain(&wiring, 2);
        (units, Gathered::new(&wiring), plain, Network::<f32>::ltc(&wiring, 3))
    });
    let mut rounds = Rounds::default();
    let mut numbers: Vec<f32> = (0..1_000).map(|i| i as f32 / 100.0 - 5.0).collect();
    let sigmoids = rounds.add(Cores::Caller, numbers.len(), move || sigmoid(black_box(&mut numbers)));
    let mut all = Vec::new();
    for (units, sums, plain, ltc) in &networks {
        let (synapses, gathered) = (sums.synapses(), gathered(&mut rounds, sums, *units));
        let kinds = [("plain", plain, [synapses, *units]), ("LTC", ltc, [UNFOLDS * synapses; 2])];
        for (kind, network, costs) in kinds {
            for (states, case) in steps(&mut rounds, network) {
                let work = format!("{kind} step, {} units, 10 % of the synapses, {states}", grouped(*units));
                all.push(Step { work, units: *units, case, gathered, costs });
            }
        }
    }
    let times = rounds.measure(effort.fewer(5));
    let largest = all.iter().filter(|step| step.units == SIZES[3]).take(1);
    let published = largest.flat_map(|step| {
        PUBLISHED.map(|(ms, bar)| {
            let work = format!("plain step, {} units: the published {ms} ms over ours", grouped(step.units));
            Row { bar, ..Row::new(work, "x", 1e6 * ms / times.median(step.case), times.quiet(&[step.case])) }
        })
    });
    all.iter().flat_map(|step| rows(&times, step, sigmoids)).chain(published).collect()
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
fn steps<'a>(rounds: &mut Rounds<'a>, network: &'a Network<f32>) -> [(&'static str, Case); 2] {
    let (mut state, mut batch) = (network.state(), network.batch(BATCH));
    let one = rounds.add(Cores::Caller, 1, move || _ = black_box(network.step(&[], black_box(0.1), &mut state)));
    let times = [0.1; BATCH];
    let many = rounds.add(Cores::Caller, BATCH, move || {
        _ = black_box(network.step_batch(&[], black_box(&times), &mut batch));
    });
    [("one state", one), ("a state in a batch of 32", many)]
}

/// The time of a step next to its limit, and its share of that for the largest network.
fn rows(times: &Times, step: &Step, sigmoids: Case) -> impl Iterator<Item = Row> + use<> {
    let cases = [step.case, times.fastest(&step.gathered), sigmoids];
    let [time, add, call] = cases.map(|case| times.median_with(case, &cases));
    let (limit, quiet) = (step.costs[0] as f64 * add + step.costs[1] as f64 * call, times.quiet(&cases));
    let share = Row::new(format!("{}, of the limit", step.work), "%", 100.0 * limit / time, quiet).at_least(70.0);
    let row = Row::new(step.work.clone(), "us", time / 1e3, quiet).limit(limit / 1e3);
    std::iter::once(row).chain((step.units == SIZES[3]).then_some(share))
}
