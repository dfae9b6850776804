//! MANIFEST: what the folder is, and in which version of the format. Read first, before anything is written.

use std::io;

use super::files::Folder;
use super::format::{MAX_SIZE, Manifest, Read, Version};
use super::held::Access;
use super::names::{INDEX, LOCK, MANIFEST, NEW_MANIFEST, is_flat};
use crate::error::MemoryError;

/// Reads the MANIFEST; `None` where there is none, and nothing but what an attempt leaves that had not got as far.
/// Writes nothing.
pub(super) fn read(folder: &dyn Folder) -> Result<Option<Manifest>, MemoryError> {
    let path = folder.path().join(MANIFEST);
    let file = match folder.open(MANIFEST, Access::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return read_missing(folder).map(|()| None),
        Err(error) => return Err(MemoryError::io("open", &path, error)),
    };
    let len = file.len().map_err(|error| MemoryError::io("read", &path, error))?;
    // One byte more than there may be tells a longer file.
    let mut bytes = vec![0; (MAX_SIZE as u64 + 1).min(len) as usize];
    file.read_at(0, &mut bytes).map_err(|error| MemoryError::io("read", &path, error))?;
    let (store, folder, supported) = (folder, folder.path().to_path_buf(), Version::NEWEST.number());
    match Manifest::decode(&bytes) {
        Read::Whole(manifest) => Ok(Some(manifest)),
        Read::Damaged(what) => Err(MemoryError::damaged(&path, what)),
        Read::Newer(found) => Err(MemoryError::NewerVersion { path: folder, found, supported }),
        Read::Older(found) => Err(MemoryError::OlderVersion { path: folder, found, supported }),
        Read::Width(width) => Err(MemoryError::OtherWidth { path: folder, width }),
        Read::Foreign if is_store(&names(store)?) => Err(MemoryError::damaged(&path, "it is not what was written")),
        Read::Foreign => Err(MemoryError::NotAStore { path: folder, found: MANIFEST.into() }),
    }
}

fn names(folder: &dyn Folder) -> Result<Vec<String>, MemoryError> {
    folder.names().map_err(|error| MemoryError::io("list", folder.path(), error))
}

/// Whether the names in a folder are those of a store: nothing else has both an index and flat files, and a store has
/// had a MANIFEST before these.
fn is_store(names: &[String]) -> bool {
    names.iter().any(|name| name == INDEX) && names.iter().any(|name| is_flat(name))
}

fn read_missing(folder: &dyn Folder) -> Result<(), MemoryError> {
    let names = names(folder)?;
    if is_store(&names) {
        return Err(MemoryError::damaged(&folder.path().join(MANIFEST), "the file is missing"));
    }
    match names.into_iter().find(|name| name != LOCK && name != NEW_MANIFEST) {
        None => Ok(()),
        Some(found) => Err(MemoryError::NotAStore { path: folder.path().into(), found }),
    }
}

/// Writes a MANIFEST in one step, durably.
pub(super) fn write(folder: &dyn Folder, manifest: &Manifest) -> Result<(), MemoryError> {
    let replace = || {
        let file = folder.open(NEW_MANIFEST, Access::Create)?;
        file.write_at(0, &manifest.encode())?;
        file.sync()?;
        folder.rename(NEW_MANIFEST, MANIFEST)?;
        folder.sync()
    };
    replace().map_err(|error| MemoryError::io("write", &folder.path().join(MANIFEST), error))
}
