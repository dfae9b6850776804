//! The file or stream that is being read.

use crate::files::{KnownFile, Reading};
use crate::lines::{Content, Line};
use crate::names::shown;
use crate::record::Record;
use crate::units::{Unit, Units};

use super::how::How;
use super::replacement::Replacement;
use super::report::Skip;

/// What came of a unit: its first line, and its record or why there is none.
pub type Given = (u64, Result<Record, Skip>);

pub struct Current {
    /// Its number in this run.
    pub file: usize,
    /// Its name, and the same as it is shown.
    pub source: Vec<u8>,
    pub name: String,
    how: How,
    reading: Reading,
    /// What was read before the unit that is not complete.
    start: Reading,
    units: Units,
    /// What the store is to know of it; `None` for a stream.
    pub known: Option<KnownFile>,
    /// Whether lines of it are in the store.
    pub has_lines: bool,
    /// The old version, which stays until all of the new one is stored.
    pub replacement: Option<Replacement>,
}

impl Current {
    pub fn new(file: usize, source: Vec<u8>, how: How, known: Option<KnownFile>) -> Self {
        Self {
            file,
            name: shown(&source),
            source,
            how,
            reading: Reading::default(),
            start: Reading::default(),
            units: Units::new(how.by),
            known,
            has_lines: false,
            replacement: None,
        }
    }

    /// Goes on after lines that were read by an earlier run.
    pub fn after(self, reading: Reading) -> Self {
        Self { reading, has_lines: true, ..self }
    }

    /// What was read, up to the end of the last unit.
    pub fn mark(&self) -> &Reading {
        if self.units.is_empty() { &self.reading } else { &self.start }
    }

    /// What was read in all.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Whether lines wait for those that follow in their paragraph.
    pub fn waits(&self) -> bool {
        !self.units.is_empty()
    }

    /// Adds a line. Gives what is to be stored: records, or why there is none, each with its line.
    pub fn add(&mut self, line: Line, give: &mut dyn FnMut(Given)) {
        let Line { number, content, .. } = line;
        let text = match &content {
            Content::Text(text) | Content::Replaced(text) => Some(text.as_str()),
            Content::Binary | Content::TooLong => None,
        };
        if self.how.by != Unit::Line && text.is_some_and(|text| !self.units.would_grow(text)) {
            self.start = self.reading.clone();
        }
        self.reading.add(&content);
        match content {
            Content::Text(text) | Content::Replaced(text) => {
                let Self { units, name, how, .. } = self;
                units.push(number, text, &mut |line, text| give((line, record(name, *how, line, text))));
            }
            Content::Binary => give((number, Err(Skip::Binary))),
            Content::TooLong => give((number, Err(Skip::TooLong))),
        }
    }

    /// Ends the unit that is not complete.
    pub fn end_unit(&mut self, give: &mut dyn FnMut(Given)) {
        let Self { units, name, how, .. } = self;
        units.finish(&mut |line, text| give((line, record(name, *how, line, text))));
    }
}

/// The record of a unit, or why there is none.
fn record(source: &str, how: How, line: u64, text: String) -> Result<Record, Skip> {
    let (key, text) = match how.tsv {
        // An empty line is empty, whatever the format.
        true if text.trim().is_empty() => return Err(Skip::Empty),
        true => text.split_once('\t').map(|(key, text)| (Some(key.to_owned()), text.to_owned())).ok_or(Skip::NoTab)?,
        false => (None, text),
    };
    if text.len() > hv_memory::MAX_BYTES {
        return Err(Skip::TooLong);
    }
    Ok(Record { source: source.to_owned(), line, key, text })
}
