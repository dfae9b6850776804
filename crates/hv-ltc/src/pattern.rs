//! Where a sparse matrix has values: compressed rows.

use std::ops::Range;

use crate::wiring::Synapse;

/// The positions of the values of a sparse matrix, by row; each row is a receiving unit, each column a sender.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    /// Row `r` has the values from `starts[r]` to before `starts[r + 1]`.
    starts: Vec<usize>,
    columns: Vec<u32>,
}

impl Pattern {
    /// The pattern of the positions (row, column), which ascend.
    pub(crate) fn new(rows: usize, positions: &[(usize, usize)]) -> Self {
        let mut starts = vec![0; rows + 1];
        for (row, _) in positions {
            starts[row + 1] += 1;
        }
        for row in 0..rows {
            starts[row + 1] += starts[row];
        }
        Self { starts, columns: positions.iter().map(|(_, column)| *column as u32).collect() }
    }

    pub(crate) fn of_synapses(units: usize, synapses: &[Synapse]) -> Self {
        Self::new(units, &synapses.iter().map(|synapse| (synapse.to, synapse.from)).collect::<Vec<_>>())
    }

    pub(crate) fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of values.
    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// The indices of a row's values.
    pub(crate) fn row(&self, row: usize) -> Range<usize> {
        self.starts[row]..self.starts[row + 1]
    }

    /// The rows from `first` that have at most `most` values together, and one row at least.
    pub(crate) fn block(&self, first: usize, most: usize) -> Range<usize> {
        let fits = |row: &usize| self.starts[row + 1] - self.starts[first] <= most;
        first..(first + 1..self.rows()).find(|row| !fits(row)).unwrap_or(self.rows())
    }

    /// Number of values of the row that has the most.
    pub(crate) fn longest(&self) -> usize {
        (0..self.rows()).map(|row| self.row(row).len()).max().unwrap_or(0)
    }

    /// The column of each value.
    pub(crate) fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The positions (row, column) of all values.
    pub(crate) fn positions(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.rows()).flat_map(move |row| self.row(row).map(move |index| (row, self.columns[index] as usize)))
    }
}
