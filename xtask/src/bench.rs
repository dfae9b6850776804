//! `cargo xtask bench`: how fast hv is here, against this CPU's limits, its bars, and the published figures.

mod args;
mod page;
mod plots;
mod published;
mod suites;
mod tables;

use std::time::Instant;

use hv_benches::bars::{self, Measured};
use hv_benches::rounds::Effort;

pub use self::args::Args;
use crate::cargo::{cargo, succeed};
use crate::files::root;
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::say::say;

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
