//! Running cargo.

use std::process::Command;

use crate::files::root;
use crate::outcome::Outcome;

/// The cargo that runs this, in the repository.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// Runs a command, and fails where it does.
pub fn succeed(mut command: Command, what: &str) -> Outcome {
    let status = command.status().map_err(|error| format!("cannot start {what}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{what} failed: {status}").into()) }
}
