//! The one error of the policies: a setting that cannot be meant.

/// A setting of a policy is out of its range, or not a number. Nothing was computed.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{setting} is {value}, but must be {expected}")]
pub struct PolicyError {
    /// Which setting, for example `tau`.
    pub setting: &'static str,
    /// What was given.
    pub value: f64,
    /// What it may be, in words.
    pub expected: &'static str,
}

/// An `f32` as the `f64` of the same digits: the nearest one, 1.0099999904632568 for 1.01, is not what was given.
pub(crate) fn as_written(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

/// `Ok` where `valid` holds of the value. Comparisons with NaN are false, so NaN is never valid.
pub(crate) fn check(
    setting: &'static str,
    value: f64,
    valid: impl FnOnce(f64) -> bool,
    expected: &'static str,
) -> Result<(), PolicyError> {
    if valid(value) { Ok(()) } else { Err(PolicyError { setting, value, expected }) }
}
