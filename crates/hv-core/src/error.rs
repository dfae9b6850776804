//! The one error of this crate: bytes of the wrong length.

/// A byte slice that is not exactly [`HV16::BYTES`](crate::HV16::BYTES) long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hypervector is {expected} bytes (2,048 bits), but {actual} bytes were given")]
#[non_exhaustive]
pub struct LengthError {
    /// The length a hypervector has, in bytes: 256.
    pub expected: usize,
    /// The length of what was given, in bytes.
    pub actual: usize,
}
