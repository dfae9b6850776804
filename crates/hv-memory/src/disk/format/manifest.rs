//! The bytes of MANIFEST.

use hv_parallel::HV16;

use super::decoder::Decoder;
use super::version::Version;

const MAGIC: [u8; 8] = *b"hvmemory";
/// Bytes of a MANIFEST of format 2.
const SIZE_OF_TWO: usize = 20;
/// Bytes of a MANIFEST of format 3.
const SIZE: usize = 44;
/// No MANIFEST is longer.
pub(crate) const MAX_SIZE: usize = SIZE;

/// The flag of a store of format 2 that is becoming one of format 3: its index may be of either.
const UPGRADING: u32 = 1;

/// What tells one store from every other: 16 random bytes, drawn when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct StoreId(pub [u8; 16]);

/// What a MANIFEST says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub version: Version,
    /// Whether the store is whole; else its creation did not finish, and nothing was ever stored.
    pub ready: bool,
    /// Whether the index may still be of format 2.
    pub upgrading: bool,
    /// Zeros before format 3.
    pub store: StoreId,
}

/// What the bytes of a MANIFEST are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Whole(Manifest),
    /// Not what was written, and in what way.
    Damaged(String),
    /// Of a version that this program does not know.
    Newer(u32),
    /// Of a version from before the first release.
    Older(u32),
    /// Vectors of another width, in bits.
    Width(u32),
    /// Not a MANIFEST of this program.
    Foreign,
}

impl Manifest {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SIZE);
        bytes.extend(MAGIC);
        bytes.extend(self.version.number().to_le_bytes());
        bytes.extend(u32::from(self.ready).to_le_bytes());
        if self.version >= Version::Three {
            bytes.extend((HV16::DIM as u32).to_le_bytes());
            bytes.extend((if self.upgrading { UPGRADING } else { 0 }).to_le_bytes());
            bytes.extend(self.store.0);
        }
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// Reads a MANIFEST from all of its bytes, or from more than [`MAX_SIZE`] bytes of a longer one.
    pub(crate) fn decode(bytes: &[u8]) -> Read {
        for (version, size) in [(Version::Two, SIZE_OF_TWO), (Version::Three, SIZE)] {
            if bytes.len() != size {
                continue;
            }
            // The head as it must be, so that one byte of it that flipped is not taken for another version.
            let mut head = bytes.to_vec();
            head[..8].copy_from_slice(&MAGIC);
            head[8..12].copy_from_slice(&version.number().to_le_bytes());
            match head == bytes {
                true if is_whole(bytes) => return Self::of(&bytes[12..], version),
                true => return damaged(size),
                false if is_whole(&head) => return damaged(size),
                false => {}
            }
        }
        if !bytes.starts_with(&MAGIC) {
            return Read::Foreign;
        }
        // What follows the version belongs to the version.
        match Decoder(&bytes[8..]).u32().unwrap_or(0) {
            found if found > Version::NEWEST.number() => Read::Newer(found),
            1 if bytes.len() == SIZE_OF_TWO && is_whole(bytes) => Read::Older(1),
            _ => damaged(bytes.len()),
        }
    }

    /// What follows the version.
    fn of(rest: &[u8], version: Version) -> Read {
        let mut from = Decoder(rest);
        let stage = from.u32().unwrap_or(u32::MAX);
        let mut manifest = Self { version, ready: stage == 1, upgrading: false, store: StoreId::default() };
        if stage > 1 {
            return Read::Damaged("its stage is neither 0 nor 1".into());
        }
        if version >= Version::Three {
            match (from.u32(), from.u32(), from.take()) {
                (Some(width), ..) if width != HV16::DIM as u32 => return Read::Width(width),
                (_, Some(flags), _) if flags > UPGRADING => return Read::Newer(version.number()),
                (_, flags, store) => {
                    manifest.upgrading = flags == Some(UPGRADING);
                    manifest.store = StoreId(store.unwrap_or_default());
                }
            }
        }
        Read::Whole(manifest)
    }
}

/// The row `store` of the index: version, width in bits, flags, and the id.
pub(crate) fn store_row(store: &StoreId, version: Version) -> Vec<u8> {
    let numbers = [version.number(), HV16::DIM as u32, 0];
    numbers.into_iter().flat_map(u32::to_le_bytes).chain(store.0).collect()
}

fn damaged(size: usize) -> Read {
    Read::Damaged(format!("its {size} bytes do not match their checksum"))
}

/// Whether the last four bytes are the checksum of the others.
fn is_whole(bytes: &[u8]) -> bool {
    bytes.split_last_chunk().is_some_and(|(bytes, crc)| crc32fast::hash(bytes) == u32::from_le_bytes(*crc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifests() -> [Manifest; 4] {
        let two = Manifest { version: Version::Two, ready: true, upgrading: false, store: StoreId::default() };
        let three = Manifest { version: Version::Three, store: StoreId([9; 16]), ..two };
        [two, three, Manifest { ready: false, ..three }, Manifest { upgrading: true, ..three }]
    }

    #[test]
    fn a_manifest_comes_back() {
        for manifest in manifests() {
            assert_eq!(Manifest::decode(&manifest.encode()), Read::Whole(manifest));
        }
    }

    #[test]
    fn no_byte_of_a_manifest_changes_unseen() {
        for manifest in manifests() {
            let bytes = manifest.encode();
            for at in 0..bytes.len() {
                for change in [1, 0x80, 0xff] {
                    let mut bytes = bytes.clone();
                    bytes[at] ^= change;
                    let read = Manifest::decode(&bytes);
                    assert!(matches!(read, Read::Damaged(_)), "byte {at} of {manifest:?}: {read:?}");
                }
                let read = Manifest::decode(&bytes[..at]);
                assert!(matches!(read, Read::Damaged(_) | Read::Foreign), "{at} bytes of {manifest:?}: {read:?}");
            }
        }
    }

    #[test]
    fn what_is_not_ours_is_named() {
        let sealed = |mut bytes: Vec<u8>| {
            bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
            bytes
        };
        let whole = manifests()[1].encode();
        let changed = |at: usize, value: u32| {
            let mut bytes = whole[..SIZE - 4].to_vec();
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
            Manifest::decode(&sealed(bytes))
        };
        assert_eq!((changed(16, 10_240), changed(20, 2)), (Read::Width(10_240), Read::Newer(3)));
        let of_version = |version: u32, more: usize| {
            let mut bytes = MAGIC.to_vec();
            bytes.extend(version.to_le_bytes());
            bytes.extend(vec![1; more]);
            Manifest::decode(&sealed(bytes))
        };
        assert_eq!((of_version(4, 100), of_version(1, 4)), (Read::Newer(4), Read::Older(1)));
        assert_eq!(Manifest::decode(b"something else"), Read::Foreign);
        assert_eq!(Manifest::decode(b""), Read::Foreign);
    }
}
