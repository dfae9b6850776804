//! Reading a store into memory, and checking all of it on the way.

use std::io;
use std::sync::Arc;

use hv_parallel::for_storage::adaptive_map;
use hv_parallel::{Operation, Progress};

use super::files::StoreFile;
use super::format::{BLOCK_BYTES, Manifest, Version, noted_commit};
use super::held::Access;
use super::index::Index;
use super::log::DiskLog;
use super::names::{INDEX, LOCK, log_name, payloads_name, vectors_name};
use super::payloads::PayloadFile;
use super::read_rows::{Rows, read_rows};
use super::store::Disk;
use crate::arena::{BLOCK, Levels, Log, Payload, State, Vectors, counting};
use crate::error::{MemoryError, advance};

impl Disk {
    /// Checks the index, the lengths of the files and every vector, and reads all but the payloads. `progress` counts the
    /// bytes of the vectors.
    pub(super) fn load(&mut self, kept: usize, progress: &Progress) -> Result<State, MemoryError> {
        let rows = self.load_rows(kept)?;
        progress.start(self.committed.vector_bytes());
        let vectors = self.load_vectors(&rows, progress)?;
        let mut state = State { vectors, ..rows.columns };
        // Checks every record.
        let counting = counting(&state)?;
        state.log = state.log.counted(counting);
        progress.finish();
        Ok(state)
    }

    /// Checks the index and the lengths of the other files, and reads all but the vectors and the payloads.
    fn load_rows(&mut self, kept: usize) -> Result<Rows, MemoryError> {
        let path = self.path(INDEX);
        let index = Index::checked(self.open_file(INDEX, Access::Read)?, &path)?;
        self.committed = index.committed()?;
        self.under_way.acknowledge(self.committed.sequence);
        self.check_store().map_err(|what| MemoryError::damaged(&path, what))?;
        self.check_sequence()?;
        let rows = index.read(|transaction| Ok(read_rows(transaction, &self.committed)))?;
        let rows = rows.map_err(|what| MemoryError::damaged(&path, what))?;
        let payloads = self.checked_payload_file(&rows.columns)?;
        let name = vectors_name(self.committed.generation);
        self.check_len(&name, &*self.open_file(&name, Access::Read)?, self.committed.vector_bytes())?;
        let log = self.log(kept)?;
        Ok(Rows { columns: State { payloads: Some(Arc::new(payloads)), log, ..rows.columns }, ..rows })
    }

    /// Whether the index is that of the store which MANIFEST names, or what is wrong.
    pub(super) fn check_store(&self) -> Result<(), String> {
        let Manifest { version, upgrading, store, .. } = self.manifest;
        match self.committed.version {
            Version::Two if version == Version::Two || upgrading => Ok(()),
            Version::Three if version == Version::Three && self.committed.store == store => Ok(()),
            Version::Three if version == Version::Three => Err("it belongs to another store than MANIFEST".into()),
            found => Err(format!("it is of format {}, and MANIFEST of format {}", found.number(), version.number())),
        }
    }

    /// An index that was set back to an older commit looks sound, so the lock file remembers the last one.
    pub(super) fn check_sequence(&self) -> Result<(), MemoryError> {
        let Some(lock) = &self.lock else { return Ok(()) };
        let mut bytes = [0; 12];
        // The note is not synced, so a power failure may leave an old one or none. Then it says nothing.
        if lock.read_at(0, &mut bytes).is_err() {
            return Ok(());
        }
        if let Some(noted) = noted_commit(&bytes).filter(|&noted| noted > self.committed.sequence) {
            let what = format!(
                "it holds commit {}, but {noted} was the last (if this is a copy that was restored, remove {LOCK} and \
                 open it again)",
                self.committed.sequence
            );
            return Err(MemoryError::damaged(&self.path(INDEX), what));
        }
        Ok(())
    }

    fn checked_payload_file(&self, columns: &State) -> Result<PayloadFile, MemoryError> {
        let file = self.payload_file(Access::Read)?;
        let expected = self.committed.payload_bytes;
        self.check_len(&payloads_name(self.committed.generation), &*file.file, expected)?;
        for records in columns.records.chunks() {
            for (id, extent) in records.ids.iter().zip(records.payloads.iter().map(Payload::extent)) {
                if extent.is_some_and(|extent| extent.offset + u64::from(extent.len) > expected) {
                    let what = format!("episode {id} claims a payload beyond the end of the payload file");
                    return Err(MemoryError::damaged(&self.path(INDEX), what));
                }
            }
        }
        Ok(file)
    }

    /// The log, in which this many retrievals of each episode are `kept`.
    fn log(&self, kept: usize) -> Result<Log, MemoryError> {
        let name = log_name(self.committed.log);
        let file = self.open_file(&name, Access::Read)?;
        self.check_len(&name, &*file, self.committed.log_bytes())?;
        Ok(Log::new(kept).in_file(
            Arc::new(DiskLog { file, path: self.path(&name), salt: self.committed.salt().to_vec() }),
            self.committed.retrievals,
        ))
    }

    pub(super) fn check_len(&self, name: &str, file: &dyn StoreFile, expected: u64) -> Result<(), MemoryError> {
        let len = file.len().map_err(|error| MemoryError::io("read", &self.path(name), error))?;
        if len < expected {
            let what = format!("it has {len} bytes, but {expected} were written");
            return Err(MemoryError::damaged(&self.path(name), what));
        }
        Ok(())
    }

    /// The vectors of all slots; those of full blocks are checked. Without planes, since the rows are in memory with
    /// them; see [`State::make_planes`].
    fn load_vectors(&self, rows: &Rows, progress: &Progress) -> Result<Levels<Vectors>, MemoryError> {
        let name = vectors_name(self.committed.generation);
        let file = self.open_file(&name, Access::Read)?;
        // From nothing, whole blocks come in chunks of one or more blocks, which are read at the same time.
        let slots = self.committed.first_open();
        let chunks = Levels::<Vectors>::ranges(slots);
        let read = |i: usize| {
            let first = chunks[i].start / BLOCK;
            Vectors::filled(chunks[i].len(), |out| {
                out.chunks_mut(BLOCK).zip(first..).try_for_each(|(out, block)| {
                    self.read_block(&name, &*file, block, rows.vector_crcs[block], bytemuck::cast_slice_mut(out))?;
                    advance(progress, BLOCK_BYTES)
                })
            })
        };
        let mut read = adaptive_map(Operation::Similarity, slots, chunks.len(), 1, read).into_iter();
        let none = || Vectors::filled(0, |_| Ok(()));
        let full = Levels::new().append(slots, &mut |_, _| read.next().unwrap_or_else(none))?;
        full.append(rows.tail.len(), &mut |unfinished: Option<&Vectors>, range| {
            let old = unfinished.map_or(&[][..], |chunk| chunk);
            Vectors::filled(old.len() + range.len(), |out| {
                let (kept, new) = out.split_at_mut(old.len());
                kept.copy_from_slice(old);
                new.copy_from_slice(&rows.tail[range]);
                Ok(())
            })
        })
    }

    pub(super) fn read_block(
        &self,
        name: &str,
        file: &dyn StoreFile,
        block: usize,
        crc: u32,
        out: &mut [u8],
    ) -> Result<(), MemoryError> {
        file.read_at(block as u64 * BLOCK_BYTES, out).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => MemoryError::damaged(&self.path(name), "the file became shorter"),
            _ => MemoryError::io("read", &self.path(name), error),
        })?;
        if crc32fast::hash(out) != crc {
            let (first, last) = (block * BLOCK, block * BLOCK + BLOCK - 1);
            let what = format!("block {block} (the vectors of slots {first} to {last}) does not match its checksum");
            return Err(MemoryError::damaged(&self.path(name), what));
        }
        Ok(())
    }
}
