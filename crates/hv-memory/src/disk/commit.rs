//! Writing: append to the flat files, sync them, commit the index. And what to do when one of these fails.

use std::sync::Arc;

use hv_parallel::Progress;

use super::appender::Appender;
use super::blocks::write_blocks;
use super::format::{Committed, commit_note, log_record};
use super::held::Access;
use super::log::{DiskLog, write_log};
use super::names::{log_name, payloads_name, vectors_name};
use super::payloads::INLINE;
use super::rows::{write_committed, write_metadata, write_step};
use super::store::{Disk, OpenFiles};
use crate::arena::{AppRows, BLOCK, Log, Payload, RetrievalSource, RowChange, State};
use crate::episode::{EpisodeId, NewEpisode};
use crate::error::{MemoryError, advance};

/// What one commit changes.
pub(crate) struct Step<'a> {
    /// The published state, with what changes of its episodes.
    pub changed: State,
    pub episodes: &'a [NewEpisode],
    /// Whether these are hidden.
    pub hidden: bool,
    pub retrievals: &'a [(EpisodeId, i64)],
    pub rows: &'a [RowChange],
    /// The application's note, where that changes.
    pub metadata: Option<&'a [u8]>,
    /// Whether the step only makes room, and so may use the reserve.
    pub makes_room: bool,
    /// Counts episodes, and may stop the step before its commit.
    pub progress: Option<&'a Progress>,
}

impl<'a> Step<'a> {
    /// A step that changes nothing yet.
    pub(crate) fn from(base: &State) -> Self {
        Self {
            changed: base.clone(),
            episodes: &[],
            hidden: false,
            retrievals: &[],
            rows: &[],
            metadata: None,
            makes_room: false,
            progress: None,
        }
    }

    /// Counts episodes as done.
    ///
    /// # Errors
    ///
    /// [`Stopped`](MemoryError::Stopped), if the step was asked to end early.
    pub(crate) fn advance(&self, episodes: u64) -> Result<(), MemoryError> {
        self.progress.map_or(Ok(()), |progress| advance(progress, episodes))
    }

    /// The payload of an episode, in memory. Counts it.
    pub(crate) fn payload(&self, row: usize) -> Result<Payload, MemoryError> {
        self.advance(1)?;
        Ok(Payload::in_memory(&self.episodes[row].payload))
    }
}

impl Disk {
    /// How many episodes of a state are not stored yet.
    pub(crate) fn waiting(&self, state: &State) -> usize {
        state.slots() - self.committed.slots as usize
    }

    /// Whether the last attempt to write failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.open.is_none()
    }

    /// Makes a step, and stores whatever of `base` is not stored yet, in one durable commit. Returns the state to publish.
    /// `base` is the state that was published last.
    pub(crate) fn commit(&mut self, base: &State, step: &Step<'_>) -> Result<State, MemoryError> {
        self.note_rows(base, step.rows)?;
        self.attempt(base, |disk, files| {
            let (mut draft, payload_bytes) = disk.append(files, step)?;
            if step.hidden {
                draft.hide_from(base.slots());
            }
            if let Some(metadata) = step.metadata {
                draft.metadata = metadata.into();
            }
            let crcs = disk.write_flat(files, &draft, payload_bytes, step)?;
            step.advance(0)?;
            draft.log = draft.log.append(step.retrievals)?;
            let old = disk.committed;
            let next = Committed {
                sequence: old.sequence + 1,
                slots: draft.slots() as u64,
                next_id: draft.next_id,
                payload_bytes,
                retrievals: old.retrievals + step.retrievals.len() as u64,
                sources: draft.sources.len().into(),
                tag_sets: draft.tag_sets.len().into(),
                ..old
            };
            let next = files.index.write(|transaction| {
                if let Some(metadata) = step.metadata {
                    write_metadata(transaction, metadata)?;
                }
                write_step(transaction, &draft, &old, &next, &crcs, step.rows)
            })?;
            draft.unsaved.clear();
            disk.finish(next);
            if old.slots == 0 {
                disk.keep_reserve();
            }
            Ok(draft)
        })
        .map(|draft| State { rows: self.rows_after(base, step.rows), ..draft })
    }

    /// Writes and syncs the vectors of blocks that are full now, payloads, and retrievals. Returns the checksums of the
    /// blocks.
    fn write_flat(
        &self,
        files: &OpenFiles,
        draft: &State,
        payload_bytes: u64,
        step: &Step<'_>,
    ) -> Result<Vec<u32>, MemoryError> {
        let retrievals = step.retrievals;
        let Committed { generation, log, .. } = self.committed;
        let path = self.path(&vectors_name(generation));
        let crcs = write_blocks(&*files.vectors, &path, draft, self.committed.blocks(), &mut |_| step.advance(0))?;
        if !crcs.is_empty() {
            files.vectors.sync().map_err(|error| MemoryError::io("sync", &path, error))?;
        }
        if payload_bytes > self.committed.payload_bytes {
            let synced = files.payloads.sync();
            synced.map_err(|error| MemoryError::io("sync", &self.path(&payloads_name(generation)), error))?;
        }
        if !retrievals.is_empty() {
            let salt = self.committed.salt();
            let records: Vec<u8> = retrievals.iter().flat_map(|&event| log_record(event, salt)).collect();
            let appended = files.log.write_at(self.committed.log_bytes(), &records).and_then(|()| files.log.sync());
            appended.map_err(|error| MemoryError::io("write", &self.path(&log_name(log)), error))?;
        }
        Ok(crcs)
    }

    /// The rows of the application after a commit that changed some.
    fn rows_after(&self, base: &State, changes: &[RowChange]) -> AppRows {
        if changes.is_empty() && self.committed.rows == 0 { base.rows.clone() } else { self.app_rows() }
    }

    /// Writes a log of the given retrievals in place of that of `base`, in one durable commit. Returns it; the old file
    /// goes when [`tidy`](Self::tidy) comes by.
    pub(crate) fn rewrite_log(&mut self, base: &State, retrievals: &RetrievalSource<'_>) -> Result<Log, MemoryError> {
        self.attempt(base, |disk, files| {
            let Committed { sequence, log, .. } = disk.committed;
            let path = disk.path(&log_name(log + 1));
            let failed = |error| MemoryError::io("write", &path, error);
            let file = disk.folder.open(&log_name(log + 1), Access::Create).map_err(failed)?;
            let salt = disk.committed.salt().to_vec();
            let retrievals = write_log(&*file, &path, &salt, retrievals)?;
            file.sync().and_then(|()| disk.folder.sync()).map_err(failed)?;
            let next = Committed { sequence: sequence + 1, log: log + 1, retrievals, ..disk.committed };
            files.index.write(|transaction| write_committed(transaction, &next))?;
            files.log = Arc::clone(&file);
            disk.finish(next);
            Ok(base.log.in_file(Arc::new(DiskLog { file, path, salt }), next.retrievals))
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

    /// Notes a commit that has taken place.
    pub(super) fn finish(&mut self, next: Committed) {
        self.committed = next;
        self.under_way.acknowledge(next.sequence);
        if let Some(lock) = &self.lock {
            // Only a hint for detecting damage, so it is neither synced nor worth an error.
            let _ = lock.write_at(0, &commit_note(next.sequence));
        }
    }

    /// Writes the payloads that belong into the file, and adds the episodes to the state. Returns the length of
    /// the payload file too.
    fn append(&self, files: &OpenFiles, step: &Step<'_>) -> Result<(State, u64), MemoryError> {
        let Step { changed: base, episodes, .. } = step;
        let path = self.path(&payloads_name(self.committed.generation));
        let wrote = &mut |_| step.advance(0);
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
        let mut payloads = Vec::with_capacity(episodes.len());
        for (slot, episode) in (base.slots()..).zip(*episodes) {
            let bytes = &episode.payload[..];
            payloads.push(if belongs(slot, bytes.len()) { file.push(bytes)? } else { Payload::in_memory(bytes) });
        }
        let payload_bytes = file.finish()?;
        let mut draft = base.append(episodes, &|row| step.advance(1).map(|()| payloads[row].clone()))?;
        for (slot, payload) in moved {
            draft.set_payload(slot, payload);
        }
        Ok((draft, payload_bytes))
    }
}
