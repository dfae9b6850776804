//! What a network refuses: lengths, times and values that it cannot compute with.

use crate::error::LtcError;
use crate::float::Float;

/// An error unless all values are finite.
pub(crate) fn finite<F: Float>(what: &str, values: &[F]) -> Result<(), LtcError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(LtcError::NotFinite { what: what.into(), index, value: values[index].to_f64() }),
    }
}

/// An error unless all times are finite and 0 or more.
pub(crate) fn times<F: Float>(values: &[F]) -> Result<(), LtcError> {
    finite("the elapsed times", values)?;
    match values.iter().position(|value| *value < F::ZERO) {
        None => Ok(()),
        Some(index) => Err(LtcError::NegativeTime { index, value: values[index].to_f64() }),
    }
}
