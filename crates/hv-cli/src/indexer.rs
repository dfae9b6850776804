//! Files and streams into a store: what is new, and what has changed, in batches that are each one durable step.
//!
//! `current` is what `reader` is reading, `replacement` the old version of a file that has changed, `batch` what waits to be
//! stored by `writer`, and `report` what people are told.

mod batch;
mod current;
pub mod how;
mod reader;
mod replacement;
pub mod report;
mod writer;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use hv_memory::EpisodeId;
use indicatif::ProgressBar;

use crate::failure::Failure;
use crate::files::{Fingerprint, KnownFile};
use crate::forgotten::Forgotten;
use crate::lines::{Lines, is_stdin};
use crate::names::{bytes_of, shown};
use crate::show;
use crate::signals::Signals;
use crate::store::Target;
use crate::times::Clock;
use crate::walk::Input;
use batch::Ended;
use current::Current;
use how::How;
use reader::{Reader, stopped};
use replacement::{Replacement, sources_of_0_1};
use report::{LeftOut, Report};
use writer::Writer;

/// A bar for all bytes of some files.
fn bar<'a>(files: impl Iterator<Item = &'a Path>) -> ProgressBar {
    show::bytes_bar(files.map(size).sum())
}

/// Bytes of a file; 0 of standard input and where it is not known.
fn size(path: &Path) -> u64 {
    if is_stdin(path) { 0 } else { path.metadata().map_or(0, |metadata| metadata.len()) }
}

/// Indexes files and streams.
pub struct Indexer<'a> {
    reader: Reader<'a>,
    start: Instant,
    /// The keys of files that were read to their end in this run.
    seen: HashSet<Vec<u8>>,
    /// How many episodes each source had at first; counted when that is asked.
    counts: Option<HashMap<Vec<u8>, usize>>,
    /// The episodes of files that hv 0.1 stored; read when that is asked.
    of_0_1: Option<HashMap<String, Vec<EpisodeId>>>,
}

impl<'a> Indexer<'a> {
    pub fn new(target: Target<'a>, how: How, signals: &'a Signals, clock: Clock) -> Result<Self, Failure> {
        let reader = Reader::new(Writer::new(target, clock, how.by)?, how, signals);
        Ok(Self { reader, start: Instant::now(), seen: HashSet::new(), counts: None, of_0_1: None })
    }

    /// What was done, and where.
    pub fn finish(self) -> (Target<'a>, Report) {
        self.reader.bar.finish_and_clear();
        let Writer { target, mut report, .. } = self.reader.writer;
        report.seconds = self.start.elapsed().as_secs_f64();
        (target, report)
    }

    /// Adds all files and streams, and stores what waits at the end, also after a failure. `left_out` are those that are
    /// none, and `unread` says why others could not be looked at.
    pub fn add_all(
        &mut self,
        inputs: &[Input],
        left_out: &[(LeftOut, Vec<PathBuf>)],
        unread: &[String],
    ) -> Result<(), Failure> {
        unread.iter().for_each(|why| self.reader.writer.report.unread(why));
        for (why, paths) in left_out {
            paths.iter().for_each(|path| self.reader.writer.report.left_out(*why, &shown(&bytes_of(path))));
        }
        self.reader.bar = bar(inputs.iter().map(|input| input.path.as_path()));
        let added = inputs.iter().enumerate().try_for_each(|(i, Input { path, walked })| {
            let name = || shown(&bytes_of(path));
            self.reader.check().map_err(|failure| failure.stopped_at(&format!("before {}", name())))?;
            let is_file = !is_stdin(path) && path.metadata().is_ok_and(|metadata| metadata.is_file());
            match is_file {
                // Nobody asked for this very file, so the others are stored all the same.
                true if *walked => match std::fs::File::open(path) {
                    Err(error) => {
                        self.reader.writer.report.unread(&format!("cannot read {}: {error}", name()));
                        Ok(())
                    }
                    Ok(_) => self.add_file(path, &bytes_of(path)),
                },
                true => self.add_file(path, &bytes_of(path)),
                // What the store knows of files is read once, so none may follow when others had it.
                false => self.reader.add_stream(path, &bytes_of(path), i + 1 == inputs.len()),
            }
        });
        let stored = self.reader.writer.store(None);
        added.and(stored)
    }

    /// Adds a file under a name: what is new of it, or what has changed.
    fn add_file(&mut self, path: &Path, typed: &[u8]) -> Result<(), Failure> {
        let mut lines = Lines::open(path)?;
        let bytes = size(path);
        if let Some(format) = lines.format()? {
            self.reader.writer.report.left_out(LeftOut::Format(format), &shown(typed));
        } else {
            self.add_text(path, typed, lines)?;
        }
        self.reader.bytes += bytes;
        self.reader.bar.set_position(self.reader.bytes);
        Ok(())
    }

    fn add_text(&mut self, path: &Path, typed: &[u8], mut lines: Lines) -> Result<(), Failure> {
        let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let How { by, tsv, again } = self.reader.how;
        self.follow(&full, typed);
        let Some(known) = self.reader.writer.known.get(&full).map(|known| known.read_by(by, tsv)) else {
            let name = self.reader.writer.known.name_of(&full, typed);
            let current = self.reader.begin(&name, Some(KnownFile::new(&full, &name, by, tsv)));
            return self.read_file(current, lines);
        };
        let source = known.source();
        if again {
            self.reader.writer.report.again(known.name());
            let forgotten = Forgotten::of(&self.reader.writer.target.opened()?.snapshot(), &source)?;
            let changes = std::mem::take(&mut self.reader.writer.batch.changes);
            self.reader.writer.batch.changes = forgotten.clear(changes);
            let current = self.reader.begin(&source, None);
            let (read, all) = self.read_again(current, lines);
            read?;
            self.end_file(self.reader.files - 1, known.after(all, true), true);
            return Ok(());
        }
        if let Some(read) = self.reader.writer.known.get(&full).and_then(|known| known.read(by, tsv)).cloned() {
            let is_complete = known.complete;
            let begun = self.reader.reread(&mut lines, read.lines, &source)?;
            let same = begun.fingerprint() == read && self.has_lines_of(&known)?;
            if same && !is_complete {
                let current = self.reader.begin(&source, Some(known)).after(begun);
                return self.read_file(current, lines);
            }
            if same && lines.next()?.is_none() {
                let snapshot = self.reader.writer.target.opened()?.snapshot();
                self.reader.writer.report.forgotten(Forgotten::of(&snapshot, &source)?.count());
                self.reader.writer.report.unchanged(known.name());
                return Ok(());
            }
        }
        self.replace(known, Lines::open(path)?)
    }

    /// Takes the rows of a file that was moved along to its new path.
    fn follow(&mut self, full: &Path, typed: &[u8]) {
        if self.reader.writer.known.get(full).is_none()
            && let Some(old) = self.reader.writer.known.moved(typed).cloned()
        {
            let moved = old.at(full);
            self.reader.writer.known.remove(&old);
            let changes = std::mem::take(&mut self.reader.writer.batch.changes).delete_row(old.key());
            self.reader.writer.batch.changes = match moved.value() {
                Ok(value) => changes.put_row(moved.key(), value),
                Err(_) => changes,
            };
            self.reader.writer.known.put(moved);
        }
    }

    /// Whether the store has lines of a known file, or knows that they were forgotten, or that is not known.
    fn has_lines_of(&mut self, known: &KnownFile) -> Result<bool, Failure> {
        if known.of_0_1 || self.seen.contains(&known.key()) {
            return Ok(true);
        }
        let (snapshot, source) = (self.reader.writer.target.opened()?.snapshot(), known.source());
        let counts = self.counts.get_or_insert_with(|| snapshot.sources().into_iter().collect());
        Ok(counts.contains_key(&source) || !Forgotten::of(&snapshot, &source)?.is_empty())
    }

    /// Reads a file that is new, or goes on with one.
    fn read_file(&mut self, mut current: Current, mut lines: Lines) -> Result<(), Failure> {
        self.reader.writer.report.files += 1;
        if let Err(failure) = self.reader.read_lines(&mut current, &mut lines) {
            // What was read stays, and the next run goes on from there.
            self.reader.writer.store(Some(&mut current))?;
            return Err(stopped(failure, &current, "the lines before that are stored; index it again to go on"));
        }
        let (file, read) = (current.file, current.reading().fingerprint());
        if let Some(known) = &current.known {
            let known = known.after(read, true);
            self.end_file(file, known, current.has_lines);
        }
        Ok(())
    }

    /// Reads a file that is known, next to what is there of it.
    fn read_again(&mut self, mut current: Current, mut lines: Lines) -> (Result<(), Failure>, Fingerprint) {
        self.reader.writer.report.files += 1;
        let read = self.reader.read_lines(&mut current, &mut lines);
        let read = read.map_err(|failure| stopped(failure, &current, "the lines before that are stored"));
        (read, current.reading().fingerprint())
    }

    fn end_file(&mut self, file: usize, known: KnownFile, has_lines: bool) {
        self.seen.insert(known.key());
        self.reader.writer.known.put(known.clone());
        self.reader.writer.batch.ended.push(Ended { file, known, has_lines, replaced: None });
    }

    /// Puts the new version of a file in the place of the old.
    fn replace(&mut self, known: KnownFile, mut lines: Lines) -> Result<(), Failure> {
        if self.seen.contains(&known.key()) {
            self.reader.writer.store(None)?;
        }
        let source = known.source();
        let snapshot = self.reader.writer.target.opened()?.snapshot();
        let mut ids = snapshot.ids_of_source(&source);
        if known.of_0_1 {
            if self.of_0_1.is_none() {
                self.of_0_1 = Some(sources_of_0_1(&snapshot)?);
            }
            ids.extend(self.of_0_1.iter().filter_map(|sources| sources.get(known.name())).flatten());
        }
        let replacement =
            Replacement::new(snapshot, &source, ids, self.reader.writer.batch.entries.len(), &|| self.reader.check())
                .map_err(|failure| failure.stopped_at(&format!("before what is new in {}", known.name())))?;
        let mut current = self.reader.begin(&source, None);
        current.replacement = Some(replacement);
        self.reader.writer.report.files += 1;
        let read = self.reader.read_lines(&mut current, &mut lines);
        let Some(replacement) = current.replacement.take() else { return read };
        if let Err(failure) = read {
            // The old version stays as it is.
            self.reader.writer.batch.split_off(replacement.first);
            return Err(stopped(failure, &current, "it is in the store as it was before; index it again"));
        }
        let known = known.after(current.reading().fingerprint(), true);
        self.seen.insert(known.key());
        self.reader.writer.known.put(known.clone());
        match replacement.finish(current.file, known, &mut self.reader.writer.batch)? {
            true => self.reader.writer.store(None),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use hv_memory::EpisodicMemory;

    use super::*;
    use crate::args::StoreArg;

    /// A batch is bounded in bytes, whatever part of a line they are in.
    #[test]
    fn long_keys_fill_a_batch_as_long_texts_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, format!("{}\tx\n", "k".repeat(1_000_000)).repeat(40)).unwrap();
        let (store, signals) = (StoreArg::new(&folder.path().join("store")), Signals::default());
        let how = How { tsv: true, ..How::default() };
        let mut indexer =
            Indexer::new(Target::find(&store, None, None, &signals).unwrap(), how, &signals, Clock::SYSTEM).unwrap();
        indexer.add_file(&file, b"file").unwrap();
        assert_eq!(
            (indexer.reader.writer.target.len(), indexer.reader.writer.batch.entries.len()),
            (34, 6),
            "34 MB are the first over 32 MiB"
        );
        indexer.reader.writer.store(None).unwrap();
        let (target, report) = indexer.finish();
        assert_eq!((target.len(), report.stored), (40, 40));
        drop(target);
        assert_eq!(EpisodicMemory::open_read_only(&store.path).unwrap().len(), 40);
    }
}
