//! The scan over a plane of first lines that lets a search skip most vectors.

use crate::kernels::Kernels;
use crate::line::Line;
use crate::report::LineReport;

/// More than any distance of lines.
const NO_BOUND: u16 = 513;

impl Kernels {
    /// Reports each line of `plane` whose distance to `query` is below `bound`, in ascending order of the index.
    ///
    /// The lines are numbered from `first`. A bound of 0 reports nothing, one of 513 or more everything. Returns the last
    /// bound.
    ///
    /// Cost: a quarter of the reads of [`scan`](Self::scan), and one call of `report` for each line reported.
    pub fn scan_lines(&self, query: &Line, plane: &[Line], first: usize, bound: u16, report: LineReport<'_>) -> u16 {
        // The kernels compare signed numbers.
        let mut bound = bound.min(NO_BOUND);
        (self.scan_lines)(query, plane, first, &mut bound, report);
        bound
    }
}
