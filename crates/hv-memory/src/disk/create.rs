//! Making an empty store.

use std::io;

use super::format::{Committed, Manifest, StoreId, Version};
use super::held::Access;
use super::manifest;
use super::names::{LOCK, flat_names};
use super::store::Disk;
use crate::arena::State;
use crate::error::MemoryError;

impl Disk {
    /// Makes an empty store. If this is interrupted, the MANIFEST tells the next opening to begin again.
    pub(super) fn create(&mut self) -> Result<(), MemoryError> {
        if let Some(lock) = &self.lock {
            // Of a store that was here before, and had more commits.
            let emptied = if lock.len().is_ok_and(|len| len == 0) { Ok(()) } else { lock.write_at(0, &[0; 12]) };
            emptied.and_then(|()| lock.sync()).map_err(|error| MemoryError::io("write", &self.path(LOCK), error))?;
        }
        let named = self.folder.sync_name();
        named.map_err(|error| MemoryError::io("sync the folder of", self.folder.path(), error))?;
        let store = self.new_id()?;
        let unfinished = Manifest { version: Version::NEWEST, ready: false, upgrading: false, store };
        manifest::write(&*self.folder, &unfinished)?;
        let first = Committed { store, ..Committed::default() };
        for name in flat_names(&first) {
            let made = self.folder.open(&name, Access::Create).and_then(|file| file.sync());
            made.map_err(|error| MemoryError::io("create", &self.path(&name), error))?;
        }
        self.write_index(&State::new(), &first, &[], &|_| Ok(()))?;
        self.switch_index()?;
        manifest::write(&*self.folder, &Manifest { ready: true, ..unfinished })
    }

    /// An id that no other store has.
    pub(super) fn new_id(&self) -> Result<StoreId, MemoryError> {
        let mut id = StoreId::default();
        let drawn = getrandom::fill(&mut id.0).map_err(io::Error::from);
        drawn.map_err(|error| MemoryError::io("draw a random id for", self.folder.path(), error))?;
        Ok(id)
    }
}
