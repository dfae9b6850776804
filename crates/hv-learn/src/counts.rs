//! Signed counts as vectors: finer than bits.

use hv_encode::{Accumulator, HV16};

use crate::training::Training;
use crate::vector::{Trained, UNIT, Vector, WORD};

/// The largest absolute value: products of this many positions fit in 32 bits.
const LARGEST: i16 = 4_095;
/// Positions whose products are summed in 32 bits.
const BLOCK: usize = 128;

/// The bits of each byte, the lowest first, as numbers: added by a whole byte at a time.
static BITS: [[i16; 8]; 256] = {
    let mut bits = [[0; 8]; 256];
    let mut at = 0;
    while at < 256 * 8 {
        bits[at / 8][at % 8] = (((at / 8) >> (at % 8)) & 1) as i16;
        at += 1;
    }
    bits
};

/// The values of one position of a trained prototype of length 1, at the scale that all prototypes of a classifier share.
const SHARED: f32 = 256.0;

/// Signed counts at the 2,048 positions, compared by their cosine: what an [`Accumulator`] counted, in 12 bits a position.
///
/// An example as counts says more than its majority does: of a sentence with 130 trigrams, how clear each majority was.
/// Memory: 4 KiB. A product of two takes about a tenth of a microsecond.
///
/// ```
/// use hv_encode::{Accumulator, HV16};
/// use hv_learn::Counts;
///
/// let sum: Accumulator = (0..3).map(HV16::random).collect();
/// let counts = Counts::from(&sum);
/// assert!(counts.cosine(&Counts::from(&HV16::random(0))) > 0.5);
/// assert!(counts.cosine(&Counts::from(&HV16::random(9))).abs() < 0.1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    values: Box<[i16]>,
    /// What a value of 1 is worth, in vectors of length 1.
    worth: f32,
}

impl Counts {
    /// The cosine of the angle between two, from -1 to 1; 0 where one has only zeros.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> f32 {
        self.dot(other) as f32 * (length_one(&self.values) * length_one(&other.values))
    }

    fn dot(&self, other: &Self) -> i64 {
        // As slices: loops over arrays of this length would be unrolled, not vectorised.
        let blocks = self.values.chunks_exact(BLOCK).zip(other.values.chunks_exact(BLOCK));
        let block =
            |(a, b): (&[i16], &[i16])| -> i32 { a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum() };
        blocks.map(|blocks| i64::from(block(blocks))).sum()
    }

    /// Counts in any range, made smaller together where one is too large, as a vector of length 1.
    fn scaled(signed: &[i64]) -> Self {
        let largest = signed.iter().map(|value| value.unsigned_abs()).max().unwrap_or(0);
        let values: Box<[i16]> = if largest <= LARGEST as u64 {
            signed.iter().map(|&value| value as i16).collect()
        } else {
            let factor = f64::from(LARGEST) / largest as f64;
            signed.iter().map(|&value| (value as f64 * factor).round() as i16).collect()
        };
        let worth = length_one(&values);
        Self { values, worth }
    }
}

/// What a value of 1 is worth where these values have the length 1; 0 where all are zero.
fn length_one(values: &[i16]) -> f32 {
    let square: i64 = values.iter().map(|&value| i64::from(value) * i64::from(value)).sum();
    if square == 0 { 0.0 } else { (1.0 / (square as f64).sqrt()) as f32 }
}

/// The signed counts `2 c - n`.
impl From<&Accumulator> for Counts {
    fn from(counted: &Accumulator) -> Self {
        let n = counted.len();
        if n > LARGEST as u64 {
            let signed = |i| (2 * i128::from(counted.count(i)) - i128::from(n)).clamp(-(1 << 62), 1 << 62) as i64;
            return Self::scaled(&(0..HV16::DIM).map(signed).collect::<Vec<_>>());
        }
        // The planes of the byte form, since reading counters one by one takes several times as long.
        let mut values = vec![-(n as i16); HV16::DIM].into_boxed_slice();
        let bytes = counted.to_bytes();
        for (p, plane) in bytes[bytes.len() % HV16::BYTES..].chunks_exact(HV16::BYTES).enumerate() {
            for (byte, values) in plane.iter().zip(values.as_chunks_mut::<8>().0) {
                for (value, bit) in values.iter_mut().zip(&BITS[usize::from(*byte)]) {
                    *value += bit << (p + 1);
                }
            }
        }
        let worth = length_one(&values);
        Self { values, worth }
    }
}

/// 1 for each one, -1 for each zero.
impl From<&HV16> for Counts {
    fn from(vector: &HV16) -> Self {
        let values: Box<[i16]> = (0..HV16::DIM).map(|i| 2 * i16::from(vector.bit(i)) - 1).collect();
        let worth = length_one(&values);
        Self { values, worth }
    }
}

impl Vector for Counts {
    const TRAINING: Training = Training::COUNTS;
}

impl Trained for Counts {
    fn of(latent: &[i32], alone: bool) -> Self {
        if alone {
            return Self::scaled(&latent.iter().map(|&value| value.into()).collect::<Vec<_>>());
        }
        let largest = f32::from(LARGEST);
        let value = |value: i32| (value as f32 * (SHARED / UNIT)).round().clamp(-largest, largest) as i16;
        Self { values: latent.iter().map(|&latent| value(latent)).collect(), worth: 1.0 / (SHARED * ROOT) }
    }

    fn kept(&self, words: u32) -> Self {
        let mut kept = self.clone();
        for (w, word) in kept.values.chunks_exact_mut(WORD).enumerate() {
            if words >> w & 1 == 0 {
                word.fill(0);
            }
        }
        kept
    }

    fn scores_into(&self, prototypes: &[Self], words: u32, scores: &mut [f32]) {
        let whole = 32.0 / words.count_ones() as f32;
        for (score, prototype) in scores.iter_mut().zip(prototypes) {
            *score = prototype.dot(self) as f32 * (prototype.worth * self.worth) * whole;
        }
    }

    fn add_to(&self, latent: &mut [i32], step: f32, words: u32) {
        let amount = step * self.worth * UNIT * ROOT;
        for (w, (values, latent)) in self.values.chunks_exact(WORD).zip(latent.chunks_exact_mut(WORD)).enumerate() {
            if words >> w & 1 == 1 {
                for (latent, &value) in latent.iter_mut().zip(values) {
                    *latent = latent.saturating_add((amount * f32::from(value)) as i32);
                }
            }
        }
    }

    fn sum_to(&self, sums: &mut [i64]) {
        for (sum, &value) in sums.iter_mut().zip(&self.values) {
            *sum += i64::from(value);
        }
    }
}

/// The length of a binary vector of 1 and -1: the root of 2,048.
const ROOT: f32 = 45.254_834;
