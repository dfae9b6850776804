//! A fresh index: every row of a state in a new file, which takes the place of the old one in one step.
//!
//! So a store is made, the generation is switched, and an index that is not known to be sound is put right. Nothing is
//! built on a file whose sync has failed.

use std::sync::Arc;

use super::format::Committed;
use super::held::Access;
use super::index::Index;
use super::names::{INDEX, NEW_INDEX};
use super::rows::{RowSource, write_all};
use super::store::Disk;
use crate::arena::State;
use crate::error::MemoryError;

impl Disk {
    /// Writes and syncs a fresh index next to the old one. `crcs` are the checksums of the blocks' vectors. Returns
    /// the commit, which counts the application's rows.
    pub(super) fn write_index(
        &self,
        state: &State,
        next: &Committed,
        crcs: &[u32],
        app_rows: &RowSource<'_>,
    ) -> Result<Committed, MemoryError> {
        let path = self.path(NEW_INDEX);
        let write = || {
            let file = self.folder.open(NEW_INDEX, Access::Create);
            let file = file.map_err(|error| MemoryError::io("create", &path, error))?;
            // A failed sync is an error here, and then the file goes.
            let index = Index::open(file, &path, &Arc::default())?;
            let next = index.write(|transaction| write_all(transaction, state, next, crcs, app_rows))?;
            // redb makes room for a megabyte at least, and its rows may end up after that.
            index.compact()?;
            index.close()?;
            Ok(next)
        };
        // On a full disk its room is wanted.
        write().inspect_err(|_| drop(self.folder.remove(NEW_INDEX)))
    }

    /// Puts the fresh index in the place of the old one, which has to be closed, durably. On an error either may be
    /// there.
    pub(super) fn switch_index(&mut self) -> Result<(), MemoryError> {
        let switch = self.folder.rename(NEW_INDEX, INDEX).and_then(|()| self.folder.sync());
        switch.map_err(|error| MemoryError::io("replace", &self.path(INDEX), error))?;
        // The old file may yet be closed by whoever reads from it.
        self.suspect = Arc::default();
        Ok(())
    }
}
