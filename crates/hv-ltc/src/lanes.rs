//! The one order in which this crate sums: eight lanes, and then a tree over them.

use crate::float::Float;

/// Number of partial sums. Term `i` goes to lane `i % 8`, whatever the width of the machine's registers.
const LANES: usize = 8;

/// The sum of `term(0)` to `term(count - 1)`.
pub(crate) fn sum<F: Float>(count: usize, mut term: impl FnMut(usize) -> F) -> F {
    let mut lanes = [F::ZERO; LANES];
    for index in 0..count {
        lanes[index % LANES] += term(index);
    }
    tree(lanes)
}

/// The sums of both parts of the terms.
pub(crate) fn sum_pairs<F: Float>(count: usize, mut term: impl FnMut(usize) -> (F, F)) -> (F, F) {
    let (mut first, mut second) = ([F::ZERO; LANES], [F::ZERO; LANES]);
    for index in 0..count {
        let (a, b) = term(index);
        first[index % LANES] += a;
        second[index % LANES] += b;
    }
    (tree(first), tree(second))
}

/// Halves the lanes three times, as registers are halved.
fn tree<F: Float>([a, b, c, d, e, f, g, h]: [F; LANES]) -> F {
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
