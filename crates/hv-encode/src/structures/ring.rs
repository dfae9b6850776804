//! The 2,048 positions of a rotation, and the run of them that a sequence takes.

use hv_parallel::HV16;

use super::error::StructureError;

const POSITIONS: i32 = HV16::DIM as i32;

/// The positions of a sequence: `len` of them from `first` on, round the ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    /// From 0 to 2,047.
    pub(super) first: i32,
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
