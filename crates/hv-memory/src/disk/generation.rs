//! A new generation: new flat files without what is gone, and the switch to them with a fresh index.
//!
//! Until the index is switched the old files are what it vouches for, and after that the new ones; so an interruption
//! at any point leaves one of them whole. The others are removed afterwards, or at the next opening.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::appender::Appender;
use super::blocks::write_blocks;
use super::format::Committed;
use super::held::Access;
use super::log::{DiskLog, write_log};
use super::names::flat_names;
use super::payloads::{INLINE, PayloadFile, PayloadReader};
use super::rows::{RowSink, RowSource};
use super::store::Disk;
use crate::arena::{AppRows, BLOCK, Keep, Payload, Record, RetrievalSource, RowChange, State};
use crate::error::MemoryError;

/// What takes the place of all that a memory holds.
pub(crate) struct Contents<'a> {
    /// Its log is ignored.
    pub state: State,
    pub retrievals: Box<RetrievalSource<'a>>,
    /// The application's rows.
    pub rows: Box<RowSource<'a>>,
}

/// Takes a row's position, the number of all rows, and the row's payload, one row after the other. Says where the
/// payload is from then on.
pub(crate) type PayloadSink<'a> = &'a mut dyn FnMut(usize, usize, &[u8]) -> Result<Payload, MemoryError>;

impl Disk {
    /// Keeps what is to be kept of `base`, the given retrievals, and the application's rows as they are changed, and
    /// nothing else, in one durable step. Returns the
    /// state to publish. An episode whose payload is damaged makes this fail. `wrote` gets the bytes of each write of
    /// payloads or vectors.
    pub(crate) fn rewrite(
        &mut self,
        base: &State,
        keep: Keep<'_>,
        retrievals: &RetrievalSource<'_>,
        rows: &[RowChange],
        wrote: &mut dyn FnMut(u64) -> Result<(), MemoryError>,
    ) -> Result<State, MemoryError> {
        if self.open.is_none() {
            self.open = Some(self.recover(base)?);
        }
        self.note_rows(base, rows)?;
        // Not those of `base`: a failure since may have put its rows into a new index.
        let saved = self.app_rows();
        let mut old = PayloadReader::new(self.payload_file(Access::Read)?);
        self.replace(base, wrote, |put| {
            // As the columns are built, so that nothing is held in between.
            let mut payload = |row, record: &Record| put(row, keep.kept.len(), old.read(record)?);
            let rows = Box::new(|take: RowSink<'_>| changed_rows(&saved, rows, take));
            Ok(Contents { state: base.rebuilt(keep, &mut payload)?, retrievals: Box::new(retrievals), rows })
        })
    }

    /// Replaces `base` in one durable step by what `contents` makes, which puts every payload on the way. Returns the
    /// state to publish; when it is, [`settle`](Self::settle) does the rest. On an error, also one of `contents`,
    /// nothing is replaced.
    pub(crate) fn replace<'a>(
        &mut self,
        base: &State,
        wrote: &mut dyn FnMut(u64) -> Result<(), MemoryError>,
        contents: impl FnOnce(PayloadSink<'_>) -> Result<Contents<'a>, MemoryError>,
    ) -> Result<State, MemoryError> {
        if self.open.is_none() {
            // Before a file is touched that an index left by a failure may know.
            self.open = Some(self.recover(base)?);
        }
        let Committed { sequence, generation, log, .. } = self.committed;
        let next = Committed { sequence: sequence + 1, generation: generation + 1, log: log + 1, ..self.committed };
        let written = self.write_generation(next, base, wrote, contents);
        let (draft, next) = written.inspect_err(|_| {
            // No index knows of them yet. On a full disk their room is wanted.
            flat_names(&next).iter().for_each(|name| drop(self.folder.remove(name)));
        })?;
        // Snapshots read their rows on. Elsewhere a file that is open cannot be replaced.
        let old = self.open.take();
        #[cfg(unix)]
        let old = old.filter(|_| self.committed.rows > 0);
        #[cfg(not(unix))]
        drop(old);
        // If the switch fails, it may have taken place all the same.
        self.switch_index()?;
        self.finish(next);
        #[cfg(unix)]
        if let Some(files) = old {
            files.index.release();
        }
        Ok(State { rows: self.app_rows(), ..draft })
    }

    /// Opens the files of a generation that was switched to, and removes those of the old one. What fails or panics
    /// here is done by the next change, or the next opening.
    pub(crate) fn settle(&mut self, published: &State) {
        if let Ok(files) = self.recover(published) {
            self.open = Some(files);
            // The room of what was removed is there now.
            self.keep_reserve();
        }
    }

    /// Writes and syncs the files of a generation, and a fresh index that knows them. `next` has its numbers. Returns its
    /// state and commit.
    fn write_generation<'a>(
        &self,
        next: Committed,
        base: &State,
        wrote: &mut dyn FnMut(u64) -> Result<(), MemoryError>,
        contents: impl FnOnce(PayloadSink<'_>) -> Result<Contents<'a>, MemoryError>,
    ) -> Result<(State, Committed), MemoryError> {
        let [vectors, payloads, log] = flat_names(&next).map(|name| self.path(&name));
        let create = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            self.folder.open(&name, Access::Create).map_err(|error| MemoryError::io("create", path, error))
        };
        let new = [create(&vectors)?, create(&payloads)?, create(&log)?];

        let mut out = Appender::new(&*new[1], &payloads, 0, wrote);
        let Contents { state, retrievals, rows } = contents(&mut |row, rows, bytes| {
            let in_full_block = row < rows / BLOCK * BLOCK;
            if in_full_block || bytes.len() > INLINE { out.push(bytes) } else { Ok(Payload::in_memory(bytes)) }
        })?;
        let payload_bytes = out.finish()?;
        let salt = next.salt().to_vec();
        let retrieved = write_log(&*new[2], &log, &salt, &retrievals)?;
        let draft = State {
            payloads: Some(Arc::new(PayloadFile { file: Arc::clone(&new[1]), path: payloads.clone() })),
            log: base
                .log
                .in_file(Arc::new(DiskLog { file: Arc::clone(&new[2]), path: log.clone(), salt }), retrieved)
                .counted(retrieved),
            ..state
        };
        let crcs = write_blocks(&*new[0], &vectors, &draft, 0, wrote)?;
        for (file, path) in new.iter().zip([&vectors, &payloads, &log]) {
            file.sync().map_err(|error| MemoryError::io("sync", path, error))?;
        }
        self.folder.sync().map_err(|error| MemoryError::io("sync", self.folder.path(), error))?;
        let next = Committed {
            slots: draft.slots() as u64,
            next_id: draft.next_id,
            payload_bytes,
            retrievals: retrieved,
            sources: draft.sources.len().into(),
            tag_sets: draft.tag_sets.len().into(),
            ..next
        };
        let next = self.write_index(&draft, &next, &crcs, &rows)?;
        Ok((draft, next))
    }
}

/// The application's rows, changed.
fn changed_rows(saved: &AppRows, changes: &[RowChange], take: RowSink<'_>) -> Result<(), MemoryError> {
    // The last change of a key counts.
    let changed: BTreeMap<&[u8], Option<&[u8]>> =
        changes.iter().map(|(key, value)| (&**key, value.as_deref())).collect();
    saved.for_each(&mut |(key, value)| if changed.contains_key(&*key) { Ok(()) } else { take((key, value)) })?;
    let mut put = changed.iter().filter_map(|(key, value)| Some((key.to_vec(), (*value)?.to_vec())));
    put.try_for_each(take)
}
