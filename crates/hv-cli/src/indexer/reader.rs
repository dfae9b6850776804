//! Lines from a file or a stream into the batch.

use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::batch::Entry;
use super::current::{Current, Given};
use super::how::How;
use super::report::LeftOut;
use super::writer::Writer;
use crate::failure::Failure;
use crate::files::{KnownFile, Reading};
use crate::lines::{Line, Lines};
use crate::names::shown;
use crate::signals::Signals;
use crate::stream::{AHEAD, Next, Stream};
use crate::units::Unit;

/// A line of a stream is stored at the latest after this time.
const SOON: Duration = Duration::from_secs(1);
/// How often a wait for the next line of a stream looks for a signal.
const LOOK: Duration = Duration::from_millis(100);

/// Reads files and streams.
pub struct Reader<'a> {
    pub writer: Writer<'a>,
    pub how: How,
    signals: &'a Signals,
    pub bar: ProgressBar,
    /// How many files and streams there were so far, and their bytes.
    pub files: usize,
    pub bytes: u64,
}

impl<'a> Reader<'a> {
    pub fn new(writer: Writer<'a>, how: How, signals: &'a Signals) -> Self {
        Self { writer, how, signals, bar: ProgressBar::hidden(), files: 0, bytes: 0 }
    }

    /// An error if a signal came.
    pub fn check(&self) -> Result<(), Failure> {
        self.signals.check()
    }

    /// Begins with a file or stream.
    pub fn begin(&mut self, source: &[u8], known: Option<KnownFile>) -> Current {
        let current = Current::new(self.files, source.to_owned(), self.how, known);
        self.files += 1;
        self.bar.set_message(current.name.clone());
        current
    }

    /// Reads at most `most` lines, which an earlier run has read.
    pub fn reread(&mut self, lines: &mut Lines, most: u64, source: &[u8]) -> Result<Reading, Failure> {
        let (mut reading, mut bytes) = (Reading::default(), 0);
        let name = shown(source);
        self.bar.set_message(name.clone());
        while reading.lines() < most
            && let Some(line) = lines.next()?
        {
            self.check().map_err(|failure| failure.stopped_at(&format!("before what is new in {name}")))?;
            bytes += line.bytes;
            self.bar.set_position(self.bytes + bytes);
            reading.add(&line.content);
        }
        Ok(reading)
    }

    /// Reads all lines of a file.
    pub fn read_lines(&mut self, current: &mut Current, lines: &mut Lines) -> Result<(), Failure> {
        let mut bytes = 0;
        while let Some(line) = lines.next()? {
            self.check()?;
            bytes += line.bytes;
            self.take(current, line)?;
            self.bar.set_position(self.bytes + bytes);
        }
        self.end_unit(current)
    }

    /// Adds a stream under a name: its lines are stored soon after they came. If it is the last, others may have the store
    /// while it waits.
    pub fn add_stream(&mut self, path: &Path, source: &[u8], is_last: bool) -> Result<(), Failure> {
        let mut current = self.begin(source, None);
        self.writer.report.files += 1;
        let read = self.read_stream(&mut current, path, is_last);
        // What was read stays, whatever ended it.
        let ended = self.end_unit(&mut current);
        read.and(ended).map_err(|failure| stopped(failure, &current, "the lines before that are stored"))
    }

    fn read_stream(&mut self, current: &mut Current, path: &Path, is_last: bool) -> Result<(), Failure> {
        let mut stream = Stream::open(path)?;
        let mut since = None;
        let mut last = Instant::now();
        loop {
            if let Err(stopped) = self.check() {
                // What was read ahead was read, too.
                for _ in 0..AHEAD {
                    let Next::Line(line) = stream.next(Duration::ZERO)? else { break };
                    self.take(current, line)?;
                }
                return Err(stopped);
            }
            match stream.next(LOOK)? {
                Next::Line(line) => {
                    last = Instant::now();
                    since.get_or_insert(last);
                    self.bytes += line.bytes;
                    self.bar.set_position(self.bytes);
                    self.take(current, line)?;
                }
                Next::Format(format) => {
                    self.writer.report.files -= 1;
                    self.writer.report.left_out(LeftOut::Format(format), &current.name);
                    return Ok(());
                }
                Next::Waiting => (),
                Next::End => return Ok(()),
            }
            if since.is_some_and(|since| since.elapsed() >= SOON) {
                if self.how.by == Unit::Paragraph && last.elapsed() >= SOON {
                    self.end_unit(current)?;
                }
                self.writer.store(None)?;
                since = current.waits().then_some(last);
            }
            if is_last && since.is_none() && last.elapsed() >= SOON {
                self.writer.target.release(last.elapsed());
            }
        }
    }

    /// Takes a line, and stores the batch where that is full.
    fn take(&mut self, current: &mut Current, line: Line) -> Result<(), Failure> {
        self.writer.report.bytes += line.bytes;
        if line.is_replaced() {
            self.writer.report.invalid(current.file, &current.name, line.number);
        }
        let mut records = Vec::new();
        current.add(line, &mut |given| records.push(given));
        self.take_records(current, records)?;
        if !self.writer.batch.is_full() {
            return Ok(());
        }
        match current.replacement.as_ref().map(|replacement| replacement.first) {
            None => self.writer.store(Some(current)),
            Some(first) => {
                let (ids, texts) = self.writer.store_hidden(first)?;
                if let Some(replacement) = &mut current.replacement {
                    replacement.hid(ids, &texts);
                }
                Ok(())
            }
        }
    }

    fn end_unit(&mut self, current: &mut Current) -> Result<(), Failure> {
        let mut records = Vec::new();
        current.end_unit(&mut |given| records.push(given));
        self.take_records(current, records)
    }

    fn take_records(&mut self, current: &mut Current, records: Vec<Given>) -> Result<(), Failure> {
        for (line, record) in records {
            match (record, &mut current.replacement) {
                (Err(skip), _) => self.writer.report.skip(skip, current.file, &current.name, line),
                (Ok(record), replacement) => {
                    let stays = match replacement {
                        Some(replacement) => replacement.keep(&record)?,
                        None => false,
                    };
                    if !stays {
                        self.writer.batch.push(Entry { file: current.file, source: current.source.clone(), record });
                    }
                }
            }
        }
        Ok(())
    }
}

/// A failure, and where it was if a signal ended the work.
pub fn stopped(failure: Failure, current: &Current, then: &str) -> Failure {
    failure.stopped_at(&format!("after line {} of {}; {then}", current.reading().lines(), current.name))
}
