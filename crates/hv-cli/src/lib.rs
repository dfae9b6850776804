//! The program `hv`: index text into a store, recall it by similarity, from the command line. `run` is all of it, for the program
//! itself and for whoever ships it in another form, as the Python package does.
//!
//! `commands` has one file a command, and no command uses another. What they share lies above them: `args` is what can
//! be typed, and `failure` and `signals` are how a command ends. `store`, `record`, `files`, `forgotten` and `vocabulary` are what is kept;
//! `selection` finds it by name. `walk`, `contents`, `lines`, `stream`, `units`, `npy` and `codes` are what is read. `indexer` and
//! `search` do the work. `listing`, `context`, `screen`, `marks`, `names`, `numbers` and `show` are what people see, `json` what
//! programs get, `escape` what both are spared, and `times` is the clock and its dates. Exit codes: 0 fine, 1 failed, 2 wrong
//! usage, 3 nothing close, 130 and 143 ended by SIGINT and SIGTERM.

mod args;
mod codes;
mod commands;
mod contents;
mod context;
mod device;
mod escape;
mod failure;
mod files;
mod forgotten;
mod indexer;
mod json;
mod lines;
mod listing;
mod marks;
mod names;
mod npy;
mod numbers;
mod record;
mod screen;
mod search;
mod selection;
mod show;
mod signals;
mod store;
mod stream;
mod times;
mod units;
mod vocabulary;
mod walk;

use std::ffi::OsString;
use std::io::{BufWriter, Write};
#[cfg(unix)]
use std::sync::Arc;

use args::Command;
use failure::Failure;

/// Runs the program with arguments, its own name first, and gives the exit code. Prints to standard output and standard error.
///
/// SIGXFSZ is ignored from then on, and commands that store lines end in good order on SIGINT and SIGTERM. Otherwise signals do
/// what the process lets them do.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    #[cfg(unix)]
    outlive_full_files();
    match args::parse(args.into_iter().collect()).and_then(perform) {
        Ok(()) => 0,
        Err(failure) => failure.report(),
    }
}

/// Makes a file over the limit of its size (`ulimit -f`) an error of the write, as on a full disk, and not the end of the
/// process.
#[cfg(unix)]
fn outlive_full_files() {
    // Caught, the signal does no more than set a flag that nobody reads. Where that fails, all is as it was.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

fn perform(command: Command) -> Result<(), Failure> {
    hv_parallel::init().map_err(Failure::usage)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    match commands::run(command, &mut out) {
        // The answer is there to be read all the same.
        Err(Failure::NothingClose) => out.flush()?,
        done => return done.and_then(|()| Ok(out.flush()?)),
    }
    Err(Failure::NothingClose)
}
