//! The log of retrievals: which episodes were recollected, and when.
//!
//! Only appended to, so that a snapshot sees its first records, whatever is appended after them.

use std::sync::Arc;

use super::levels::{Chunk, Levels};
use super::sizes::{BLOCK, SEGMENT, SMALL};
use crate::episode::EpisodeId;
use crate::error::MemoryError;

/// A log that lies on disk.
pub(crate) trait LogFile: Send + Sync {
    /// Its first `len` retrievals, in the order in which they were logged, each checked.
    fn for_each(&self, len: u64, take: RetrievalSink<'_>) -> Result<(), MemoryError>;
}

/// Up to this many records, 320 KiB, it does not matter how many of them count. Tests try it early.
const FLOOR: u64 = if cfg!(test) { 2 } else { 1 << 14 };

/// Takes retrievals, one after the other.
pub(crate) type RetrievalSink<'a> = &'a mut dyn FnMut((EpisodeId, i64)) -> Result<(), MemoryError>;

/// Gives retrievals, one after the other: there may be a thousand times as many as episodes, so that they are not held
/// together where that can be helped.
pub(crate) type RetrievalSource<'a> = dyn Fn(RetrievalSink<'_>) -> Result<(), MemoryError> + 'a;

/// Retrievals held together.
pub(crate) fn collected(give: &RetrievalSource<'_>) -> Result<Vec<(EpisodeId, i64)>, MemoryError> {
    let mut events = Vec::new();
    give(&mut |event| {
        events.push(event);
        Ok(())
    })?;
    Ok(events)
}

/// The log as of one state.
#[derive(Clone)]
pub(crate) struct Log {
    /// Where it is on disk; in a memory without a folder it is in `events`.
    pub file: Option<Arc<dyn LogFile>>,
    events: Levels<Events>,
    /// How many records there are.
    pub len: u64,
    /// How many of each episode count: the last ones.
    pub kept: usize,
    /// With more records than this it is worth counting which of them count.
    look_at: u64,
}

impl Log {
    /// An empty log in which this many retrievals of each episode count.
    pub(crate) fn new(kept: usize) -> Self {
        Self { file: None, events: Levels::new(), len: 0, kept, look_at: FLOOR }
    }

    /// An empty log that keeps as many retrievals.
    pub(crate) fn emptied(&self) -> Self {
        Self::new(self.kept)
    }

    /// A log in a file, which holds `len` records, that keeps as many retrievals.
    pub(crate) fn in_file(&self, file: Arc<dyn LogFile>, len: u64) -> Self {
        Self { file: Some(file), len, ..self.emptied() }
    }

    /// Whether it is so long that less than half of its records may count.
    pub(crate) fn may_be_trimmed(&self) -> bool {
        self.len > self.look_at
    }

    /// This log, of whose records this many count.
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

    /// All retrievals in the order in which they were logged, one by one.
    pub(crate) fn for_each(&self, take: RetrievalSink<'_>) -> Result<(), MemoryError> {
        match &self.file {
            Some(file) => file.for_each(self.len, take),
            None => self.events.chunks().flat_map(|chunk| &chunk.0).try_for_each(|&event| take(event)),
        }
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
