//! Tables in Markdown, aligned so that they read as well in a terminal.

use std::fmt;

/// A table: the first column to the left, the others to the right.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Rows with as many cells as the header has.
    pub fn new(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        let header = header.iter().map(ToString::to_string).collect();
        Self { rows: std::iter::once(header).chain(rows).collect() }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.rows[0].len()).map(width).collect();
        for (i, row) in self.rows.iter().enumerate() {
            write!(f, "| {:<1$} |", row[0], widths[0])?;
            row.iter().zip(&widths).skip(1).try_for_each(|(cell, &width)| write!(f, " {cell:>width$} |"))?;
            writeln!(f)?;
            if i == 0 {
                write!(f, "| {} |", "-".repeat(widths[0]))?;
                widths[1..].iter().try_for_each(|width| write!(f, " {}: |", "-".repeat(width - 1)))?;
                writeln!(f)?;
            }
        }
        Ok(())
    }
}
