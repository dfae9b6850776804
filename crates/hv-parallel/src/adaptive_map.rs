//! Any function of an index, shared among threads as the adaptive functions are.

use crate::collect::collect;
use crate::in_force::threads_for;
use crate::thresholds::Operation;

/// `make(i)` for every `i` below `len`, in order; in parallel where `work` reaches the threshold of `operation`, in parts
/// of `grain` indices or more.
///
/// `work` is counted in the unit of the threshold.
///
/// ```
/// use hv_parallel::{Operation, for_encoding::adaptive_map};
///
/// assert_eq!(adaptive_map(Operation::Bundle, 1_000_000, 4, 1, |i| i * i), [0, 1, 4, 9]);
/// ```
#[must_use]
pub fn adaptive_map<R: Send>(
    operation: Operation,
    work: usize,
    len: usize,
    grain: usize,
    make: impl Fn(usize) -> R + Sync + Send,
) -> Vec<R> {
    collect(len, grain, threads_for(work, operation), make)
}
