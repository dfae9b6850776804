//! Numbers between two ends, the more alike the nearer.

use std::fmt;
use std::sync::Arc;

use hv_parallel::HV16;

use super::steps::{Scale, UNRELATED, random_order, steps};
use crate::encoder::Encoder;
use crate::error::EncodeError;
use crate::item_memory::ItemMemory;

/// Encodes a number between two ends as the nearest of some levels, whose similarity falls with their difference.
///
/// Similarity profile: `1 - |a - b| / (2 (high - low))` for numbers on levels, to within 1 bit in 2,048. Equal numbers have
/// similarity 1, the two ends are unrelated. From level to level some more of 1,024 bits are flipped, in a random order.
///
/// Cost: some nanoseconds a number, as the levels are made with the encoder. Memory: 256 bytes a level, which clones share.
///
/// ```
/// use hv_encode::{Encoder, LevelEncoder, hv_parallel::hv_simd::simd_similarity};
///
/// let encoder = LevelEncoder::new(0.0, 10.0, 101, 42)?;
/// let [two, three, ten] = [2.0, 3.0, 10.0].map(|number| encoder.encode(&number).unwrap());
/// assert!((simd_similarity(&two, &three) - 0.95).abs() < 0.001);
/// assert!((simd_similarity(&two, &ten) - 0.6).abs() < 0.001);
/// assert!(encoder.encode(&10.5).is_err()); // write `10.5f64.clamp(0.0, 10.0)` if this shall count as 10
/// # Ok::<(), hv_encode::EncodeError>(())
/// ```
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "Scale", into = "Scale"))]
pub struct LevelEncoder {
    scale: Scale,
    levels: Arc<[HV16]>,
}

impl LevelEncoder {
    /// The most levels: one for each number of bits that differ.
    pub const MAX_LEVELS: usize = UNRELATED + 1;

    /// The encoder for numbers from `low` to `high`, both included, in `levels` equal steps.
    ///
    /// # Errors
    ///
    /// If the ends are not finite or not in order, or if there are not 2 to [`MAX_LEVELS`](Self::MAX_LEVELS) levels.
    pub fn new(low: f64, high: f64, levels: usize, seed: u64) -> Result<Self, EncodeError> {
        Scale { low, high, levels, seed }.try_into()
    }
}

impl TryFrom<Scale> for LevelEncoder {
    type Error = EncodeError;

    fn try_from(scale: Scale) -> Result<Self, EncodeError> {
        scale.check(Self::MAX_LEVELS)?;
        let items = ItemMemory::new(scale.seed);
        let order = random_order(items).into_iter();
        Ok(Self { scale, levels: steps(items.vector("level"), order, scale.upto(UNRELATED)) })
    }
}

impl From<LevelEncoder> for Scale {
    fn from(encoder: LevelEncoder) -> Self {
        encoder.scale
    }
}

impl Encoder<f64> for LevelEncoder {
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
impl PartialEq for LevelEncoder {
    fn eq(&self, other: &Self) -> bool {
        self.scale == other.scale
    }
}

impl fmt::Debug for LevelEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LevelEncoder").field(&self.scale).finish()
    }
}
