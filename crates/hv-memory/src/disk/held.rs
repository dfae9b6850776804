//! A folder that is held open: what is done in it is done there, whatever its path comes to mean.
//!
//! A path may mean another folder later: the process changes its working directory, or somebody renames the folder and
//! puts another store in its place. By path, a store would then write over files that it has no lock on.

use std::fs::File;
use std::io;
use std::path::Path;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    /// For reading and writing an existing file.
    Write,
    /// For reading and writing; made where it does not exist.
    Ensure,
    /// For reading and writing; made, or emptied where it exists.
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

    pub(super) fn open(&self, name: &str, access: Access) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, openat};
        let flags = match access {
            Access::Read => OFlags::RDONLY,
            Access::Write => OFlags::RDWR,
            Access::Ensure => OFlags::RDWR | OFlags::CREATE,
            Access::Create => OFlags::RDWR | OFlags::CREATE | OFlags::TRUNC,
        };
        // For everyone as far as the process's umask allows, as the standard library has it.
        let mode = Mode::from_raw_mode(0o666);
        let open = || openat(&self.0, name, flags | OFlags::CLOEXEC, mode);
        Ok(rustix::io::retry_on_intr(open)?.into())
    }

    /// Whether the file that has a name here is this one.
    pub(super) fn holds(&self, name: &str, file: &File) -> io::Result<bool> {
        match rustix::fs::statat(&self.0, name, rustix::fs::AtFlags::empty()) {
            Ok(named) => {
                let file = rustix::fs::fstat(file)?;
                Ok((named.st_dev, named.st_ino) == (file.st_dev, file.st_ino))
            }
            Err(rustix::io::Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
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
        self.open("..", Access::Read)?.sync_all()
    }
}

/// Without handles of folders in the standard library: an absolute path, which a change of the working directory leaves
/// as it is. Windows renames no folder of which a file is open.
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
        let mut options = File::options();
        options.read(true).write(access != Access::Read);
        options.create(matches!(access, Access::Ensure | Access::Create)).truncate(access == Access::Create);
        options.open(self.0.join(name))
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
