//! The folder of an export while it is written.
//!
//! `episodes.jsonl` gets its name when everything is written and synced. Until then it is `episodes.jsonl.new`, so that an
//! import never reads half an export. That name is made before those of the other files and removed after them: it says
//! that they are of an export that was interrupted, and that the next one may replace them.

use std::io;
use std::sync::Arc;

use super::parts::{EPISODES, NEW_EPISODES, ROWS, VECTORS};
use crate::disk::{Folder, LOCK, Sharing, StoreFile};

/// An export that is not finished. Dropping it, also by a panic, removes its files.
pub(super) struct Unfinished<'a> {
    folder: &'a dyn Folder,
    finished: bool,
    /// Keeps other exports out.
    _lock: Arc<dyn StoreFile>,
}

impl<'a> Unfinished<'a> {
    /// Begins an export into a folder that is empty, or that holds an interrupted export alone, which is removed.
    pub(super) fn begin(folder: &'a dyn Folder) -> io::Result<Self> {
        // Before anything is made.
        check(folder)?;
        let lock = folder.lock(Sharing::Alone)?;
        let lock =
            lock.ok_or_else(|| io::Error::new(io::ErrorKind::WouldBlock, "another export into it is under way"))?;
        // Another may have finished until the lock was ours.
        check(folder)?;
        let unfinished = Self { folder, finished: false, _lock: lock };
        unfinished.remove_files()?;
        Ok(unfinished)
    }

    /// Ends an export whose files are written and synced.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.folder.sync()?;
        self.folder.rename(NEW_EPISODES, EPISODES)?;
        self.folder.sync()?;
        self.folder.sync_name()?;
        self.finished = true;
        Ok(())
    }

    fn remove_files(&self) -> io::Result<()> {
        let names = self.folder.names()?;
        let ours = [EPISODES, VECTORS, ROWS, NEW_EPISODES].into_iter();
        ours.filter(|name| names.iter().any(|there| there == name)).try_for_each(|name| self.folder.remove(name))
    }
}

impl Drop for Unfinished<'_> {
    /// What cannot be removed is replaced by the next export. Without LOCK another may begin, so that goes last.
    fn drop(&mut self) {
        if self.finished || self.remove_files().is_ok() {
            let _ = self.folder.remove(LOCK);
        }
    }
}

/// An error where a folder holds anything but an interrupted export.
fn check(folder: &dyn Folder) -> io::Result<()> {
    let names = folder.names()?;
    let interrupted = names.iter().any(|name| name == NEW_EPISODES);
    let ours = |name: &str| name == LOCK || interrupted && [NEW_EPISODES, VECTORS, ROWS].contains(&name);
    match names.iter().all(|name| ours(name)) {
        true => Ok(()),
        false => Err(io::Error::new(io::ErrorKind::AlreadyExists, "the folder is not empty; give a new one")),
    }
}
