//! The one error of this crate: input in which there is nothing to encode.

/// A text that cannot become a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// Normalisation left nothing: the text has no letter and no digit.
    #[error("there is nothing to encode: the text has no letter and no digit, and at least one is needed")]
    Empty,
}
