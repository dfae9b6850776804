//! `cargo xtask tune-thresholds`: from how much work on waking the pool pays, for every operation.

mod curve;
mod effort;
mod operations;
mod plot;

use std::path::PathBuf;

use hv_benches::quiet::{Cores, Probe};
use hv_parallel::hv_simd::active_backend;
use hv_parallel::{Backend, Operation as Field, Thresholds, set_thresholds};
use indicatif::{ProgressBar, ProgressStyle};

use crate::files::{self, root};
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::say::say;
use curve::{Curve, Point, Timings};
use effort::Effort;
use operations::{Inputs, Operation};

/// Measure the sequential and the parallel path of every operation by size, and where they cross.
///
/// Prints a table for each operation and draws the curves. From these follows a threshold for each field of
/// `Thresholds`: the one with which no operation of that field is more than 10 % + 1 us slower than its better path
/// at any size, or as few as can be, and at which one thread works for 3.5 us or more. What is measured is calls that
/// follow one another; a pool that has gone to sleep meanwhile takes some ten times as long to wake.
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
    /// Update the defaults of this backend in crates/hv-parallel/src/defaults.rs, and the plot of docs/parallel.md.
    #[arg(long)]
    write: bool,
    /// Where to draw the curves [default: target/tune-thresholds.svg in the repository].
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// What `--write` updates, in the repository.
const DEFAULTS: &str = "crates/hv-parallel/src/defaults.rs";
const PLOT: &str = "docs/parallel.svg";

/// Measures, prints, draws, and checks or writes as asked.
pub fn run(args: &Args) -> Outcome {
    hv_parallel::init()?;
    if rayon::current_num_threads() == 1 {
        return Err("the pool has one thread, so nothing can be gained: set RAYON_NUM_THREADS to 2 or more".into());
    }
    let svg = args.svg.clone().unwrap_or_else(|| root().join("target/tune-thresholds.svg"));
    let sources = [DEFAULTS, PLOT].map(|name| root().join(name));
    sources.iter().filter(|_| args.write).chain([&svg]).try_for_each(|path| files::check(path))?;

    let machine = Machine::here();
    say!("{machine}\n");
    let mut effort = if args.quick { Effort::QUICK } else { Effort::FULL };
    if args.check {
        effort = effort.with_adaptive();
        set_thresholds(present()); // whatever HV_THRESHOLDS says
    }
    // Nothing can be wrong with the choice where no threshold chooses.
    let curves = measure(effort, |operation| !args.check || operation.field.is_some());
    for curve in &curves {
        say!("{curve}");
    }
    let tuned = tuned(&curves);
    print_summary(&curves, &tuned);

    let drawn = if args.write { tuned } else { present() };
    let drawing = plot::svg(&curves, &drawn, &machine.to_string())?;
    if args.write {
        update(&sources, &tuned, &machine, &drawing)?;
    }
    files::save(&svg, &drawing)?;
    if args.check { check(&curves, effort) } else { Ok(()) }
}

fn update([defaults, plot]: &[PathBuf; 2], tuned: &Thresholds, machine: &Machine, drawing: &str) -> Outcome {
    let text = std::fs::read_to_string(defaults).map_err(|error| format!("cannot read {DEFAULTS}: {error}"))?;
    files::save(defaults, &with_defaults(&text, active_backend(), tuned, machine)?)?;
    files::save(plot, drawing)
}

/// Measures the operations that are `wanted`.
fn measure(effort: Effort, wanted: impl Fn(&Operation<'_>) -> bool) -> Vec<Curve> {
    let inputs = Inputs::new();
    let mut operations = operations::all(&inputs, effort);
    operations.retain(wanted);
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

/// Fails where an adaptive function is over the tolerance at some size, twice: what is so is measured again, since
/// another process may have had the core.
fn check(curves: &[Curve], effort: Effort) -> Outcome {
    let suspects: Vec<&str> = curves.iter().filter(|curve| !misses(curve).is_empty()).map(|curve| curve.name).collect();
    let is_suspect = |operation: &Operation<'_>| suspects.contains(&operation.name);
    let again = if suspects.is_empty() { Vec::new() } else { measure(effort, is_suspect) };
    let first = |curve: &Curve| curves.iter().find(|first| first.name == curve.name).map(misses).unwrap_or_default();
    let mut list = Vec::new();
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

/// The text of the file of defaults with the set of one backend replaced: the paragraph that defines its constant.
fn with_defaults(text: &str, backend: Backend, tuned: &Thresholds, machine: &Machine) -> Result<String, String> {
    let definition = format!("const {}: Thresholds", backend.name().to_uppercase());
    let mut paragraphs: Vec<String> = text.split("\n\n").map(ToOwned::to_owned).collect();
    let place = paragraphs.iter_mut().find(|paragraph| paragraph.contains(&definition));
    *place.ok_or(format!("{DEFAULTS} has no `{definition}` to update"))? = paragraph(&definition, tuned, machine);
    Ok(paragraphs.join("\n\n").trim_end().to_owned() + "\n")
}

fn paragraph(definition: &str, tuned: &Thresholds, machine: &Machine) -> String {
    let value = |threshold| if threshold == usize::MAX { "usize::MAX".to_owned() } else { with_underscores(threshold) };
    let field = |&field: &Field| format!("    {}: {},\n", field.name(), value(tuned[field]));
    let fields: String = Field::ALL.iter().map(field).collect();
    format!("/// {machine}\n#[rustfmt::skip]\n{definition} = Thresholds {{\n{fields}}};")
}

fn with_underscores(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    groups.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_set_of_the_backend_is_written() {
        let machine = Machine { cpu: "C".into(), parallelism: "P".into(), date: "D".into() };
        let present = std::fs::read_to_string(root().join(DEFAULTS)).unwrap();
        let tuned = Thresholds { bind: 1_234_567, similarity: 8, bundle: 700, nearest: 9_000, top_k: usize::MAX };
        for &backend in Backend::ALL {
            let written = with_defaults(&present, backend, &tuned, &machine).unwrap();
            let definition = format!("const {}: Thresholds = Thresholds {{", backend.name().to_uppercase());
            let values =
                "bind: 1_234_567,\n    similarity: 8,\n    bundle: 700,\n    nearest: 9_000,\n    top_k: usize::MAX,";
            let paragraph = format!("/// C; P; D\n#[rustfmt::skip]\n{definition}\n    {values}\n}};");
            let (before, after) = written.split_once(&paragraph).unwrap_or_else(|| panic!("{written}"));
            assert!(present.starts_with(before) && present.ends_with(after), "{written}");
            assert_eq!(present.matches("const ").count(), written.matches("const ").count());
            assert_eq!(with_defaults(&written, backend, &tuned, &machine).as_ref(), Ok(&written));
        }
        assert!(with_defaults("no such text", Backend::Avx2, &tuned, &machine).unwrap_err().contains("has no `const"));
    }

    #[test]
    fn numbers_are_written_as_rust_groups_them() {
        assert_eq!(
            [0, 999, 1_000, 12_345, 1_234_567].map(with_underscores),
            ["0", "999", "1_000", "12_345", "1_234_567"]
        );
    }
}
