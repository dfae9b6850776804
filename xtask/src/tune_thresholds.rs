//! `cargo xtask tune-thresholds`: from how much work on waking the pool pays, for every operation.

mod curve;
mod figures;
mod operations;
mod recalls;

use std::path::PathBuf;
use std::time::Duration;

use hv_benches::operations::{Inputs, Path};
use hv_benches::rounds::Effort;
use hv_memory::internal::Costs;
use hv_parallel::hv_simd::active_backend;
use hv_parallel::{Operation as Field, Thresholds, set_thresholds};

use crate::files::{self, root};
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::plot::{self, Panel};
use crate::say::say;
use curve::Curve;

/// Measure the sequential and the parallel path of every operation by size, and where they cross.
///
/// Prints a table for each operation and draws the curves. From these follows a threshold for each field of
/// `Thresholds`: the one with which no operation of that field is more than 10 % + 1 us slower than its better path
/// at any size, or as few as can be, and at which one thread works for 3.5 us or more. Then the ways to recall in
/// hv-memory are measured on one thread: reading every vector in full, the prefix plane first, or picked slots. Where
/// they cross gives the figures of its planner. Calls are measured one after the other; a pool that has gone to sleep
/// meanwhile takes some ten times as long to wake.
///
/// The parallel path takes the whole pool, and a crossing is where all of that pays. The adaptive functions take a part
/// of a large pool for little work: two threads at a threshold, four at twice that. --check times these functions
/// themselves next to the two paths.
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
    /// Update the figures of this backend in crates/hv-parallel/src/defaults.txt and crates/hv-memory/src/planner.txt,
    /// and the plot of docs/parallel.md.
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
    let written = figures::FILES.into_iter().chain([PLOT]).filter(|_| args.write).map(|name| root().join(name));
    written.chain([svg.clone()]).try_for_each(|path| files::check(&path))?;
    let machine = Machine::here();
    say!("{machine}\n");
    if args.check {
        set_thresholds(present()); // whatever HV_THRESHOLDS says
    }
    let measuring =
        Measuring { inputs: Inputs::default(), recalls: recalls::Inputs::new(), quick: args.quick, check: args.check };
    let (curves, ways) = measuring.measure(|_| true);
    for curve in curves.iter().chain(&ways) {
        say!("{curve}");
    }
    let (tuned, costs) = (tuned(&curves), recalls::costs(&ways));
    print_crossings("crossing", &curves);
    print_thresholds(&tuned);
    print_crossings("\nways of a recall cross", &ways);
    say!("\npresent:  {:?}\nmeasured: {costs:?}", Costs::of(active_backend()));

    let drawn = if args.write { tuned } else { present() };
    let panels: Vec<Panel> = curves.iter().map(|curve| panel(curve, &drawn)).collect();
    let drawing = plot::svg(&machine.to_string(), (340, 240), 3, &panels)?;
    if args.write {
        figures::update(active_backend(), (&tuned, &costs), &machine)?;
        files::save(&root().join(PLOT), &drawing)?;
    }
    files::save(&svg, &drawing)?;
    if args.check { check(&measuring, &curves, &ways) } else { Ok(()) }
}

/// What to measure, and how.
struct Measuring {
    inputs: Inputs,
    recalls: recalls::Inputs,
    quick: bool,
    check: bool,
}

impl Measuring {
    /// The curves of the operations and of the ways to recall whose names are wanted.
    fn measure(&self, is_wanted: impl Fn(&str) -> bool) -> (Vec<Curve>, Vec<Curve>) {
        let (step, rounds) = if self.quick { (2, 9) } else { (1, 77) };
        let slice = Duration::from_micros(if self.quick { 150 } else { 300 });
        let effort = Effort { rounds, slice, patience: Duration::from_millis(1), long_rounds: rounds.min(15) };
        let mut operations = operations::all(&self.inputs, step);
        // Nothing can be wrong with the choice where no threshold chooses.
        operations.retain(|(operation, field)| is_wanted(operation.name) && (!self.check || field.is_some()));
        let curves = curve::measure(&operations, &Path::MAKING[..if self.check { 3 } else { 2 }], effort);
        let mut ways = recalls::all(&self.recalls, step);
        let thresholds = recalls::thresholds(&Costs::of(active_backend()));
        ways.retain(|(way, _)| is_wanted(way.name));
        let of = |name| recalls::NAMES.iter().position(|other| *other == name).map_or(0, |i| thresholds[i]);
        let measured = curve::measure(&ways, &Path::MAKING[..2], effort.long()).into_iter();
        (
            curves,
            measured
                .map(|way| {
                    let threshold = of(way.name);
                    way.chosen_by(threshold)
                })
                .collect(),
        )
    }
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

fn print_crossings(what: &str, curves: &[Curve]) {
    say!("{what:<32} {:>14} {:>18} {:>9}", "work", "time there", "gain");
    for curve in curves {
        let (work, time) = match curve.crossing() {
            Some((work, seconds)) => (format!("{work:.0}"), format!("{:.1} us", seconds * 1e6)),
            None => ("none".to_owned(), "-".to_owned()),
        };
        say!("{:<32} {work:>14} {time:>18} {:>8.2}x", curve.name, curve.final_gain());
    }
}

fn print_thresholds(tuned: &Thresholds) {
    let in_words = |threshold: usize| if threshold == usize::MAX { "never".to_owned() } else { threshold.to_string() };
    say!("\n{:<14} {:>20} {:>20}", "threshold", "present default", "measured here");
    let present = present();
    for &field in Field::ALL {
        say!("{:<14} {:>20} {:>20}", field.name(), in_words(present[field]), in_words(tuned[field]));
    }
    say!("\nfor this process alone: HV_THRESHOLDS={tuned}");
}

/// Both paths of a curve, and the threshold that chooses between them as a vertical line.
fn panel(curve: &Curve, thresholds: &Thresholds) -> Panel {
    let line = |time: fn(&curve::Point) -> f64| curve.points.iter().map(|p| (p.size as f64, time(p) * 1e6)).collect();
    let (one, pool): (plot::Curve, plot::Curve) = (line(|p| p.sequential), line(|p| p.parallel));
    let mut curves = vec![("one thread".to_owned(), one), ("the pool".to_owned(), pool)];
    if let (Some(field), [first, .., last]) = (curve.field, &curve.points[..]) {
        // Work is close to proportional to size.
        let size = thresholds[field] as f64 * last.size as f64 / last.work as f64;
        if (first.size as f64..=last.size as f64).contains(&size) {
            let [low, high] = [first, last].map(|p| p.sequential.min(p.parallel) * 1e6);
            curves.push(("threshold".to_owned(), vec![(size, low), (size, high)]));
        }
    }
    Panel { title: format!("{} (us by {})", curve.name, curve.unit), curves }
}

/// Fails where an adaptive function, or the chosen way of a recall, is over the tolerance at some size, twice: what is so
/// is measured again, since another process may have had the core.
fn check(measuring: &Measuring, curves: &[Curve], ways: &[Curve]) -> Outcome {
    let first: Vec<(String, String)> = curves.iter().chain(ways).flat_map(Curve::misses).collect();
    let mut list = Vec::new();
    if !first.is_empty() {
        let (curves, ways) =
            measuring.measure(|name| first.iter().any(|(at, _)| at.starts_with(&format!("{name}, at "))));
        let again = curves.iter().chain(&ways).flat_map(Curve::misses);
        list.extend(again.filter(|(at, _)| first.iter().any(|(before, _)| before == at)));
    }
    if list.is_empty() {
        say!("\nwith the present defaults adaptive is within 10 % + 1 us of the better path at every size");
        return Ok(());
    }
    let list: Vec<String> = list.into_iter().map(|(at, times)| format!("{at}: {times}")).collect();
    Err(format!(
        "with the present defaults adaptive is slower than the better path by more than 10 % + 1 us here:\n  {}\n\
         if the machine was quiet, write new ones with --write",
        list.join("\n  ")
    )
    .into())
}

#[cfg(test)]
#[path = "../tests/units/tune_thresholds.rs"]
mod tests;
