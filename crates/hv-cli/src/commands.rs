//! The commands, one file each.

mod compact;
mod consolidate;
mod demo;
mod exchange;
mod forget;
mod index;
mod info;
mod recall;
mod similar;
mod verify;

use std::io::Write;

use crate::args::Command;
use crate::failure::Failure;

/// Runs a command, which writes its answer to `out`.
pub fn run(command: Command, out: &mut impl Write) -> Result<(), Failure> {
    match command {
        Command::Index(args) => index::run(&args, out),
        Command::Recall(args) => recall::run(&args, out),
        Command::Info(args) => info::run(&args, out),
        Command::Similar(args) => similar::run(&args, out),
        Command::Forget(args) => forget::run(&args, out),
        Command::Consolidate(args) => consolidate::run(&args, out),
        Command::Compact(args) => compact::run(&args, out),
        Command::Verify(args) => verify::run(&args, out),
        Command::Export(args) => exchange::export(&args, out),
        Command::Import(args) => exchange::import(&args, out),
        Command::Demo => demo::run(out),
    }
}
