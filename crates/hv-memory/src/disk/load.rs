//! Reading a store into memory, and checking all of it on the way.

use std::io;
use std::sync::Arc;

use hv_parallel::HV16;
use redb::{ReadTransaction, ReadableTable};

use super::files::StoreFile;
use super::format::{BLOCK_BYTES, BlockRow, Committed, Decoder, decode_block, decode_tail, decode_vital, unsealed};
use super::held::Access;
use super::index::{BLOCKS, Index, METADATA, STATE, TAIL, VITALS};
use super::log::DiskLog;
use super::names::{INDEX, LOCK, log_name, payloads_name, vectors_name};
use super::payloads::PayloadFile;
use super::store::Disk;
use crate::arena::{BLOCK, Levels, Log, Record, State, Vectors, Vital, counting};
use crate::error::MemoryError;

/// Everything in the index but the vectors of full blocks.
pub(super) struct Rows {
    pub vector_crcs: Vec<u32>,
    /// All slots, in order.
    pub columns: Vec<(Record, Vital)>,
    /// The vectors of the unfinished block.
    tail: Vec<HV16>,
    metadata: Arc<[u8]>,
}

impl Disk {
    /// Checks the index, the lengths of the files and every vector, and reads all but the payloads.
    pub(super) fn load(&mut self, kept: usize) -> Result<State, MemoryError> {
        let path = self.path(INDEX);
        let index = Index::checked(self.open_file(INDEX, Access::Read)?, &path)?;
        self.committed = index.committed()?;
        self.check_sequence()?;
        let rows = index.read(|transaction| Ok(read_rows(transaction, &self.committed)))?;
        let rows = rows.map_err(|what| MemoryError::damaged(&path, what))?;
        let payload_file = self.checked_payload_file(&rows)?;
        let vectors = self.load_vectors(&rows)?;
        let columns = &rows.columns;
        let record = &mut |slot: usize| Ok(columns[slot].0.clone());
        let state = State::new().append_columns(vectors, columns.len(), record, &|slot| columns[slot].1)?;
        let (next_id, log) = (self.committed.next_id, self.log(kept)?);
        let mut state =
            State { next_id, metadata: rows.metadata, payloads: Some(Arc::new(payload_file)), log, ..state };
        // Checks every record.
        let counting = counting(&state)?;
        state.log = state.log.counted(counting);
        Ok(state)
    }

    /// An index that was set back to an older commit looks sound, so the lock file remembers the last one.
    pub(super) fn check_sequence(&self) -> Result<(), MemoryError> {
        let Some(lock) = &self.lock else { return Ok(()) };
        let mut bytes = [0; 12];
        // The note is not synced, so a power failure may leave an old one or none. Then it says nothing.
        if lock.read_at(0, &mut bytes).is_err() {
            return Ok(());
        }
        let (number, crc) = bytes.split_at(8);
        let noted = Decoder(number).take().map_or(0, u64::from_le_bytes);
        if crc == crc32fast::hash(number).to_le_bytes() && noted > self.committed.sequence {
            let what = format!(
                "it holds commit {}, but {noted} was the last (if this is a copy that was restored, remove {LOCK} and \
                 open it again)",
                self.committed.sequence
            );
            return Err(MemoryError::damaged(&self.path(INDEX), what));
        }
        Ok(())
    }

    fn checked_payload_file(&self, rows: &Rows) -> Result<PayloadFile, MemoryError> {
        let file = self.payload_file(Access::Read)?;
        let expected = self.committed.payload_bytes;
        self.check_len(&payloads_name(self.committed.generation), &*file.file, expected)?;
        for (record, _) in &rows.columns {
            if let Some(place) = record.payload.place()
                && place.offset + u64::from(place.len) > expected
            {
                let what = format!("episode {} claims a payload beyond the end of the payload file", record.id);
                return Err(MemoryError::damaged(&self.path(INDEX), what));
            }
        }
        Ok(file)
    }

    /// The log, of which as many retrievals of each episode are `kept`.
    fn log(&self, kept: usize) -> Result<Log, MemoryError> {
        let name = log_name(self.committed.log);
        let file = self.open_file(&name, Access::Read)?;
        self.check_len(&name, &*file, self.committed.log_bytes())?;
        Ok(Log::new(kept).in_file(Arc::new(DiskLog { file, path: self.path(&name) }), self.committed.retrievals))
    }

    fn check_len(&self, name: &str, file: &dyn StoreFile, expected: u64) -> Result<(), MemoryError> {
        let len = file.len().map_err(|error| MemoryError::io("read", &self.path(name), error))?;
        if len < expected {
            let what = format!("it has {len} bytes, but {expected} were written");
            return Err(MemoryError::damaged(&self.path(name), what));
        }
        Ok(())
    }

    /// The vectors of all slots; those of full blocks are checked. Without planes, since the rows are in memory beside
    /// them; see [`State::make_planes`].
    fn load_vectors(&self, rows: &Rows) -> Result<Levels<Vectors>, MemoryError> {
        let name = vectors_name(self.committed.generation);
        let file = self.open_file(&name, Access::Read)?;
        self.check_len(&name, &*file, self.committed.vector_bytes())?;
        // From nothing, whole blocks come in chunks of one or more blocks.
        let full = Levels::new().append(self.committed.first_open(), &mut |_, slots| {
            Vectors::without_plane(slots.len(), |out| {
                out.chunks_mut(BLOCK).zip(slots.start / BLOCK..).try_for_each(|(out, block)| {
                    self.read_block(&name, &*file, block, rows.vector_crcs[block], bytemuck::cast_slice_mut(out))
                })
            })
        })?;
        full.append(rows.tail.len(), &mut |unfinished: Option<&Vectors>, range| {
            let old = unfinished.map_or(&[][..], |chunk| chunk);
            Vectors::without_plane(old.len() + range.len(), |out| {
                let (kept, new) = out.split_at_mut(old.len());
                kept.copy_from_slice(old);
                new.copy_from_slice(&rows.tail[range]);
                Ok(())
            })
        })
    }

    fn read_block(
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

/// All rows of the index, or what is wrong with them.
pub(super) fn read_rows(transaction: &ReadTransaction, committed: &Committed) -> Result<Rows, String> {
    let mut rows = Rows { vector_crcs: Vec::new(), columns: Vec::new(), tail: Vec::new(), metadata: Arc::default() };
    let read = || -> Result<Result<(), String>, redb::Error> {
        // In one piece, since growing would hold it twice. Without the memory for it, growing will say so.
        let _ = rows.columns.try_reserve_exact(committed.slots as usize);
        let blocks = transaction.open_table(BLOCKS)?;
        for block in 0..committed.blocks() {
            let row = blocks.get(block)?.and_then(|row| decode_block(unsealed(&block.to_le_bytes(), row.value())?));
            let Some(BlockRow { vectors_crc, rows: columns }) = row else {
                return Ok(Err(format!("the row of block {block} is missing or malformed")));
            };
            rows.vector_crcs.push(vectors_crc);
            rows.columns.extend(columns);
        }
        let tail = transaction.open_table(TAIL)?;
        for slot in committed.first_open() as u64..committed.slots {
            let row = tail.get(slot)?.and_then(|row| decode_tail(unsealed(&slot.to_le_bytes(), row.value())?));
            let Some((record, vital, vector)) = row else {
                return Ok(Err(format!("the row of slot {slot} is missing or malformed")));
            };
            rows.columns.push((record, vital));
            rows.tail.push(vector);
        }
        for row in transaction.open_table(VITALS)?.iter()? {
            let (slot, vital) = row?;
            let slot = slot.value();
            let vital = unsealed(&slot.to_le_bytes(), vital.value()).and_then(decode_vital);
            match (rows.columns.get_mut(slot as usize), vital) {
                (Some((_, old)), Some(vital)) => *old = vital,
                _ => return Ok(Err(format!("the vitals of slot {slot} are malformed, or those of no episode"))),
            }
        }
        let metadata = transaction.open_table(STATE)?.get(METADATA)?;
        match metadata.as_ref().and_then(|row| unsealed(METADATA.as_bytes(), row.value())) {
            Some(metadata) => rows.metadata = metadata.into(),
            None => return Ok(Err("the row of the metadata is missing or malformed".into())),
        }
        Ok(Ok(()))
    };
    let mut read = read;
    read().map_err(|error| error.to_string())??;
    check_ids(&rows.columns, committed.next_id)?;
    Ok(rows)
}

fn check_ids(columns: &[(Record, Vital)], next_id: u64) -> Result<(), String> {
    let ascending = columns.windows(2).all(|pair| pair[0].0.id < pair[1].0.id);
    let last = columns.last().map(|(record, _)| record.id);
    if ascending && last.is_none_or(|id| id < next_id) {
        return Ok(());
    }
    Err("its ids do not ascend".into())
}
