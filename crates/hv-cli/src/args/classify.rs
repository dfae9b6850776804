//! The arguments of `hv classify`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::values::whole;

/// Learn labels from a table or from texts, and predict them
///
/// FILE is one of: .csv, a table with a header, whose last column is the label; .tsv, lines of text, tab, label; .npy, numbers
/// in rows, with the labels in a file of their own (--labels).
#[derive(Args)]
#[command(before_help = "Example: hv classify train flowers.model flowers.csv")]
pub struct ClassifyArgs {
    #[command(subcommand)]
    pub command: ClassifyCommand,
}

#[derive(Subcommand)]
pub enum ClassifyCommand {
    Train(TrainArgs),
    Predict(PredictArgs),
    Eval(EvalArgs),
}

/// Learn from rows with labels, and write a model
///
/// The encoder is chosen from the columns, and said: numbers become levels between their lowest and highest values, words
/// symbols, and text letter trigrams.
#[derive(Args)]
#[command(before_help = "Example: hv classify train spam.model spam.tsv")]
pub struct TrainArgs {
    /// The file of the model, made or replaced
    pub model: PathBuf,
    #[command(flatten)]
    pub data: DataArgs,
    /// How to learn
    #[arg(long, value_enum, default_value = "ensemble")]
    pub method: MethodArg,
    /// Seed of all that is random
    #[arg(long, value_name = "N", default_value = "0", value_parser = whole::<u64>, allow_negative_numbers = true)]
    pub seed: u64,
}

/// How to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MethodArg {
    /// The mean of each label's rows
    Centroid,
    /// One prototype a label, retrained
    Perceptron,
    /// Three prototypes a label, retrained
    Lvq,
    /// Five perceptrons with vectors of different seeds
    Ensemble,
}

/// Rows with labels.
#[derive(Args)]
pub struct DataArgs {
    /// The rows: .csv, .tsv or .npy
    pub file: PathBuf,
    /// The column of the labels, of a .csv [default: the last; with eval, that of the training]
    #[arg(long, value_name = "COLUMN")]
    pub label: Option<String>,
    /// The labels of a .npy: a text file, one a line, or a .npy of whole numbers
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
}

/// Print the label of each row, one a line
///
/// Columns are found by the names in the header; others are ignored, so the labels may be there.
#[derive(Args)]
#[command(before_help = "Example: hv classify predict flowers.model new.csv")]
pub struct PredictArgs {
    /// The file of the model
    pub model: PathBuf,
    /// The rows: .csv, .tsv or .npy
    pub file: PathBuf,
}

/// Compare predictions with labels: the accuracy, and which labels are taken for which
///
/// Rows whose label the model has never seen count as wrong.
#[derive(Args)]
#[command(before_help = "Example: hv classify eval flowers.model test.csv --plot confusion.svg")]
pub struct EvalArgs {
    /// The file of the model
    pub model: PathBuf,
    #[command(flatten)]
    pub data: DataArgs,
    /// One JSON object: accuracy (0 to 1), n, unseen (rows with a label unknown to the model), labels, confusion
    #[arg(long)]
    pub json: bool,
    /// Draw the confusion matrix as SVG
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
}
