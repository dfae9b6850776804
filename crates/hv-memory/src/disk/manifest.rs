//! MANIFEST: what the folder is, and in which version of the format. Read first, before anything is written.

use std::io;

use super::files::{Access, Folder, LOCK};
use crate::MemoryError;

/// The format that this program writes, and the newest it reads.
pub(crate) const VERSION: u32 = 1;

const MANIFEST: &str = "MANIFEST";
const NEW_MANIFEST: &str = "MANIFEST.new";
const MAGIC: [u8; 8] = *b"hvmemory";
const SIZE: usize = 20;

/// What the folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing, or the leftovers of an attempt that had not got as far as a MANIFEST.
    Empty,
    /// A store whose creation did not finish; nothing was ever stored in it.
    Unfinished,
    /// A store.
    Ready,
}

/// Reads the MANIFEST. Writes nothing.
pub(crate) fn read(folder: &dyn Folder) -> Result<Stage, MemoryError> {
    let path = folder.path().join(MANIFEST);
    let file = match folder.open(MANIFEST, Access::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return read_missing(folder),
        Err(error) => return Err(MemoryError::io("open", &path, error)),
    };
    let len = file.len().map_err(|error| MemoryError::io("read", &path, error))?;
    let mut bytes = vec![0; SIZE.min(len as usize)];
    file.read_at(0, &mut bytes).map_err(|error| MemoryError::io("read", &path, error))?;
    if !bytes.starts_with(&MAGIC) {
        return Err(MemoryError::NotAStore { path: folder.path().into(), found: MANIFEST.into() });
    }
    let word = |at: usize| bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_le_bytes);
    // The version comes first: what follows it belongs to the version.
    if word(8) > VERSION {
        return Err(MemoryError::NewerVersion { path: folder.path().into(), found: word(8), supported: VERSION });
    }
    let sound = len == SIZE as u64 && word(8) == VERSION && word(16) == crc32fast::hash(&bytes[..16]);
    match word(12) {
        0 if sound => Ok(Stage::Unfinished),
        1 if sound => Ok(Stage::Ready),
        _ => Err(MemoryError::damaged(&path, "its 20 bytes do not match their checksum")),
    }
}

fn read_missing(folder: &dyn Folder) -> Result<Stage, MemoryError> {
    let names = folder.names().map_err(|error| MemoryError::io("list", folder.path(), error))?;
    match names.into_iter().find(|name| name != LOCK && name != NEW_MANIFEST) {
        None => Ok(Stage::Empty),
        Some(found) => Err(MemoryError::NotAStore { path: folder.path().into(), found }),
    }
}

/// Writes the MANIFEST of a stage in one step, durably.
pub(crate) fn write(folder: &dyn Folder, stage: Stage) -> Result<(), MemoryError> {
    let mut bytes = Vec::with_capacity(SIZE);
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(u32::from(stage == Stage::Ready).to_le_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    let replace = || {
        let file = folder.open(NEW_MANIFEST, Access::Create)?;
        file.write_at(0, &bytes)?;
        file.sync()?;
        folder.rename(NEW_MANIFEST, MANIFEST)?;
        folder.sync()
    };
    replace().map_err(|error| MemoryError::io("write", &folder.path().join(MANIFEST), error))
}
