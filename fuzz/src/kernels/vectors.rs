//! Vectors as an input describes them, and their distances.

use hv_simd::HV16;
use hv_simd::hv_core::reference;

use crate::input::Input;

/// Numbers of vectors on both sides of where kernels change what they do.
const SIDES: [usize; 32] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 15, 16, 17, 31, 33, 47, 48, 49, 63, 64, 65, 127, 128, 129, 192, 255, 256,
    257, 512, 513,
];

/// The most pairs of one input, so that it takes milliseconds.
const MAX_PAIRS: usize = 20_000;

/// A number of vectors, up to 600.
pub(super) fn side(input: &mut Input<'_>) -> usize {
    match input.below(40) {
        number if number < SIDES.len() => SIDES[number],
        _ => input.below(600),
    }
}

/// Queries and the vectors that they are compared with: up to 20,000 pairs.
pub(super) fn queries_and_memory(input: &mut Input<'_>) -> (Vec<HV16>, Vec<HV16>) {
    let (queries, memory) = (side(input), side(input));
    let queries = queries.min(MAX_PAIRS / memory.max(1));
    let mut all = vectors(input, queries + memory);
    let memory = all.split_off(queries);
    (all, memory)
}

/// Vectors that may be equal, near to each other, opposite or unrelated.
pub(super) fn vectors(input: &mut Input<'_>, n: usize) -> Vec<HV16> {
    let mut vectors: Vec<HV16> = Vec::with_capacity(n);
    for _ in 0..n {
        let kind = input.below(8);
        let vector = match kind {
            0 => [HV16::ZERO, HV16::ONES][input.below(2)],
            1 | 2 => HV16::random(u64::from(input.u8())),
            _ => near(input, &vectors, kind),
        };
        vectors.push(vector);
    }
    vectors
}

/// One of the vectors before, or one that is made of it.
fn near(input: &mut Input<'_>, vectors: &[HV16], kind: usize) -> HV16 {
    let Some(&before) = vectors.get(input.below(vectors.len().max(1))) else { return HV16::random(0) };
    let flipped = match kind {
        3 => return before,
        4 => return !before,
        // A few bits.
        5 | 6 => (0..1 + input.below(3)).map(|_| usize::from(input.u16()) % HV16::DIM).collect(),
        // Bits that lie together, so that vectors differ early or late.
        _ => {
            let (from, len) = (usize::from(input.u16()) % HV16::DIM, usize::from(input.u16()) % HV16::DIM);
            (from..(from + len).min(HV16::DIM)).collect::<Vec<_>>()
        }
    };
    let mut vector = before;
    flipped.into_iter().for_each(|bit| vector.set_bit(bit, !vector.bit(bit)));
    vector
}

/// All distances of each query. The reference, which is slow, has a look at some of them.
pub(super) fn distances(queries: &[HV16], memory: &[HV16]) -> Vec<Vec<u16>> {
    let distance = |a: &HV16, b: &HV16| a.0.iter().zip(&b.0).map(|(a, b)| (a ^ b).count_ones() as u16).sum();
    for (query, vector) in queries.iter().zip(memory).take(4) {
        let distance: u16 = distance(query, vector);
        assert_eq!(u32::from(distance), reference::hamming(query, vector));
    }
    queries.iter().map(|query| memory.iter().map(|vector| distance(query, vector)).collect()).collect()
}
