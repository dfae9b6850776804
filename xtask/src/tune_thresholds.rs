//! `cargo xtask tune-thresholds`: from how much work on waking the pool pays, for every operation.

mod curve;
mod fetching;
mod figures;
mod recalls;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use hv_benches::operations::{Inputs, OPERATIONS, Operation, Path};
use hv_benches::rounds::Effort;
use hv_memory::internal::Costs;
use hv_parallel::hv_simd::active_backend;
use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::{Operation as Field, Thresholds, set_thresholds};

use crate::files::{self, root};
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::plot::{self, Panel};
use crate::say::say;
use crate::table::Table;
use curve::{Choice, Curve, in_us};
use figures::number;

/// Measure the sequential and the parallel path of every operation by size, and where they cross.
///
/// Prints a table for each operation and draws the curves. From these follows a threshold for each field of
/// `Thresholds`: the one with which no operation of that field is more than 10 % + 1 us slower than its better path
/// at any size, or as few as can be, and at which one thread works for 3.5 us or more. Then the ways to recall in
/// hv-memory are measured on one thread: reading every vector in full, the prefix plane first, or picked slots. Where
/// they cross gives the figures of its planner. Then come hv-simd's kernels for few queries and for many: from some number of
/// queries on, those for many are faster. Calls are measured one after the other; a pool that has gone to sleep
/// meanwhile takes some ten times as long to wake. A last table says what it gains to fetch memory ahead of a scan, by how
/// far ahead: the kernels do it at one distance, on every CPU.
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
    /// Fewer sizes and fewer repeats: seconds in place of half a minute to two.
    #[arg(long)]
    quick: bool,
    /// Say whether the adaptive functions, with the present defaults, are within 10 % + 1 us of the better path at
    /// every size; fail if not.
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Update the figures of this backend in crates/hv-parallel/src/defaults.txt, crates/hv-memory/src/planner.txt and
    /// crates/hv-simd/src/tiles.txt, and the plot of docs/parallel.md; fail where another process has a core of the pool.
    #[arg(long)]
    write: bool,
    /// Where to draw the curves [default: target/tune-thresholds.svg in the repository].
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

impl Args {
    fn effort(&self) -> Effort {
        let (rounds, slice) = if self.quick { (9, 150) } else { (77, 300) };
        Effort { rounds, slice: Duration::from_micros(slice), patience: Duration::from_millis(1) }
    }

    /// For what takes milliseconds a run.
    fn long_effort(&self) -> Effort {
        Effort { rounds: self.effort().rounds.min(15), ..self.effort() }
    }
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
    let measured = measure(args);
    let [curves, ways] = &measured;
    let (costs, min_queries) = (recalls::costs(ways), recalls::min_queries(ways));
    curves.iter().chain(ways).for_each(|curve| say!("{curve}"));
    let tuned = tuned(curves);
    say!("{}\n{}", crossings(curves), thresholds(&tuned));
    say!("for this process alone: HV_THRESHOLDS={tuned}\n\n{}", crossings(ways));
    say!("present:  {:?}\nmeasured: {costs:?}", Costs::of(active_backend()));
    let tiles = [Kernels::active().min_queries(), min_queries].map(number);
    say!("\nqueries from which on tiles are scanned: present {}, measured {}", tiles[0], tiles[1]);
    if !args.check {
        say!("\n{}", fetching::measure(args.long_effort())?);
    }

    let drawn = if args.write { tuned } else { present() };
    let panels: Vec<Panel> = curves.iter().map(|curve| panel(curve, &drawn)).collect();
    let drawing = plot::svg(&machine.to_string(), (340, 240), 3, &panels)?;
    if args.write {
        pool_gains(curves)?;
        figures::update(active_backend(), (&tuned, &costs, min_queries), &machine)?;
        files::save(&root().join(PLOT), &drawing)?;
    }
    files::save(&svg, &drawing)?;
    if args.check { check(args, &measured) } else { Ok(()) }
}

/// Measures the operations that have sizes to tune by, and the ways to search.
fn measure(args: &Args) -> [Vec<Curve>; 2] {
    let (step, effort) = (if args.quick { 2 } else { 1 }, args.effort());
    let (inputs, of_recalls) = (&Inputs::default(), recalls::Inputs::new());
    let choice = |Operation { name, unit, work, sizes, .. }: Operation| {
        let threshold = |size| work(size).threshold().map_or((None, size), |(field, work)| (Some(field), work));
        let field = sizes.first().and_then(|&size| threshold(size).0);
        let sizes = sizes.iter().map(|&size| (size, threshold(size).1)).collect();
        Choice { name, unit, field, sizes, run: Box::new(move |path, size| inputs.run(path, work(size))) }
    };
    let mut choices: Vec<Choice<'_>> = OPERATIONS.into_iter().map(choice).collect();
    // Nothing can be wrong with the choice where no threshold chooses.
    choices.retain(|it| !it.sizes.is_empty() && (!args.check || it.field.is_some()));
    let paths = &Path::MAKING[..if args.check { 3 } else { 2 }];
    let curves = curve::measure(&choices, step, paths, effort);
    let ways = curve::measure(&recalls::all(&of_recalls), step, &Path::MAKING[..2], args.long_effort()).into_iter();
    let thresholds = recalls::thresholds(&Costs::of(active_backend()), Kernels::active().min_queries());
    [curves, ways.zip(thresholds).map(|(way, threshold)| way.chosen_by(threshold)).collect()]
}

/// The least gain of the pool at the largest sizes, the median over all operations, of a machine that is quiet: two threads gain
/// some 1.7 x there.
const QUIET_GAIN: f64 = 1.3;

/// Fails if the pool is not much faster than one thread: then another process uses one of its cores, and the thresholds would
/// be wrong for this machine.
fn pool_gains(curves: &[Curve]) -> Outcome {
    let mut gains: Vec<f64> = curves.iter().map(Curve::final_gain).collect();
    gains.sort_by(f64::total_cmp);
    match gains.get(gains.len() / 2) {
        Some(&gain) if gain < QUIET_GAIN => Err(format!(
            "at the largest sizes the pool gains {gain:.2} x, and on a quiet machine {QUIET_GAIN} x or more: another process has \
             one of its cores. Nothing was written; measure again when the machine is quiet"
        )
        .into()),
        _ => Ok(()),
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

fn crossings(curves: &[Curve]) -> Table {
    let row = |curve: &Curve| {
        let (work, time) = curve
            .crossing()
            .map_or(("none".to_owned(), String::new()), |(work, seconds)| (format!("{work:.0}"), in_us(&seconds)));
        vec![curve.name.to_owned(), work, time, format!("{:.2} x", curve.final_gain())]
    };
    Table::new(&["crossing", "work", "time there", "gain"], curves.iter().map(row))
}

fn thresholds(tuned: &Thresholds) -> Table {
    let row = |&field: &Field| vec![field.name().to_owned(), number(present()[field]), number(tuned[field])];
    Table::new(&["threshold", "present default", "measured here"], Field::ALL.iter().map(row))
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

/// Fails where an adaptive function, or the chosen way of a recall, is over the tolerance at some size, twice: all is
/// measured again then, since another process may have had the core.
fn check(args: &Args, first: &[Vec<Curve>; 2]) -> Outcome {
    let misses = |measured: &[Vec<Curve>; 2]| -> BTreeMap<String, String> {
        measured.iter().flatten().flat_map(Curve::misses).collect()
    };
    let mut missed = misses(first);
    if !missed.is_empty() {
        let again = misses(&measure(args));
        missed.retain(|at, _| again.contains_key(at));
    }
    if missed.is_empty() {
        say!("\nwith the present defaults adaptive is within 10 % + 1 us of the better path at every size");
        return Ok(());
    }
    let list: Vec<String> = missed.into_iter().map(|(at, times)| format!("{at}: {times}")).collect();
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
