//! `cargo xtask`: the project's chores. Flags and a match; one file a command.

/// `println!` that also goes on where nobody reads on (`| head`): after the tables come files to be written.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

mod axes;
mod bench;
mod eval;
mod files;
mod machine;
mod tune_thresholds;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of the hv workspace: benchmarks, tuning and accuracy on real data.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Bench(bench::Args),
    TuneThresholds(tune_thresholds::Args),
    Eval(eval::Args),
}

/// What a command returns: a message for the person who ran it is enough.
type Outcome = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Bench(args) => bench::run(&args),
        Command::TuneThresholds(args) => tune_thresholds::run(&args),
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
