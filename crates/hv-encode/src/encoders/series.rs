//! Time series: what several channels measure, step after step.

use std::sync::Arc;

use hv_parallel::HV16;
use hv_parallel::hv_simd::simd_permute;

use super::parts::bundle;
use crate::encoder::Encoder;
use crate::error::EncodeError;
use crate::item_memory::ItemMemory;
use crate::ngram::NgramEncoder;

/// Encodes a time series of one or more channels as the bundle of its temporal n-grams (Rahimi, Benatti, Kanerva, Benini and
/// Rabaey, "Hyperdimensional biosignal processing: A case study for EMG-based hand gesture recognition", 2016).
///
/// The channels of a step are a record, the bundle of the values' vectors, each bound with the vector of its channel. The
/// n-gram of the steps `a b c` is `permute(A, 2) ^ permute(B, 1) ^ C`. All n-grams are bundled, each as often as it
/// occurs. A series of fewer than n steps is one run, of the length it has.
///
/// Similarity profile: an n-gram is the product of its steps, so two of them have similarity `1/2 + p / 2`, where `p` is the
/// product of `2 s - 1` over the steps, with `s` the similarity of the two records. Series of m n-grams each, all different, that share c have
/// similarity of about `1/2 + asin(c / m) / pi`.
///
/// Cost: for each value about 20 ns besides its encoding, and n rotations for each step. Memory: 256 bytes a channel.
///
/// ```
/// use hv_encode::hv_parallel::hv_simd::simd_similarity;
/// use hv_encode::{Encoder, LevelEncoder, SeriesEncoder};
///
/// let encoder = SeriesEncoder::new(2, 3, LevelEncoder::new(0.0, 1.0, 21, 1)?, 2)?;
/// // Steps of two channels, one after the other.
/// let rising = encoder.encode(&[0.0, 0.5, 0.1, 0.5, 0.2, 0.5, 0.3, 0.5][..])?;
/// let alike = encoder.encode(&[0.0, 0.5, 0.1, 0.55, 0.2, 0.5, 0.35, 0.5][..])?;
/// let falling = encoder.encode(&[0.9, 0.0, 0.7, 0.1, 0.5, 0.2, 0.2, 0.9][..])?;
/// assert!(simd_similarity(&rising, &alike) > simd_similarity(&rising, &falling) + 0.1);
/// assert!(encoder.encode(&[0.1, 0.2, 0.3][..]).is_err());
/// # Ok::<(), hv_encode::EncodeError>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parameters<E>", into = "Parameters<E>", bound(serialize = "E: Clone + serde::Serialize"))
)]
pub struct SeriesEncoder<E> {
    n: usize,
    values: E,
    seed: u64,
    channels: Arc<[HV16]>,
}

/// The settings.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Parameters<E> {
    channels: usize,
    n: usize,
    values: E,
    seed: u64,
}

impl<E> SeriesEncoder<E> {
    /// The most channels.
    pub const MAX_CHANNELS: usize = 1 << 16;

    /// The encoder for series of `channels` values a step, in n-grams of `n` steps; `values` encodes each value.
    ///
    /// # Errors
    ///
    /// If there are not 1 to [`MAX_CHANNELS`](Self::MAX_CHANNELS) channels, or not 1 to [`NgramEncoder::MAX_N`] steps in an
    /// n-gram.
    pub fn new(channels: usize, n: usize, values: E, seed: u64) -> Result<Self, EncodeError> {
        Parameters { channels, n, values, seed }.try_into()
    }
}

impl<E> TryFrom<Parameters<E>> for SeriesEncoder<E> {
    type Error = EncodeError;

    fn try_from(Parameters { channels, n, values, seed }: Parameters<E>) -> Result<Self, EncodeError> {
        EncodeError::unless_within("channels", channels, 1, Self::MAX_CHANNELS)?;
        EncodeError::unless_within("steps in an n-gram", n, 1, NgramEncoder::MAX_N)?;
        let items = ItemMemory::new(seed);
        Ok(Self { n, values, seed, channels: (0..channels).map(|channel| items.vector(&channel)).collect() })
    }
}

impl<E> From<SeriesEncoder<E>> for Parameters<E> {
    fn from(encoder: SeriesEncoder<E>) -> Self {
        let SeriesEncoder { n, values, seed, channels } = encoder;
        Self { channels: channels.len(), n, values, seed }
    }
}

impl<V: Sync, E: Encoder<V>> Encoder<[V]> for SeriesEncoder<E> {
    /// The vector of a series, given step after step, all channels of a step together.
    ///
    /// # Errors
    ///
    /// If there are no values or no whole steps, or if a value cannot be encoded.
    fn encode(&self, series: &[V]) -> Result<HV16, EncodeError> {
        let channels = self.channels.len();
        if !series.len().is_multiple_of(channels) {
            return Err(EncodeError::NotWholeSteps { values: series.len(), channels });
        }
        let mut steps = Vec::with_capacity(series.len() / channels);
        for (step, values) in series.chunks_exact(channels).enumerate() {
            let bound = |(channel, value): (&HV16, &V)| Ok(self.values.encode(value)? ^ channel);
            let record = bundle(self.channels.iter().zip(values).map(bound));
            steps.push(record.map_err(|error| match error {
                EncodeError::Value { index, error } => error.at(step * channels + index),
                error => error,
            })?);
        }
        let n = self.n.min(steps.len()).max(1);
        let gram = |run: &[HV16]| run.iter().fold(HV16::ZERO, |gram, step| simd_permute(&gram, 1) ^ step);
        bundle(steps.windows(n).map(|run| Ok(gram(run))))
    }

    fn work(&self, series: &[V]) -> usize {
        let steps = series.len() / self.channels.len();
        let values = series.iter().map(|value| self.values.work(value) + 1).fold(0, usize::saturating_add);
        values.saturating_add(steps.saturating_mul(self.n))
    }
}
