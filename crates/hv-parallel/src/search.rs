//! Search by something other than this crate, for example by a device.

use std::error::Error;

use hv_simd::{Bound, HV16};

use crate::bitmap::Bitmap;
use crate::hits::Hits;

/// Exact search over a fixed set of vectors, which are numbered from 0.
///
/// This crate searches on the CPU ([`SliceSearch`](crate::SliceSearch)). A device that holds the vectors implements this
/// trait, and is tested against that. Results are the same, bit for bit.
///
/// ```
/// use hv_parallel::{Bitmap, Bound, HV16, Search, SliceSearch};
///
/// let vectors: Vec<HV16> = (0..100).map(HV16::random).collect();
/// let slices = [&vectors[..64], &vectors[64..]];
/// let search: &dyn Search = &SliceSearch::new(&slices);
/// let not_70 = Bitmap::from_fn(100, |index| index != 70);
/// assert_eq!(search.find_top_k(&[vectors[70]], 1, Bound::NONE, None)?.to_nested(), [[(70, 0)]]);
/// assert_eq!(search.find_top_k(&[vectors[70]], 1, Bound::within(512), Some(&not_70))?.to_nested(), [[]]);
/// # Ok::<(), hv_parallel::SearchError>(())
/// ```
pub trait Search: Send + Sync {
    /// The number of vectors.
    fn len(&self) -> usize;

    /// Whether there are no vectors.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// For each query the `k` nearest of the vectors that `bound` admits and whose bit in `filter` is 1; without a filter,
    /// of all that `bound` admits.
    ///
    /// The filter comes before the ranking, so a query has `k` results wherever `k` exist. They are ranked by distance,
    /// then by lower index. `k` of 0 and of more than there are vectors are valid, and so are no queries and no vectors.
    /// The results have [`k`](Hits::k) slots for each query: at most `k`, and enough for the query with the most results.
    ///
    /// # Errors
    ///
    /// If the filter has not one bit for each vector, or if the search cannot be done, for example because a device
    /// failed. There are no partial results.
    fn find_top_k(
        &self,
        queries: &[HV16],
        k: usize,
        bound: Bound,
        filter: Option<&Bitmap>,
    ) -> Result<Hits, SearchError>;
}

/// A search that could not be done.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct SearchError {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl SearchError {
    /// An error that says what is wrong.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }

    /// The same error with what caused it, for [`Error::source`].
    #[must_use]
    pub fn caused_by(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// The error of a filter of `bits` bits for `vectors` vectors.
    #[must_use]
    pub fn wrong_filter(bits: usize, vectors: usize) -> Self {
        Self::new(format!("the filter has {bits} bits for {vectors} vectors: give it one bit for each vector"))
    }
}
