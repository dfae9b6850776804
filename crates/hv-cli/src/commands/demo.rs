//! `hv demo`: the main job with nothing to prepare: index text, ask misspelt questions, time the kernels.

mod cycle;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use indicatif::HumanCount;

use crate::args::{Filters, Order, StoreArg};
use crate::failure::Failure;
use crate::indexer::index_under;
use crate::listing::write_matches;
use crate::numbers::micros;
use crate::search::search;
use crate::store::Store;

/// What is indexed where no checkout is at hand.
const BUILT_IN: &str = include_str!("demo/demo.txt");

/// Questions with a slip of the pen in nearly every word, about sentences in the checkout and in the built-in text.
/// In a file of their own that is not indexed, or each would find itself.
const QUESTIONS: &str = include_str!("demo/questions.txt");

pub fn run(out: &mut impl Write) -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(|error| Failure::failed(format_args!("no temporary folder: {error}")))?;
    let (name, root, files) = match checkout() {
        Some(root) => ("this checkout", root.clone(), text_files(&root)),
        None => {
            let file = folder.path().join("demo.txt");
            fs::write(&file, BUILT_IN).map_err(|error| Failure::failed(format_args!("no temporary file: {error}")))?;
            ("a small built-in text (run it in a checkout of hv for more)", folder.path().to_owned(), vec![file])
        }
    };
    writeln!(out, "Indexing the text of {name} into a temporary store.")?;
    out.flush()?;
    let path = folder.path().join("demo.hv");
    index_under(&root, &files, &path)?.write(out)?;

    writeln!(out, "\nMisspelt questions, and what is stored that is most like them:")?;
    let store = Store::open(&StoreArg::new(&path))?;
    let questions: Vec<String> = QUESTIONS.lines().map(str::to_owned).collect();
    let answers = search(&store, &questions, 2, Order::Text, &Filters::default())?;
    for (question, answer) in questions.iter().zip(&answers.answers) {
        writeln!(out, "\n> {question}")?;
        write_matches(&store, answer.as_ref().map_or(&[], |answer| &answer.found[..]), out)?;
    }
    let (n, episodes) = (questions.len(), HumanCount(store.memory.len() as u64));
    writeln!(out, "\nsearched {episodes} episodes for {n} questions in {}", micros(answers.time))?;

    writeln!(out, "\nThe kernels, next to the published times of the system that hv follows:\n")?;
    out.flush()?;
    cycle::write_table(out)
}

/// The checkout of hv that the current folder is in.
fn checkout() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|folder| folder.join("crates/hv-core/src/hv16.rs").is_file()).map(Path::to_owned)
}

/// The docs and sources under a folder, in order of their paths. What cannot be read is left out.
fn text_files(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let hidden = name.to_string_lossy().starts_with('.');
            let is_text = path.extension().is_some_and(|extension| extension == "md" || extension == "rs");
            match entry.file_type() {
                // Links are left alone: they may lead out, or round and round.
                Ok(kind) if kind.is_dir() && !hidden && name != "target" => folders.push(path),
                Ok(kind) if kind.is_file() && is_text => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files
}
