//! The scan over a plane of first lines that lets a search skip most vectors.

use crate::bound::Bound;
use crate::kernels::Kernels;
use crate::line::Line;
use crate::report::LineReport;

impl Kernels {
    /// Reports each line of `plane` whose distance to `query` the bound admits, in ascending order of the index.
    ///
    /// The lines are numbered from `first`. Returns the last bound.
    ///
    /// Cost: a quarter of the reads of [`scan`](Self::scan), and one call of `report` for each line reported.
    pub fn scan_lines(
        &self,
        query: &Line,
        plane: &[Line],
        first: usize,
        mut bound: Bound,
        report: LineReport<'_>,
    ) -> Bound {
        (self.scan_lines)(query, plane, first, &mut bound, report);
        bound
    }
}
