//! What the scans report to, and the reporting of one block.

use crate::bound::Bound;

/// Receives a pair nearer than its query's bound, as `(query index, memory index, distance)`, and returns the
/// query's bound from then on. A bound never rises: a higher one leaves it as it is.
///
/// It is a dynamic call, and cheap for all that: a search keeps its bound tight, so few pairs reach it.
pub type OnMatch<'a> = &'a mut dyn FnMut(usize, usize, u16) -> Bound;

/// Receives distances of one query to vectors that follow each other, as `(query index, index of the first, distances)`.
pub type OnDistances<'a> = &'a mut dyn FnMut(usize, usize, &[u16]);

/// Receives a prefix nearer than the bound, as `(index, distance)` with a distance of 0 to 512, and returns the bound
/// from then on. It never rises: a higher one leaves it as it is.
pub type OnPrefix<'a> = &'a mut dyn FnMut(usize, u16) -> Bound;

/// Reports the vectors of one block that are below the bound. Cold, unlike the comparison that calls it.
#[cold]
#[inline(never)]
pub(crate) fn report_below(distances: &[u16], query: usize, first: usize, bound: &mut Bound, report: OnMatch<'_>) {
    for (i, &distance) in distances.iter().enumerate() {
        if bound.admits(distance) {
            *bound = report(query, first + i, distance).min(*bound);
        }
    }
}

/// Reports the prefixes of one block that are below the bound. Cold, unlike the comparison that calls it.
#[cold]
#[inline(never)]
pub(crate) fn report_prefixes_below(distances: &[u16], first: usize, bound: &mut Bound, report: OnPrefix<'_>) {
    for (i, &distance) in distances.iter().enumerate() {
        if bound.admits(distance) {
            *bound = report(first + i, distance).min(*bound);
        }
    }
}
