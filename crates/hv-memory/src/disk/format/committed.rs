//! The record of a commit: what of the other files is valid.

use super::columns::BLOCK_BYTES;
use super::decoder::Decoder;
use super::log::LOG_RECORD;
use super::manifest::StoreId;
use super::version::Version;
use crate::arena::{BLOCK, MAX_NEXT_ID};

/// No file is as long, and no store counts as far: 2^62.
const MAX: u64 = 1 << 62;

/// What the last commit left: the row `committed`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Committed {
    pub version: Version,
    /// The store's id; zeros before format 3.
    pub store: StoreId,
    /// The number of the commit, ascending.
    pub sequence: u64,
    /// Which `vectors-` and `payloads-` files are valid.
    pub generation: u64,
    /// All slots, the unfinished block included.
    pub slots: u64,
    pub next_id: u64,
    /// The valid length of the payload file.
    pub payload_bytes: u64,
    /// Which `log-` file is valid.
    pub log: u64,
    /// How many records of the log are valid.
    pub retrievals: u64,
    /// How many sources there are.
    pub sources: u64,
    /// How many sets of tags there are.
    pub tag_sets: u64,
    /// How many rows the application has.
    pub rows: u64,
}

impl Committed {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let Self { sequence, generation, slots, next_id, payload_bytes, log, retrievals, .. } = *self;
        let numbers = [sequence, generation, slots, next_id, payload_bytes, log, retrievals];
        let mut out: Vec<u8> = numbers.into_iter().flat_map(u64::to_le_bytes).collect();
        if self.version >= Version::Three {
            out.extend([self.sources, self.tag_sets, self.rows].into_iter().flat_map(u64::to_le_bytes));
            out.extend(self.store.0);
        }
        out
    }

    /// The version is told by the length. `None` for numbers that no store can have.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut from = Decoder(bytes);
        let mut committed = Self {
            version: Version::Two,
            sequence: from.u64()?,
            generation: from.u64()?,
            slots: from.u64()?,
            next_id: from.u64()?,
            payload_bytes: from.u64()?,
            log: from.u64()?,
            retrievals: from.u64()?,
            ..Self::default()
        };
        if !from.0.is_empty() {
            committed.version = Version::Three;
            (committed.sources, committed.tag_sets, committed.rows) = (from.u64()?, from.u64()?, from.u64()?);
            committed.store = StoreId(from.take()?);
        }
        from.end(committed).filter(Self::is_possible)
    }

    /// Whether a store can have come to these numbers. Then no length overflows, nor does the sum of all, and they can be
    /// counted on from.
    fn is_possible(&self) -> bool {
        let Self { sequence, generation, log, slots, next_id, .. } = *self;
        let lengths = [
            self.blocks().checked_mul(BLOCK_BYTES),
            Some(self.payload_bytes),
            self.retrievals.checked_mul(LOG_RECORD as u64),
        ];
        sequence.max(generation).max(log) < MAX
            && slots <= next_id
            && next_id <= MAX_NEXT_ID
            && lengths.into_iter().all(|len| len.is_some_and(|len| len < MAX))
            && self.sources.max(self.tag_sets) <= u32::MAX.into()
    }

    /// How many blocks are full, and so in the flat files.
    pub(crate) fn blocks(&self) -> u64 {
        self.slots / BLOCK as u64
    }

    /// The first slot of the unfinished block.
    pub(crate) fn first_open(&self) -> usize {
        self.blocks() as usize * BLOCK
    }

    /// The valid length of the log file.
    pub(crate) fn log_bytes(&self) -> u64 {
        self.retrievals * LOG_RECORD as u64
    }

    /// The valid length of the vector file.
    pub(crate) fn vector_bytes(&self) -> u64 {
        self.blocks() * BLOCK_BYTES
    }

    /// What the checksums of the log start from.
    pub(crate) fn salt(&self) -> &[u8] {
        if self.version >= Version::Three { &self.store.0 } else { &[] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_of_each_version_comes_back() {
        let numbers =
            Committed { sequence: 1, generation: 2, slots: 3, next_id: 4, payload_bytes: 5, ..Committed::default() };
        let two = Committed { version: Version::Two, log: 6, retrievals: 7, ..numbers };
        let three =
            Committed { log: 6, retrievals: 7, sources: 8, tag_sets: 9, rows: 10, store: StoreId([7; 16]), ..numbers };
        assert_eq!((two.encode().len(), three.encode().len()), (56, 96));
        for committed in [two, three] {
            let bytes = committed.encode();
            assert_eq!(Committed::decode(&bytes), Some(committed));
            assert_eq!(Committed::decode(&bytes[1..]), None);
        }
        for impossible in [
            Committed { sequence: MAX, ..three },
            Committed { generation: MAX, ..three },
            Committed { log: MAX, ..three },
            Committed { slots: 5, ..three },
            Committed { next_id: MAX_NEXT_ID + 1, ..three },
            // 2^44 blocks of 2^20 bytes.
            Committed { slots: 1 << 56, next_id: 1 << 56, ..three },
            Committed { payload_bytes: MAX, ..three },
            // Times 20, it is 5 * 2^64.
            Committed { retrievals: 1 << 62, ..three },
            Committed { sources: 1 << 32, ..three },
            Committed { tag_sets: 1 << 32, ..three },
        ] {
            assert_eq!(Committed::decode(&impossible.encode()), None, "{impossible:?}");
        }
        assert_eq!((two.salt().len(), three.salt()), (0, &[7; 16][..]));
    }
}
