//! The 2,048 positions of a rotation, and the run of them that a sequence takes.

use hv_parallel::HV16;

use super::error::StructureError;

const POSITIONS: i32 = HV16::DIM as i32;

/// The positions of a sequence: `len` of them from `first` on, round the ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Run {
    /// From 0 to 2,047.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "position"))]
    pub(super) first: i32,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "length"))]
    pub(super) len: usize,
}

impl Run {
    /// The position after the last, which is then taken.
    pub(super) fn take_next(&mut self) -> Result<i32, StructureError> {
        if self.len == HV16::DIM {
            return Err(StructureError::Full);
        }
        self.len += 1;
        Ok(wrapped(self.first + self.len as i32 - 1))
    }

    /// The index of the item at a position.
    pub(super) fn index(&self, position: usize) -> Option<usize> {
        if position >= HV16::DIM {
            return None;
        }
        let index = wrapped(position as i32 - self.first) as usize;
        (index < self.len).then_some(index)
    }

    /// Moves all positions.
    pub(super) fn rotate(&mut self, by: i32) {
        self.first = wrapped(self.first + wrapped(by));
    }
}

/// A position, or a way, as one from 0 to 2,047.
pub(super) fn wrapped(by: i32) -> i32 {
    by.rem_euclid(POSITIONS)
}

/// Reads a position, which must be one.
#[cfg(feature = "serde")]
pub(super) fn position<'de, D: serde::Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
    let position: i32 = serde::Deserialize::deserialize(from)?;
    let wrong = || serde::de::Error::custom(format!("a position is {position}; it must be from 0 to 2047"));
    (position == wrapped(position)).then_some(position).ok_or_else(wrong)
}

/// Reads a number of positions, which must not be more than there are.
#[cfg(feature = "serde")]
fn length<'de, D: serde::Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    let len: usize = serde::Deserialize::deserialize(from)?;
    let wrong = || serde::de::Error::custom(format!("a sequence has {len} items; it has at most 2048"));
    (len <= HV16::DIM).then_some(len).ok_or_else(wrong)
}
