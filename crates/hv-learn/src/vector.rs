//! What a classifier can learn: binary vectors, and counts.

use hv_encode::HV16;
use hv_encode::hv_parallel::hv_simd::simd_distances_into;

use crate::training::Training;

/// What one step of length 1 adds to each position of a [`Latent`], where the vector is binary.
pub(crate) const UNIT: f32 = 65_536.0;

/// The largest absolute value in a [`Latent`]: a batch cannot carry it over the range of `i32`.
pub(crate) const MOST: i32 = 1 << 29;

/// Positions in a word, the unit that dropout leaves out.
pub(crate) const WORD: usize = 64;

/// All words.
pub(crate) const ALL: u32 = u32::MAX;

/// What training moves: an integer for each of the 2,048 positions, from which a prototype is read. Sums of integers do
/// not depend on their order, so neither do models on the number of threads.
pub(crate) type Latent = Vec<i32>;

/// A kind of vector that a [`Classifier`](crate::Classifier) learns: [`HV16`] or [`Counts`](crate::Counts).
pub trait Vector: Trained {
    /// Settings that suit this kind, found on validation parts of ISOLET (binary) and of text in 21 languages (counts).
    const TRAINING: Training;
}

/// What training needs to know of a vector. Only this crate implements it.
pub trait Trained: Clone + Send + Sync + Sized {
    /// The prototype in a latent. Where `alone`, it is scaled to length 1, else by the same factor as all others.
    fn of(latent: &[i32], alone: bool) -> Self;

    /// The vector with zeros in the words that are not in `words`, a bit for each.
    fn kept(&self, words: u32) -> Self;

    /// The score of each prototype, where all have only these `words`: the cosine, times the length of the prototype.
    fn scores_into(&self, prototypes: &[Self], words: u32, scores: &mut [f32]);

    /// Adds the vector, scaled to length `step`, to these `words` of a latent.
    fn add_to(&self, latent: &mut [i32], step: f32, words: u32);

    /// Adds the vector, as it is, to sums.
    fn sum_to(&self, sums: &mut [i64]);
}

/// The index of the highest score, the lowest among equals.
pub(crate) fn highest(scores: &[f32]) -> Option<usize> {
    (0..scores.len()).rev().max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
}

/// The mean of examples as a latent; with the length 1 if so wanted.
pub(crate) fn mean<V: Vector>(rows: &[&V], length_one: bool) -> Latent {
    let mut sums = vec![0; HV16::DIM];
    rows.iter().for_each(|row| row.sum_to(&mut sums));
    let scale = if length_one {
        let length = sums.iter().map(|&sum| sum as f64 * sum as f64).sum::<f64>().sqrt();
        if length > 0.0 { (HV16::DIM as f64).sqrt() / length } else { 0.0 }
    } else {
        1.0 / rows.len() as f64
    };
    let value =
        |sum: i64| (sum as f64 * scale * f64::from(UNIT)).round().clamp(f64::from(-MOST), f64::from(MOST)) as i32;
    sums.into_iter().map(value).collect()
}

/// Which bits are ones where the latent is zero: those of a fixed vector, since a fixed value would make unrelated
/// prototypes alike.
fn tie(i: usize) -> bool {
    // The bits of the golden ratio, in an order without a pattern at the scale of words.
    (i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63 == 1
}

impl Vector for HV16 {
    const TRAINING: Training = Training::BINARY;
}

impl Trained for HV16 {
    fn of(latent: &[i32], _: bool) -> Self {
        let mut vector = Self::ZERO;
        for (i, &value) in latent.iter().enumerate() {
            let one = value > 0 || (value == 0 && tie(i));
            vector.0[i / 8] |= u8::from(one) << (i % 8);
        }
        vector
    }

    fn kept(&self, words: u32) -> Self {
        let mut kept = *self;
        for (w, word) in kept.0.chunks_exact_mut(WORD / 8).enumerate() {
            if words >> w & 1 == 0 {
                word.fill(0);
            }
        }
        kept
    }

    fn scores_into(&self, prototypes: &[Self], words: u32, scores: &mut [f32]) {
        let bits = (words.count_ones() as usize * WORD) as f32;
        let mut distances = [0; 64];
        for (prototypes, scores) in prototypes.chunks(distances.len()).zip(scores.chunks_mut(distances.len())) {
            let distances = &mut distances[..prototypes.len()];
            simd_distances_into(self, prototypes, distances);
            for (score, &distance) in scores.iter_mut().zip(distances.iter()) {
                *score = 1.0 - 2.0 * f32::from(distance) / bits;
            }
        }
    }

    fn add_to(&self, latent: &mut [i32], step: f32, words: u32) {
        let amount = (step * UNIT) as i32;
        for (w, (word, latent)) in self.0.chunks_exact(WORD / 8).zip(latent.chunks_exact_mut(WORD)).enumerate() {
            if words >> w & 1 == 1 {
                for (byte, latent) in word.iter().zip(latent.as_chunks_mut::<8>().0) {
                    for (i, value) in latent.iter_mut().enumerate() {
                        // `amount` where the bit is one, else its negative.
                        let zero = i32::from(byte >> i & 1) - 1;
                        *value += (amount ^ zero) - zero;
                    }
                }
            }
        }
    }

    fn sum_to(&self, sums: &mut [i64]) {
        for (byte, sums) in self.0.iter().zip(sums.as_chunks_mut::<8>().0) {
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum += 2 * i64::from(byte >> i & 1) - 1;
            }
        }
    }
}
