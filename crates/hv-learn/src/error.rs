//! What can be wrong with examples, settings, tables and files of models.

/// Why something could not be learned, predicted or loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// There are no examples.
    #[error("there are no examples to learn from; give at least one row")]
    NoExamples,
    /// Examples and labels do not belong together.
    #[error("there are {rows} rows but {labels} labels; give each row one label")]
    Unequal {
        /// The number of rows.
        rows: usize,
        /// The number of labels.
        labels: usize,
    },
    /// A setting is out of range.
    #[error("{name} is {value}; {expected}")]
    Setting {
        /// The name of the setting.
        name: &'static str,
        /// The value that was given.
        value: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A table cannot be made, learned from or predicted.
    #[error("{0}")]
    Table(String),
    /// The call was asked to end early: [`Progress::stop`](hv_encode::hv_parallel::Progress::stop).
    #[error("the work was stopped, as was asked; there is no result")]
    Stopped,
    /// Bytes are no model, or a damaged one.
    #[error("{0}")]
    Model(String),
}
