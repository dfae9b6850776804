//! Runs the real program in a folder of its own.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder with files, in which the program runs.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with a store `s.hv` of five lines in `a.txt`.
    pub fn with_store() -> Self {
        let place = Self::new();
        place.write(
            "a.txt",
            "the cat sat on the mat\nlet there be light\nin the beginning\nday and night\nhello world\n",
        );
        place.succeed(&["index", "s.hv", "a.txt"]);
        place
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hv"));
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        for name in ["HV_BACKEND", "HV_GPU", "HV_THRESHOLDS", "HV_STORE", "NO_COLOR", "TERM"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs what must work, and returns what it printed. It must print nothing to standard error.
    pub fn succeed(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{args:?}");
        stdout(&output)
    }

    /// Runs what must fail, and checks the exit code, that nothing was printed to standard output, and that the
    /// message is one or two lines that contain each of `texts`.
    pub fn fail(&self, args: &[&str], code: i32, texts: &[&str]) {
        failed(&self.run(args), code, texts);
    }
}

pub fn failed(output: &Output, code: i32, texts: &[&str]) {
    let message = stderr(output);
    assert_eq!((output.status.code(), stdout(output).as_str()), (Some(code), ""), "{message}");
    assert!(message.starts_with("error: ") && (1..=2).contains(&message.lines().count()), "{message}");
    assert!(!message.contains("panicked"), "{message}");
    for text in texts {
        assert!(message.contains(text), "{text:?} is not in: {message}");
    }
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
