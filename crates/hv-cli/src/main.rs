//! The program `hv`: index text into a store, recall it by similarity, from the command line.
//!
//! `commands` has one file a command, and no command uses another. What they share lies above them: `args` is what can
//! be typed and `failure` how a command ends, `store`, `record` and `vocabulary` are what is kept and `lines` what is read, `indexer`
//! and `search` do the work that `demo` does too, `listing`, `names`, `numbers` and `show` are what people see, and `times` is
//! the clock and its dates. Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 nothing close.

mod args;
mod commands;
mod failure;
mod indexer;
mod lines;
mod listing;
mod names;
mod numbers;
mod record;
mod search;
mod show;
mod store;
mod times;
mod vocabulary;

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
    match commands::run(command, &mut out) {
        // The answer is there to be read all the same.
        Err(Failure::NothingClose) => out.flush()?,
        done => return done.and_then(|()| Ok(out.flush()?)),
    }
    Err(Failure::NothingClose)
}
