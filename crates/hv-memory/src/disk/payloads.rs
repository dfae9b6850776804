//! Reading the payload file.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::files::StoreFile;
use super::held::Access;
use super::names::payloads_name;
use super::store::Disk;
use crate::arena::{Extent, Payload, PayloadSource, Record};
use crate::error::MemoryError;

/// Payloads up to this stay in the index until their block is full. Larger ones would slow its commits.
pub(super) const INLINE: usize = 512;

/// The payload file of a generation. A snapshot keeps it open even when a newer generation has replaced it.
pub(super) struct PayloadFile {
    pub file: Arc<dyn StoreFile>,
    pub path: PathBuf,
}

impl PayloadSource for PayloadFile {
    fn read(&self, id: u64, extent: Extent) -> Result<Vec<u8>, MemoryError> {
        let Extent { offset, len, crc } = extent;
        let mut bytes = vec![0; len as usize];
        self.file.read_at(offset, &mut bytes).map_err(|source| match source.kind() {
            io::ErrorKind::UnexpectedEof => {
                MemoryError::damaged(&self.path, format!("the file ends within the payload of episode {id}"))
            }
            _ => MemoryError::io("read", &self.path, source),
        })?;
        if crc32fast::hash(&bytes) != crc {
            let payload = format!("the payload of episode {id} ({len} bytes at {offset})");
            let what = format!("{payload} does not match its checksum (forget the episode to go on without it)");
            return Err(MemoryError::damaged(&self.path, what));
        }
        Ok(bytes)
    }
}

impl Disk {
    /// The payload file as readers see it.
    pub(super) fn payload_file(&self, access: Access) -> Result<PayloadFile, MemoryError> {
        let name = payloads_name(self.committed.generation);
        Ok(PayloadFile { file: self.open_file(&name, access)?, path: self.path(&name) })
    }
}

/// Reads payloads that mostly follow each other, many at a time.
pub(super) struct PayloadReader {
    file: PayloadFile,
    start: u64,
    window: Vec<u8>,
    /// The last payload that was read on its own.
    single: Vec<u8>,
}

impl PayloadReader {
    const WINDOW: u64 = 1 << 20;

    pub(super) fn new(file: PayloadFile) -> Self {
        Self { file, start: 0, window: Vec::new(), single: Vec::new() }
    }

    /// The bytes of a record's payload, checked.
    pub(super) fn read<'a>(&'a mut self, record: &'a Record) -> Result<&'a [u8], MemoryError> {
        if let Payload::Memory(bytes) = &record.payload {
            return Ok(bytes);
        }
        let Some(extent) = record.payload.extent() else { return Ok(&[]) };
        let within = |reader: &Self| {
            let from = extent.offset.checked_sub(reader.start)? as usize;
            reader.window.get(from..from + extent.len as usize).map(|_| from..from + extent.len as usize)
        };
        if within(self).is_none() {
            let len = self.file.file.len().map_err(|error| MemoryError::io("read", &self.file.path, error))?;
            let take = len.saturating_sub(extent.offset).min(Self::WINDOW);
            self.start = extent.offset;
            self.window.resize(take as usize, 0);
            self.file
                .file
                .read_at(extent.offset, &mut self.window)
                .map_err(|error| MemoryError::io("read", &self.file.path, error))?;
        }
        if let Some(range) = within(self)
            && crc32fast::hash(&self.window[range.clone()]) == extent.crc
        {
            return Ok(&self.window[range]);
        }
        // What is wrong with it, in the same words as for any reader.
        self.single = self.file.read(record.id, extent)?;
        Ok(&self.single)
    }
}
