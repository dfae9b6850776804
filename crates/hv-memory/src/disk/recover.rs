//! What follows a write that failed: the files as the last acknowledged commit left them.

use std::sync::atomic::Ordering;

use redb::ReadableTable;

use super::app_rows::value_of;
use super::blocks::block_of;
use super::format::Committed;
use super::held::Access;
use super::index::{Index, ROWS};
use super::names::INDEX;
use super::rows::TakeRow;
use super::store::{Disk, OpenFiles};
use crate::arena::{RowChange, State};
use crate::error::MemoryError;

impl Disk {
    /// Opens the files again, as the last commit that was acknowledged left them. Where the index is not known to be
    /// that, it is written anew.
    pub(super) fn recover(&mut self, base: &State) -> Result<OpenFiles, MemoryError> {
        let sound = if self.suspect.load(Ordering::Relaxed) { None } else { self.open_index().ok() };
        let index = match sound {
            Some(index) => {
                // What the failed attempt changed is not there.
                self.undo.clear();
                index
            }
            None => {
                // Under the next number, which LOCK then notes: the old file is known to be out of date.
                let next = Committed { sequence: self.committed.sequence + 1, ..self.committed };
                let crc = |block| crc32fast::hash(bytemuck::cast_slice(block_of(base, block as usize)));
                let crcs: Vec<u32> = (0..next.blocks()).map(crc).collect();
                let next = self.write_index(&base.as_saved(), &next, &crcs, &|take| self.saved_rows(take))?;
                self.switch_index()?;
                self.finish(next);
                self.open_index()?
            }
        };
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
        let rows = self.app_rows();
        let notes = changes.iter().map(|(key, _)| Ok((key.clone(), rows.get(key)?)));
        self.undo = notes.collect::<Result<_, MemoryError>>()?;
        Ok(())
    }

    /// The application's rows of the last acknowledged commit, from an index that may hold the one after it.
    fn saved_rows(&self, take: TakeRow<'_>) -> Result<(), MemoryError> {
        if self.committed.rows == 0 {
            return Ok(());
        }
        let path = self.path(INDEX);
        let index = Index::checked(self.open_file(INDEX, Access::Read)?, &path)?;
        let found = index.committed()?;
        let undo: &[RowChange] = match found.sequence {
            sequence if sequence == self.committed.sequence => &[],
            sequence if sequence == self.committed.sequence + 1 => &self.undo,
            _ => return Err(MemoryError::damaged(&path, "it holds a commit other than the last")),
        };
        let (transaction, _) = index.begin()?;
        let failed = |error: redb::Error| super::index::failed("read", &path, error);
        let table = transaction.open_table(ROWS).map_err(|error| failed(error.into()))?;
        for row in table.iter().map_err(|error| failed(error.into()))? {
            let (key, value) = row.map_err(|error| failed(error.into()))?;
            let key = key.value();
            if !undo.iter().any(|(changed, _)| changed == key) {
                let value = value_of(key, value.value()).map_err(|what| MemoryError::damaged(&path, what))?;
                take((key.to_vec(), value))?;
            }
        }
        // The first note of a key is the oldest.
        for (i, (key, value)) in undo.iter().enumerate() {
            if let Some(value) = value
                && !undo[..i].iter().any(|(before, _)| before == key)
            {
                take((key.clone(), value.clone()))?;
            }
        }
        Ok(())
    }
}
