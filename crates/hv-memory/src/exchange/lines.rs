//! The lines of an export as they are read.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use serde_json::Value;

use super::parts::{FORMAT, LINE, VERSION, bytes_of, unhex};
use crate::arena::{Label, MAX_NEXT_ID, Mutable, Payload, Record};
use crate::episode::MAX_BYTES;
use crate::error::MemoryError;

/// What the first line says.
pub(super) struct Header {
    pub count: usize,
    pub next_id: u64,
    pub metadata: Vec<u8>,
    /// How many rows the application has.
    pub rows: u64,
}

/// The lines of a file, each an object.
pub(super) struct Lines {
    lines: BufReader<File>,
    path: PathBuf,
    number: usize,
}

impl Lines {
    pub(super) fn new(file: File, path: PathBuf) -> Self {
        Self { lines: BufReader::new(file), path, number: 0 }
    }

    pub(super) fn next(&mut self) -> Result<Option<Value>, MemoryError> {
        let mut line = Vec::new();
        let read = (&mut self.lines).take(LINE + 1).read_until(b'\n', &mut line);
        let read = read.map_err(|error| MemoryError::io("read", &self.path, error))?;
        self.number += 1;
        if read as u64 > LINE {
            return Err(self.malformed("the line is longer than 64 MiB, and so none of an export"));
        }
        if read == 0 {
            return Ok(None);
        }
        if line.trim_ascii().is_empty() {
            return Err(self.malformed("the line is empty"));
        }
        serde_json::from_slice(&line).map(Some).map_err(|error| {
            // It counts from line 1 again for each.
            let text = error.to_string();
            let what = text.split_once(" at line ").map_or(&*text, |(what, _)| what);
            self.malformed(&format!("column {}: {what}", error.column()))
        })
    }

    pub(super) fn header(&mut self) -> Result<Header, MemoryError> {
        let line = self.next()?.ok_or_else(|| self.malformed("the file is empty"))?;
        let version = line["version"].as_u64().filter(|version| (1..=VERSION).contains(version));
        let Some(version) = version.filter(|_| line["format"] == FORMAT) else {
            let what = format!("the first line is not that of an hv-export of version 1 or {VERSION}");
            return Err(self.malformed(&what));
        };
        let metadata = line["metadata"].as_str().and_then(unhex).filter(|bytes| bytes.len() <= MAX_BYTES);
        let metadata =
            metadata.ok_or_else(|| self.malformed("metadata is missing, or not hexadecimal, or over 1 MiB"))?;
        let (count, next_id) = (self.number(&line, "episodes")?, self.number(&line, "next_id")?);
        if !(count..=MAX_NEXT_ID).contains(&next_id) {
            let limits = format!("from the number of episodes, {count}, to {MAX_NEXT_ID}");
            return Err(self.malformed(&format!("next_id is {next_id}, but must be {limits}")));
        }
        let rows = if version == 1 { 0 } else { self.number(&line, "rows")? };
        Ok(Header { count: count as usize, next_id, metadata, rows })
    }

    pub(super) fn malformed(&self, what: &str) -> MemoryError {
        MemoryError::Malformed { path: self.path.clone(), line: Some(self.number), what: what.into() }
    }

    fn number(&self, line: &Value, name: &str) -> Result<u64, MemoryError> {
        line[name].as_u64().ok_or_else(|| self.malformed(&format!("{name} must be a whole number, 0 or more")))
    }

    pub(super) fn payload(&self, line: &Value) -> Result<Vec<u8>, MemoryError> {
        let payload = bytes_of(line, "payload").flatten();
        let payload = payload.filter(|bytes| bytes.len() <= MAX_BYTES);
        payload.ok_or_else(|| self.malformed("one of payload and payload_hex, of up to 1 MiB, is due"))
    }

    /// The rest of an episode whose payload has been put, but for its labels.
    pub(super) fn episode(&self, line: &Value, payload: Payload) -> Result<(Record, Mutable), MemoryError> {
        let time = |name: &str| {
            line[name].as_i64().ok_or_else(|| self.malformed(&format!("{name} must be a whole number of microseconds")))
        };
        let valence = line["valence"].as_f64().unwrap_or(f64::NAN) as f32;
        let strength = line["strength"].as_f64().unwrap_or(f64::NAN);
        let sound = (-1.0..=1.0).contains(&valence) && strength >= 0.0 && strength.is_finite();
        if !sound {
            return Err(self.malformed("valence must be from -1 to 1, and strength 0 or more"));
        }
        let record =
            Record { id: self.number(line, "id")?, time: time("time")?, valence, payload, label: Label::default() };
        Ok((record, Mutable { strength, updated: time("updated")?, deleted: false }))
    }
}
