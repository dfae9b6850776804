//! Which store a command is about, and how long to wait for it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use hv_memory::{MemoryError, Options};

use super::values::seconds;
use crate::failure::say;

/// A store that is to be there, or to be made.
#[derive(Args)]
pub struct StoreArg {
    /// The store's folder; or give --store PATH, or set HV_STORE
    #[arg(value_name = "STORE")]
    pub path: PathBuf,
    /// Wait for a store in use [until it is free]
    ///
    /// A store is in use while another process writes to it, and, for a command that writes, while another process reads it.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "inf",
          value_parser = seconds, display_order = 100)]
    wait: Option<Duration>,
}

impl StoreArg {
    /// A store that nobody waits for.
    #[cfg(test)]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_path_buf(), wait: None }
    }

    /// Opens the store by a function, which waits for it as was asked.
    pub fn with<T>(&self, open: impl Fn(&Path, &Options) -> Result<T, MemoryError>) -> Result<T, MemoryError> {
        match (open(&self.path, &Options::new()), self.wait) {
            (Err(error @ MemoryError::InUse { .. }), Some(wait)) if !wait.is_zero() => {
                let error = error.to_string();
                say(format_args!(
                    "{}; waiting for it",
                    error.strip_suffix("; try again when it is done").unwrap_or(&error)
                ));
                open(&self.path, &Options::new().wait(wait))
            }
            (opened, _) => opened,
        }
    }
}
