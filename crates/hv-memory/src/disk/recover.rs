//! What follows a write that failed: the files as the last acknowledged commit left them.

use std::sync::atomic::Ordering;

use super::blocks::block_of;
use super::format::Committed;
use super::store::{Disk, OpenFiles};
use super::under_way::undo_of;
use crate::arena::{RowChange, State};
use crate::error::MemoryError;

impl Disk {
    /// Opens the files again, as the last commit that was acknowledged left them. Where the index is not known to be
    /// that, a new one is written.
    pub(super) fn recover(&mut self, base: &State) -> Result<OpenFiles, MemoryError> {
        let sound = if self.suspect.load(Ordering::Relaxed) { None } else { self.open_index().ok() };
        let index = match sound {
            Some(index) => index,
            None => {
                // Under the next number, which LOCK then notes: the old file is known to be out of date.
                let next = Committed { sequence: self.committed.sequence + 1, ..self.committed };
                let saved = self.app_rows();
                let crc = |block| crc32fast::hash(bytemuck::cast_slice(block_of(base, block as usize)));
                let crcs: Vec<u32> = (0..next.blocks()).map(crc).collect();
                let next = self.write_index(&base.as_saved(), &next, &crcs, &|take| saved.for_each(take))?;
                self.switch_index()?;
                self.finish(next);
                self.open_index()?
            }
        };
        // What the failed attempt changed is not there.
        self.under_way.acknowledge(self.committed.sequence);
        // Of a generation that was not finished, or is not current any more.
        self.tidy();
        self.open_files(index)
    }

    /// Keeps what rows were before a change of them, for the case that it fails and is found in the index all the same.
    pub(super) fn note_rows(&mut self, base: &State, changes: &[RowChange]) -> Result<(), MemoryError> {
        if changes.is_empty() {
            return Ok(());
        }
        // What an attempt before this one may have left is undone first, with its own notes.
        if self.open.is_none() {
            self.open = Some(self.recover(base)?);
        }
        self.under_way.begin(undo_of(&self.app_rows(), changes)?);
        Ok(())
    }
}
