//! What all encoders are: functions from an input to a vector.

use std::borrow::Borrow;

use hv_parallel::for_encoding::adaptive_map;
use hv_parallel::{HV16, Operation};

use crate::error::EncodeError;

/// A function from inputs of the type `T` to vectors: inputs that are alike get similar vectors.
///
/// An encoder is a value with a seed. It keeps nothing of what it has encoded, so a vector depends on the encoder's
/// settings and the input alone. Each encoder says how similar two vectors are: its similarity profile. docs/encoders.md
/// has the plots.
///
/// ```
/// use hv_encode::{Encoder, LevelEncoder};
///
/// let temperature = LevelEncoder::new(-20.0, 40.0, 61, 42)?;
/// let vectors = temperature.encode_batch(&[21.0, 22.0, f64::NAN]);
/// assert_eq!(vectors[0], temperature.encode(&21.0));
/// assert!(vectors[2].is_err());
/// # Ok::<(), hv_encode::EncodeError>(())
/// ```
pub trait Encoder<T: ?Sized>: Sync {
    /// The vector of an input.
    ///
    /// # Errors
    ///
    /// If no vector stands for the input; the error says why.
    fn encode(&self, input: &T) -> Result<HV16, EncodeError>;

    /// About what an input costs to encode, in vectors that are added to a bundle, some 20 ns each.
    ///
    /// It decides whether a batch is shared among threads, and changes no result.
    fn work(&self, input: &T) -> usize {
        let _ = input;
        1
    }

    /// The vectors of many inputs, on all cores where that pays: from
    /// [`Thresholds::bundle`](hv_parallel::Thresholds::bundle) on.
    #[must_use]
    fn encode_batch<I: Borrow<T> + Sync>(&self, inputs: &[I]) -> Vec<Result<HV16, EncodeError>>
    where
        Self: Sized,
    {
        let work = inputs.iter().map(|input| self.work(input.borrow())).fold(0, usize::saturating_add);
        adaptive_map(Operation::Bundle, work, inputs.len(), 1, |i| self.encode(inputs[i].borrow()))
    }
}
