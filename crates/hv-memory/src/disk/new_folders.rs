//! Folders that are made for a store, and removed again where that was in vain.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::make_folder::sync_name_of;

/// The folders that had to be made for a path to be one: the outermost first, and none where it was there.
#[derive(Debug, Default)]
pub(crate) struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    /// Makes a folder and those above it that are missing, durably. Of those who make one at the same time, it is new to
    /// one. On an error none is left that is new.
    pub(crate) fn make(path: &Path) -> io::Result<Self> {
        // Where the process's working directory is then does not matter later.
        let path = std::path::absolute(path)?;
        let mut missing: Vec<&Path> = path.ancestors().take_while(|path| !path.exists()).collect();
        missing.reverse();
        let mut new = Self::default();
        for folder in missing {
            match fs::create_dir(folder) {
                Ok(()) => new.0.push(folder.to_path_buf()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    new.remove();
                    return Err(error);
                }
            }
        }
        match new.0.iter().try_for_each(|folder| sync_name_of(folder)) {
            Ok(()) => Ok(new),
            Err(error) => {
                new.remove();
                Err(error)
            }
        }
    }

    /// Removes those that are empty, from the innermost out to the first that is not.
    pub(crate) fn remove(self) {
        let _ = self.0.iter().rev().try_for_each(fs::remove_dir);
    }
}
