//! The vectors of full blocks on disk.

use std::path::Path;

use hv_parallel::HV16;

use super::files::StoreFile;
use super::format::BLOCK_BYTES;
use crate::arena::{BLOCK, State};
use crate::error::MemoryError;

/// Writes the vectors of the full blocks from block `first` on. Returns their checksums. `wrote` gets the bytes of
/// each write.
pub(super) fn write_blocks(
    file: &dyn StoreFile,
    path: &Path,
    state: &State,
    first: u64,
    wrote: &mut dyn FnMut(u64) -> Result<(), MemoryError>,
) -> Result<Vec<u32>, MemoryError> {
    let write = |block| {
        let bytes: &[u8] = bytemuck::cast_slice(block_of(state, block));
        let written = file.write_at(block as u64 * BLOCK_BYTES, bytes);
        written.map_err(|error| MemoryError::io("write", path, error))?;
        wrote(BLOCK_BYTES)?;
        Ok(crc32fast::hash(bytes))
    };
    (first as usize..state.slots() / BLOCK).map(write).collect()
}

/// The vectors of a full block.
pub(super) fn block_of(state: &State, block: usize) -> &[HV16] {
    let (chunk, index) = state.vectors.find(block * BLOCK);
    &chunk[index..index + BLOCK]
}
