//! The file layer: the few operations that a store needs of a folder, so that tests can put a failing disk beneath.

use std::fmt::Debug;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::held::{Access, Held};
use super::names::LOCK;
use crate::process::Owner;

/// A file with positions, not a cursor; shared between threads.
pub(crate) trait StoreFile: Debug + Send + Sync + 'static {
    /// Fills `out` from `offset`; a file that ends before that is `UnexpectedEof`.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    fn len(&self) -> io::Result<u64>;
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Returns when everything written is on the device.
    fn sync(&self) -> io::Result<()>;
}

/// Who else may have the store open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    Alone,
    Readers,
}

/// The folder of a store.
pub(crate) trait Folder: Debug + Send + Sync + 'static {
    fn path(&self) -> &Path;
    fn names(&self) -> io::Result<Vec<String>>;
    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn StoreFile>>;
    /// Replaces `to` by `from` in one step.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Returns when names made, renamed and removed are on the device.
    fn sync(&self) -> io::Result<()>;
    /// Returns when the name of the folder itself is on the device.
    fn sync_name(&self) -> io::Result<()>;
    /// Locks the folder for as long as the file lives; `None` if another holds it.
    fn lock(&self, sharing: Sharing) -> io::Result<Option<Arc<dyn StoreFile>>>;
}

/// A folder of the operating system.
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
        let alone = sharing == Sharing::Alone;
        loop {
            let file = self.held.open(LOCK, if alone { Access::Ensure } else { Access::Read })?;
            match if alone { file.try_lock() } else { file.try_lock_shared() } {
                // One that was removed meanwhile, with its store, keeps nobody out.
                Ok(()) if !self.held.holds(LOCK, &file)? => {}
                Ok(()) => {
                    let (unlock, owner) = (file.try_clone()?, Owner::here());
                    return Ok(Some(Arc::new(Locked { file: DiskFile::new(file), unlock, owner })));
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

/// A file that is locked as long as this lives.
#[derive(Debug)]
struct Locked {
    file: DiskFile,
    unlock: File,
    owner: Owner,
}

impl Drop for Locked {
    /// Closing would do, but for a process that was forked meanwhile and still has the file open. Such a process must
    /// not unlock what its parent still uses.
    fn drop(&mut self) {
        if self.owner.is_here() {
            let _ = self.unlock.unlock();
        }
    }
}

impl StoreFile for Locked {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_at(offset, out)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, bytes)
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
}

/// Makes a folder and those above it that are missing, durably.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let parents = parents_of_missing(path, |path| path.exists());
    fs::create_dir_all(path)?;
    parents.into_iter().try_for_each(|parent| if_permitted(sync_folder(parent)))
}

/// The folders that will hold a new name when a folder is made, with those above it that are missing: from the nearest
/// that is there, down.
fn parents_of_missing(path: &Path, exists: impl Fn(&Path) -> bool) -> Vec<&Path> {
    let missing = path.ancestors().take_while(|path| !path.as_os_str().is_empty() && !exists(path));
    let mut parents: Vec<&Path> = missing.filter_map(parent).collect();
    parents.reverse();
    parents
}

/// The folder that holds the name of another; `None` for the root.
fn parent(path: &Path) -> Option<&Path> {
    path.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
}

/// Makes the name of a folder durable, where this process may look into the folder that holds it.
pub(crate) fn sync_name_of(path: &Path) -> io::Result<()> {
    if_permitted(parent(path).map_or(Ok(()), sync_folder))
}

/// A folder that may be written but not looked into cannot be synced: its owner has to see to the names in it.
fn if_permitted(synced: io::Result<()>) -> io::Result<()> {
    match synced {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        result => result,
    }
}

/// Makes the names in a folder durable. Only Unix lets a folder be opened and synced; elsewhere this does nothing.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

#[cfg(unix)]
#[derive(Debug)]
struct DiskFile(File);

#[cfg(unix)]
impl DiskFile {
    fn new(file: File) -> Self {
        Self(file)
    }
}

#[cfg(unix)]
impl StoreFile for DiskFile {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.0, out, offset)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.0, bytes, offset)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// Without positional reads in the standard library: a cursor behind a lock.
#[cfg(not(unix))]
#[derive(Debug)]
struct DiskFile(std::sync::Mutex<File>);

#[cfg(not(unix))]
impl DiskFile {
    fn new(file: File) -> Self {
        Self(std::sync::Mutex::new(file))
    }

    fn with<T>(&self, run: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        run(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

#[cfg(not(unix))]
impl StoreFile for DiskFile {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        use std::io::{Read, Seek, SeekFrom};
        self.with(|file| {
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(out)
        })
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        use std::io::{Seek, SeekFrom, Write};
        self.with(|file| {
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(bytes)
        })
    }

    fn len(&self) -> io::Result<u64> {
        self.with(|file| Ok(file.metadata()?.len()))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.with(|file| file.set_len(len))
    }

    fn sync(&self) -> io::Result<()> {
        self.with(|file| file.sync_data())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_that_gets_a_new_name_is_synced() {
        let parents = |path: &'static str, there: &[&str]| {
            let parents =
                parents_of_missing(Path::new(path), |path| there.iter().any(|there| path == Path::new(there)));
            parents.iter().map(|path| path.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(parents("a/b/c", &[]), [".", "a", "a/b"]);
        assert_eq!(parents("a/b/c", &["a"]), ["a", "a/b"]);
        assert_eq!(parents("/x/a/b", &["/", "/x"]), ["/x", "/x/a"]);
        assert!(parents("a", &["a"]).is_empty() && parents("/", &["/"]).is_empty());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c");
        make_folder(&path).unwrap();
        assert!(path.is_dir());
        make_folder(&path).unwrap();
    }

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

    /// Its name cannot be synced, but it can be made.
    #[cfg(unix)]
    #[test]
    fn a_folder_in_one_that_may_not_be_looked_into() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o300)).unwrap();
        if File::open(parent.path()).is_ok() {
            eprintln!("NOT TESTED: this user may look into every folder");
        }
        let made = parent.path().join("store");
        let (result, named) = (make_folder(&made), sync_name_of(&made));
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(result.is_ok() && named.is_ok() && made.is_dir(), "{result:?} {named:?}");
    }
}
