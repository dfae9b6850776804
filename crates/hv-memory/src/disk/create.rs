//! Making an empty store.

use super::format::Committed;
use super::held::Access;
use super::manifest::{self, Stage};
use super::names::{LOCK, flat_names};
use super::store::Disk;
use crate::arena::State;
use crate::error::MemoryError;

impl Disk {
    /// Makes an empty store. If this is interrupted, the MANIFEST tells the next opening to begin again.
    pub(super) fn create(&self) -> Result<(), MemoryError> {
        if let Some(lock) = &self.lock {
            // Of a store that was here before, and had more commits.
            let emptied = if lock.len().is_ok_and(|len| len == 0) { Ok(()) } else { lock.set_len(0) };
            emptied.and_then(|()| lock.sync()).map_err(|error| MemoryError::io("write", &self.path(LOCK), error))?;
        }
        let named = self.folder.sync_name();
        named.map_err(|error| MemoryError::io("sync the folder of", self.folder.path(), error))?;
        manifest::write(&*self.folder, Stage::Unfinished)?;
        for name in flat_names(&Committed::default()) {
            let made = self.folder.open(&name, Access::Create).and_then(|file| file.sync());
            made.map_err(|error| MemoryError::io("create", &self.path(&name), error))?;
        }
        self.write_index(&State::new(), &Committed::default(), &[])?;
        self.switch_index()?;
        manifest::write(&*self.folder, Stage::Ready)
    }
}
