//! The files that some arguments mean: those that are named, and those in folders.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::WalkBuilder;

use crate::failure::Failure;
use crate::lines;
use crate::names::shown;

/// A file to read.
#[derive(Debug, PartialEq)]
pub struct Input {
    /// Its path, as it was typed or found under a folder that was typed. `-` is standard input.
    pub path: PathBuf,
    /// Whether it was found in a folder, so that nobody asked for this very one.
    pub walked: bool,
}

/// What is to be read, in order, and what is not.
#[derive(Debug, Default, PartialEq)]
pub struct Inputs {
    pub files: Vec<Input>,
    /// Stores, which are no texts.
    pub stores: Vec<PathBuf>,
    /// Links, sockets and the like in folders.
    pub others: Vec<PathBuf>,
    /// What could not be looked at, and why.
    pub failures: Vec<String>,
}

impl Inputs {
    /// Finds the files of some arguments, which all must be there. `store` is the one that is written to. `check` may end
    /// the search.
    pub fn find(
        arguments: &[PathBuf],
        store: &Path,
        ignore: bool,
        check: &dyn Fn() -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        let mut inputs = Self::default();
        for path in arguments {
            if !lines::is_stdin(path) && path.is_dir() {
                inputs.walk(path, store, ignore, check)?;
            } else {
                lines::check(path)?;
                inputs.files.push(Input { path: path.clone(), walked: false });
            }
        }
        Ok(inputs)
    }

    /// Adds the files under a folder, in order of their names.
    fn walk(
        &mut self,
        folder: &Path,
        store: &Path,
        ignore: bool,
        check: &dyn Fn() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let store = store.canonicalize().ok();
        // Of the folder that a walk begins with, its filter is not asked.
        if is_store(folder, store.as_deref()) {
            self.stores.push(folder.to_owned());
            return Ok(());
        }
        let stores = Arc::new(Mutex::new(Vec::new()));
        let found = Arc::clone(&stores);
        let mut builder = WalkBuilder::new(folder);
        builder.standard_filters(ignore).hidden(true).require_git(false).sort_by_file_name(|a, b| a.cmp(b));
        builder.filter_entry(move |entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let is_store = is_folder && is_store(entry.path(), store.as_deref());
            if is_store {
                found.lock().unwrap_or_else(PoisonError::into_inner).push(entry.path().to_owned());
            }
            !is_store
        });
        for entry in builder.build() {
            check()?;
            match entry {
                // The first is the folder that was typed, which may be a link. No other link is followed.
                Ok(entry) if entry.depth() == 0 => (),
                Ok(entry) => match entry.file_type() {
                    Some(kind) if kind.is_dir() => (),
                    Some(kind) if kind.is_file() => {
                        self.files.push(Input { path: entry.into_path(), walked: true });
                    }
                    _ => self.others.push(entry.into_path()),
                },
                Err(error) => self.failures.push(shown(cannot_look(&error).as_bytes())),
            }
        }
        self.stores.append(&mut stores.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }
}

/// What could not be looked at, and why: the reason that the system gives, without the path that the walk adds to it.
fn cannot_look(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithDepth { err, .. } => cannot_look(err),
        ignore::Error::WithPath { path, err } => {
            let walked = err.io_error().and_then(|error| error.get_ref()).and_then(|error| error.source());
            let why = walked.map_or_else(|| err.to_string(), ToString::to_string);
            format!("cannot read {}: {why}", path.display())
        }
        other => other.to_string(),
    }
}

/// Whether a folder is the store that is written to, or any other.
fn is_store(path: &Path, store: Option<&Path>) -> bool {
    (path.join("MANIFEST").is_file() && path.join("index.redb").is_file())
        || store.is_some_and(|store| fs::canonicalize(path).is_ok_and(|path| path == store))
}
