//! The one error of the analyses: a setting that cannot be meant.

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

/// `Ok` where `valid` holds of the value. Comparisons with NaN are false, so NaN is never valid.
pub(crate) fn check(
    setting: &'static str,
    value: f64,
    valid: impl FnOnce(f64) -> bool,
    expected: &'static str,
) -> Result<(), PolicyError> {
    if valid(value) { Ok(()) } else { Err(PolicyError { setting, value, expected }) }
}
