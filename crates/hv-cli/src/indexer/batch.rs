//! What waits to be stored.

use hv_encode::WordCounts;
use hv_memory::Changes;

use super::report::Replaced;
use crate::files::KnownFile;
use crate::record::Record;

/// A batch ends with this many lines: four of the store's blocks, so that nearly all is written once.
const MAX_LINES: usize = 16_384;
/// A batch ends with this many bytes of lines, so that long ones do not fill the memory.
const MAX_LINE_BYTES: usize = 32 << 20;
/// A batch ends with this many files, whose rows it holds.
const MAX_FILES: usize = 4_096;

/// A line to store.
pub struct Entry {
    /// The number of its file.
    pub file: usize,
    pub source: Vec<u8>,
    pub record: Record,
}

/// A file that was read to its end.
pub struct Ended {
    pub file: usize,
    pub known: KnownFile,
    /// Whether lines of it were in the store before this batch.
    pub has_lines: bool,
    /// What its old version is to the new, but for new lines of this batch.
    pub replaced: Option<Replaced>,
}

/// What waits to be stored. A batch may span files, so that small ones are as fast as large.
#[derive(Default)]
pub struct Batch {
    pub entries: Vec<Entry>,
    bytes: usize,
    pub ended: Vec<Ended>,
    /// Changes next to the lines.
    pub changes: Changes,
    /// The words and the number of lines that `changes` forgets, and of those that it reveals.
    pub gone: (WordCounts, u64),
    pub revealed: (WordCounts, u64),
}

impl Batch {
    pub fn push(&mut self, entry: Entry) {
        self.bytes += entry.record.key.as_ref().map_or(0, String::len) + entry.record.text.len();
        self.entries.push(entry);
    }

    /// Takes the lines from a position on out of the batch.
    pub fn split_off(&mut self, first: usize) -> Self {
        let entries = self.entries.split_off(first);
        self.bytes = self.entries.iter().map(|entry| entry.record.text.len()).sum();
        Self { entries, ..Self::default() }
    }

    pub fn is_full(&self) -> bool {
        self.entries.len() >= MAX_LINES || self.bytes >= MAX_LINE_BYTES || self.ended.len() >= MAX_FILES
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.ended.is_empty() && self.changes.is_empty()
    }
}
