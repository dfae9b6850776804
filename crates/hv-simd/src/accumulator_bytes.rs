//! The byte form of an accumulator, and the check of what comes from outside.

use alloc::vec::Vec;

use hv_core::HV16;

use crate::accumulator::{Accumulator, MAX_LEN};
use crate::decode_error::DecodeError;
use crate::kernels::Kernels;
use crate::planes::planes_for;

/// The version of the byte form.
const VERSION: u32 = 1;

/// Bytes before the planes: the version and the number of vectors.
const HEADER: usize = 4 + 8;

impl Accumulator {
    /// All that was counted, as bytes: to save it, or to merge it elsewhere.
    ///
    /// All numbers are little-endian:
    ///
    /// | offset | type | |
    /// |---|---|---|
    /// | 0 | u32 | the version, 1 |
    /// | 4 | u64 | [`len`](Self::len), the number of vectors `n` |
    /// | 12 | 256 bytes each | the planes, from the lowest on: bit `i` of plane `p` is bit `p` of [`count(i)`](Self::count) |
    ///
    /// There are as many planes as `n` has bits, none for 0. Equal accumulators have equal bytes, on every backend.
    ///
    /// ```
    /// use hv_simd::{Accumulator, HV16};
    ///
    /// let counters: Accumulator = (0..3).map(HV16::random).collect();
    /// let bytes = counters.to_bytes();
    /// assert_eq!(bytes.len(), 12 + 2 * HV16::BYTES);
    /// assert_eq!(Accumulator::from_bytes(&bytes), Ok(counters));
    /// ```
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.planes.len() * HV16::BYTES);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.n.to_le_bytes());
        for plane in &self.planes {
            bytes.extend_from_slice(&plane.0);
        }
        bytes
    }

    /// What was counted before, from its [`to_bytes`](Self::to_bytes), on the active backend.
    ///
    /// # Errors
    ///
    /// If the bytes are no accumulator of this version: too few or too many of them, more than 2^63 vectors, or a
    /// counter over the number of vectors.
    ///
    /// # Panics
    ///
    /// If `HV_BACKEND` is wrong, see [`init`](crate::init).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (n, planes) = parse(bytes)?;
        check(n, planes.len())?;
        Self::of_planes(n, planes.iter().map(|plane| HV16(*plane)).collect())
    }

    /// An accumulator that counted `n` vectors, if it can have these planes.
    #[cfg(feature = "serde")]
    pub(crate) fn from_planes(n: u64, planes: Vec<HV16>) -> Result<Self, DecodeError> {
        check(n, planes.len())?;
        Self::of_planes(n, planes)
    }

    /// The same for as many planes as `n` has bits.
    fn of_planes(n: u64, planes: Vec<HV16>) -> Result<Self, DecodeError> {
        let accumulator = Self { kernels: Kernels::active(), planes, n };
        match (0..HV16::DIM).map(|i| (i, accumulator.count(i))).find(|&(_, count)| count > n) {
            Some((position, count)) => Err(DecodeError::Count { position, count, n }),
            None => Ok(accumulator),
        }
    }
}

/// The number of vectors, and the planes, however many.
fn parse(bytes: &[u8]) -> Result<(u64, &[[u8; HV16::BYTES]]), DecodeError> {
    let length = |expected| DecodeError::Length { found: bytes.len(), expected };
    let header = || length(HEADER as u64);
    let (version, rest) = bytes.split_first_chunk().ok_or_else(header)?;
    let (n, rest) = rest.split_first_chunk().ok_or_else(header)?;
    let (version, n) = (u32::from_le_bytes(*version), u64::from_le_bytes(*n));
    if version != VERSION {
        return Err(DecodeError::Version { found: version, expected: VERSION });
    }
    match rest.as_chunks() {
        (planes, []) => Ok((n, planes)),
        _ => Err(length((HEADER + planes_for(n) * HV16::BYTES) as u64)),
    }
}

/// Checks that an accumulator that counted `n` vectors has this number of planes.
fn check(n: u64, found: usize) -> Result<(), DecodeError> {
    match planes_for(n) {
        _ if n > MAX_LEN => Err(DecodeError::Len { n }),
        expected if found != expected => Err(DecodeError::Planes { found, expected, n }),
        _ => Ok(()),
    }
}
