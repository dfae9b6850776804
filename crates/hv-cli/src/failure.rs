//! How a command fails: one or two lines that say what was wrong and what to do, and an exit code.

use std::fmt::Display;
use std::io::{self, Write};

use hv_memory::MemoryError;

use crate::escape;
use crate::names::{bytes_of, quoted};

/// Why a command stopped.
#[derive(Debug)]
pub enum Failure {
    /// It could not be done: exit code 1.
    Failed(String),
    /// It was called wrongly: exit code 2.
    Usage(String),
    /// Nothing is close to a question, which was said: exit code 3.
    NothingClose,
    /// A signal ended it, which is said: exit code 128 and the signal's number.
    Stopped { text: String, code: u8 },
    /// Whoever read the output stopped reading: no failure at all.
    BrokenPipe,
    /// Help and the version were asked for and printed.
    Shown,
}

impl Failure {
    pub fn failed(text: impl Display) -> Self {
        Self::Failed(text.to_string())
    }

    pub fn usage(text: impl Display) -> Self {
        Self::Usage(text.to_string())
    }

    /// This with how far the work got, if a signal ended it.
    pub fn stopped_at(self, how_far: &str) -> Self {
        match self {
            Self::Stopped { text, code } => Self::Stopped { text: format!("{text} {how_far}"), code },
            other => other,
        }
    }

    /// Prints the message, if there is one to print, and gives the exit code.
    pub fn report(self) -> u8 {
        let (text, code) = match self {
            Self::Stopped { text, code } => {
                say(text);
                return code;
            }
            Self::Failed(text) => (text, 1),
            Self::Usage(text) => (text, 2),
            Self::NothingClose => return 3,
            Self::BrokenPipe | Self::Shown => return 0,
        };
        say(format_args!("error: {text}"));
        code
    }
}

/// Writes to standard error, nothing that could steer a terminal. Where nobody reads it, or it is full, there is nobody left to tell; `eprintln!`
/// would panic.
pub fn say(text: impl Display) {
    let _ = writeln!(io::stderr(), "{}", escape::on_lines(&text.to_string()));
}

/// A failure to write the answer. Reading files reports their names instead, see `lines`.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::failed(format_args!("cannot write the output: {error}")),
        }
    }
}

impl From<MemoryError> for Failure {
    fn from(error: MemoryError) -> Self {
        Self::failed(match &error {
            MemoryError::NotFound { path } => {
                let (shown, word) = (path.display(), quoted(&bytes_of(path)));
                format!("there is no store at {shown}; check the path, or make one: hv index {word} FILE...")
            }
            MemoryError::Damaged { path, what } => {
                let advice = "restore the store from a copy, or save what is sound: hv repair STORE NEW";
                format!("{} is damaged: {what}; {advice}. Nothing was changed", path.display())
            }
            _ => error.to_string(),
        })
    }
}
