//! Numbers that come round again: angles, hours, weekdays.

use std::fmt;
use std::sync::Arc;

use hv_parallel::HV16;

use super::steps::{UNRELATED, random_order, steps};
use crate::encoder::Encoder;
use crate::error::EncodeError;
use crate::item_memory::ItemMemory;

/// Encodes a number that repeats after a period, such as an angle or an hour, as the nearest of some levels on a circle.
///
/// Similarity profile: `1 - arc / period` for numbers on levels, to within 1 bit in 2,048, where `arc` is the shorter way from one
/// to the other, 0 to half the period. So opposite numbers are unrelated, and the last level is as near to the first as
/// the second is. Over half a circle 1,024 bits are flipped in a random order, and over the other half
/// flipped back in the same order.
///
/// Cost and memory: as of a [`LevelEncoder`](crate::LevelEncoder).
///
/// ```
/// use hv_encode::{CircularEncoder, Encoder, hv_parallel::hv_simd::simd_similarity};
///
/// let hours = CircularEncoder::new(24.0, 24, 42)?;
/// let [night, evening, noon] = [1.0, 23.0, 13.0].map(|hour| hours.encode(&hour).unwrap());
/// assert!((simd_similarity(&night, &evening) - (1.0 - 2.0 / 24.0)).abs() < 0.001);
/// assert!((simd_similarity(&night, &noon) - 0.5).abs() < 0.001);
/// assert_eq!(hours.encode(&-1.0)?, evening);
/// # Ok::<(), hv_encode::EncodeError>(())
/// ```
#[derive(Clone)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Circle", into = "Circle")
)]
pub struct CircularEncoder {
    circle: Circle,
    levels: Arc<[HV16]>,
}

/// The settings.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Circle {
    period: f64,
    levels: usize,
    seed: u64,
}

impl CircularEncoder {
    /// The most levels: one for each flip.
    pub const MAX_LEVELS: usize = HV16::DIM;

    /// The encoder for numbers that repeat after `period`, in `levels` equal steps.
    ///
    /// # Errors
    ///
    /// If the period is not finite or not above 0, or if there are not 2 to [`MAX_LEVELS`](Self::MAX_LEVELS) levels.
    pub fn new(period: f64, levels: usize, seed: u64) -> Result<Self, EncodeError> {
        Circle { period, levels, seed }.try_into()
    }
}

impl TryFrom<Circle> for CircularEncoder {
    type Error = EncodeError;

    fn try_from(circle: Circle) -> Result<Self, EncodeError> {
        let Circle { period, levels, seed } = circle;
        if !(period.is_finite() && period > 0.0) {
            return Err(EncodeError::Period { period });
        }
        EncodeError::unless_within("levels", levels, 2, Self::MAX_LEVELS)?;
        let items = ItemMemory::new(seed);
        let half = &random_order(items)[..UNRELATED];
        let upto = (0..levels).map(|level| HV16::DIM * level / levels);
        Ok(Self { circle, levels: steps(items.vector("circular"), half.iter().copied().cycle(), upto) })
    }
}

impl From<CircularEncoder> for Circle {
    fn from(encoder: CircularEncoder) -> Self {
        encoder.circle
    }
}

impl Encoder<f64> for CircularEncoder {
    /// The vector of the nearest level on the circle. Numbers may be negative, or larger than the period.
    ///
    /// # Errors
    ///
    /// If the number is NaN or infinite.
    fn encode(&self, number: &f64) -> Result<HV16, EncodeError> {
        let (value, period) = (*number, self.circle.period);
        if !value.is_finite() {
            return Err(EncodeError::NotFinite { value });
        }
        let level = value.rem_euclid(period) / period * self.levels.len() as f64;
        // The nearest level to the end of the circle is the first.
        Ok(self.levels[level.round() as usize % self.levels.len()])
    }
}

/// Equal settings.
impl PartialEq for CircularEncoder {
    fn eq(&self, other: &Self) -> bool {
        self.circle == other.circle
    }
}

impl fmt::Debug for CircularEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CircularEncoder").field(&self.circle).finish()
    }
}
