//! Verifying: reading everything again, and naming whatever is not what was written.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hv_parallel::Progress;
use redb::ReadableTable;

use super::app_rows::value_of;
use super::files::{Folder, Sharing, StoreFile};
use super::format::{BLOCK_BYTES, Committed, LOG_RECORD, decode_log_record};
use super::held::Access;
use super::index::{Index, ROWS};
use super::log::LOG_PIECE;
use super::manifest;
use super::names::{INDEX, NEW_INDEX, NEW_MANIFEST, is_flat, log_name, payloads_name, vectors_name};
use super::read_rows::read_rows;
use super::store::{Disk, has};
use crate::arena::{BLOCK, Extent};
use crate::error::{MemoryError, advance};

/// What [`verify`](crate::verify) found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Verification {
    /// Episodes that were read in full, with forgotten ones that still take space.
    pub episodes: u64,
    /// Blocks of vectors that were read. The vectors of the last, unfinished block are in the index.
    pub blocks: u64,
    /// Payloads in the payload file that were read. The others are in the index.
    pub payloads: u64,
    /// Retrievals that were read.
    pub retrievals: u64,
    /// The application's rows that were read.
    pub rows: u64,
    /// Everything that is not what was written; empty for a sound store.
    pub damage: Vec<Damage>,
}

/// Where a store is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// Which block or record it is, and what it held.
    pub what: String,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.what)
    }
}

impl Disk {
    /// Reads everything in a store, which need not open, and reports what is damaged. That includes whatever opening refuses.
    /// Waits for the lock for at most `wait`.
    pub(crate) fn verify(
        folder: Arc<dyn Folder>,
        wait: Duration,
        progress: &Progress,
    ) -> Result<Verification, MemoryError> {
        let mut found = Verification::default();
        let (disk, has_manifest) = Self::for_examination(folder, wait, &mut found)?;
        disk.examine(found, has_manifest, progress)
    }

    /// A store that may be damaged, locked for reading as far as that can be done, and whether its MANIFEST could be read.
    pub(super) fn for_examination(
        folder: Arc<dyn Folder>,
        wait: Duration,
        found: &mut Verification,
    ) -> Result<(Self, bool), MemoryError> {
        let manifest = match manifest::read(&*folder) {
            Ok(Some(manifest)) => Some(manifest),
            Ok(None) => return Err(MemoryError::NotFound { path: folder.path().into() }),
            // The rest can be examined without it.
            Err(error) if has(&*folder, INDEX)? => found.note(error).map(|()| None)?,
            Err(error) => return Err(error),
        };
        let lock = match Self::lock(&folder, Sharing::Readers, wait) {
            Ok(lock) => lock,
            Err(error) => found.note(error).map(|()| None)?,
        };
        // Another may have finished it until the lock was ours.
        let manifest = manifest.map_or(Ok(None), |_| manifest::read(&*folder))?;
        Ok((Self::closed(folder, lock, manifest.unwrap_or_default()), manifest.is_some()))
    }

    /// Reads everything in this store again, and reports what is damaged.
    pub(crate) fn verify_open(&self, progress: &Progress) -> Result<Verification, MemoryError> {
        let again = Self::closed(Arc::clone(&self.folder), self.lock.clone(), self.manifest);
        again.examine(Verification::default(), true, progress)
    }

    /// Reads everything that the last commit vouches for, and adds what it finds. Writes nothing. `progress` counts
    /// the bytes read.
    fn examine(
        mut self,
        mut found: Verification,
        has_manifest: bool,
        progress: &Progress,
    ) -> Result<Verification, MemoryError> {
        if has_manifest && !self.manifest.ready {
            // Its creation was interrupted: it is empty, and the next writer begins again.
            return self.examine_unfinished(found);
        }
        let path = self.path(INDEX);
        let opened = self.open_file(INDEX, Access::Read).and_then(|file| Index::checked(file, &path));
        let index = match opened.and_then(|index| Ok((index.committed()?, index))) {
            Ok((committed, index)) => {
                self.committed = committed;
                index
            }
            Err(error) => {
                found.note(error)?;
                return Ok(found);
            }
        };
        if let Err(what) = self.check_store()
            && has_manifest
        {
            found.damage.push(Damage { path: path.clone(), what });
        }
        if let Err(error) = self.check_sequence() {
            found.note(error)?;
        }
        let rows = match index.read(|transaction| Ok(read_rows(transaction, &self.committed)))? {
            Ok(rows) => rows,
            Err(what) => {
                found.damage.push(Damage { path, what });
                return Ok(found);
            }
        };
        let Committed { payload_bytes, .. } = self.committed;
        let total = self.committed.vector_bytes() + payload_bytes + self.committed.log_bytes();
        found.episodes = rows.columns.slots() as u64;
        found.rows = self.committed.rows;
        progress.start(total);
        let mut file = Examined::new(&self, vectors_name(self.committed.generation), self.committed.vector_bytes());
        file.open(&mut found)?;
        for (block, &crc) in rows.vector_crcs.iter().enumerate() {
            let ids = [0, BLOCK - 1].map(|index| rows.columns.id(block * BLOCK + index));
            let what = || format!("block {block}, the vectors of episodes {} to {}", ids[0], ids[1]);
            let extent = Extent { offset: block as u64 * BLOCK_BYTES, len: BLOCK_BYTES as u32, crc };
            file.examine(&mut found, extent, &what)?;
            found.blocks += 1;
            advance(progress, BLOCK_BYTES)?;
        }
        let mut file = Examined::new(&self, payloads_name(self.committed.generation), payload_bytes);
        file.open(&mut found)?;
        for record in (0..rows.columns.slots()).map(|slot| rows.columns.record(slot)) {
            if let Some(extent) = record.payload.extent() {
                let what = || format!("the payload of episode {} ({} bytes)", record.id, extent.len);
                file.examine(&mut found, extent, &what)?;
                found.payloads += 1;
                advance(progress, extent.len.into())?;
            }
        }
        examine_rows(&index, &path, &mut found)?;
        self.examine_log(&mut found)?;
        progress.advance(self.committed.log_bytes());
        Ok(found)
    }

    /// The files of a store that is not whole yet: each is made again, in the place of whatever is no folder.
    fn examine_unfinished(&self, mut found: Verification) -> Result<Verification, MemoryError> {
        let names = self.folder.names().map_err(|error| MemoryError::io("list", self.folder.path(), error))?;
        for name in names.iter().filter(|name| [INDEX, NEW_INDEX, NEW_MANIFEST].contains(&&***name) || is_flat(name)) {
            if let Err(error) = self.open_file(name, Access::Read) {
                found.note(error)?;
            }
        }
        Ok(found)
    }

    fn read_again(&self, name: &str, file: &dyn StoreFile, offset: u64, out: &mut [u8]) -> Result<(), MemoryError> {
        file.read_at(offset, out).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => MemoryError::damaged(&self.path(name), "the file ends before it"),
            _ => MemoryError::io("read", &self.path(name), error),
        })
    }

    fn examine_log(&self, found: &mut Verification) -> Result<(), MemoryError> {
        let name = log_name(self.committed.log);
        let mut file = Examined::new(self, name.clone(), self.committed.log_bytes());
        file.open(found)?;
        let Some(file) = file.file else { return Ok(()) };
        let mut bytes = Vec::new();
        while found.retrievals < self.committed.retrievals {
            let records = (self.committed.retrievals - found.retrievals).min(LOG_PIECE);
            bytes.resize(records as usize * LOG_RECORD, 0);
            if let Err(error) = self.read_again(&name, &*file, found.retrievals * LOG_RECORD as u64, &mut bytes) {
                return found.note(error);
            }
            for record in bytes.chunks_exact(LOG_RECORD) {
                if decode_log_record(record, self.committed.salt()).is_none() {
                    let what = format!("record {}, a retrieval, does not match its checksum", found.retrievals);
                    found.damage.push(Damage { path: self.path(&name), what });
                }
                found.retrievals += 1;
            }
        }
        Ok(())
    }
}

/// Every row of the application against its checksum.
fn examine_rows(index: &Index, path: &Path, found: &mut Verification) -> Result<(), MemoryError> {
    let rows = index.read(|transaction| {
        let mut wrong = Vec::new();
        // A store of format 2 has no such table.
        let table = match transaction.open_table(ROWS) {
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(wrong),
            table => table?,
        };
        for row in table.iter()? {
            let (key, value) = row?;
            wrong.extend(value_of(key.value(), value.value()).err());
        }
        Ok(wrong)
    })?;
    found.damage.extend(rows.into_iter().map(|what| Damage { path: path.into(), what }));
    Ok(())
}

/// A flat file, opened once and read piece by piece.
struct Examined<'a> {
    disk: &'a Disk,
    name: String,
    /// The bytes that it should have.
    len: u64,
    /// `None` if it cannot be opened.
    file: Option<Arc<dyn StoreFile>>,
    bytes: Vec<u8>,
}

impl<'a> Examined<'a> {
    fn new(disk: &'a Disk, name: String, len: u64) -> Self {
        Self { disk, name, len, file: None, bytes: Vec::new() }
    }

    /// Opens the file, and notes if that cannot be done, or if it is too short, even where nothing is to be read.
    fn open(&mut self, found: &mut Verification) -> Result<(), MemoryError> {
        match self.disk.open_file(&self.name, Access::Read) {
            Ok(file) => {
                let checked = self.disk.check_len(&self.name, &*file, self.len);
                self.file = Some(file);
                checked.or_else(|error| found.note(error))
            }
            Err(error) => found.note(error),
        }
    }

    /// Reads a piece, and notes if it is not what was written.
    fn examine(
        &mut self,
        found: &mut Verification,
        extent: Extent,
        what: &dyn Fn() -> String,
    ) -> Result<(), MemoryError> {
        let Some(file) = self.file.clone() else { return Ok(()) };
        match self.read(&*file, extent) {
            Ok(crc) if crc == extent.crc => {}
            Ok(_) => {
                let what = format!("{}, at {}, does not match its checksum", what(), extent.offset);
                found.damage.push(Damage { path: self.disk.path(&self.name), what });
            }
            Err(MemoryError::Damaged { path, what: why }) => {
                found.damage.push(Damage { path, what: format!("{}: {why}", what()) });
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The checksum of what is there now.
    fn read(&mut self, file: &dyn StoreFile, extent: Extent) -> Result<u32, MemoryError> {
        if extent.offset + u64::from(extent.len) > self.len {
            return Err(MemoryError::damaged(&self.disk.path(&self.name), "it is beyond the bytes that were written"));
        }
        self.bytes.resize(extent.len as usize, 0);
        self.disk.read_again(&self.name, file, extent.offset, &mut self.bytes)?;
        Ok(crc32fast::hash(&self.bytes))
    }
}

impl Verification {
    /// Whether nothing is damaged.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty()
    }

    /// Notes an error that means damage, and passes on any other.
    pub(super) fn note(&mut self, error: MemoryError) -> Result<(), MemoryError> {
        match error {
            MemoryError::Damaged { path, what } => {
                self.damage.push(Damage { path, what });
                Ok(())
            }
            error => Err(error),
        }
    }
}
