//! Appending to a file in large writes.

use std::io;
use std::path::Path;

use super::files::StoreFile;
use crate::arena::{Extent, Payload};
use crate::error::MemoryError;

/// Appends payloads, records or lines to their file in large writes.
pub(crate) struct Appender<'a> {
    file: &'a dyn StoreFile,
    path: &'a Path,
    /// Where the buffer will be written.
    offset: u64,
    buffer: Vec<u8>,
    /// Gets the bytes of each write.
    wrote: &'a mut dyn FnMut(u64) -> Result<(), MemoryError>,
}

impl<'a> Appender<'a> {
    /// The size of a write.
    const BUFFER: usize = 1 << 20;

    pub(crate) fn new(
        file: &'a dyn StoreFile,
        path: &'a Path,
        offset: u64,
        wrote: &'a mut dyn FnMut(u64) -> Result<(), MemoryError>,
    ) -> Self {
        Self { file, path, offset, buffer: Vec::new(), wrote }
    }

    /// Appends bytes, and returns where they are.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<u64, MemoryError> {
        if self.buffer.len() + bytes.len() > Self::BUFFER {
            self.flush()?;
        }
        let offset = self.offset + self.buffer.len() as u64;
        self.buffer.extend_from_slice(bytes);
        Ok(offset)
    }

    /// Appends a payload.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Payload, MemoryError> {
        let offset = self.append(bytes)?;
        if offset > Extent::MAX_OFFSET {
            return Err(MemoryError::io("write", self.path, io::ErrorKind::FileTooLarge.into()));
        }
        // A payload has at most 1 MiB.
        Ok(Payload::in_file(Extent { offset, len: bytes.len() as u32, crc: crc32fast::hash(bytes) }))
    }

    fn flush(&mut self) -> Result<(), MemoryError> {
        let written = self.file.write_at(self.offset, &self.buffer);
        written.map_err(|error| MemoryError::io("write", self.path, error))?;
        self.offset += self.buffer.len() as u64;
        let wrote = self.buffer.len() as u64;
        self.buffer.clear();
        (self.wrote)(wrote)
    }

    /// The length of the file.
    pub(crate) fn finish(mut self) -> Result<u64, MemoryError> {
        self.flush()?;
        Ok(self.offset)
    }
}
