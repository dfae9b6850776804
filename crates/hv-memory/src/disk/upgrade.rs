//! A store of format 2 becomes one of format 3, before it is first written to.
//!
//! The index is what decides: as long as it is of format 2 the store is, and from the switch on it is of format 3. A flag
//! in MANIFEST, set before and cleared after, says that it may be either. Vectors and payloads stay as they are; the log is
//! rewritten, as its checksums start from the store's id.

use std::sync::Arc;

use super::blocks::block_of;
use super::format::{Committed, Manifest, Version};
use super::held::Access;
use super::log::{DiskLog, write_log};
use super::manifest;
use super::names::log_name;
use super::store::Disk;
use crate::arena::State;
use crate::error::MemoryError;

impl Disk {
    /// Whether the store is of an older format, which is read and not written.
    pub(crate) fn is_older(&self) -> bool {
        self.committed.version < Version::NEWEST
    }

    /// Makes the store one of the newest format in one durable step. Returns the state to publish. Interrupted at any
    /// point, the store is of one format or of the other, and an interrupted attempt is begun again.
    pub(crate) fn upgrade(&mut self, base: &State) -> Result<State, MemoryError> {
        drop(self.open.take());
        let store = if self.manifest.version < Version::NEWEST { self.new_id()? } else { self.manifest.store };
        let upgrading = Manifest { version: Version::NEWEST, ready: true, upgrading: true, store };
        self.write_manifest(upgrading)?;
        let Committed { sequence, log, .. } = self.committed;
        let next =
            Committed { version: Version::NEWEST, store, sequence: sequence + 1, log: log + 1, ..self.committed };
        let new_log = self.write_new_log(base, &next)?;
        let crc = |block| crc32fast::hash(bytemuck::cast_slice(block_of(base, block as usize)));
        let crcs: Vec<u32> = (0..next.blocks()).map(crc).collect();
        let next = self.write_index(base, &next, &crcs, &|_| Ok(()))?;
        self.switch_index()?;
        self.finish(next);
        // The flag may stay: it says what is possible, and the index what is.
        let _ = self.write_manifest(Manifest { upgrading: false, ..upgrading });
        if let Ok(files) = self.recover(base) {
            self.open = Some(files);
        }
        Ok(State { log: base.log.in_file(Arc::new(new_log), next.retrievals), ..base.clone() })
    }

    /// The log of a state under the next number, synced.
    fn write_new_log(&self, base: &State, next: &Committed) -> Result<DiskLog, MemoryError> {
        let path = self.path(&log_name(next.log));
        let failed = |error| MemoryError::io("write", &path, error);
        let file = self.folder.open(&log_name(next.log), Access::Create).map_err(failed)?;
        let salt = next.salt().to_vec();
        write_log(&*file, &path, &salt, &|take| base.log.for_each(take))?;
        file.sync().and_then(|()| self.folder.sync()).map_err(failed)?;
        Ok(DiskLog { file, path, salt })
    }

    fn write_manifest(&mut self, manifest: Manifest) -> Result<(), MemoryError> {
        manifest::write(&*self.folder, &manifest)?;
        self.manifest = manifest;
        Ok(())
    }
}
