//! Reading what is sound of a store that is damaged. Writes nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hv_parallel::{HV16, Progress};

use super::files::{Folder, StoreFile};
use super::format::{BLOCK_BYTES, LOG_RECORD, decode_log_record};
use super::held::Access;
use super::index::Index;
use super::log::LOG_PIECE;
use super::names::{INDEX, log_name, payloads_name, vectors_name};
use super::payloads::{PayloadFile, PayloadReader};
use super::sound_rows::{SoundRows, sound_rows};
use super::store::Disk;
use super::verify::{Damage, Verification};
use crate::arena::{BLOCK, Extent, Levels, PayloadSource, Record, Row, State, Vectors};
use crate::episode::EpisodeId;
use crate::error::{MemoryError, advance};

/// What is sound of a store.
pub(crate) struct Sound {
    /// What is lost is deleted in it. Its log is empty, and it has no rows of the application.
    pub state: State,
    pub has_metadata: bool,
    /// The slots of episodes whose vector is not what was written, ascending. In the state it is all zeros.
    pub without_vector: Vec<usize>,
    /// The episodes whose payload is not what was written. They are deleted in the state.
    pub without_payload: Vec<WithoutPayload>,
    pub retrievals: Vec<(EpisodeId, i64)>,
    /// The application's, in order of their keys.
    pub rows: Vec<Row>,
    /// Whatever is not what was written, episodes without a payload apart.
    pub damage: Vec<Damage>,
}

/// An episode whose payload is not what was written.
pub(crate) struct WithoutPayload {
    pub slot: usize,
    /// What is wrong.
    pub what: String,
    /// The bytes that are in its place now; none where they cannot be read.
    pub there: Vec<u8>,
}

impl Disk {
    /// Reads what is sound. Waits for the lock for at most `wait`. `progress` counts the bytes of the files.
    ///
    /// # Errors
    ///
    /// Where there is no store, where it is of another version, and where its index says nothing, without which nothing can
    /// be told from anything.
    pub(crate) fn salvage(folder: Arc<dyn Folder>, wait: Duration, progress: &Progress) -> Result<Sound, MemoryError> {
        let mut found = Verification::default();
        let (mut disk, has_manifest) = Self::for_examination(folder, wait, &mut found)?;
        match disk.manifest.ready {
            // Nothing was ever stored.
            false if has_manifest => Ok(Sound::nothing(found.damage)),
            _ => disk.read_sound(has_manifest, found, progress),
        }
    }

    fn read_sound(
        &mut self,
        has_manifest: bool,
        mut found: Verification,
        progress: &Progress,
    ) -> Result<Sound, MemoryError> {
        let path = self.path(INDEX);
        let file = self.open_file(INDEX, Access::Read).map_err(nothing_without)?;
        let bytes = file.len().map_err(|error| MemoryError::io("read", &path, error))?;
        let index = match Index::checked(Arc::clone(&file), &path) {
            Ok(index) => index,
            Err(error) => {
                found.note(error)?;
                Index::unchecked(file, &path).map_err(nothing_without)?
            }
        };
        self.committed = index.committed().map_err(nothing_without)?;
        let store = self.check_store().err().filter(|_| has_manifest);
        found.damage.extend(store.map(|what| Damage { path: path.clone(), what }));
        if let Err(error) = self.check_sequence() {
            found.note(error)?;
        }
        let rows = index.read(|transaction| Ok(sound_rows(transaction, &self.committed, bytes)))??;
        progress.start(self.committed.vector_bytes() + self.committed.payload_bytes + self.committed.log_bytes());
        let SoundRows { blocks, tail, columns, has_metadata, rows, wrong } = rows;
        found.damage.extend(wrong.into_iter().map(|what| Damage { path: path.clone(), what }));
        let (vectors, without_vector) = self.sound_vectors(&blocks, &tail, &mut found, progress)?;
        let mut state = State { vectors, ..columns };
        delete_replaced(&mut state);
        let without_payload = self.check_payloads(&mut state, &mut found, progress)?;
        let without_vector = without_vector.into_iter().filter(|&slot| !state.is_deleted(slot)).collect();
        let retrievals = self.sound_retrievals(&state, &mut found)?;
        progress.finish();
        let damage = found.damage;
        Ok(Sound { state, has_metadata, without_vector, without_payload, retrievals, rows, damage })
    }

    /// A flat file; `None`, and noted, where there is none that can be read.
    fn flat_file(
        &self,
        name: &str,
        len: u64,
        found: &mut Verification,
    ) -> Result<Option<Arc<dyn StoreFile>>, MemoryError> {
        match self.open_file(name, Access::Read) {
            Ok(file) => {
                self.check_len(name, &*file, len).or_else(|error| found.note(error))?;
                Ok(Some(file))
            }
            Err(error) => found.note(error).map(|()| None),
        }
    }

    /// The vectors of the blocks and of the episodes after them, and the slots of those that are not what was written.
    fn sound_vectors(
        &self,
        blocks: &[(u64, u32)],
        tail: &[(u64, HV16)],
        found: &mut Verification,
        progress: &Progress,
    ) -> Result<(Levels<Vectors>, Vec<usize>), MemoryError> {
        let name = vectors_name(self.committed.generation);
        let file = self.flat_file(&name, self.committed.vector_bytes(), found)?;
        let mut without = Vec::new();
        let mut read = |i: usize, out: &mut [HV16]| {
            let (block, crc) = blocks[i];
            let Some(file) = &file else {
                without.extend(i * BLOCK..(i + 1) * BLOCK);
                return Ok(());
            };
            let read = self.read_block(&name, &**file, block as usize, crc, bytemuck::cast_slice_mut(out));
            if let Err(error) = read {
                let what = match error {
                    MemoryError::Damaged { what, .. } => what,
                    error => format!("block {block}: {error}"),
                };
                found.damage.push(Damage { path: self.path(&name), what });
                out.fill(HV16::ZERO);
                without.extend(i * BLOCK..(i + 1) * BLOCK);
            }
            advance(progress, BLOCK_BYTES)
        };
        let full = Levels::new().append(blocks.len() * BLOCK, &mut |_, slots| {
            Vectors::filled(slots.len(), |out| {
                out.chunks_mut(BLOCK).zip(slots.start / BLOCK..).try_for_each(|(out, block)| read(block, out))
            })
        })?;
        Ok((Vectors::appended(&full, tail.len(), &mut |row| tail[row].1)?, without))
    }

    /// Deletes the episodes whose payload is not what was written, and returns them.
    fn check_payloads(
        &self,
        state: &mut State,
        found: &mut Verification,
        progress: &Progress,
    ) -> Result<Vec<WithoutPayload>, MemoryError> {
        let (name, end) = (payloads_name(self.committed.generation), self.committed.payload_bytes);
        let path = self.path(&name);
        let Some(file) = self.flat_file(&name, end, found)? else {
            return Ok(delete_where(state, |_, _| Some(("its payload was in a file that is gone".into(), Vec::new()))));
        };
        let alone = Arc::new(PayloadFile { file: Arc::clone(&file), path: path.clone() });
        let mut reader = PayloadReader::new(PayloadFile { file: Arc::clone(&file), path });
        let without = delete_where(state, |record, extent| {
            if advance(progress, extent.len.into()).is_err() {
                return None;
            }
            let what = match extent.offset + u64::from(extent.len) > end {
                true => "its payload is beyond the end of the payload file".into(),
                // A disk that cannot read a megabyte may read a part.
                false => match reader.read(record).map(drop).or_else(|_| alone.read(record.id, extent).map(drop)) {
                    Ok(()) => return None,
                    Err(MemoryError::Io { source, .. }) => format!("its payload cannot be read ({source})"),
                    Err(_) => "its payload does not match its checksum".into(),
                },
            };
            let mut there = vec![0; extent.len as usize];
            let read = file.read_at(extent.offset, &mut there);
            Some((what, if read.is_ok() { there } else { Vec::new() }))
        });
        advance(progress, 0)?;
        state.payloads = Some(alone);
        Ok(without)
    }

    /// The sound retrievals of the episodes that are left, in the order in which they were logged.
    fn sound_retrievals(&self, state: &State, found: &mut Verification) -> Result<Vec<(EpisodeId, i64)>, MemoryError> {
        let (name, mut retrievals) = (log_name(self.committed.log), Vec::new());
        let Some(file) = self.flat_file(&name, self.committed.log_bytes(), found)? else { return Ok(retrievals) };
        let len = file.len().map_err(|error| MemoryError::io("read", &self.path(&name), error))?;
        let there = self.committed.retrievals.min(len / LOG_RECORD as u64);
        let mut lost = self.committed.retrievals - there;
        for first in (0..there).step_by(LOG_PIECE as usize) {
            let mut bytes = vec![0; (there - first).min(LOG_PIECE) as usize * LOG_RECORD];
            // What cannot be read is zeros, which are no record.
            let _ = file.read_at(first * LOG_RECORD as u64, &mut bytes);
            for record in bytes.chunks_exact(LOG_RECORD) {
                match decode_log_record(record, self.committed.salt()) {
                    Some((id, time)) if state.slot(id).is_some() => retrievals.push((id, time)),
                    // Of one that was forgotten, or is lost itself.
                    Some(_) => {}
                    None => lost += 1,
                }
            }
        }
        if lost > 0 {
            let what = format!("{lost} retrievals are missing or do not match their checksums, and are lost");
            found.damage.push(Damage { path: self.path(&name), what });
        }
        Ok(retrievals)
    }
}

impl Sound {
    /// Nothing, of a store that holds nothing.
    fn nothing(damage: Vec<Damage>) -> Self {
        Self {
            state: State::new(),
            has_metadata: true,
            without_vector: Vec::new(),
            without_payload: Vec::new(),
            retrievals: Vec::new(),
            rows: Vec::new(),
            damage,
        }
    }
}

/// An error about the index that leaves nothing to save.
fn nothing_without(error: MemoryError) -> MemoryError {
    match error {
        MemoryError::Damaged { path, what } => {
            MemoryError::damaged(&path, format!("{what}; without it nothing of the store can be saved"))
        }
        error => error,
    }
}

/// Deletes the episodes of whose payload in the file something is wrong, and returns them.
fn delete_where(
    state: &mut State,
    mut wrong: impl FnMut(&Record, Extent) -> Option<(String, Vec<u8>)>,
) -> Vec<WithoutPayload> {
    let mut without = Vec::new();
    for slot in state.live() {
        let record = state.record(slot);
        if let Some((what, there)) = record.payload.extent().and_then(|extent| wrong(&record, extent)) {
            without.push(WithoutPayload { slot, what, there });
        }
    }
    without.iter().for_each(|without| state.kill(without.slot));
    without
}

/// Deletes episodes that were replaced by a later one of the same key, where that they were deleted was lost.
fn delete_replaced(state: &mut State) {
    let mut newest = HashMap::new();
    let mut replaced = Vec::new();
    for slot in state.live() {
        let (records, index) = state.records.find(slot);
        if let Some(key) = records.labels.keys.get(index) {
            replaced.extend(newest.insert(key.clone(), slot));
        }
    }
    replaced.into_iter().for_each(|slot| state.kill(slot));
}
