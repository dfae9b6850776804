//! `cargo xtask tune-thresholds`: from how much work on waking the pool pays, for every operation.

mod curve;
mod effort;
mod figures;
mod operations;
mod plot;
mod recalls;

use std::path::PathBuf;

use hv_benches::quiet::{Cores, Probe};
use hv_parallel::hv_simd::active_backend;
use hv_parallel::{Operation as Field, Thresholds, set_thresholds};
use indicatif::{ProgressBar, ProgressStyle};

use crate::files::{self, root};
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::say::say;
use curve::{Curve, Point, Timings};
use effort::Effort;
use hv_memory::internal::Costs;
use operations::{Inputs, Operation};

/// Measure the sequential and the parallel path of every operation by size, and where they cross.
///
/// Prints a table for each operation and draws the curves. From these follows a threshold for each field of
/// `Thresholds`: the one with which no operation of that field is more than 10 % + 1 us slower than its better path
/// at any size, or as few as can be, and at which one thread works for 3.5 us or more. Then the ways to recall in hv-memory
/// are measured on one thread: reading every vector in full, the prefix plane first, or picked slots. Where they cross gives
/// the figures of its planner. Calls are measured one after the other; a pool that has gone to sleep meanwhile takes some ten times as long to wake.
///
/// The parallel path takes the whole pool, and a crossing is where all of that pays. The adaptive functions take a part
/// of a large pool for little work: two threads at a threshold, four at twice that. --check times these functions
/// themselves beside the two paths.
///
/// Let the machine be quiet: another busy process takes the second core away. What other guests of a shared host take
/// of a core is noticed, and left out.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask tune-thresholds --quick           a first look\n  \
    cargo xtask tune-thresholds --check           do the present defaults hold here?\n  \
    cargo xtask tune-thresholds --write           make them true for this machine\n  \
    HV_BACKEND=sse2 cargo xtask tune-thresholds --write   the same for other kernels\n  \
    RAYON_NUM_THREADS=4 cargo xtask tune-thresholds   with another pool")]
pub struct Args {
    /// Fewer sizes and fewer repeats: seconds in place of a minute or two.
    #[arg(long)]
    quick: bool,
    /// Say whether the adaptive functions, with the present defaults, are within 10 % + 1 us of the better path at
    /// every size; fail if not.
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Update the figures of this backend in crates/hv-parallel/src/defaults.txt and crates/hv-memory/src/planner.txt, and
    /// the plot of docs/parallel.md.
    #[arg(long)]
    write: bool,
    /// Where to draw the curves [default: target/tune-thresholds.svg in the repository].
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// The plot that `--write` updates, in the repository.
const PLOT: &str = "docs/parallel.svg";

/// Measures, prints, draws, and checks or writes as asked.
pub fn run(args: &Args) -> Outcome {
    hv_parallel::init()?;
    if rayon::current_num_threads() == 1 {
        return Err("the pool has one thread, so nothing can be gained: set RAYON_NUM_THREADS to 2 or more".into());
    }
    let svg = args.svg.clone().unwrap_or_else(|| root().join("target/tune-thresholds.svg"));
    let tables = figures::FILES.map(|name| root().join(name));
    let plot = root().join(PLOT);
    tables.iter().chain([&plot]).filter(|_| args.write).chain([&svg]).try_for_each(|path| files::check(path))?;

    let machine = Machine::here();
    say!("{machine}\n");
    let mut effort = if args.quick { Effort::QUICK } else { Effort::FULL };
    if args.check {
        effort = effort.with_adaptive();
        set_thresholds(present()); // whatever HV_THRESHOLDS says
    }
    // Nothing can be wrong with the choice where no threshold chooses.
    let inputs = Inputs::new();
    let mut operations = operations::all(&inputs, effort);
    operations.retain(|operation| !args.check || operation.field.is_some());
    let curves = measure(operations, effort);
    let recalls = recalls::Inputs::new();
    let ways = measure(recalls::all(&recalls, effort.plain()), effort.plain());
    for curve in curves.iter().chain(&ways) {
        say!("{curve}");
    }
    let (tuned, costs) = (tuned(&curves), recalls::costs(&ways));
    print_summary(&curves, &tuned);
    print_costs(&ways, &costs);

    let drawn = if args.write { tuned } else { present() };
    let drawing = plot::svg(&curves, &drawn, &machine.to_string())?;
    if args.write {
        figures::update(active_backend(), (&tuned, &costs), &machine)?;
        files::save(&root().join(PLOT), &drawing)?;
    }
    files::save(&svg, &drawing)?;
    if !args.check {
        return Ok(());
    }
    let missed = || recalls::misses(&ways, &Costs::of(active_backend()));
    let recalls = if missed().is_empty() { Vec::new() } else { again(&recalls, effort, &missed()) };
    check(&curves, &inputs, effort, recalls)
}

/// The lines of recalls that the present figures miss in a second measurement too.
fn again(inputs: &recalls::Inputs, effort: Effort, first: &[String]) -> Vec<String> {
    let ways = measure(recalls::all(inputs, effort.plain()), effort.plain());
    let mut second = recalls::misses(&ways, &Costs::of(active_backend()));
    let what = |line: &str| line.split(": ").next().map(ToOwned::to_owned);
    second.retain(|line| first.iter().any(|before| what(before) == what(line)));
    second
}

/// Measures some operations.
fn measure(mut operations: Vec<Operation<'_>>, effort: Effort) -> Vec<Curve> {
    let mut timings: Vec<Vec<Timings>> =
        operations.iter().map(|operation| vec![Timings::default(); operation.sizes.len()]).collect();
    let mut probe = Probe::new(Cores::GlobalPool);
    let steps = timings.iter().map(Vec::len).sum::<usize>() * effort.rounds;
    // Hidden by indicatif where stderr is no terminal.
    let bar = ProgressBar::new(steps as u64).with_style(style());
    for _ in 0..effort.rounds {
        for (operation, timings) in operations.iter_mut().zip(&mut timings) {
            bar.set_message(operation.name);
            for (i, timings) in timings.iter_mut().enumerate() {
                curve::time(operation, operation.sizes[i], effort, &mut probe, timings);
                bar.inc(1);
            }
        }
    }
    bar.finish_and_clear();
    operations.iter().zip(timings).map(|(operation, timings)| Curve::new(operation, timings, &probe)).collect()
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} ({eta} left)")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// The defaults of the backend in use.
fn present() -> Thresholds {
    Thresholds::for_backend(active_backend())
}

/// For each field the threshold that serves all of its operations best.
fn tuned(curves: &[Curve]) -> Thresholds {
    Thresholds::from_fn(|field| {
        let of_field: Vec<&Curve> = curves.iter().filter(|curve| curve.field == Some(field)).collect();
        curve::best_threshold(&of_field)
    })
}

fn print_summary(curves: &[Curve], tuned: &Thresholds) {
    say!("{:<32} {:>14} {:>18} {:>9}", "crossing", "work", "time there", "gain");
    for curve in curves {
        let (work, time) = match curve.crossing() {
            Some((work, seconds)) => (format!("{work:.0}"), format!("{:.1} us", seconds * 1e6)),
            None => ("none".to_owned(), "-".to_owned()),
        };
        say!("{:<32} {work:>14} {time:>18} {:>8.2}x", curve.name, curve.final_gain());
    }
    say!("\n{:<14} {:>20} {:>20}", "threshold", "present default", "measured here");
    let present = present();
    for &field in Field::ALL {
        let (present, tuned) = (present[field], tuned[field]);
        say!("{:<14} {:>20} {:>20}", field.name(), in_words(present), in_words(tuned));
    }
    say!("\nfor this process alone: HV_THRESHOLDS={tuned}");
}

fn in_words(threshold: usize) -> String {
    if threshold == usize::MAX { "never".to_owned() } else { threshold.to_string() }
}

/// The figures of the planner of recalls, beside the present ones.
fn print_costs(ways: &[Curve], costs: &Costs) {
    say!("\n{:<32} {:>14} {:>18}", "ways of a recall cross", "at", "time there");
    for way in ways {
        let (at, time) = match way.crossing() {
            Some((size, seconds)) => (format!("{size:.0} {}", way.unit), format!("{:.1} us", seconds * 1e6)),
            None => ("never".to_owned(), "-".to_owned()),
        };
        say!("{:<32} {at:>14} {time:>18}", way.name);
    }
    say!("\npresent:  {:?}\nmeasured: {costs:?}", Costs::of(active_backend()));
}

/// Fails where an adaptive function, or a recall, is over the tolerance at some size, twice: what is so is measured again,
/// since another process may have had the core.
fn check(curves: &[Curve], inputs: &Inputs, effort: Effort, recalls: Vec<String>) -> Outcome {
    let suspects: Vec<&str> = curves.iter().filter(|curve| !misses(curve).is_empty()).map(|curve| curve.name).collect();
    let is_suspect = |operation: &Operation<'_>| suspects.contains(&operation.name);
    let mut operations = operations::all(inputs, effort);
    operations.retain(is_suspect);
    let again = measure(operations, effort);
    let first = |curve: &Curve| curves.iter().find(|first| first.name == curve.name).map(misses).unwrap_or_default();
    let mut list = recalls;
    for curve in &again {
        let before: Vec<usize> = first(curve).iter().map(|point| point.size).collect();
        let twice = misses(curve).into_iter().filter(|point| before.contains(&point.size));
        list.extend(twice.map(|point| {
            let times = [point.adaptive.unwrap_or(f64::NAN), point.sequential, point.parallel];
            let [adaptive, sequential, parallel] = times.map(|seconds| seconds * 1e6);
            format!(
                "{}, {} {}: {adaptive:.1} us, where one thread takes {sequential:.1} us and the pool {parallel:.1} us",
                curve.name, point.size, curve.unit
            )
        }));
    }
    if list.is_empty() {
        say!("\nwith the present defaults adaptive is within 10 % + 1 us of the better path at every size");
        return Ok(());
    }
    let list = list.join("\n  ");
    Err(format!(
        "with the present defaults adaptive is slower than the better path by more than 10 % + 1 us here:\n  {list}\n\
         if the machine was quiet, write new ones with --write"
    )
    .into())
}

/// Where the adaptive function is over the tolerance.
fn misses(curve: &Curve) -> Vec<Point> {
    curve.points.iter().copied().filter(Point::is_missed).collect()
}
