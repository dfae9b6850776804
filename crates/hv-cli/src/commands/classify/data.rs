//! Rows and labels from a file, by the end of its name.

use std::path::Path;

use hv_learn::Table;

use super::{npy, tables};
use crate::args::DataArgs;
use crate::failure::Failure;

/// Where the labels are.
pub enum Labels<'a> {
    /// Not wanted. In a .tsv each line may be text alone, if the model learned from texts.
    Ignored { text_alone: bool },
    /// Of a .csv in this column, by default the last; of a .npy in this file.
    Wanted { column: Option<&'a str>, was_typed: bool, file: Option<&'a Path> },
}

impl<'a> Labels<'a> {
    /// As typed, else in the column that the model learned from.
    pub fn of(args: &'a DataArgs, learned: Option<&'a str>) -> Self {
        let typed = args.label.as_deref();
        Self::Wanted { column: typed.or(learned), was_typed: typed.is_some(), file: args.labels.as_deref() }
    }
}

/// What was read.
pub struct Data {
    pub table: Table,
    /// The name of the labels' column.
    pub target: String,
    labels: Option<Vec<String>>,
}

impl Data {
    /// Reads a file.
    pub fn read(path: &Path, labels: Labels<'_>) -> Result<Self, Failure> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        let kind = extension.as_deref().unwrap_or_default();
        if let Labels::Wanted { was_typed, file, .. } = labels {
            if file.is_some() && kind != "npy" {
                return Err(Failure::usage("--labels is for .npy files; the labels of others are in the file itself"));
            }
            if was_typed && kind != "csv" {
                return Err(Failure::usage("--label names a column of a .csv file; other files have no names"));
            }
        }
        let (table, labels) = match kind {
            "csv" => {
                let column = match labels {
                    Labels::Ignored { .. } => tables::LabelColumn::None,
                    Labels::Wanted { column, .. } => {
                        column.map_or(tables::LabelColumn::Last, tables::LabelColumn::Named)
                    }
                };
                let (table, target, labels) = tables::read_csv(path, column)?;
                return Ok(Self { table, target, labels });
            }
            "tsv" => match labels {
                Labels::Ignored { text_alone: false } => {
                    return Err(Failure::failed("the model learned from a table, and a .tsv holds texts; give a .csv"));
                }
                Labels::Ignored { .. } => tables::read_tsv(path, false)?,
                Labels::Wanted { .. } => tables::read_tsv(path, true)?,
            },
            "npy" => {
                let table = npy::read_table(path)?;
                let labels = match labels {
                    Labels::Ignored { .. } => None,
                    Labels::Wanted { file: Some(file), .. } => Some(npy::read_labels(file)?),
                    Labels::Wanted { .. } => {
                        return Err(Failure::usage("a .npy file holds no labels; give their file with --labels"));
                    }
                };
                (table, labels)
            }
            _ => {
                let path = path.display();
                return Err(Failure::usage(format_args!(
                    "{path} ends in none of .csv, .tsv and .npy; convert or rename it"
                )));
            }
        };
        Ok(Self { table, target: "label".to_owned(), labels })
    }

    /// The label of each row; as many as there are rows, none empty.
    pub fn labels(&self) -> Result<&[String], Failure> {
        let labels = self.labels.as_deref().unwrap_or_default();
        let (rows, count) = (self.table.rows(), labels.len());
        if rows != count {
            return Err(Failure::failed(format_args!(
                "there are {rows} rows but {count} labels; give each row one label"
            )));
        }
        match labels.iter().position(|label| label.is_empty() || label.contains(char::is_control)) {
            None => Ok(labels),
            Some(row) => Err(Failure::failed(format_args!(
                "row {} has the label {:?}; a label is a line of text, not empty",
                row + 1,
                labels[row]
            ))),
        }
    }
}
