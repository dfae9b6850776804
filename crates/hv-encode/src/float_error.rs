//! Rows of numbers that cannot become codes.

/// Why numbers cannot be encoded or compared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FloatError {
    /// A row, or a list of thresholds, of another length than the encoder's.
    #[error("a row has {numbers} numbers, but the encoder takes {dimensions}; make an encoder for rows of this length")]
    Length {
        /// The numbers that were given.
        numbers: usize,
        /// The numbers of a row.
        dimensions: usize,
    },
    /// Numbers that are no whole rows.
    #[error("{numbers} numbers are no whole rows of {dimensions}; give all numbers of each row, row after row")]
    NotWholeRows {
        /// The numbers that were given.
        numbers: usize,
        /// The numbers of a row.
        dimensions: usize,
    },
    /// A number that has no place in a sum.
    #[error(
        "row {row} has {value} in column {column}, both counted from 0; every number must be finite and within the range of f32"
    )]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The position in the row, counted from 0.
        column: usize,
        /// The number.
        value: f64,
    },
    /// The call was asked to end early: [`Progress::stop`](hv_parallel::Progress::stop).
    #[error("the work was stopped, as was asked; there is no result")]
    Stopped,
}
