//! A file of the operating system.

use std::fs::File;
use std::io;

use super::files::StoreFile;

#[cfg(unix)]
#[derive(Debug)]
pub(super) struct DiskFile(File);

#[cfg(unix)]
impl DiskFile {
    pub(super) fn new(file: File) -> Self {
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
pub(super) struct DiskFile(std::sync::Mutex<File>);

#[cfg(not(unix))]
impl DiskFile {
    pub(super) fn new(file: File) -> Self {
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
