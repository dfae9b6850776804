//! Numbers between two ends, as the length of a run of bits.

use std::fmt;
use std::sync::Arc;

use hv_parallel::HV16;

use super::steps::{Scale, steps};
use crate::encoder::Encoder;
use crate::error::EncodeError;
use crate::item_memory::ItemMemory;

/// Encodes a number between two ends as a thermometer does: the higher it is, the longer is the run of bits that are
/// flipped, from bit 0 on.
///
/// Similarity profile: `1 - |a - b| / (high - low)` for numbers on levels, to within 1 bit in 2,048. The two ends are opposites,
/// similarity 0, so the profile is twice as steep as that of a [`LevelEncoder`](crate::LevelEncoder), and numbers half
/// of the range apart are as similar as unrelated vectors.
///
/// Bits are flipped from a random vector of the seed, so half of them are ones at any level, and vectors of encoders with
/// different seeds are unrelated. Bound with the vector of the lower end, a vector is the plain thermometer code: ones, then zeros.
///
/// Cost and memory: as of a [`LevelEncoder`](crate::LevelEncoder).
///
/// ```
/// use hv_encode::{Encoder, HV16, ThermometerEncoder};
///
/// let encoder = ThermometerEncoder::new(0.0, 1.0, 5, 42)?;
/// let code = encoder.encode(&0.25)? ^ encoder.encode(&0.0)?;
/// assert!((0..HV16::DIM).all(|i| code.bit(i) == (i < 512)));
/// assert_eq!(encoder.encode(&1.0)?, !encoder.encode(&0.0)?);
/// # Ok::<(), hv_encode::EncodeError>(())
/// ```
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "Scale", into = "Scale"))]
pub struct ThermometerEncoder {
    scale: Scale,
    levels: Arc<[HV16]>,
}

impl ThermometerEncoder {
    /// The most levels: one for each number of bits that differ.
    pub const MAX_LEVELS: usize = HV16::DIM + 1;

    /// The encoder for numbers from `low` to `high`, both included, in `levels` equal steps.
    ///
    /// # Errors
    ///
    /// If the ends are not finite or not in order, or if there are not 2 to [`MAX_LEVELS`](Self::MAX_LEVELS) levels.
    pub fn new(low: f64, high: f64, levels: usize, seed: u64) -> Result<Self, EncodeError> {
        Scale { low, high, levels, seed }.try_into()
    }
}

impl TryFrom<Scale> for ThermometerEncoder {
    type Error = EncodeError;

    fn try_from(scale: Scale) -> Result<Self, EncodeError> {
        scale.check(Self::MAX_LEVELS)?;
        let first = ItemMemory::new(scale.seed).vector("thermometer");
        Ok(Self { scale, levels: steps(first, 0..HV16::DIM, scale.upto(HV16::DIM)) })
    }
}

impl From<ThermometerEncoder> for Scale {
    fn from(encoder: ThermometerEncoder) -> Self {
        encoder.scale
    }
}

impl Encoder<f64> for ThermometerEncoder {
    /// The vector of the nearest level.
    ///
    /// # Errors
    ///
    /// If the number is NaN or infinite, or beyond an end.
    fn encode(&self, number: &f64) -> Result<HV16, EncodeError> {
        Ok(self.levels[self.scale.level(*number)?])
    }
}

/// Equal settings.
impl PartialEq for ThermometerEncoder {
    fn eq(&self, other: &Self) -> bool {
        self.scale == other.scale
    }
}

impl fmt::Debug for ThermometerEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ThermometerEncoder").field(&self.scale).finish()
    }
}
