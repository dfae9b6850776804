//! A new generation: the flat files written anew without what is gone, and the switch to them with a fresh index.
//!
//! Until the index is switched the old files are what it vouches for, and after that the new ones; so an interruption
//! at any point leaves one of them whole. The others are removed afterwards, or at the next opening.

use std::path::PathBuf;
use std::sync::Arc;

use super::commit::{Appender, INLINE, write_blocks, write_log};
use super::files::Access;
use super::format::Committed;
use super::{Disk, flat_names};
use crate::MemoryError;
use crate::analysis::ConsolidationPlan;
use crate::arena::{BLOCK, Giving, Payload, PayloadFile, Record, State};

/// What takes the place of all that a memory holds.
pub(crate) struct Contents<'a> {
    /// Its log is ignored.
    pub state: State,
    pub retrievals: Box<Giving<'a>>,
}

/// Takes the payload of a row, of so many rows, one after the other, and says where it is from then on.
pub(crate) type Put<'a> = &'a mut dyn FnMut(usize, usize, &[u8]) -> Result<Payload, MemoryError>;

impl Disk {
    /// Keeps what a plan keeps of `base`, and the given retrievals, and nothing else, in one durable step. Returns the
    /// state to publish. An episode whose payload is damaged makes this fail. `wrote` gets the bytes of each write of
    /// payloads or vectors.
    pub(crate) fn rewrite(
        &mut self,
        base: &State,
        plan: &ConsolidationPlan,
        retrievals: &Giving<'_>,
        wrote: &mut dyn FnMut(u64),
    ) -> Result<State, MemoryError> {
        let mut old = Reader::default();
        self.replace(base, wrote, |put| {
            // As the columns are built, so that nothing is held in between.
            let mut payload = |row, record: &Record| put(row, plan.kept.len(), old.read(base, record)?);
            Ok(Contents { state: base.rebuilt(plan, &mut payload)?, retrievals: Box::new(retrievals) })
        })
    }

    /// Replaces `base` in one durable step by what `contents` makes, which puts every payload on the way. Returns the
    /// state to publish; when it is, [`settle`](Self::settle) does the rest. On an error, also one of `contents`,
    /// nothing is replaced.
    pub(crate) fn replace<'a>(
        &mut self,
        base: &State,
        wrote: &mut dyn FnMut(u64),
        contents: impl FnOnce(Put<'_>) -> Result<Contents<'a>, MemoryError>,
    ) -> Result<State, MemoryError> {
        if self.open.is_none() {
            // Before a file is touched of which an index that a failure left may know.
            self.open = Some(self.recover(base)?);
        }
        let Committed { sequence, generation, log, .. } = self.committed;
        let next = Committed { sequence: sequence + 1, generation: generation + 1, log: log + 1, ..self.committed };
        let written = self.write_generation(next, base, wrote, contents);
        let (draft, next) = written.inspect_err(|_| {
            // No index knows of them yet. On a full disk their room is wanted.
            flat_names(&next).iter().for_each(|name| drop(self.folder.remove(name)));
        })?;
        // If the switch fails, it may have taken place all the same.
        drop(self.open.take());
        self.switch_index()?;
        self.finish(next);
        Ok(draft)
    }

    /// Opens the files of a generation that was switched to, and removes those of the old one. What fails or panics
    /// here is done by the next change, or the next opening.
    pub(crate) fn settle(&mut self, published: &State) {
        if let Ok(files) = self.recover(published) {
            self.open = Some(files);
        }
    }

    /// Writes and syncs the files of a generation, and a fresh index that knows them. `next` has its numbers. Returns its
    /// state and commit.
    fn write_generation<'a>(
        &self,
        next: Committed,
        base: &State,
        wrote: &mut dyn FnMut(u64),
        contents: impl FnOnce(Put<'_>) -> Result<Contents<'a>, MemoryError>,
    ) -> Result<(State, Committed), MemoryError> {
        let [vectors, payloads, log] = flat_names(&next).map(|name| self.path(&name));
        let create = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            self.folder.open(&name, Access::Create).map_err(|error| MemoryError::io("create", path, error))
        };
        let new = [create(&vectors)?, create(&payloads)?, create(&log)?];

        let mut out = Appender::new(&*new[1], &payloads, 0, wrote);
        let Contents { state, retrievals } = contents(&mut |row, rows, bytes| {
            let in_full_block = row < rows / BLOCK * BLOCK;
            if in_full_block || bytes.len() > INLINE { out.push(bytes) } else { Ok(Payload::in_memory(bytes)) }
        })?;
        let payload_bytes = out.finish()?;
        let retrieved = write_log(&*new[2], &log, &retrievals)?;
        let draft = State {
            payload_file: Some(PayloadFile { file: Arc::clone(&new[1]), path: payloads.clone() }),
            log: base.log.in_file(Arc::clone(&new[2]), log.clone(), retrieved).counted(retrieved),
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
            ..next
        };
        self.write_index(&draft, &next, &crcs)?;
        Ok((draft, next))
    }
}

/// Reads payloads that mostly follow each other, many at a time.
#[derive(Default)]
struct Reader {
    start: u64,
    window: Vec<u8>,
    /// The last payload that was read on its own.
    single: Vec<u8>,
}

impl Reader {
    const WINDOW: u64 = 1 << 20;

    /// The bytes of a record's payload, checked.
    fn read<'a>(&'a mut self, base: &State, record: &'a Record) -> Result<&'a [u8], MemoryError> {
        if let Payload::Memory(bytes) = &record.payload {
            return Ok(bytes);
        }
        if let (Some(place), Some(PayloadFile { file, path })) = (record.payload.place(), &base.payload_file) {
            let within = |reader: &Self| {
                let from = place.offset.checked_sub(reader.start)? as usize;
                reader.window.get(from..from + place.len as usize).map(|_| from..from + place.len as usize)
            };
            if within(self).is_none() {
                let len = file.len().map_err(|error| MemoryError::io("read", path, error))?;
                let take = len.saturating_sub(place.offset).min(Self::WINDOW);
                self.start = place.offset;
                self.window.resize(take as usize, 0);
                file.read_at(place.offset, &mut self.window).map_err(|error| MemoryError::io("read", path, error))?;
            }
            if let Some(range) = within(self)
                && crc32fast::hash(&self.window[range.clone()]) == place.crc
            {
                return Ok(&self.window[range]);
            }
        }
        // What is wrong with it, in the same words as for any reader.
        self.single = base.payload(record.id, &record.payload)?;
        Ok(&self.single)
    }
}
