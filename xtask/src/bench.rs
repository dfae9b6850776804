//! `cargo xtask bench`: runs the criterion suites of `benches/`.

use std::process::Command;

use crate::Outcome;

/// Run the criterion suites.
#[derive(clap::Args)]
pub struct Args {
    /// Measure each benchmark for a fraction of the usual time; for a first look, not for a record.
    #[arg(long)]
    quick: bool,
    /// Keep the results under NAME, as a baseline of criterion.
    #[arg(long, value_name = "NAME", conflicts_with = "compare")]
    save: Option<String>,
    /// Compare with the results kept under NAME.
    #[arg(long, value_name = "NAME")]
    compare: Option<String>,
}

/// Runs the suites with criterion's own flags.
pub fn run(args: &Args) -> Outcome {
    // The cargo that runs this sets the variable.
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["bench", "--package", "hv-benches", "--"]);
    if args.quick {
        cargo.args(["--warm-up-time", "0.1", "--measurement-time", "0.3", "--sample-size", "10"]);
    }
    if let Some(name) = &args.save {
        cargo.args(["--save-baseline", name]);
    }
    if let Some(name) = &args.compare {
        cargo.args(["--baseline", name]);
    }
    let status = cargo.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("the benchmarks failed: {status}").into()) }
}
