//! Which of a few leaders, in order, comes near enough to each of many vectors.

use hv_simd::workspace_internals::Kernels;
use hv_simd::{Bound, HV16};

use crate::engine::QUERY_BLOCK;
use crate::in_force::threads_for;
use crate::parallel_for::parallel_for;
use crate::parts::Parts;
use crate::same_length::same_length;
use crate::thresholds::Operation;

/// Targets of a part, at least, if the tiles of the kernels are smaller.
const GRAIN: usize = 256;

/// For each target the first of `queries` that is within `max_distance` of it, as its index, or `None`; in parallel
/// from [`Thresholds::nearest`](crate::Thresholds::nearest) pairs on.
///
/// Cost: one distance a pair. Allocates nothing that grows with the input.
///
/// ```
/// use hv_parallel::{HV16, for_storage::adaptive_first_within_into};
///
/// let (a, b, other) = (HV16::random(1), HV16::random(2), HV16::random(3));
/// let mut first = [None; 3];
/// adaptive_first_within_into(&[a, b, b], &[b, other, a], 200, &mut first);
/// assert_eq!(first, [Some(1), None, Some(0)]);
/// ```
///
/// # Panics
///
/// If `out` is not as long as `targets`.
pub fn adaptive_first_within_into(queries: &[HV16], targets: &[HV16], max_distance: u16, out: &mut [Option<usize>]) {
    same_length("first within", targets.len(), out.len());
    let threads = threads_for(queries.len().saturating_mul(targets.len()), Operation::Nearest);
    let bound = Bound::within(max_distance);
    let tile = Kernels::active().tile(queries.len());
    parallel_for(threads, Parts::shrinking(out, tile.max(GRAIN), tile, threads), |parts| {
        for (range, out) in parts {
            first_within(queries, &targets[range], bound, out);
        }
    });
}

/// The first of `queries` whose distance to each target the bound admits.
fn first_within(queries: &[HV16], targets: &[HV16], bound: Bound, out: &mut [Option<usize>]) {
    out.fill(None);
    for (block, queries) in queries.chunks(QUERY_BLOCK).enumerate() {
        let bounds = &mut [bound; QUERY_BLOCK][..queries.len()];
        Kernels::active().scan(queries, targets, 0, bounds, &mut |query, target, _| {
            let query = block * QUERY_BLOCK + query;
            let first = &mut out[target];
            *first = Some(first.map_or(query, |first| first.min(query)));
            bound
        });
    }
}
