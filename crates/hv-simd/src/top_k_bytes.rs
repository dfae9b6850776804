//! The byte form of a [`TopK`], and the check of what comes from outside.

use alloc::vec::Vec;

use hv_core::HV16;

use crate::decode_error::DecodeError;
use crate::top_k::{TopK, distance, index, rank_key};

/// The version of the byte form.
const VERSION: u32 = 1;

/// Bytes before the distances: the version, `k`, and the number that is kept.
const HEADER: usize = 4 + 8 + 8;

/// Bytes of a kept pair: a distance and an index.
const PAIR: usize = 2 + 8;

impl TopK {
    /// What is kept, as bytes: to send it where states are merged.
    ///
    /// All numbers are little-endian, and `n` is [`len`](Self::len):
    ///
    /// | offset | type | |
    /// |---|---|---|
    /// | 0 | u32 | the version, 1 |
    /// | 4 | u64 | [`k`](Self::k) |
    /// | 12 | u64 | `n`, at most `k` |
    /// | 20 | u16 each | the `n` distances, the nearest first |
    /// | 20 + 2 n | u64 each | the `n` indices, in the same order |
    ///
    /// Equal states have equal bytes.
    ///
    /// ```
    /// use hv_simd::TopK;
    ///
    /// let mut nearest = TopK::new(10);
    /// nearest.offer(300, 7);
    /// let bytes = nearest.to_bytes();
    /// assert_eq!(bytes.len(), 20 + 10);
    /// assert_eq!(TopK::from_bytes(&bytes), Ok(nearest));
    /// ```
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.len() * PAIR);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend((self.k as u64).to_le_bytes());
        bytes.extend((self.len() as u64).to_le_bytes());
        let keys = self.sorted_keys();
        bytes.extend(keys.iter().flat_map(|&pair| distance(pair).to_le_bytes()));
        bytes.extend(keys.iter().flat_map(|&pair| (index(pair) as u64).to_le_bytes()));
        bytes
    }

    /// What was kept elsewhere, from its [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    ///
    /// If the bytes are no state of this version: too few or too many of them, more pairs than `k`, pairs that are not in
    /// order, a distance over 2,048, an index that occurs twice; or if `k` or an index is too large for this machine.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let length = |expected| DecodeError::Length { found: bytes.len(), expected };
        let header = || length(HEADER as u64);
        let (version, rest) = bytes.split_first_chunk().ok_or_else(header)?;
        let (k, rest) = rest.split_first_chunk().ok_or_else(header)?;
        let (n, rest) = rest.split_first_chunk().ok_or_else(header)?;
        let version = u32::from_le_bytes(*version);
        if version != VERSION {
            return Err(DecodeError::Version { found: version, expected: VERSION });
        }
        let (k, n) = (u64::from_le_bytes(*k), u64::from_le_bytes(*n));
        let expected = n.saturating_mul(PAIR as u64);
        if rest.len() as u64 != expected {
            return Err(length(expected.saturating_add(HEADER as u64)));
        }
        let (distances, indices) = rest.split_at(rest.len() / PAIR * 2);
        let distances = distances.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes));
        let indices = indices.as_chunks().0.iter().map(|bytes| u64::from_le_bytes(*bytes));
        Self::from_sorted(k, indices.zip(distances))
    }

    /// A state that kept these pairs, the nearest first, if there can be one.
    pub(crate) fn from_sorted(k: u64, pairs: impl ExactSizeIterator<Item = (u64, u16)>) -> Result<Self, DecodeError> {
        let kept = pairs.len();
        if kept as u64 > k {
            return Err(DecodeError::Kept { kept, k });
        }
        let number = |value| usize::try_from(value).map_err(|_| DecodeError::TooLarge { value });
        let k = number(k)?;
        let mut keys = Vec::with_capacity(kept);
        for (position, (index, distance)) in pairs.enumerate() {
            if usize::from(distance) > HV16::DIM {
                return Err(DecodeError::Distance { position, distance });
            }
            let pair = rank_key(distance, number(index)?);
            if keys.last().is_some_and(|&before| before > pair) {
                return Err(DecodeError::Order { position });
            }
            keys.push(pair);
        }
        match first_repeated(&keys) {
            Some(index) => Err(DecodeError::Repeated { index }),
            None => Ok(Self { k, heap: keys.into() }),
        }
    }
}

/// The lowest index that occurs twice.
fn first_repeated(keys: &[u128]) -> Option<usize> {
    let mut indices: Vec<usize> = keys.iter().map(|&pair| index(pair)).collect();
    indices.sort_unstable();
    indices.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}
