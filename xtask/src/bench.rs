//! `cargo xtask bench`: how fast hv is here, against this CPU's limits, its bars, and the published figures.

mod args;
mod chart;
mod faiss;
mod page;
mod tables;

use std::time::Instant;

use hv_benches::bars::{self, Measured};
use hv_benches::rounds::Effort;

pub use self::args::Args;
use self::faiss::Faiss;
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
    let folder = root().join(if args.quick { "target/benchmarks" } else { "docs" });
    if !args.bars {
        page::check(&folder)?;
    }
    let machine = Machine::here();
    say!("{machine}\n");
    let measured = measure(args)?;
    say!("{}\n", tables::bars(&measured.rows));
    if args.bars {
        return Ok(());
    }
    say!("\n{}", tables::suites(&measured));
    let faiss = Faiss::measure();
    if let Err(why) = &faiss {
        say!("FAISS is not in the chart: {why}");
    }
    page::write(&folder, &machine, &measured, &faiss)
}

fn measure(args: &Args) -> Result<Measured, Box<dyn std::error::Error>> {
    let start = Instant::now();
    let progress = |step: &str| eprintln!("[{:>3} s] {step}", start.elapsed().as_secs());
    let effort = if args.quick { Effort::QUICK } else { Effort::FULL };
    let measured = bars::measure(effort, args.bars, &progress)
        .map_err(|error| format!("cannot prepare the memories to measure: {error}"))?;
    progress("done");
    Ok(measured)
}

/// The alias builds without peers, so that nobody needs a C compiler who did not ask for them.
fn again_with_peers() -> Outcome {
    let arguments = std::env::args_os().skip(1);
    let mut cargo = cargo();
    cargo.args(["run", "--release", "--package", "xtask", "--features", "peers", "--"]).args(arguments);
    succeed(cargo, "the run with peers")
}
