//! FAISS next to hv, where Python has it: a script measures, and what it prints is read.

use std::collections::BTreeMap;
use std::io;
use std::process::{Command, Output};

use serde::Deserialize;

/// The script, which Python gets as an argument.
const SCRIPT: &str = include_str!("time_faiss.py");

/// What FAISS takes, as the script prints it.
#[derive(Deserialize)]
pub struct Faiss {
    /// That of FAISS.
    pub version: String,
    /// Nanoseconds a pair, by the name of the work in the table of bars.
    pub times: BTreeMap<String, f64>,
}

impl Faiss {
    /// Runs the script.
    ///
    /// # Errors
    ///
    /// Says why FAISS could not be measured, in a few words.
    pub fn measure() -> Result<Self, String> {
        Self::of(Command::new("python3").args(["-c", SCRIPT]).output())
    }

    fn of(run: io::Result<Output>) -> Result<Self, String> {
        let output = run.map_err(|error| format!("python3 cannot be run: {error}"))?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            return Err(text.lines().last().unwrap_or("python3 has failed").to_owned());
        }
        serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("its script has printed something else: {error}"))
    }
}

#[cfg(test)]
#[path = "../../tests/units/faiss.rs"]
mod tests;
