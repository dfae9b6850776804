//! What can be typed, and the help that teaches it.

mod classify;
mod codes;
mod device;
mod episodes;
mod fingerprints;
mod labels;
mod reference;
mod repair;
mod store;
mod text;
mod upkeep;
mod values;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, ValueHint};

pub use self::classify::{ClassifyArgs, ClassifyCommand, DataArgs, EvalArgs, MethodArg, PredictArgs, TrainArgs};
pub use self::codes::{BitOrder, Metric, SearchArgs};
pub use self::device::DeviceArg;
pub use self::episodes::{AddArgs, GetArgs, ListArgs, SourcesArgs};
pub use self::fingerprints::{FingerprintsArgs, FingerprintsTask};
pub use self::labels::Labels;
pub use self::reference::{CompletionsArgs, HelpArgs, ManArgs};
pub use self::repair::RepairArgs;
pub use self::store::StoreArg;
pub use self::text::{Filters, IndexArgs, Order, RecallArgs, SimilarArgs};
pub use self::upkeep::{CompactArgs, ConsolidateArgs, ExportArgs, ForgetArgs, ImportArgs, InfoArgs, VerifyArgs};
use crate::failure::Failure;

/// Store text and find it again by spelling, not by meaning: typos do no harm
///
/// A store is a folder of episodes: texts, each with an id, where it came from, and when. A question finds the texts that hold
/// its words, misspelt or not.
#[derive(Parser)]
#[command(
    name = "hv",
    version,
    arg_required_else_help = true,
    disable_help_flag = true,
    disable_help_subcommand = true,
    max_term_width = 80,
    before_help = "Example: hv index notes.hv *.txt && hv recall notes.hv \"what the dgo did\"",
    after_help = "Also: hv COMMAND --help, man, completions SHELL, fingerprints; HV_STORE=PATH.\n\
                  Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 nothing close to a question.",
    after_long_help = "\
ENVIRONMENT

HV_STORE=PATH is the store of every command, in place of its argument STORE. --store PATH wins over it.
HV_BACKEND=scalar|sse2|avx2|avx512|neon|simd128 forces a set of kernels.
HV_THRESHOLDS=similarity=20000,top_k=8000 sets how much work it takes to use all cores.
HV_GPU=cuda|vulkan|metal|dx12 or a number chooses the device of --device gpu.
NO_COLOR=1 turns colours off; there are none but on a terminal.

EXIT CODES

0 fine, 1 failed, 2 wrong usage, 3 nothing close to a question."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    Index(IndexArgs),
    Add(AddArgs),
    Recall(RecallArgs),
    List(ListArgs),
    Get(GetArgs),
    Sources(SourcesArgs),
    Similar(SimilarArgs),
    Search(SearchArgs),
    #[command(hide = true)]
    Fingerprints(FingerprintsArgs),
    Forget(ForgetArgs),
    Info(InfoArgs),
    Verify(VerifyArgs),
    Repair(RepairArgs),
    Consolidate(ConsolidateArgs),
    Compact(CompactArgs),
    Export(ExportArgs),
    Import(ImportArgs),
    Classify(ClassifyArgs),
    /// Index a text, ask it misspelt questions, time the kernels
    ///
    /// In a checkout of hv the text is its own, elsewhere a small built-in one. Leaves nothing behind.
    #[command(before_help = "Example: hv demo")]
    Demo,
    #[command(hide = true)]
    Completions(CompletionsArgs),
    #[command(hide = true)]
    Man(ManArgs),
    #[command(hide = true)]
    Help(HelpArgs),
}

/// The variable that names a store for every command.
const HV_STORE: &str = "HV_STORE";

/// The command that was typed.
pub fn parse(mut args: Vec<OsString>) -> Result<Command, Failure> {
    let is_store = |arg: &OsString| arg == "--store" || arg.as_encoded_bytes().starts_with(b"--store=");
    // Before the command it means the same as after it.
    match args.get(1) {
        Some(first) if first == "--store" && args.len() > 3 => args[1..4].rotate_left(2),
        Some(first) if is_store(first) && args.len() > 2 => args.swap(1, 2),
        _ => (),
    }
    let given = args.iter().take_while(|arg| *arg != "--").any(is_store);
    let is_set = std::env::var_os(HV_STORE).is_some_and(|path| !path.is_empty());
    let matches = grammar(given || is_set).try_get_matches_from(args);
    match matches.and_then(|matches| Cli::from_arg_matches(&matches)).map(|cli| cli.command) {
        Ok(Command::Help(HelpArgs { command })) => {
            let words = [Some("hv".into()), command, Some("--help".into())];
            parse(words.into_iter().flatten().collect())
        }
        Ok(command) => Ok(command),
        Err(error) => Err(match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
                Ok(()) => Failure::Shown,
                Err(error) => error.into(),
            },
            _ => Failure::Usage(brief(&error)),
        }),
    }
}

/// All that can be typed. The store is the first argument of a command, or, where it is `named`, the option `--store`, which
/// has `HV_STORE` for its default: so what follows is never taken for the store, nor the store for it.
pub fn grammar(named: bool) -> clap::Command {
    let help =
        || Arg::new("help").short('h').long("help").action(ArgAction::HelpShort).help("Show this help").hide(true);
    let hv = Cli::command().arg(help()).mut_subcommands(|command| {
        let command = command.mut_subcommands(|command| in_one_screen(command).arg(help()));
        in_one_screen(with_store_option(command, named)).arg(help())
    });
    let template = format!("{}\n{{about}}\n\n{{subcommands}}{{after-help}}", example_of(&hv));
    hv.help_template(template)
}

/// The command with the option `--store`, if it is about a store. Where that is not `named`, the option is there for manual
/// pages and completions.
fn with_store_option(command: clap::Command, named: bool) -> clap::Command {
    let is_store = |arg: &Arg| {
        let is_it = |names: &[clap::builder::Str]| matches!(names, [name] if name.as_str() == "STORE");
        arg.is_positional() && arg.get_value_names().is_some_and(is_it)
    };
    if named {
        let option = |arg: Arg| arg.long("store").env(HV_STORE).hide_env_values(true).help("The store's folder");
        return command.mut_args(|arg| if is_store(&arg) { option(arg) } else { arg });
    }
    if !command.get_arguments().any(is_store) {
        return command;
    }
    let option = Arg::new("store-option").long("store").value_name("PATH").value_hint(ValueHint::DirPath);
    command.arg(option.hide_short_help(true).help("The store's folder, in place of STORE; as with HV_STORE=PATH"))
}

/// The command with a help in which the example comes first, with no empty line after it, to fit the smallest screen.
fn in_one_screen(command: clap::Command) -> clap::Command {
    let arguments = if command.has_subcommands() { "{subcommands}" } else { "{positionals}" };
    let template = format!(
        "{}\n{{about}}\n{{usage-heading}} {{usage}}\n\n{arguments}\n{{options}}{{after-help}}",
        example_of(&command)
    );
    command.help_template(template)
}

fn example_of(command: &clap::Command) -> String {
    command.get_before_help().map(ToString::to_string).unwrap_or_default()
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
        grammar(false).debug_assert();
        grammar(true).debug_assert();
    }
}
