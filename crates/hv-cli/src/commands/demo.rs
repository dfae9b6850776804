//! `hv demo`: the main job with nothing to prepare: index text, ask misspelt questions, time the kernels.

mod cycle;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use hv_encode::NgramEncoder;
use hv_memory::{Changes, EpisodicMemory, NewEpisode};
use indicatif::{HumanBytes, HumanCount};

use crate::args::{Filters, Order};
use crate::context::Context;
use crate::failure::Failure;
use crate::listing::Matches;
use crate::marks::Marks;
use crate::numbers::{counted, micros};
use crate::record::{Encoder, Record};
use crate::screen::Screen;
use crate::search::search;
use crate::store::Store;
use crate::times::Clock;
use crate::vocabulary;

/// What is indexed where no checkout is at hand.
const BUILT_IN: &str = include_str!("demo/demo.txt");

/// Questions with a slip of the pen in nearly every word, about sentences in the checkout and in the built-in text.
/// In a file of their own that is not indexed, or each would find itself.
const QUESTIONS: &str = include_str!("demo/questions.txt");

pub fn run(out: &mut impl Write) -> Result<(), Failure> {
    let (name, texts) = match checkout() {
        Some(root) => ("this checkout", text_files(&root)),
        None => {
            let name = "a small built-in text (run it in a checkout of hv for more)";
            (name, vec![("demo.txt".to_owned(), BUILT_IN.to_owned())])
        }
    };
    writeln!(out, "Indexing the text of {name} in memory.")?;
    out.flush()?;
    let store = index(&texts, out)?;

    writeln!(out, "\nMisspelt questions, and what is stored that is most like them:")?;
    let questions: Vec<String> = QUESTIONS.lines().map(str::to_owned).collect();
    let answers = search(&store, &store.memory.snapshot(), &questions, 2, Order::Text, &Filters::default())?;
    let (screen, snapshot) = (Screen::of_stdout(), store.memory.snapshot());
    for (question, answer) in questions.iter().zip(&answers.answers) {
        writeln!(out, "\n> {question}")?;
        let (matches, found) = (Matches { store: &store, screen, marks: Marks::of(question) }, answer.as_ref());
        matches.write(found.map_or(&[][..], |answer| &answer.found), &mut Context::new(&snapshot, 0), out)?;
    }
    let (n, episodes) = (questions.len(), HumanCount(store.memory.len() as u64));
    writeln!(out, "\nsearched {episodes} episodes for {n} questions in {}", micros(answers.time))?;

    writeln!(out, "\nThe kernels, next to the times that Symthaea's report of 2025-12-22 has:\n")?;
    out.flush()?;
    cycle::write_table(out)
}

/// Stores every line of some texts, each with its name. In memory, so that nothing is left behind, however the demo ends.
fn index(texts: &[(String, String)], out: &mut impl Write) -> Result<Store, Failure> {
    let start = Instant::now();
    let encoder = Encoder::folded_ngrams(NgramEncoder::DEFAULT_N, 0).make().map_err(Failure::failed)?;
    let store = Store { memory: EpisodicMemory::in_memory(), encoder };
    let time = Clock::SYSTEM.now()?;
    let lines = |(source, text): &(String, String)| {
        let record = |(number, text): (usize, &str)| Record {
            source: source.clone(),
            line: number as u64 + 1,
            key: None,
            text: text.to_owned(),
        };
        text.lines().enumerate().map(record).collect::<Vec<_>>()
    };
    let records: Vec<Record> = texts.iter().flat_map(lines).collect();
    let contents = store.encoder.encode_batch(&records.iter().map(|record| &record.text).collect::<Vec<_>>());
    let mut episodes = Vec::new();
    for (record, content) in records.iter().zip(contents) {
        // What has no letter and no digit is left out.
        if let Ok(content) = content {
            episodes.push(NewEpisode { content, time, payload: record.to_bytes()?, ..NewEpisode::default() });
        }
    }
    let stored = episodes.len();
    store.memory.apply(&vocabulary::begin(Changes::new().store_batch(episodes)))?;
    // The words were not counted yet.
    vocabulary::mend(&store.memory)?;
    let (lines, files) = (counted(stored as u64, "line"), counted(texts.len() as u64, "file"));
    let bytes = HumanBytes(texts.iter().map(|(_, text)| text.len() as u64).sum());
    let seconds = start.elapsed().as_secs_f64();
    let rate = HumanCount((stored as f64 / seconds.max(1e-6)) as u64);
    writeln!(out, "stored {lines} from {files} ({bytes}) in {seconds:.2} s: {rate} episodes a second")?;
    Ok(store)
}

/// The checkout of hv that the current folder is in.
fn checkout() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|folder| folder.join("crates/hv-core/src/hv16.rs").is_file()).map(Path::to_owned)
}

/// The docs and sources under a folder with their names, in order of their paths. What cannot be read is left out.
fn text_files(root: &Path) -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = Vec::new();
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
    let name = |path: &PathBuf| path.strip_prefix(root).unwrap_or(path).display().to_string();
    files.iter().filter_map(|path| Some((name(path), fs::read_to_string(path).ok()?))).collect()
}
