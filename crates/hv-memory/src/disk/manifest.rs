//! MANIFEST: what the folder is, and in which version of the format. Read first, before anything is written.

use std::io;

use super::files::Folder;
use super::held::Access;
use super::names::{INDEX, LOCK, MANIFEST, is_flat};
use crate::error::MemoryError;

/// The format that this program writes, and the only one that it reads.
pub(crate) const VERSION: u32 = 2;

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
    for stage in [Stage::Unfinished, Stage::Ready] {
        let differing = encode(stage).iter().zip(&bytes).filter(|(a, b)| a != b).count();
        match (len == SIZE as u64, differing) {
            (true, 0) => return Ok(stage),
            // No other program and no newer version writes this: their checksum would differ too.
            (true, 1) => return Err(MemoryError::damaged(&path, "one of its 20 bytes is not what was written")),
            _ => {}
        }
    }
    if !bytes.starts_with(&MAGIC) {
        return Err(MemoryError::NotAStore { path: folder.path().into(), found: MANIFEST.into() });
    }
    // What follows the version belongs to the version.
    match bytes.get(8..12).and_then(|word| word.try_into().ok()).map_or(0, u32::from_le_bytes) {
        found if found > VERSION => {
            Err(MemoryError::NewerVersion { path: folder.path().into(), found, supported: VERSION })
        }
        found if (1..VERSION).contains(&found) && len == SIZE as u64 && is_whole(&bytes) => {
            Err(MemoryError::OlderVersion { path: folder.path().into(), found, supported: VERSION })
        }
        _ => Err(MemoryError::damaged(&path, "its 20 bytes do not match their checksum")),
    }
}

/// Whether the last four bytes are the checksum of the others.
fn is_whole(bytes: &[u8]) -> bool {
    bytes.split_last_chunk().is_some_and(|(bytes, crc)| crc32fast::hash(bytes) == u32::from_le_bytes(*crc))
}

fn read_missing(folder: &dyn Folder) -> Result<Stage, MemoryError> {
    let names = folder.names().map_err(|error| MemoryError::io("list", folder.path(), error))?;
    if names.iter().any(|name| name == INDEX) && names.iter().any(|name| is_flat(name)) {
        // Nothing else has both, and a store has had a MANIFEST before these.
        let what = "the file is missing (it is the same in every store of this version, so that of another will do)";
        return Err(MemoryError::damaged(&folder.path().join(MANIFEST), what));
    }
    match names.into_iter().find(|name| name != LOCK && name != NEW_MANIFEST) {
        None => Ok(Stage::Empty),
        Some(found) => Err(MemoryError::NotAStore { path: folder.path().into(), found }),
    }
}

fn encode(stage: Stage) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(SIZE);
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(u32::from(stage == Stage::Ready).to_le_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// Writes the MANIFEST of a stage in one step, durably.
pub(crate) fn write(folder: &dyn Folder, stage: Stage) -> Result<(), MemoryError> {
    let replace = || {
        let file = folder.open(NEW_MANIFEST, Access::Create)?;
        file.write_at(0, &encode(stage))?;
        file.sync()?;
        folder.rename(NEW_MANIFEST, MANIFEST)?;
        folder.sync()
    };
    replace().map_err(|error| MemoryError::io("write", &folder.path().join(MANIFEST), error))
}
