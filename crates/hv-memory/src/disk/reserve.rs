//! Room on the disk that is kept for making room: a file that is given up when deleting or compacting finds the disk full.

use super::held::Access;
use super::names::{INDEX, RESERVE};
use super::store::Disk;
use crate::error::MemoryError;

/// Bytes of the reserve: deleting any number of episodes of up to six million takes less. Tests have little, since they
/// make many stores.
const BYTES: usize = if cfg!(test) { 4 << 10 } else { 1 << 20 };

impl Disk {
    /// Makes the reserve where there is none, and something to delete. On a full disk that fails, and comes another time.
    pub(super) fn keep_reserve(&self) {
        let len = self.folder.open(RESERVE, Access::Read).and_then(|file| file.len());
        if self.committed.slots == 0 || len.is_ok_and(|len| len == BYTES as u64) {
            return;
        }
        let make = || self.folder.open(RESERVE, Access::Create)?.write_at(0, &noise());
        // Part of a reserve is in the way.
        make().unwrap_or_else(|_| drop(self.folder.remove(RESERVE)));
    }

    /// Does what makes room. If the disk is full, gives up the reserve and does it once more.
    pub(crate) fn with_reserve<T>(
        &mut self,
        mut make_room: impl FnMut(&mut Self) -> Result<T, MemoryError>,
    ) -> Result<T, MemoryError> {
        match make_room(self) {
            Err(MemoryError::Full { .. }) if self.folder.remove(RESERVE).is_ok() => {
                make_room(self).inspect_err(|_| self.keep_reserve())
            }
            done => done,
        }
    }

    /// The bytes of the index, about which a new one has too.
    pub(crate) fn index_bytes(&self) -> Result<u64, MemoryError> {
        let file = self.open_file(INDEX, Access::Read)?;
        file.len().map_err(|error| MemoryError::io("read", &self.path(INDEX), error))
    }
}

/// What no file system makes smaller.
fn noise() -> Vec<u8> {
    let mut random = 1u64;
    let mut next = || {
        // Knuth's linear congruential generator of 64 bits; the upper half is the better one.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 32) as u32
    };
    (0..BYTES / 4).flat_map(|_| next().to_le_bytes()).collect()
}
