//! `cargo xtask bench`: how fast hv is here, against this CPU's limits, its bars, and the published figures.

mod page;
mod plots;
mod published;
mod suites;
mod tables;

use std::process::Command;
use std::time::Instant;

use hv_benches::bars::{self, Measured};
use hv_benches::rounds::Effort;

use crate::Outcome;
use crate::files::root;
use crate::machine::Machine;

/// Measure how fast hv is on this machine, and write docs/benchmarks.md with its plots.
///
/// First the table of bars: what hv promises, beside what this CPU could do at best (a register-only
/// xor-popcount-add loop over vectors in L1, plain reads and copies of the same memory), interleaved with each group
/// of like work. Bars in nanoseconds scale with the measured limit. Then the criterion suites of `benches/`, read back
/// from criterion's estimates. Five to ten minutes in all; the machine should be quiet, since a neighbour's load shows.
///
/// No bar fails the command: times depend on the machine.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask bench                    everything, for the record\n  \
    cargo xtask bench --quick            a first look, in two minutes; written to target/benchmarks\n  \
    cargo xtask bench --bars --peers     only the table of bars, other libraries beside\n  \
    cargo xtask bench --save before      keep the suites' results under a name ...\n  \
    cargo xtask bench --compare before   ... and show what has changed since\n  \
    HV_BACKEND=avx2 cargo xtask bench    another backend\n\n\
    A single suite or benchmark: cargo bench --bench parallel_benchmark -- 'batch bind/sequential'")]
pub struct Args {
    /// Measure for a fraction of the time, and write to target/benchmarks, not to docs.
    #[arg(long)]
    quick: bool,
    /// Only the table of bars: no suites, nothing written.
    #[arg(long, conflicts_with_all = ["save", "compare"])]
    bars: bool,
    /// Measure other libraries on the same shapes too; builds C code, so it needs a C compiler.
    #[arg(long)]
    peers: bool,
    /// Keep the suites' results under NAME, a baseline of criterion.
    #[arg(long, value_name = "NAME", conflicts_with = "compare")]
    save: Option<String>,
    /// Compare the suites' results with those kept under NAME.
    #[arg(long, value_name = "NAME")]
    compare: Option<String>,
}

/// Measures, prints and writes.
pub fn run(args: &Args) -> Outcome {
    if args.peers && !cfg!(feature = "peers") {
        return again_with_peers();
    }
    hv_parallel::init()?;
    let criterion = suites::Home::new(root());
    for name in args.save.iter().chain(&args.compare) {
        suites::check_name(name)?;
    }
    if let Some(name) = &args.compare {
        criterion.check_baseline(name)?;
    }
    let folder = root().join(if args.quick { "target/benchmarks" } else { "docs" });
    if !args.bars {
        page::check(&folder)?;
    }
    let machine = Machine::here();
    say!("{machine}\n");
    let measured = measure_bars(args.quick)?;
    say!("{}\n", tables::bars(&measured.rows));
    if args.bars {
        return Ok(());
    }
    let estimates = suites::run(&criterion, args)?;
    say!("\n{}", tables::suites(&estimates, &measured.limits));
    page::write(&folder, &machine, &measured, &estimates)?;
    args.save.iter().try_for_each(|name| criterion.check_saved(name))
}

fn measure_bars(quick: bool) -> Result<Measured, Box<dyn std::error::Error>> {
    let start = Instant::now();
    let progress = |step: &str| eprintln!("[{:>3} s] {step}", start.elapsed().as_secs());
    let measured = bars::measure(if quick { Effort::QUICK } else { Effort::FULL }, &progress)
        .map_err(|error| format!("cannot prepare the memories to measure: {error}"))?;
    progress("bars measured");
    Ok(measured)
}

/// The alias builds without peers, so that nobody needs a C compiler who did not ask for them.
fn again_with_peers() -> Outcome {
    let arguments = std::env::args_os().skip(1);
    let mut cargo = cargo();
    cargo.args(["run", "--release", "--package", "xtask", "--features", "peers", "--"]).args(arguments);
    succeed(cargo, "the run with peers")
}

/// The cargo that runs this, in the repository.
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

fn succeed(mut command: Command, what: &str) -> Outcome {
    let status = command.status().map_err(|error| format!("cannot start {what}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{what} failed: {status}").into()) }
}
