//! The scan over a plane of prefixes that lets a search skip most vectors.

use crate::bound::Bound;
use crate::kernels::Kernels;
use crate::prefix::Prefix;
use crate::report::OnPrefix;

impl Kernels {
    /// Reports each prefix in `plane` whose distance to `query` the bound admits, in ascending order of the index.
    ///
    /// The prefixes are numbered from `first`. Returns the last bound.
    ///
    /// Cost: a quarter of the reads of [`scan`](Self::scan), and one call of `report` for each prefix reported.
    pub fn scan_prefixes(
        &self,
        query: &Prefix,
        plane: &[Prefix],
        first: usize,
        mut bound: Bound,
        report: OnPrefix<'_>,
    ) -> Bound {
        (self.scan_prefixes)(query, plane, first, &mut bound, report);
        bound
    }
}
