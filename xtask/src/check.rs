//! `cargo xtask check`: what must hold before a change lands.

use std::process::Command;

use crate::cargo::succeed;
use crate::files::root;
use crate::outcome::Outcome;

/// Run what CI runs: .ci/run, by bash.
#[derive(clap::Args)]
pub struct Args {}

/// Runs it, and fails where it does.
pub fn run(_: &Args) -> Outcome {
    let mut bash = Command::new("bash");
    bash.current_dir(root()).arg(".ci/run");
    succeed(bash, ".ci/run")
}
