//! [`Search`] on the CPU, over slices.

use hv_simd::{Bound, HV16};

use crate::bitmap::Bitmap;
use crate::hits::Hits;
use crate::search::{Search, SearchError};
use crate::segments::Segments;
use crate::top_k::{segments_top_k, segments_top_k_into};

/// Vectors in slices, searched on the CPU: numbered through, as if the slices were one.
///
/// In parallel from [`Thresholds::top_k`](crate::Thresholds::top_k) on. Cost: one distance for each pair of a query and
/// a vector, whatever the filter.
#[derive(Debug)]
pub struct SliceSearch<'a> {
    segments: Segments<'a>,
}

impl<'a> SliceSearch<'a> {
    /// A search over these slices.
    #[must_use]
    pub fn new(slices: &'a [&'a [HV16]]) -> Self {
        Self { segments: Segments::new(slices) }
    }
}

impl Search for SliceSearch<'_> {
    fn len(&self) -> usize {
        self.segments.len()
    }

    fn find_top_k(
        &self,
        queries: &[HV16],
        k: usize,
        bound: Bound,
        filter: Option<&Bitmap>,
    ) -> Result<Hits, SearchError> {
        match filter {
            Some(filter) if filter.len() != self.len() => Err(SearchError::wrong_filter(filter.len(), self.len())),
            Some(filter) => {
                let candidates = filter.count_ones();
                Ok(find(queries, &self.segments, k.min(candidates), bound, |index| filter.get(index)))
            }
            None => Ok(find(queries, &self.segments, k.min(self.len()), bound, |_| true)),
        }
    }
}

/// The `k` nearest, where there are `k` candidates.
fn find(queries: &[HV16], memory: &Segments<'_>, k: usize, bound: Bound, keep: impl Fn(usize) -> bool + Sync) -> Hits {
    let mut hits = Hits::new();
    if bound == Bound::NONE {
        segments_top_k_into(queries, memory, k, keep, &mut hits);
        return hits;
    }
    // Far fewer than `k` may be within the bound.
    let found = segments_top_k(queries, memory, k, bound, keep);
    hits.reset(queries.len(), found.iter().map(Vec::len).max().unwrap_or(0));
    for (query, found) in found.into_iter().enumerate() {
        hits.set(query, found);
    }
    hits
}
