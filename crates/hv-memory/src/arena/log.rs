//! The log of retrievals: which episodes were recollected, and when.
//!
//! Only appended to, so that a snapshot sees the first so many records whatever is appended behind them.

use std::path::PathBuf;
use std::sync::Arc;

use super::levels::{Chunk, Levels};
use super::{BLOCK, SEGMENT, SMALL};
use crate::disk::StoreFile;
use crate::{EpisodeId, MemoryError};

/// Bytes of a record in the log file: the id, the time, and the CRC-32 of both.
pub(crate) const LOG_RECORD: usize = 20;

/// A retrieval as the log file holds it.
pub(crate) fn log_record((id, time): (EpisodeId, i64)) -> [u8; LOG_RECORD] {
    let mut record = [0; LOG_RECORD];
    record[..8].copy_from_slice(&id.0.to_le_bytes());
    record[8..16].copy_from_slice(&time.to_le_bytes());
    let crc = crc32fast::hash(&record[..16]);
    record[16..].copy_from_slice(&crc.to_le_bytes());
    record
}

/// Whether a record is what was written.
pub(crate) fn log_matches(record: &[u8]) -> bool {
    parse(record).is_some()
}

fn parse(record: &[u8]) -> Option<(EpisodeId, i64)> {
    let (id, rest) = record.split_first_chunk()?;
    let (time, _) = rest.split_first_chunk()?;
    let event = (EpisodeId(u64::from_le_bytes(*id)), i64::from_le_bytes(*time));
    (log_record(event) == *record).then_some(event)
}

/// The log as of one state.
#[derive(Clone)]
pub(crate) struct Log {
    /// Where it is on disk; in a memory without a folder it is in `events`.
    pub file: Option<(Arc<dyn StoreFile>, PathBuf)>,
    events: Levels<Events>,
    /// How many records there are.
    pub len: u64,
    /// How many of each episode count: the last ones.
    pub kept: usize,
}

/// How many retrievals of each episode count, where nothing else is said.
pub(crate) const RETRIEVALS_KEPT: usize = 1_024;

impl Default for Log {
    fn default() -> Self {
        Self { file: None, events: Levels::new(), len: 0, kept: RETRIEVALS_KEPT }
    }
}

impl Log {
    /// An empty log that keeps as many retrievals.
    pub(crate) fn emptied(&self) -> Self {
        Self { kept: self.kept, ..Self::default() }
    }

    /// A log in a file, of which `len` records count, that keeps as many retrievals.
    pub(crate) fn in_file(&self, file: Arc<dyn StoreFile>, path: PathBuf, len: u64) -> Self {
        Self { file: Some((file, path)), len, ..self.emptied() }
    }

    /// This and new retrievals, which the file has already where there is one.
    pub(crate) fn append(&self, new: &[(EpisodeId, i64)]) -> Result<Self, MemoryError> {
        let events = match &self.file {
            Some(_) => self.events.clone(),
            None => self.events.append(new.len(), &mut |unfinished: Option<&Events>, rows| {
                let old = unfinished.map_or(&[][..], |chunk| &chunk.0);
                Ok(Events([old, &new[rows]].concat()))
            })?,
        };
        Ok(Self { events, len: self.len + new.len() as u64, ..self.clone() })
    }

    /// All retrievals in the order in which they were logged.
    pub(crate) fn read(&self) -> Result<Vec<(EpisodeId, i64)>, MemoryError> {
        let Some((file, path)) = &self.file else {
            return Ok(self.events.chunks().flat_map(|chunk| &chunk.0).copied().collect());
        };
        let mut bytes = vec![0; self.len as usize * LOG_RECORD];
        file.read_at(0, &mut bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => MemoryError::damaged(path, "the file became shorter"),
            _ => MemoryError::io("read", path, error),
        })?;
        let records = bytes.chunks_exact(LOG_RECORD).enumerate();
        let events = records.map(|(number, record)| {
            let what = || format!("record {number} (a retrieval) does not match its checksum");
            parse(record).ok_or_else(|| MemoryError::damaged(path, what()))
        });
        events.collect()
    }
}

/// A chunk of retrievals.
struct Events(Vec<(EpisodeId, i64)>);

impl Chunk for Events {
    const SIZES: &'static [usize] = &[SMALL, BLOCK, SEGMENT];

    fn len(&self) -> usize {
        self.0.len()
    }

    fn merge(parts: &[Arc<Self>]) -> Result<Self, MemoryError> {
        Ok(Self(parts.iter().map(|part| &part.0[..]).collect::<Vec<_>>().concat()))
    }
}
