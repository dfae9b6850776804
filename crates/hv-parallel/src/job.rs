//! What a search is asked.

use hv_simd::workspace_internals::Kernels;
use hv_simd::{Bound, HV16};

use crate::segments::Segments;

/// What is searched, for what, and on how many threads.
pub(crate) struct Job<'a, F> {
    /// Taken once, so that all threads use the same.
    pub(crate) kernels: &'static Kernels,
    pub(crate) queries: &'a [HV16],
    pub(crate) memory: &'a Segments<'a>,
    /// Only distances that this admits count.
    pub(crate) limit: Bound,
    /// Only indices that this accepts count.
    pub(crate) keep: F,
    pub(crate) threads: usize,
    /// About how many each query keeps.
    pub(crate) wanted: usize,
}
