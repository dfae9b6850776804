//! The bundle of the values of one input.

use hv_parallel::HV16;
use hv_parallel::hv_simd::Accumulator;

use crate::error::EncodeError;

/// The bundle of the vectors of values, or the error of the first that has none.
///
/// # Errors
///
/// [`EncodeError::Value`] for the first value without a vector, [`EncodeError::NoValues`] if there are no values.
pub(super) fn bundle(values: impl Iterator<Item = Result<HV16, EncodeError>>) -> Result<HV16, EncodeError> {
    let named = values.enumerate().map(|(index, value)| value.map_err(|error| error.at(index)));
    named.collect::<Result<Accumulator, EncodeError>>()?.majority().ok_or(EncodeError::NoValues)
}
