//! The log of retrievals: which episodes were recollected, and when.
//!
//! Only appended to, so that a snapshot sees the first so many records whatever is appended behind them.

use std::path::PathBuf;
use std::sync::Arc;

use super::levels::{Chunk, Levels};
use super::{BLOCK, SEGMENT, SMALL};
use crate::disk::StoreFile;
use crate::{EpisodeId, MemoryError};

/// Records that are read at a time: 1.25 MiB.
pub(crate) const LOG_PIECE: u64 = 1 << 16;

/// Up to so many records, 320 KiB, it does not matter how many of them count. Tests try it early.
const FLOOR: u64 = if cfg!(test) { 2 } else { 1 << 14 };

/// Bytes of a record in the log file: the id, the time, and the CRC-32 of both.
pub(crate) const LOG_RECORD: usize = 20;

/// Takes retrievals, one after the other.
pub(crate) type Take<'a> = &'a mut dyn FnMut((EpisodeId, i64)) -> Result<(), MemoryError>;

/// Gives retrievals, one after the other: there may be a thousand times as many as episodes, so that they are not held
/// together where that can be helped.
pub(crate) type Giving<'a> = dyn Fn(Take<'_>) -> Result<(), MemoryError> + 'a;

/// Retrievals held together.
pub(crate) fn collected(give: &Giving<'_>) -> Result<Vec<(EpisodeId, i64)>, MemoryError> {
    let mut events = Vec::new();
    give(&mut |event| {
        events.push(event);
        Ok(())
    })?;
    Ok(events)
}

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
    /// Beyond so many records it is worth counting which of them count.
    look_at: u64,
}

/// How many retrievals of each episode count, where nothing else is said.
pub(crate) const RETRIEVALS_KEPT: usize = 1_024;

impl Default for Log {
    fn default() -> Self {
        Self { file: None, events: Levels::new(), len: 0, kept: RETRIEVALS_KEPT, look_at: FLOOR }
    }
}

impl Log {
    /// An empty log, of which as many retrievals of each episode count.
    pub(crate) fn new(kept: usize) -> Self {
        Self { kept, ..Self::default() }
    }

    /// An empty log that keeps as many retrievals.
    pub(crate) fn emptied(&self) -> Self {
        Self::new(self.kept)
    }

    /// A log in a file, which holds `len` records, that keeps as many retrievals.
    pub(crate) fn in_file(&self, file: Arc<dyn StoreFile>, path: PathBuf, len: u64) -> Self {
        Self { file: Some((file, path)), len, ..self.emptied() }
    }

    /// Whether it is so long that less than half of its records may count.
    pub(crate) fn may_be_trimmed(&self) -> bool {
        self.len > self.look_at
    }

    /// This, when so many of its records count.
    pub(crate) fn counted(self, counting: u64) -> Self {
        Self { look_at: FLOOR.max(2 * counting), ..self }
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

    /// All retrievals in the order in which they were logged, one by one; a file is read in pieces and checked.
    pub(crate) fn for_each(&self, take: Take<'_>) -> Result<(), MemoryError> {
        let Some((file, path)) = &self.file else {
            return self.events.chunks().flat_map(|chunk| &chunk.0).try_for_each(|&event| take(event));
        };
        let mut bytes = Vec::new();
        for first in (0..self.len).step_by(LOG_PIECE as usize) {
            bytes.resize((self.len - first).min(LOG_PIECE) as usize * LOG_RECORD, 0);
            file.read_at(first * LOG_RECORD as u64, &mut bytes).map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => MemoryError::damaged(path, "the file became shorter"),
                _ => MemoryError::io("read", path, error),
            })?;
            for (number, record) in (first..).zip(bytes.chunks_exact(LOG_RECORD)) {
                let what = || format!("record {number} (a retrieval) does not match its checksum");
                take(parse(record).ok_or_else(|| MemoryError::damaged(path, what()))?)?;
            }
        }
        Ok(())
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
