//! The log of retrievals on disk.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::appender::Appender;
use super::files::StoreFile;
use super::format::{LOG_RECORD, decode_log_record, log_record};
use crate::arena::{LogFile, RetrievalSink, RetrievalSource};
use crate::error::MemoryError;

/// Records that are read at a time: 1.25 MiB.
pub(super) const LOG_PIECE: u64 = 1 << 16;

/// A log file as readers see it.
pub(super) struct DiskLog {
    pub file: Arc<dyn StoreFile>,
    pub path: PathBuf,
    /// What the checksums start from: the store's id.
    pub salt: Vec<u8>,
}

impl LogFile for DiskLog {
    /// Reads the file in pieces, and checks each record.
    fn for_each(&self, len: u64, take: RetrievalSink<'_>) -> Result<(), MemoryError> {
        let Self { file, path, salt } = self;
        let mut bytes = Vec::new();
        for first in (0..len).step_by(LOG_PIECE as usize) {
            bytes.resize((len - first).min(LOG_PIECE) as usize * LOG_RECORD, 0);
            file.read_at(first * LOG_RECORD as u64, &mut bytes).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => MemoryError::damaged(path, "the file became shorter"),
                _ => MemoryError::io("read", path, error),
            })?;
            for (number, record) in (first..).zip(bytes.chunks_exact(LOG_RECORD)) {
                let what = || format!("record {number} (a retrieval) does not match its checksum");
                take(decode_log_record(record, salt).ok_or_else(|| MemoryError::damaged(path, what()))?)?;
            }
        }
        Ok(())
    }
}

/// Writes a whole log. Returns how many retrievals it holds.
pub(super) fn write_log(
    file: &dyn StoreFile,
    path: &Path,
    salt: &[u8],
    retrievals: &RetrievalSource<'_>,
) -> Result<u64, MemoryError> {
    let wrote = &mut |_| Ok(());
    let mut out = Appender::new(file, path, 0, wrote);
    retrievals(&mut |event| out.append(&log_record(event, salt)).map(drop))?;
    Ok(out.finish()? / LOG_RECORD as u64)
}
