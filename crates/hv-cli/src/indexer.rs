//! Lines of files into a store, in batches that are each one durable step.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use hv_encode::WordCounts;
use hv_memory::{Changes, EpisodicMemory, MAX_BYTES, NewEpisode};
use indicatif::{HumanBytes, HumanCount, ProgressBar};

use crate::failure::Failure;
use crate::lines::{Content, Lines, is_stdin};
use crate::names::shown;
use crate::numbers::counted;
use crate::record::{Note, Record, TextToVector};
use crate::times::Clock;
use crate::{show, vocabulary};

/// A batch ends with this many lines: four of the store's blocks, so that nearly all is written once.
const BATCH_LINES: usize = 16_384;
/// A batch ends with this many bytes of lines, so that long ones do not fill the memory.
const BATCH_BYTES: usize = 32 << 20;

/// Bytes of a file; 0 of standard input and where it is not known.
fn size(path: &Path) -> u64 {
    if is_stdin(path) { 0 } else { path.metadata().map_or(0, |metadata| metadata.len()) }
}

/// The name under which the metadata know a file.
fn full_name(path: &Path) -> String {
    path.canonicalize().unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
}

/// Why a line was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Skip {
    Empty,
    NoTab,
    Binary,
    TooLong,
}

impl Skip {
    fn reason(self) -> &'static str {
        match self {
            Self::Empty => "without a letter or digit",
            Self::NoTab => "without a tab between key and text (--tsv)",
            Self::Binary => "with a zero byte, which is no text in UTF-8",
            Self::TooLong => "longer than an episode can hold (1 MiB)",
        }
    }
}

/// How many lines something happened to, and where it did first.
#[derive(Default)]
struct Tally {
    lines: u64,
    first: String,
}

impl Tally {
    fn add(&mut self, source: &str, line: u64) {
        if self.lines == 0 {
            self.first = format!("{source}:{line}");
        }
        self.lines += 1;
    }
}

/// What was done.
#[derive(Default)]
pub struct Report {
    files: usize,
    seconds: f64,
    stored: u64,
    bytes: u64,
    replaced: Tally,
    skipped: BTreeMap<Skip, Tally>,
    /// The files of which lines were stored by an earlier run, or from an earlier mention in this one.
    again: Vec<String>,
}

impl Report {
    pub fn write(&self, out: &mut impl Write) -> Result<(), Failure> {
        let Self { files, seconds, stored, bytes, .. } = *self;
        let (lines, files) = (counted(stored, "line"), counted(files as u64, "file"));
        let rate = HumanCount((stored as f64 / seconds.max(1e-6)) as u64);
        let bytes = HumanBytes(bytes);
        writeln!(out, "stored {lines} from {files} ({bytes}) in {seconds:.2} s: {rate} episodes a second")?;
        if self.replaced.lines > 0 {
            let Tally { lines: count, first } = &self.replaced;
            writeln!(out, "replaced invalid UTF-8 by \u{fffd} in {} (first: {first})", counted(*count, "line"))?;
        }
        for (skip, Tally { lines: count, first }) in &self.skipped {
            writeln!(out, "skipped {} {} (first: {first})", counted(*count, "line"), skip.reason())?;
        }
        for file in &self.again {
            let twice = "those of its lines that are still there are there twice now";
            writeln!(out, "note: {file} was indexed into this store before; {twice}")?;
        }
        Ok(())
    }
}

/// Stores lines, and keeps account of what became of each.
pub struct Indexer<'a> {
    memory: &'a EpisodicMemory,
    encoder: &'a TextToVector,
    tsv: bool,
    clock: Clock,
    bar: ProgressBar,
    start: Instant,
    /// The files so far, each with its name.
    files: Vec<(PathBuf, Vec<u8>)>,
    /// Lines that were read and not yet stored, each with the place of its file in `files`. A batch may span files, so
    /// that small ones are as fast as large.
    batch: Vec<(usize, Record)>,
    /// Bytes of the batch's keys and texts.
    batch_bytes: usize,
    /// What the store's metadata say.
    note: Note,
    /// The files before this place are in the note, if any of their lines were stored.
    noted: usize,
    report: Report,
}

impl<'a> Indexer<'a> {
    pub fn new(
        memory: &'a EpisodicMemory,
        encoder: &'a TextToVector,
        note: Note,
        tsv: bool,
        files: &[PathBuf],
        clock: Clock,
    ) -> Self {
        let bar = show::bytes_bar(files.iter().map(|path| size(path)).sum());
        Self {
            memory,
            encoder,
            tsv,
            clock,
            bar,
            start: Instant::now(),
            files: Vec::new(),
            batch: Vec::new(),
            batch_bytes: 0,
            note,
            noted: 0,
            report: Report::default(),
        }
    }

    pub fn finish(self) -> Report {
        self.bar.finish_and_clear();
        Report { files: self.files.len(), seconds: self.start.elapsed().as_secs_f64(), ..self.report }
    }

    /// Reads the lines of a file, or of standard input, under a name, and stores each batch that is full.
    pub fn add_file(&mut self, path: &Path, name: &[u8]) -> Result<(), Failure> {
        self.files.push((path.to_owned(), name.to_owned()));
        let source = &shown(name);
        self.bar.set_message(source.clone());
        let mut lines = Lines::open(path)?;
        while let Some(line) = lines.next()? {
            self.report.bytes += line.bytes;
            match self.record(source, line.number, line.content) {
                Ok(record) => {
                    self.batch_bytes += record.key.as_ref().map_or(0, String::len) + record.text.len();
                    self.batch.push((self.files.len() - 1, record));
                }
                Err(skip) => self.skip(skip, source, line.number),
            }
            if self.batch.len() == BATCH_LINES || self.batch_bytes >= BATCH_BYTES {
                self.store()?;
            }
        }
        Ok(())
    }

    /// The record of a line, or why there is none.
    fn record(&mut self, source: &str, line: u64, content: Content) -> Result<Record, Skip> {
        let text = match content {
            Content::Text(text) => text,
            Content::Replaced(text) => {
                self.report.replaced.add(source, line);
                text
            }
            Content::Binary => return Err(Skip::Binary),
            Content::TooLong => return Err(Skip::TooLong),
        };
        let (key, text) = match self.tsv {
            // An empty line is empty, whatever the format.
            true if text.trim().is_empty() => return Err(Skip::Empty),
            true => {
                text.split_once('\t').map(|(key, text)| (Some(key.to_owned()), text.to_owned())).ok_or(Skip::NoTab)?
            }
            false => (None, text),
        };
        Ok(Record { source: source.to_owned(), line, key, text })
    }

    fn skip(&mut self, skip: Skip, source: &str, line: u64) {
        self.report.skipped.entry(skip).or_default().add(source, line);
    }

    /// Encodes and stores the batch in one durable step, and empties it.
    pub fn store(&mut self) -> Result<(), Failure> {
        let batch = std::mem::take(&mut self.batch);
        self.batch_bytes = 0;
        let texts: Vec<&str> = batch.iter().map(|(_, record)| record.text.as_str()).collect();
        let contents = self.encoder.encode_batch(&texts);
        let time = self.clock.now()?;
        let (mut episodes, mut stored, mut counted) =
            (Vec::with_capacity(batch.len()), BTreeMap::new(), Vec::with_capacity(batch.len()));
        for ((file, record), content) in batch.iter().zip(contents) {
            let payload = record.to_bytes()?;
            match content {
                Ok(_) if payload.len() > MAX_BYTES => self.skip(Skip::TooLong, &record.source, record.line),
                Ok(content) => {
                    let source = Some(self.files[*file].1.clone());
                    episodes.push(NewEpisode { content, time, payload, source, ..NewEpisode::default() });
                    counted.push(record.text.as_str());
                    stored.entry(*file).or_insert(record.source.as_str());
                }
                Err(_) => self.skip(Skip::Empty, &record.source, record.line),
            }
        }
        let lines = episodes.len() as u64;
        let words = (WordCounts::of(&counted), lines);
        let none = (WordCounts::default(), 0);
        let changes = Changes::new().store_batch(episodes);
        let changes = vocabulary::count(&self.memory.snapshot(), changes, (&none.0, none.1), (&words.0, words.1))?;
        self.memory.apply(&changes)?;
        self.report.stored += lines;
        self.bar.set_position(self.report.bytes);
        self.note_files(&stored)
    }

    /// Writes the files of which lines were just stored, by place and name, to the store's metadata: behind the lines,
    /// since a failure between the two leaves out a note, and the other way round it would be a false one.
    fn note_files(&mut self, stored: &BTreeMap<usize, &str>) -> Result<(), Failure> {
        let new = stored.range(self.noted..).filter(|(file, _)| !is_stdin(&self.files[**file].0));
        let new: Vec<_> = new.map(|(&file, &name)| (full_name(&self.files[file].0), name.to_owned())).collect();
        self.noted = stored.keys().last().map_or(self.noted, |last| last + 1);
        for (path, name) in &new {
            if self.note.add_file(path.clone(), name.clone()) {
                self.report.again.push(name.clone());
            }
        }
        match new.is_empty() {
            true => Ok(()),
            false => Ok(self.memory.set_metadata(&self.note.to_bytes()?)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Encoder;

    /// A batch is bounded in bytes, whatever part of a line they are in.
    #[test]
    fn long_keys_fill_a_batch_as_long_texts_do() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{}\tx\n", "k".repeat(1_000_000)).repeat(40)).unwrap();
        let (memory, encoder) = (EpisodicMemory::in_memory(), Encoder::folded_ngrams(3, 0).make().unwrap());
        let note = Note::new(Encoder::folded_ngrams(3, 0));
        let mut indexer = Indexer::new(&memory, &encoder, note, true, &[], Clock::SYSTEM);
        indexer.add_file(file.path(), b"file").unwrap();
        assert_eq!((memory.len(), indexer.batch.len()), (34, 6), "34 MB are the first over 32 MiB");
        indexer.store().unwrap();
        assert_eq!((memory.len(), indexer.finish().stored), (40, 40));
    }
}
