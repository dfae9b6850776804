//! The one error of the encoders: input that no vector stands for.

use crate::float_error::FloatError;

/// Why an input cannot become a vector, or an encoder cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// Normalisation left nothing: the text has no letter and no digit.
    #[error("there is nothing to encode: the text has no letter and no digit, and at least one is needed")]
    Empty,
    /// A record, a series or an image without a value.
    #[error("there is nothing to encode: the input has no values, and at least one is needed")]
    NoValues,
    /// A number that is NaN or infinite.
    #[error("the number is {value}; it must be finite")]
    NotFinite {
        /// The number.
        value: f64,
    },
    /// A number beyond the ends of the levels.
    #[error("{value} is not from {low} to {high}; use `clamp` if what is beyond an end shall count as that end")]
    OutOfRange {
        /// The number.
        value: f64,
        /// The first level.
        low: f64,
        /// The last level.
        high: f64,
    },
    /// An image of another size than the encoder's.
    #[error("{values} values were given, but the encoder takes {expected}; give all values, row after row")]
    Length {
        /// The number of values that were given.
        values: usize,
        /// The number of values that are needed.
        expected: usize,
    },
    /// A series whose values are no whole steps.
    #[error(
        "{values} values are no whole steps of {channels} channels; give all channels of each step, step after step"
    )]
    NotWholeSteps {
        /// The number of values that were given.
        values: usize,
        /// The values of a step.
        channels: usize,
    },
    /// A row of numbers that a [`FloatEncoder`](crate::FloatEncoder) cannot encode.
    #[error(transparent)]
    Numbers(#[from] FloatError),
    /// One value of many cannot be encoded.
    #[error("value {index}, counted from 0: {error}")]
    Value {
        /// The index of the value.
        index: usize,
        /// What is wrong with it.
        error: Box<Self>,
    },
    /// The ends of the levels are no range.
    #[error("the levels go from {low} to {high}; both must be finite, and the second above the first")]
    Range {
        /// The first level.
        low: f64,
        /// The last level.
        high: f64,
    },
    /// The number of levels, channels or the like is out of range.
    #[error("{what}: {value} was given; it must be from {least} to {most}")]
    Setting {
        /// What is out of range.
        what: &'static str,
        /// The number that was given.
        value: usize,
        /// The least that is allowed.
        least: usize,
        /// The most that is allowed.
        most: usize,
    },
    /// The period of a circular encoder is no length.
    #[error("the period is {period}; it must be finite and above 0")]
    Period {
        /// The period.
        period: f64,
    },
}

impl EncodeError {
    /// The same error as that of one value of many.
    pub(crate) fn at(self, index: usize) -> Self {
        Self::Value { index, error: Box::new(self) }
    }

    /// An error unless the number is from `least` to `most`.
    pub(crate) fn unless_within(what: &'static str, value: usize, least: usize, most: usize) -> Result<(), Self> {
        match (least..=most).contains(&value) {
            true => Ok(()),
            false => Err(Self::Setting { what, value, least, most }),
        }
    }
}
