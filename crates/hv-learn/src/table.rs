//! Tables: named columns of numbers or text, as they come from a file.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::error::LearnError;

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Numbers, none of them NaN or infinite.
    Numbers(Vec<f64>),
    /// Cells as they stand in a file: numbers or text, which [`Model::train`](crate::Model::train) decides.
    Cells(Vec<String>),
    /// Texts, which are encoded by their letters whatever they look like.
    Texts(Vec<String>),
}

impl Column {
    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Cells(cells) | Self::Texts(cells) => cells.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cell of a row as text.
    pub(crate) fn text(&self, row: usize) -> Cow<'_, str> {
        match self {
            Self::Numbers(numbers) => Cow::Owned(numbers[row].to_string()),
            Self::Cells(cells) | Self::Texts(cells) => Cow::Borrowed(&cells[row]),
        }
    }

    /// Whether every cell is a number, or would be one if it were not missing. At least one must be.
    pub(crate) fn is_numeric(&self) -> bool {
        match self {
            Self::Numbers(_) => true,
            Self::Texts(_) => false,
            Self::Cells(cells) => {
                cells.iter().all(|cell| number(cell).is_some() || is_missing(cell))
                    && cells.iter().any(|cell| number(cell).is_some_and(f64::is_finite))
            }
        }
    }

    /// The numbers of the column.
    ///
    /// # Errors
    ///
    /// If a cell is no number, NaN or infinite: names the row, counted from 1, and the cell.
    pub(crate) fn numbers(&self, name: &str) -> Result<Cow<'_, [f64]>, LearnError> {
        let cells = match self {
            Self::Numbers(numbers) => return Ok(Cow::Borrowed(numbers)),
            Self::Cells(cells) | Self::Texts(cells) => cells,
        };
        let parse = |(row, cell): (usize, &String)| {
            number(cell).filter(|number| number.is_finite()).ok_or_else(|| no_number(name, row, cell))
        };
        cells.iter().enumerate().map(parse).collect::<Result<Vec<_>, _>>().map(Cow::Owned)
    }

    fn rows(&self, rows: &[usize]) -> Self {
        match self {
            Self::Numbers(numbers) => Self::Numbers(rows.iter().map(|&row| numbers[row]).collect()),
            Self::Cells(cells) => Self::Cells(rows.iter().map(|&row| cells[row].clone()).collect()),
            Self::Texts(texts) => Self::Texts(rows.iter().map(|&row| texts[row].clone()).collect()),
        }
    }
}

fn number(cell: &str) -> Option<f64> {
    cell.trim().parse().ok()
}

fn is_missing(cell: &str) -> bool {
    ["", "?", "na", "n/a", "null", "none"].contains(&cell.trim().to_lowercase().as_str())
}

fn no_number(name: &str, row: usize, cell: &str) -> LearnError {
    let row = row + 1;
    LearnError::Table(format!(
        "row {row}, column {name:?}: {cell:?} is not a finite number, as the column's others are; fill it in or leave the row out"
    ))
}

/// Named columns of one length.
///
/// ```
/// use hv_learn::{Column, Table};
///
/// let table = Table::new(vec![
///     ("width".into(), Column::Numbers(vec![0.5, 2.0])),
///     ("colour".into(), Column::Cells(vec!["red".into(), "blue".into()])),
/// ])?;
/// assert_eq!((table.rows(), table.names().count()), (2, 2));
/// # Ok::<(), hv_learn::LearnError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    columns: Vec<(String, Column)>,
    rows: usize,
}

impl Table {
    /// A table of these columns.
    ///
    /// # Errors
    ///
    /// If there are none, their lengths differ, two have one name, or a number is NaN or infinite.
    pub fn new(columns: Vec<(String, Column)>) -> Result<Self, LearnError> {
        let Some((first, column)) = columns.first() else {
            return Err(LearnError::Table("there are no columns to learn from; give at least one".into()));
        };
        let rows = column.len();
        let mut names = BTreeSet::new();
        for (name, column) in &columns {
            if column.len() != rows {
                let len = column.len();
                return Err(LearnError::Table(format!(
                    "column {name:?} has {len} rows, but column {first:?} has {rows}; give all columns the same number"
                )));
            }
            if !names.insert(name) {
                return Err(LearnError::Table(format!("two columns are named {name:?}; give each a name of its own")));
            }
            if let Column::Numbers(numbers) = column
                && let Some(row) = numbers.iter().position(|number| !number.is_finite())
            {
                return Err(no_number(name, row, &numbers[row].to_string()));
            }
        }
        Ok(Self { columns, rows })
    }

    /// A table of one column of text.
    #[must_use]
    pub fn of_texts(texts: Vec<String>) -> Self {
        Self { rows: texts.len(), columns: vec![("text".into(), Column::Texts(texts))] }
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The names of the columns, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The column of a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(known, _)| known == name).map(|(_, column)| column)
    }

    pub(crate) fn columns(&self) -> &[(String, Column)] {
        &self.columns
    }

    /// The table of some rows, in the order given.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        let columns = self.columns.iter().map(|(name, column)| (name.clone(), column.rows(rows))).collect();
        Self { columns, rows: rows.len() }
    }
}
