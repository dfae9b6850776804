//! The commands, one file each.

mod add;
mod classify;
mod compact;
mod consolidate;
mod demo;
mod exchange;
mod fingerprints;
mod forget;
mod index;
mod info;
mod look;
mod recall;
mod reference;
mod repair;
mod search;
mod similar;
mod verify;

use std::io::Write;

use crate::args::Command;
use crate::failure::Failure;

/// Runs a command, which writes its answer to `out`.
pub fn run(command: Command, out: &mut impl Write) -> Result<(), Failure> {
    match command {
        Command::Index(args) => index::run(&args, out),
        Command::Add(args) => add::run(&args, out),
        Command::Recall(args) => recall::run(args, out),
        Command::List(args) => look::list(&args, out),
        Command::Get(args) => look::get(&args, out),
        Command::Sources(args) => look::sources(&args, out),
        Command::Info(args) => info::run(&args, out),
        Command::Similar(args) => similar::run(&args, out),
        Command::Search(args) => search::run(&args, out),
        Command::Fingerprints(args) => fingerprints::run(&args, out),
        Command::Forget(args) => forget::run(&args, out),
        Command::Consolidate(args) => consolidate::run(&args, out),
        Command::Compact(args) => compact::run(&args, out),
        Command::Verify(args) => verify::run(&args, out),
        Command::Repair(args) => repair::run(&args, out),
        Command::Export(args) => exchange::export(&args, out),
        Command::Import(args) => exchange::import(&args, out),
        Command::Classify(args) => classify::run(&args, out),
        Command::Demo => demo::run(out),
        Command::Completions(args) => reference::completions(&args, out),
        Command::Man(args) => reference::man(&args, out),
        // Its help was shown when it was parsed.
        Command::Help(_) => Ok(()),
    }
}
