//! The one published state, and the one writer that replaces it.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use hv_parallel::Progress;
use hv_parallel::for_storage::SequentialScope;

use crate::arena::{Keep, Log, Mutable, Payload, RetrievalSink, RowChange, State, collected, counting, each_retrieval};
use crate::changes::{Applied, Changes};
use crate::disk::{Disk, Folder, Step};
use crate::episode::{EpisodeId, NewEpisode};
use crate::error::{MemoryError, advance};
use crate::options::Durability;
use crate::process::Owner;

/// What the memory and its timer share.
pub(crate) struct Shared {
    pub state: ArcSwap<State>,
    pub writer: Mutex<Writer>,
    /// Whether the prefixes of vectors are kept in planes of their own.
    pub prefix_plane: bool,
    /// `None` for a memory without one.
    pub folder: Option<Arc<dyn Folder>>,
    /// The process that may change it.
    pub owner: Owner,
}

/// The one who changes the state.
pub(crate) struct Writer {
    pub disk: Option<Disk>,
    pub durability: Durability,
    pub read_only: bool,
}

/// The writer, locked. Whoever has it works on one thread: all threads of the pool may be waiting for it, and a thread
/// of the pool that waits for the others runs other work meanwhile, which may want it too.
pub(crate) struct Locked<'a> {
    writer: MutexGuard<'a, Writer>,
    _alone: SequentialScope,
}

/// So often what a change needs is prepared while others write, before they are made to wait.
const TRIES: usize = 2;

impl Shared {
    /// Shows readers a state.
    fn publish(&self, state: Arc<State>) {
        if self.prefix_plane {
            // With the vectors, and not by the first question that wants them, which would take several times as long as
            // a scan.
            state.make_planes();
        }
        self.state.store(state);
    }

    /// The writer, whether it may write or not. An error in a forked child, where a thread that is not there may have it
    /// locked. What a panic leaves behind is whole: a state is published in one step, and files that were being written
    /// are closed.
    pub(crate) fn lock(&self) -> Result<Locked<'_>, MemoryError> {
        if !self.owner.is_here() {
            return Err(MemoryError::forked(self.folder.as_deref().map(Folder::path), self.owner));
        }
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Locked { writer, _alone: SequentialScope::enter() })
    }

    pub(crate) fn writer(&self) -> Result<Locked<'_>, MemoryError> {
        let writer = self.lock()?;
        match &self.folder {
            Some(folder) if writer.read_only => Err(MemoryError::ReadOnly { path: folder.path().into() }),
            _ => Ok(writer),
        }
    }

    /// The writer, the settled state, and what `prepare` makes of that state.
    ///
    /// `prepare` may use the pool, and so runs while the writer is not locked. Where the state was replaced meanwhile it
    /// runs again, and at last with the writer locked, on this thread alone.
    pub(crate) fn prepared<T>(
        &self,
        mut prepare: impl FnMut(&Arc<State>) -> Result<T, MemoryError>,
    ) -> Result<(Locked<'_>, Arc<State>, T), MemoryError> {
        // One that may not write is refused before the work.
        drop(self.writer()?);
        for _ in 0..TRIES {
            let seen = self.state.load_full();
            let made = prepare(&seen)?;
            let mut writer = self.writer()?;
            if Arc::ptr_eq(&seen, &self.state.load()) {
                // Settling moves payloads. Episodes and their slots stay as they were seen.
                let base = self.base(&mut writer)?;
                return Ok((writer, base, made));
            }
        }
        let mut writer = self.writer()?;
        let base = self.base(&mut writer)?;
        let made = prepare(&base)?;
        Ok((writer, base, made))
    }

    /// Stores a batch and returns the first id.
    pub(crate) fn store(&self, episodes: &[NewEpisode], progress: &Progress) -> Result<u64, MemoryError> {
        progress.start(episodes.len() as u64);
        episodes.iter().enumerate().try_for_each(|(index, episode)| episode.check(index))?;
        let mut writer = self.writer()?;
        advance(progress, 0)?;
        if episodes.is_empty() {
            return Ok(self.state.load().next_id);
        }
        let base = self.upgraded(&mut writer)?;
        let grown = writer.append(&base, Step { episodes, progress: Some(progress), ..Step::from(&base) })?;
        // Only now: what a reader sees has been committed, or need not be yet.
        self.publish(Arc::new(grown));
        Ok(base.next_id)
    }

    /// Makes changes in one durable step.
    pub(crate) fn apply(&self, changes: &Changes, progress: &Progress) -> Result<Applied, MemoryError> {
        progress.start(changes.episodes.len() as u64);
        changes.check()?;
        let mut writer = self.writer()?;
        advance(progress, 0)?;
        let base = self.upgraded(&mut writer)?;
        let mut slots: Vec<usize> = changes.forget.iter().filter_map(|&id| base.slot(id)).collect();
        slots.sort_unstable();
        slots.dedup();
        let ids = (base.next_id..).map(EpisodeId).take(changes.episodes.len()).collect();
        let applied = Applied { ids, forgotten: slots.len() };
        let revealed = changes.reveal.iter().filter_map(|&id| base.hidden_slot(id)).collect::<Vec<_>>();
        let Changes { episodes, rows, compact, hidden, .. } = changes;
        if *compact {
            let mut changed = State::clone(&base);
            slots.into_iter().for_each(|slot| changed.kill(slot));
            revealed.into_iter().for_each(|slot| changed.reveal(slot));
            let payload = |row: usize| advance(progress, 1).map(|()| Payload::in_memory(&episodes[row].payload));
            let mut changed = changed.append(episodes, &payload)?;
            if *hidden {
                changed.hide_from(base.slots());
            }
            let kept = changed.all_kept();
            let keep = Keep { kept: &kept, merged: &[] };
            self.keep(&mut writer, &changed, keep, rows, &mut |_| advance(progress, 0))?;
        } else if !(slots.is_empty() && revealed.is_empty() && episodes.is_empty() && rows.is_empty()) {
            let (makes_room, progress) = (changes.only_delete(), Some(progress));
            let mut step = Step { episodes, hidden: *hidden, rows, makes_room, progress, ..Step::from(&base) };
            slots.into_iter().for_each(|slot| step.changed.kill(slot));
            revealed.into_iter().for_each(|slot| step.changed.reveal(slot));
            let state = writer.commit(&base, &step)?;
            self.publish(Arc::new(state));
        }
        Ok(applied)
    }

    /// Replaces the application's note.
    pub(crate) fn set_metadata(&self, metadata: &[u8]) -> Result<(), MemoryError> {
        let mut writer = self.writer()?;
        let base = self.upgraded(&mut writer)?;
        // A shorter note is part of making room.
        let makes_room = metadata.len() < base.metadata.len();
        let step = Step { metadata: Some(metadata), makes_room, ..Step::from(&base) };
        let state = writer.commit(&base, &step)?;
        self.publish(Arc::new(state));
        Ok(())
    }

    /// Commits what was only acknowledged.
    pub(crate) fn flush(&self) -> Result<(), MemoryError> {
        let mut writer = self.lock()?;
        self.settled(&mut writer).map(drop)
    }

    /// The state, of a store that is of the newest format: one of an older becomes that before it is first written to.
    pub(crate) fn upgraded(&self, writer: &mut Writer) -> Result<Arc<State>, MemoryError> {
        let base = self.state.load_full();
        match &mut writer.disk {
            Some(disk) if disk.is_older() => {
                let state = Arc::new(disk.upgrade(&base)?);
                self.publish(Arc::clone(&state));
                Ok(state)
            }
            _ => Ok(base),
        }
    }

    /// The state to change: [upgraded](Self::upgraded) and [settled](Self::settled).
    pub(crate) fn base(&self, writer: &mut Writer) -> Result<Arc<State>, MemoryError> {
        self.upgraded(writer)?;
        self.settled(writer)
    }

    /// The state, after committing what of it was only acknowledged.
    pub(crate) fn settled(&self, writer: &mut Writer) -> Result<Arc<State>, MemoryError> {
        let base = self.state.load_full();
        match &mut writer.disk {
            Some(disk) if disk.waiting(&base) > 0 => {
                let state = Arc::new(disk.commit(&base, &Step::from(&base))?);
                self.publish(Arc::clone(&state));
                Ok(state)
            }
            _ => Ok(base),
        }
    }

    /// Keeps what is to be kept of the episodes, and the application's rows as they are changed, in one durable step.
    /// `wrote` gets the bytes of each write.
    pub(crate) fn keep(
        &self,
        writer: &mut Writer,
        base: &State,
        keep: Keep<'_>,
        rows: &[RowChange],
        wrote: &mut dyn FnMut(u64) -> Result<(), MemoryError>,
    ) -> Result<(), MemoryError> {
        let stays = |id| base.slot(id).is_some_and(|slot| keep.stays(slot));
        let retrievals = |take: RetrievalSink<'_>| {
            each_retrieval(base, &mut |(id, time)| if stays(id) { take((id, time)) } else { Ok(()) })
        };
        let state = match &mut writer.disk {
            Some(disk) => disk
                .with_reserve(|disk| disk.rewrite(base, keep, &retrievals, rows, wrote))
                .map_err(|error| error.with_needed(|| keep.bytes(base) + disk.index_bytes().unwrap_or(0)))?,
            None => {
                let state = base.rebuilt(keep, &mut |_, record| Ok(record.payload.clone()))?;
                State { log: state.log.append(&collected(&retrievals)?)?, rows: state.rows.changed(rows), ..state }
            }
        };
        self.replaced(writer, state);
        Ok(())
    }

    /// Publishes a state that has replaced all, and then lets the files settle.
    pub(crate) fn replaced(&self, writer: &mut Writer, state: State) {
        let state = Arc::new(state);
        self.publish(Arc::clone(&state));
        if let Some(disk) = &mut writer.disk {
            disk.settle(&state);
            // Their index is open now.
            if state.rows.len() > 0 {
                self.publish(Arc::new(State { rows: disk.app_rows(), ..State::clone(&state) }));
            }
        }
    }

    /// Changes episodes that exist, and logs retrievals, in one durable step.
    pub(crate) fn change(
        &self,
        writer: &mut Writer,
        base: &State,
        ids: &[EpisodeId],
        events: &[(EpisodeId, i64)],
        mutable: &dyn Fn(Mutable) -> Mutable,
    ) -> Result<(), MemoryError> {
        let mut step = Step { retrievals: events, ..Step::from(base) };
        for slot in ids.iter().filter_map(|&id| base.slot(id)) {
            step.changed.set_mutable(slot, mutable(base.mutable(slot)));
        }
        let draft = Arc::new(writer.commit(base, &step)?);
        self.publish(Arc::clone(&draft));
        if draft.log.may_be_trimmed() {
            self.trim_log(writer, &draft);
        }
        Ok(())
    }

    /// Rewrites the log where less than half of it counts, so that it is bounded by what does. What fails here is
    /// tried again when the log has grown.
    fn trim_log(&self, writer: &mut Writer, base: &State) {
        let log = writer.trimmed_log(base).unwrap_or_else(|_| base.log.clone().counted(base.log.len));
        self.publish(Arc::new(State { log, ..base.clone() }));
        if let Some(disk) = &writer.disk {
            disk.tidy();
        }
    }
}

impl Deref for Locked<'_> {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        &self.writer
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Writer {
        &mut self.writer
    }
}

impl Writer {
    /// The log of a state, without what does not count where that is more than half.
    fn trimmed_log(&mut self, base: &State) -> Result<Log, MemoryError> {
        let counting = counting(base)?;
        let retrievals = |take: RetrievalSink<'_>| each_retrieval(base, take);
        let log = match &mut self.disk {
            _ if base.log.len <= 2 * counting => base.log.clone(),
            Some(disk) => disk.rewrite_log(base, &retrievals)?,
            None => base.log.emptied().append(&collected(&retrievals)?)?,
        };
        Ok(log.counted(counting))
    }

    /// The state after a step that only stores, committed where it has to be.
    fn append(&mut self, base: &State, step: Step<'_>) -> Result<State, MemoryError> {
        match (&mut self.disk, self.durability) {
            (Some(disk), Durability::Batched { episodes: limit, .. })
                // After a failure nothing more is acknowledged until a commit has worked.
                if !disk.has_failed() && disk.waiting(base) + step.episodes.len() < limit =>
            {
                base.append(step.episodes, &|row| step.payload(row))
            }
            _ => self.commit(base, &step),
        }
    }

    /// The state after a step, committed where there is a folder.
    fn commit(&mut self, base: &State, step: &Step<'_>) -> Result<State, MemoryError> {
        match &mut self.disk {
            Some(disk) if step.makes_room => disk.with_reserve(|disk| disk.commit(base, step)),
            Some(disk) => disk.commit(base, step),
            None => {
                let mut grown = step.changed.append(step.episodes, &|row| step.payload(row))?;
                if step.hidden {
                    grown.hide_from(base.slots());
                }
                Ok(State {
                    log: grown.log.append(step.retrievals)?,
                    rows: grown.rows.changed(step.rows),
                    metadata: step.metadata.map_or_else(|| Arc::clone(&grown.metadata), Arc::from),
                    unsaved: Vec::new(),
                    ..grown
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::common::episode;
    use crate::{EpisodicMemory, MemoryError};

    /// Whatever is stored meanwhile, a change is prepared from the state that it changes, and not for ever.
    #[test]
    fn what_was_prepared_is_of_the_state_that_is_changed() {
        for stores in 0..5 {
            let memory = EpisodicMemory::in_memory();
            let mut tries = 0;
            let prepared = memory.shared.prepared(|state| {
                tries += 1;
                // With the writer locked, this would wait for itself.
                if tries <= stores && tries < 3 {
                    memory.store(episode(0))?;
                }
                Ok(state.slots())
            });
            let (writer, base, slots) = prepared.unwrap_or_else(|error| panic!("{error}"));
            assert!(memory.shared.writer.try_lock().is_err(), "the writer is not locked");
            assert_eq!((slots, tries), (base.slots(), stores.min(2) + 1));
            assert_eq!(base.slots(), memory.len());
            drop(writer);
        }
        let memory = EpisodicMemory::in_memory();
        let failed = memory.shared.prepared(|_| Err::<(), _>(MemoryError::NotEmpty { next_id: 7, rows: 0 }));
        assert!(matches!(failed, Err(MemoryError::NotEmpty { next_id: 7, rows: 0 })));
    }
}
