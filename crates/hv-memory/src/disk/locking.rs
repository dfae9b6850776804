//! The lock of a folder: one writer, or any number of readers.
//!
//! Two things are locked, the file LOCK and the folder itself. Older programs look at LOCK alone; but that can be deleted
//! or replaced while it is held, and the folder cannot. Where a file system locks no folders, as over a network, LOCK is
//! all there is.

use std::fs::{File, TryLockError};
use std::io;

use super::disk_file::DiskFile;
use super::files::{Holder, Sharing, StoreFile};
use super::format::{LOCK_BYTES, noted_process};
use super::held::{Access, Held};
use super::names::LOCK;
use crate::process::Owner;

/// A folder that is locked as long as this lives; as a file, LOCK.
#[derive(Debug)]
pub(super) struct Lock {
    /// `None` for a reader of a copy that has no LOCK.
    file: Option<DiskFile>,
    /// What is locked.
    unlock: Vec<File>,
    owner: Owner,
}

/// Locks a folder; `None` if another holds it.
pub(super) fn lock(held: &Held, sharing: Sharing) -> io::Result<Option<Lock>> {
    let mut lock = Lock { file: None, unlock: Vec::new(), owner: Owner::here() };
    if let Some(folder) = held.again()? {
        match try_lock(&folder, sharing) {
            Ok(()) => lock.unlock.push(folder),
            Err(TryLockError::WouldBlock) => return Ok(None),
            // A file system that cannot.
            Err(TryLockError::Error(_)) => {}
        }
    }
    loop {
        let access = if sharing == Sharing::Alone { Access::Ensure } else { Access::Read };
        let file = match held.open(LOCK, access) {
            Ok(file) => file,
            // A reader makes no file.
            Err(error) if error.kind() == io::ErrorKind::NotFound && sharing == Sharing::Readers => {
                return Ok(Some(lock));
            }
            Err(error) => return Err(error),
        };
        match try_lock(&file, sharing) {
            // One that was removed meanwhile, with its store, keeps nobody out.
            Ok(()) if !held.holds(LOCK, &file)? => {}
            Ok(()) => {
                lock.unlock.push(file.try_clone()?);
                lock.file = Some(DiskFile::new(file));
                return Ok(Some(lock));
            }
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn try_lock(file: &File, sharing: Sharing) -> Result<(), TryLockError> {
    match sharing {
        Sharing::Alone => file.try_lock(),
        Sharing::Readers => file.try_lock_shared(),
    }
}

/// Who holds a folder that could not be locked. Readers let others read; whatever is locked here is so until its file is
/// closed, at the end of this.
pub(super) fn holder(held: &Held) -> Holder {
    let may_read = |file: &File| file.try_lock_shared().is_ok();
    if let Ok(lock) = held.open(LOCK, Access::Read)
        && !may_read(&lock)
    {
        let mut note = [0; LOCK_BYTES];
        let read = DiskFile::new(lock).read_at(0, &mut note);
        return read.ok().and_then(|()| noted_process(&note)).map_or(Holder::Unknown, Holder::Writer);
    }
    let readers = held.again().ok().flatten().is_none_or(|folder| may_read(&folder));
    if readers { Holder::Readers } else { Holder::Unknown }
}

impl Lock {
    fn file(&self) -> io::Result<&DiskFile> {
        self.file.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Drop for Lock {
    /// Closing would do, but for a process that was forked meanwhile and still has the files open. Such a process must
    /// not unlock what its parent still uses.
    fn drop(&mut self) {
        if self.owner.is_here() {
            self.unlock.iter().for_each(|file| drop(file.unlock()));
        }
    }
}

impl StoreFile for Lock {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file()?.read_at(offset, out)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file()?.write_at(offset, bytes)
    }

    fn len(&self) -> io::Result<u64> {
        self.file()?.len()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file()?.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.file()?.sync()
    }
}
