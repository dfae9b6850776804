//! A folder of the operating system.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk_file::DiskFile;
use super::files::{Folder, Holder, Sharing, StoreFile};
use super::held::{Access, Held};
use super::locking;
use super::make_folder::if_permitted;

/// See [`Folder`].
#[derive(Debug)]
pub(crate) struct DiskFolder {
    /// As it was given, for messages.
    path: PathBuf,
    held: Held,
}

impl DiskFolder {
    /// The folder that is at `path` now, and from then on wherever it goes.
    pub(crate) fn new(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_path_buf(), held: Held::new(path)? })
    }

    /// Whether this is still the folder at its path.
    pub(crate) fn is_at_its_path(&self) -> bool {
        self.held.is_at(&self.path).unwrap_or(false)
    }
}

impl Folder for DiskFolder {
    fn path(&self) -> &Path {
        &self.path
    }

    fn names(&self) -> io::Result<Vec<String>> {
        self.held.names()
    }

    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn StoreFile>> {
        Ok(Arc::new(DiskFile::new(self.held.open(name, access)?)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.held.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.held.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.held.sync()
    }

    fn sync_name(&self) -> io::Result<()> {
        if_permitted(self.held.sync_name())
    }

    fn lock(&self, sharing: Sharing) -> io::Result<Option<Arc<dyn StoreFile>>> {
        Ok(locking::lock(&self.held, sharing)?.map(|lock| Arc::new(lock) as _))
    }

    fn holder(&self) -> Holder {
        locking::holder(&self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::LOCK;
    use super::*;

    /// Of many that lock a folder and remove the lock's file before they let go, one at a time has it.
    #[test]
    fn a_lock_whose_file_was_removed_keeps_others_out() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let (path, inside, taken) = (tempfile::tempdir().unwrap(), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let folder = DiskFolder::new(path.path()).unwrap();
                    while taken.load(Ordering::Relaxed) < 2_000 {
                        let Some(_lock) = folder.lock(Sharing::Alone).unwrap() else { continue };
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two have the lock");
                        taken.fetch_add(1, Ordering::Relaxed);
                        assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
                        folder.remove(LOCK).unwrap();
                    }
                });
            }
        });
    }
}
