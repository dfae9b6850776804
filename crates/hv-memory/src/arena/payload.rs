//! Where a payload is, and how one that is not in memory is read.

use std::sync::Arc;

use crate::error::MemoryError;

/// Reads payloads that are not in memory.
pub(crate) trait PayloadSource: Send + Sync {
    /// The payload of episode `id` at an extent, checked against its checksum.
    fn read(&self, id: u64, extent: Extent) -> Result<Vec<u8>, MemoryError>;
}

/// Where a payload is. Two words: there is one for every episode.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Payload {
    /// In memory: always in a memory without a folder, else small payloads of an unfinished block.
    Memory(Arc<Box<[u8]>>),
    /// In the payload file. The offset has 48 bits: see [`Extent::MAX_OFFSET`].
    File { high: u16, low: u32, len: u32, crc: u32 },
}

/// A range of the payload file, and the CRC-32 of its bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extent {
    pub offset: u64,
    pub len: u32,
    pub crc: u32,
}

impl Extent {
    /// The largest offset: 256 TiB less a byte.
    pub(crate) const MAX_OFFSET: u64 = (1 << 48) - 1;
}

impl Payload {
    pub(crate) fn in_memory(bytes: &[u8]) -> Self {
        Self::Memory(Arc::new(bytes.into()))
    }

    /// The offset is at most [`Extent::MAX_OFFSET`].
    pub(crate) fn in_file(Extent { offset, len, crc }: Extent) -> Self {
        Self::File { high: (offset >> 32) as u16, low: offset as u32, len, crc }
    }

    /// Where it is in the payload file, if it is there.
    pub(crate) fn extent(&self) -> Option<Extent> {
        match *self {
            Self::Memory(_) => None,
            Self::File { high, low, len, crc } => {
                Some(Extent { offset: u64::from(high) << 32 | u64::from(low), len, crc })
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Memory(bytes) => bytes.len(),
            Self::File { len, .. } => *len as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_takes_two_words_and_keeps_its_extent() {
        assert_eq!(size_of::<Payload>(), 16);
        let extent = Extent { offset: 0x1234_5678_9abc, len: 7, crc: 9 };
        assert_eq!(Payload::in_file(extent).extent(), Some(extent));
        assert_eq!(Payload::in_memory(b"abc").extent(), None);
    }
}
