//! The errors of this crate: input that no network can be built from or run on.

/// Input that was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LtcError {
    /// A slice has another length than the network needs.
    #[error("{what} has {given} values, and {expected} are needed")]
    Length {
        /// What was given.
        what: String,
        /// Number of values in it.
        given: usize,
        /// Number of values that the network needs.
        expected: usize,
    },
    /// A value is infinite or not a number.
    #[error("{what} has {value} at index {index}; every value must be finite")]
    NotFinite {
        /// What was given.
        what: String,
        /// Index of the first such value.
        index: usize,
        /// The value.
        value: f64,
    },
    /// The elapsed time of a step is negative.
    #[error("the elapsed time at index {index} is {value}; a time must be 0 or more")]
    NegativeTime {
        /// Index of the first such step, from 0.
        index: usize,
        /// The time.
        value: f64,
    },
    /// A matrix between the units has another number of rows than of columns.
    #[error("{what} has {rows} rows, and row {row} has {columns} columns; a square matrix is needed")]
    NotSquare {
        /// What was given.
        what: String,
        /// Number of rows.
        rows: usize,
        /// Index of the first row of another length.
        row: usize,
        /// Number of columns of that row.
        columns: usize,
    },
    /// A text is not JSON.
    #[error("the text is not JSON: {reason}")]
    Json {
        /// Where, and what was wrong.
        reason: String,
    },
    /// A saved network has a version that is not known.
    #[error("the saved network has version {found}, and this program reads version {known}; read it with a newer one")]
    Version {
        /// The version of the text.
        found: usize,
        /// The latest version that is known.
        known: usize,
    },
    /// A sequence of a batch was refused, or its loss.
    #[error("sequence {index}: {error}")]
    Sequence {
        /// Index of the sequence in the batch, from 0.
        index: usize,
        /// What was wrong with it.
        error: Box<LtcError>,
    },
    /// A field of a JSON object is missing or of another form.
    #[error("the field {field:?} is missing or has another form; {expected} is needed")]
    Field {
        /// Name of the field.
        field: String,
        /// The form, in words.
        expected: String,
    },
    /// The network has no parameter of this name.
    #[error("the network has no parameter {name:?}; `tensors` lists their names")]
    Name {
        /// The name.
        name: String,
    },
    /// A number is outside of its range.
    #[error("{what} is {given}; {expected} is needed")]
    OutOfRange {
        /// What was given.
        what: String,
        /// The number.
        given: f64,
        /// The range, in words.
        expected: String,
    },
}

impl LtcError {
    pub(crate) fn out_of_range(what: &str, given: f64, expected: impl Into<String>) -> Self {
        Self::OutOfRange { what: what.into(), given, expected: expected.into() }
    }
}

/// An error unless a slice has the length that is needed.
pub(crate) fn check_length(what: &str, given: usize, expected: usize) -> Result<(), LtcError> {
    if given == expected { Ok(()) } else { Err(LtcError::Length { what: what.into(), given, expected }) }
}
