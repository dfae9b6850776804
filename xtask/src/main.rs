//! `cargo xtask`: the project's chores. Flags and a match; one file a command.

mod api;
mod bench;
mod cargo;
mod check;
mod eval;
mod files;
mod machine;
mod outcome;
mod plot;
mod plot_pruning;
mod say;
mod table;
mod tune_thresholds;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of the hv workspace: what CI runs, interfaces, benchmarks, tuning and accuracy on real data.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Args),
    Api(api::Args),
    Bench(bench::Args),
    TuneThresholds(tune_thresholds::Args),
    PlotPruning(plot_pruning::Args),
    Eval(eval::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Api(args) => api::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::TuneThresholds(args) => tune_thresholds::run(&args),
        Command::PlotPruning(args) => plot_pruning::run(&args),
        Command::Eval(args) => eval::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
