//! Vectors that change step by step: each is the one before with some more bits flipped.

use std::sync::Arc;

use hv_parallel::HV16;

use crate::error::EncodeError;
use crate::item_memory::ItemMemory;

/// Bits that differ between unrelated vectors.
pub(super) const UNRELATED: usize = HV16::DIM / 2;

/// Vectors from `first` on. Vector `i` has the first `upto[i]` bits of `order` flipped, where `order` may name a bit again.
pub(super) fn steps(
    first: HV16,
    mut order: impl Iterator<Item = usize>,
    upto: impl Iterator<Item = usize>,
) -> Arc<[HV16]> {
    let (mut vector, mut flipped) = (first, 0);
    let step = |upto| {
        for bit in order.by_ref().take(upto - flipped) {
            vector.set_bit(bit, !vector.bit(bit));
        }
        flipped = upto;
        vector
    };
    upto.map(step).collect()
}

/// The bits in random order.
pub(super) fn random_order(items: ItemMemory) -> Vec<usize> {
    let mut order: Vec<usize> = (0..HV16::DIM).collect();
    order.sort_by_cached_key(|&bit| (items.hash(&bit), bit));
    order
}

/// Levels between two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) levels: usize,
    pub(super) seed: u64,
}

impl Scale {
    /// Checks the ends, and that there are 2 to `most` levels.
    pub(super) fn check(&self, most: usize) -> Result<(), EncodeError> {
        let Self { low, high, levels, .. } = *self;
        if !(low.is_finite() && high.is_finite() && low < high) {
            return Err(EncodeError::Range { low, high });
        }
        EncodeError::unless_within("levels", levels, 2, most)
    }

    /// The level that is nearest to a number, the one further from 0 in the middle of two.
    pub(super) fn level(&self, value: f64) -> Result<usize, EncodeError> {
        let Self { low, high, levels, .. } = *self;
        if !value.is_finite() {
            return Err(EncodeError::NotFinite { value });
        }
        if !(low..=high).contains(&value) {
            return Err(EncodeError::OutOfRange { value, low, high });
        }
        // Halves, since the difference of two finite numbers may be infinite.
        let share = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
        Ok((share * (levels - 1) as f64).round() as usize)
    }

    /// The number of bits that have changed from the first level to each, where `all` have at the last.
    pub(super) fn upto(&self, all: usize) -> impl Iterator<Item = usize> {
        let last = self.levels - 1;
        (0..=last).map(move |level| all * level / last)
    }
}
