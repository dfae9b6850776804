//! What can be typed, and the help that teaches it.

mod store;
mod text;
mod upkeep;
mod values;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

pub use self::store::StoreArg;
pub use self::text::{Filters, IndexArgs, Order, RecallArgs, SimilarArgs};
pub use self::upkeep::{CompactArgs, ConsolidateArgs, ExportArgs, ForgetArgs, ImportArgs, InfoArgs, VerifyArgs};
use crate::failure::Failure;

/// Associative memory for text: store lines, find them again by what they are like, misspelt or not.
#[derive(Parser)]
#[command(
    name = "hv",
    version,
    arg_required_else_help = true,
    after_help = "\
Examples:
  hv demo                                   see it work, with nothing to prepare
  hv index notes.hv *.txt                   store every line of some files
  hv recall notes.hv \"what the dog did\"     find the lines most like these words
  hv info notes.hv                          what a store holds

HV_BACKEND=scalar|sse2|avx2|avx512 forces a set of kernels.
HV_THRESHOLDS=similarity=20000,top_k=8000 sets how much work it takes to use all cores.
Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 nothing close to a question."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    Index(IndexArgs),
    Recall(RecallArgs),
    Info(InfoArgs),
    Similar(SimilarArgs),
    Forget(ForgetArgs),
    Consolidate(ConsolidateArgs),
    Compact(CompactArgs),
    Verify(VerifyArgs),
    Export(ExportArgs),
    Import(ImportArgs),
    /// Index this repository's text (or a small built-in one), ask misspelt questions, time the kernels
    #[command(after_help = "\
Example:
  hv demo                                   in a checkout of hv, its own text; leaves nothing behind")]
    Demo,
}

/// The command that was typed.
pub fn parse() -> Result<Command, Failure> {
    Cli::try_parse().map(|cli| cli.command).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            Ok(()) => Failure::Shown,
            Err(error) => error.into(),
        },
        _ => Failure::Usage(brief(&error)),
    })
}

/// A usage error in two lines: what was wrong, and how it is used.
fn brief(error: &clap::Error) -> String {
    let text = error.render().to_string();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return format!("a command is missing\n\n{text}");
    }
    let (wrong, usage) = text.split_once("Usage:").unwrap_or((&text, ""));
    let join = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let wrong = join(wrong).trim_start_matches("error: ").replace(" For more information, try '--help'.", "");
    let usage = join(usage.lines().next().unwrap_or_default());
    match usage.as_str() {
        "" => format!("{wrong}\nhv --help shows how it is used, hv COMMAND --help with examples"),
        usage => format!("{wrong}\nusage: {usage}; --help shows examples"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_are_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
