//! A folder that is held open: what is done in it is done there, whatever its path comes to mean.
//!
//! A path may mean another folder later: the process changes its working directory, or somebody renames the folder and
//! puts another store in its place. By path, a store would then write over files that it has no lock on.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::error::NotAFile;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    /// For reading and writing an existing file.
    Write,
    /// For reading and writing; made where it does not exist.
    Ensure,
    /// For reading and writing; made. What has the name is removed first.
    Create,
}

#[cfg(unix)]
#[derive(Debug)]
pub(super) struct Held(File);

#[cfg(unix)]
impl Held {
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        Ok(Self(File::open(path)?))
    }

    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// Opens a file. No link is followed, nothing waits for the other end of a pipe, and what is no regular file is
    /// [`NotAFile`].
    pub(super) fn open(&self, name: &str, access: Access) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, openat};
        let there = self.stat(name)?;
        if let Some(there) = &there
            && access != Access::Create
        {
            // Before it is opened, which some devices notice.
            check_is_file(there)?;
        }
        if access == Access::Create && there.is_some() {
            self.remove(name).or_else(|error| if is_folder(&there) { not_a_file("a folder") } else { Err(error) })?;
        }
        let flags = match access {
            Access::Read => OFlags::RDONLY,
            Access::Write => OFlags::RDWR,
            Access::Ensure => OFlags::RDWR | OFlags::CREATE,
            Access::Create => OFlags::RDWR | OFlags::CREATE | OFlags::EXCL,
        };
        let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        // For everyone as far as the process's umask allows, as the standard library has it.
        let mode = Mode::from_raw_mode(0o666);
        let opened = rustix::io::retry_on_intr(|| openat(&self.0, name, flags, mode));
        let file: File = match opened {
            Ok(file) => file.into(),
            Err(rustix::io::Errno::LOOP) => return not_a_file("a symbolic link"),
            Err(error) => return Err(error.into()),
        };
        check_is_file(&rustix::fs::fstat(&file)?)?;
        Ok(file)
    }

    /// What has a name here, not what it links to.
    fn stat(&self, name: &str) -> io::Result<Option<rustix::fs::Stat>> {
        match rustix::fs::statat(&self.0, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW) {
            Ok(there) => Ok(Some(there)),
            Err(rustix::io::Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the file that has a name here is this one.
    pub(super) fn holds(&self, name: &str, file: &File) -> io::Result<bool> {
        let (named, file) = (self.stat(name)?, rustix::fs::fstat(file)?);
        Ok(named.is_some_and(|named| (named.st_dev, named.st_ino) == (file.st_dev, file.st_ino)))
    }

    /// The folder opened once more, to be locked.
    pub(super) fn again(&self) -> io::Result<Option<File>> {
        Ok(Some(self.open_folder(".")?))
    }

    fn open_folder(&self, name: &str) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, openat};
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(rustix::io::retry_on_intr(|| openat(&self.0, name, flags, Mode::empty()))?.into())
    }

    /// Whether this is the folder at a path.
    pub(super) fn is_at(&self, path: &Path) -> io::Result<bool> {
        let (there, here) = (rustix::fs::stat(path)?, rustix::fs::fstat(&self.0)?);
        Ok((there.st_dev, there.st_ino) == (here.st_dev, here.st_ino))
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, from, &self.0, to)?)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, rustix::fs::AtFlags::empty())?)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    /// Returns when the name of the folder itself is on the device.
    pub(super) fn sync_name(&self) -> io::Result<()> {
        self.open_folder("..")?.sync_all()
    }
}

#[cfg(unix)]
fn check_is_file(there: &rustix::fs::Stat) -> io::Result<()> {
    use rustix::fs::FileType;
    match FileType::from_raw_mode(there.st_mode) {
        FileType::RegularFile => Ok(()),
        FileType::Directory => not_a_file("a folder"),
        FileType::Symlink => not_a_file("a symbolic link"),
        FileType::Fifo => not_a_file("a named pipe"),
        FileType::Socket => not_a_file("a socket"),
        FileType::CharacterDevice | FileType::BlockDevice => not_a_file("a device"),
        _ => not_a_file("something else"),
    }
}

#[cfg(unix)]
fn is_folder(there: &Option<rustix::fs::Stat>) -> bool {
    there.is_some_and(|there| rustix::fs::FileType::from_raw_mode(there.st_mode).is_dir())
}

fn not_a_file<T>(what: &'static str) -> io::Result<T> {
    Err(NotAFile::error(what))
}

/// Without handles of folders in the standard library: an absolute path, which a change of the working directory leaves
/// as it is. Windows does not rename a folder while a file in it is open.
#[cfg(not(unix))]
#[derive(Debug)]
pub(super) struct Held(std::path::PathBuf);

#[cfg(not(unix))]
impl Held {
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        Ok(Self(std::path::absolute(path)?))
    }

    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        self.0.read_dir()?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    pub(super) fn open(&self, name: &str, access: Access) -> io::Result<File> {
        let path = self.0.join(name);
        let there = std::fs::symlink_metadata(&path).ok().map(|there| there.file_type());
        match there {
            Some(there) if there.is_dir() => return not_a_file("a folder"),
            Some(_) if access == Access::Create => std::fs::remove_file(&path)?,
            Some(there) if there.is_symlink() => return not_a_file("a symbolic link"),
            _ => {}
        }
        let mut options = File::options();
        options.read(true).write(access != Access::Read);
        options.create(access == Access::Ensure).create_new(access == Access::Create);
        options.open(path)
    }

    /// Folders cannot be locked here.
    pub(super) fn again(&self) -> io::Result<Option<File>> {
        Ok(None)
    }

    /// Files that are open keep their names here.
    pub(super) fn holds(&self, _name: &str, _file: &File) -> io::Result<bool> {
        Ok(true)
    }

    /// A folder is held by its path here.
    pub(super) fn is_at(&self, _path: &Path) -> io::Result<bool> {
        Ok(true)
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.0.join(from), self.0.join(to))
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.0.join(name))
    }

    /// Folders cannot be synced here.
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// As above.
    pub(super) fn sync_name(&self) -> io::Result<()> {
        Ok(())
    }
}
