//! A block of queries that pass over memory together.

use std::ops::Range;
use std::sync::atomic::{AtomicU16, Ordering};

use hv_simd::{Bound, HV16};

use crate::best::Best;
use crate::job::Job;

/// The state of a block of queries. On the stack, so that a search allocates nothing for it; `None` beyond the last
/// query.
pub(crate) struct Block<B, const N: usize> {
    best: [Option<B>; N],
    pub(crate) bounds: [Bound; N],
}

impl<B: Best, const N: usize> Block<B, N> {
    pub(crate) fn new(new: impl Fn() -> B, queries: usize, limit: Bound) -> Self {
        // Not `from_fn`, which may build each elsewhere and copy it: for one query, that takes as long as a hundred
        // comparisons.
        let mut best = [const { None }; N];
        best[..queries].fill_with(|| Some(new()));
        let bound = best[0].as_ref().map_or(Bound::NOTHING, Best::bound);
        Self { best, bounds: [bound.min(limit); N] }
    }

    pub(crate) fn scan<F: Fn(usize) -> bool>(&mut self, job: &Job<'_, F>, queries: &[HV16], range: Range<usize>) {
        let Self { best, bounds } = self;
        for (first, vectors) in job.memory.pieces(range) {
            job.kernels.scan_nearest(
                job.wanted,
                queries,
                vectors,
                first,
                &mut bounds[..queries.len()],
                &mut |query, index, distance| {
                    let Some(best) = &mut best[query] else { return Bound::NOTHING };
                    if (job.keep)(index) { best.offer(distance, index) } else { best.bound() }.min(job.limit)
                },
            );
        }
    }

    /// Shows the other threads the bounds of this one, and takes over those that are lower.
    pub(crate) fn exchange_bounds(&mut self, shown: &[AtomicU16]) {
        for (bound, shown) in self.bounds.iter_mut().zip(shown) {
            // At the bound itself a vector of another thread may be better than what this one has, by its lower index.
            let (own, lowest) = (Bound::within(bound.limit()), Bound::below(shown.load(Ordering::Relaxed)));
            if own < lowest {
                shown.fetch_min(own.limit(), Ordering::Relaxed);
            }
            *bound = lowest.min(*bound);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (best, other) in self.best.iter_mut().flatten().zip(other.best.iter().flatten()) {
            best.merge(other);
        }
    }

    /// Puts the bests into `out`, in order.
    pub(crate) fn finish<O>(self, write: impl Fn(B, usize, &mut O), mut out: O) {
        for (i, best) in self.best.into_iter().flatten().enumerate() {
            write(best, i, &mut out);
        }
    }
}
