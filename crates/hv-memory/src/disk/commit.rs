//! Writing: append to the flat files, sync them, commit the index. And what to do when one of these fails.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::appender::Appender;
use super::blocks::{block_of, write_blocks};
use super::format::{Committed, log_record};
use super::held::Access;
use super::log::{DiskLog, write_log};
use super::names::{log_name, payloads_name, vectors_name};
use super::payloads::INLINE;
use super::rows::{write_committed, write_growth, write_metadata, write_vitals};
use super::store::{Disk, OpenFiles};
use crate::arena::{BLOCK, Giving, Log, Payload, State};
use crate::episode::{EpisodeId, NewEpisode};
use crate::error::MemoryError;

impl Disk {
    /// How many episodes of a state are not stored yet.
    pub(crate) fn waiting(&self, state: &State) -> usize {
        state.slots() - self.committed.slots as usize
    }

    /// Whether the last attempt to write failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.open.is_none()
    }

    /// Stores episodes behind those of `base`, and whatever of `base` is not stored yet, in one durable commit.
    /// Returns the state to publish.
    pub(crate) fn append(&mut self, base: &State, episodes: &[NewEpisode]) -> Result<State, MemoryError> {
        let generation = self.committed.generation;
        self.attempt(base, |disk, files| {
            let (draft, payload_bytes) = disk.place(files, base, episodes)?;
            let vectors_path = disk.path(&vectors_name(generation));
            let crcs = write_blocks(&*files.vectors, &vectors_path, &draft, disk.committed.blocks(), &mut |_| ())?;
            if !crcs.is_empty() {
                let synced = files.vectors.sync();
                synced.map_err(|error| MemoryError::io("sync", &vectors_path, error))?;
            }
            if payload_bytes > disk.committed.payload_bytes {
                let synced = files.payloads.sync();
                synced.map_err(|error| MemoryError::io("sync", &disk.path(&payloads_name(generation)), error))?;
            }
            let next = Committed {
                sequence: disk.committed.sequence + 1,
                slots: draft.slots() as u64,
                next_id: draft.next_id,
                payload_bytes,
                ..disk.committed
            };
            let old = disk.committed;
            files.index.write(|transaction| write_growth(transaction, &draft, &old, &next, &crcs))?;
            disk.finish(next);
            Ok(draft)
        })
    }

    /// Replaces the application's note in one durable commit.
    pub(crate) fn set_metadata(&mut self, base: &State, metadata: &[u8]) -> Result<(), MemoryError> {
        self.attempt(base, |disk, files| {
            let next = Committed { sequence: disk.committed.sequence + 1, ..disk.committed };
            files.index.write(|transaction| write_metadata(transaction, metadata, &next))?;
            disk.finish(next);
            Ok(())
        })
    }

    /// Stores what `draft` has changed of the given slots of `base`, and new retrievals, in one durable commit.
    pub(crate) fn update(
        &mut self,
        base: &State,
        draft: &State,
        slots: &[usize],
        retrievals: &[(EpisodeId, i64)],
    ) -> Result<(), MemoryError> {
        self.attempt(base, |disk, files| {
            if !retrievals.is_empty() {
                let records: Vec<u8> = retrievals.iter().flat_map(|&event| log_record(event)).collect();
                let append = || {
                    files.log.write_at(disk.committed.log_bytes(), &records)?;
                    files.log.sync()
                };
                let path = disk.path(&log_name(disk.committed.log));
                append().map_err(|error| MemoryError::io("write", &path, error))?;
            }
            let next = Committed {
                sequence: disk.committed.sequence + 1,
                retrievals: disk.committed.retrievals + retrievals.len() as u64,
                ..disk.committed
            };
            files.index.write(|transaction| write_vitals(transaction, draft, slots, &next))?;
            disk.finish(next);
            Ok(())
        })
    }

    /// Writes a log of the given retrievals in place of that of `base`, in one durable commit. Returns it; the old file
    /// goes when [`tidy`](Self::tidy) comes by.
    pub(crate) fn rewrite_log(&mut self, base: &State, retrievals: &Giving<'_>) -> Result<Log, MemoryError> {
        self.attempt(base, |disk, files| {
            let Committed { sequence, log, .. } = disk.committed;
            let path = disk.path(&log_name(log + 1));
            let failed = |error| MemoryError::io("write", &path, error);
            let file = disk.folder.open(&log_name(log + 1), Access::Create).map_err(failed)?;
            let retrievals = write_log(&*file, &path, retrievals)?;
            file.sync().and_then(|()| disk.folder.sync()).map_err(failed)?;
            let next = Committed { sequence: sequence + 1, log: log + 1, retrievals, ..disk.committed };
            files.index.write(|transaction| write_committed(transaction, &next))?;
            files.log = Arc::clone(&file);
            disk.finish(next);
            Ok(base.log.in_file(Arc::new(DiskLog { file, path }), next.retrievals))
        })
    }

    /// Runs a change. A failure leaves the files closed: they are in an unknown state, which the next attempt puts
    /// right before anything else. A failed sync is never repeated on the same handle, where it would report success
    /// for pages that the system has dropped.
    fn attempt<T>(
        &mut self,
        base: &State,
        change: impl FnOnce(&mut Self, &mut OpenFiles) -> Result<T, MemoryError>,
    ) -> Result<T, MemoryError> {
        let mut files = match self.open.take() {
            Some(files) => files,
            None => self.recover(base)?,
        };
        let done = change(self, &mut files)?;
        self.open = Some(files);
        Ok(done)
    }

    /// Opens the files again, as the last commit that was acknowledged left them. Where the index is not known to be
    /// that, it is written anew.
    pub(super) fn recover(&mut self, base: &State) -> Result<OpenFiles, MemoryError> {
        let sound = if self.suspect.load(Ordering::Relaxed) { None } else { self.open_index().ok() };
        let index = match sound {
            Some(index) => index,
            None => {
                // Under the next number, which LOCK then notes: the old file is known to be out of date.
                let next = Committed { sequence: self.committed.sequence + 1, ..self.committed };
                let crc = |block| crc32fast::hash(bytemuck::cast_slice(block_of(base, block as usize)));
                let crcs: Vec<u32> = (0..next.blocks()).map(crc).collect();
                self.write_index(base, &next, &crcs)?;
                self.switch_index()?;
                self.finish(next);
                self.open_index()?
            }
        };
        // Of a generation that was not finished, or is not current any more.
        self.tidy();
        self.open_files(index)
    }

    /// Notes a commit that has taken place.
    pub(super) fn finish(&mut self, next: Committed) {
        self.committed = next;
        if let Some(lock) = &self.lock {
            // Only a hint for detecting damage, so it is neither synced nor worth an error.
            let mut note = next.sequence.to_le_bytes().to_vec();
            note.extend(crc32fast::hash(&note).to_le_bytes());
            let _ = lock.write_at(0, &note);
        }
    }

    /// Writes the payloads that belong into the file, and adds the episodes to the state. Returns the length of
    /// the payload file too.
    fn place(&self, files: &OpenFiles, base: &State, episodes: &[NewEpisode]) -> Result<(State, u64), MemoryError> {
        let path = self.path(&payloads_name(self.committed.generation));
        let wrote = &mut |_| ();
        let mut file = Appender::new(&*files.payloads, &path, self.committed.payload_bytes, wrote);
        let full = (base.slots() + episodes.len()) / BLOCK * BLOCK;
        let belongs = |slot: usize, len: usize| slot < full || len > INLINE;
        // Those of earlier slots are looked at when their block is full, or when they were never stored.
        let first_open = self.committed.first_open();
        let first = if full > first_open { first_open } else { self.committed.slots as usize };
        let mut moved = Vec::new();
        for slot in first..base.slots() {
            if let Payload::Memory(bytes) = base.record(slot).payload
                && belongs(slot, bytes.len())
            {
                moved.push((slot, file.push(&bytes)?));
            }
        }
        let mut placed = Vec::with_capacity(episodes.len());
        for (slot, episode) in (base.slots()..).zip(episodes) {
            let bytes = &episode.payload[..];
            placed.push(if belongs(slot, bytes.len()) { file.push(bytes)? } else { Payload::in_memory(bytes) });
        }
        let payload_bytes = file.finish()?;
        let mut draft = base.append(episodes, &|row| placed[row].clone())?;
        for (slot, payload) in moved {
            draft.set_payload(slot, payload);
        }
        Ok((draft, payload_bytes))
    }
}
