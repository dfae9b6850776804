//! The program `hv`: index text into a store, recall it by similarity, from the command line.
//!
//! One file a command, and no command uses another. What they share is in files of its own: `args` is what can be
//! typed and `failure` how a command ends, `store` and `record` are what is kept and `lines` what is read, `indexer` and
//! `search` do the work that `demo` does too, and `listing`, `numbers` and `show` are what people see. Exit codes: 0 fine,
//! 1 failed, 2 wrong usage.

mod args;
mod compact;
mod consolidate;
mod cycle;
mod demo;
mod exchange;
mod failure;
mod forget;
mod index;
mod indexer;
mod info;
mod lines;
mod listing;
mod numbers;
mod recall;
mod record;
mod search;
mod show;
mod similar;
mod store;
mod verify;

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use args::Command;
use failure::Failure;

fn main() -> ExitCode {
    match args::parse().and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(command: Command) -> Result<(), Failure> {
    hv_parallel::init().map_err(Failure::usage)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    match command {
        Command::Index(args) => index::run(&args, &mut out)?,
        Command::Recall(args) => recall::run(&args, &mut out)?,
        Command::Info(args) => info::run(&args, &mut out)?,
        Command::Similar(args) => similar::run(&args, &mut out)?,
        Command::Forget(args) => forget::run(&args, &mut out)?,
        Command::Consolidate(args) => consolidate::run(&args, &mut out)?,
        Command::Compact(args) => compact::run(&args, &mut out)?,
        Command::Verify(args) => verify::run(&args, &mut out)?,
        Command::Export(args) => exchange::export(&args, &mut out)?,
        Command::Import(args) => exchange::import(&args, &mut out)?,
        Command::Demo => demo::run(&mut out)?,
    }
    Ok(out.flush()?)
}
