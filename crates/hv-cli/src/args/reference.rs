//! The arguments of the commands that tell what can be typed.

use std::ffi::OsString;

use clap::Args;
use clap_complete::Shell;

/// Write what completes hv's commands and options in a shell
///
/// Put it where the shell reads its completions, for example ~/.local/share/bash-completion/completions/hv.
#[derive(Args)]
#[command(before_help = "Example: hv completions bash > ~/.local/share/bash-completion/completions/hv")]
pub struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_enum, hide_possible_values = true)]
    pub shell: Shell,
}

/// Write the manual page of hv or of a command
///
/// It has more on every option than --help.
#[derive(Args)]
#[command(before_help = "Example: hv man recall | man -l -")]
pub struct ManArgs {
    /// The command; hv itself without it
    pub command: Option<String>,
}

/// Show the help of hv or of a command
#[derive(Args)]
#[command(before_help = "Example: hv help recall")]
pub struct HelpArgs {
    /// The command; hv itself without it
    pub command: Option<OsString>,
}
