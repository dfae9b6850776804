//! Random orthogonal projections by Walsh-Hadamard transforms.

use hv_parallel::HV16;

use crate::item_memory::ItemMemory;

/// Rounds of signs and transform. With two, rows that have few numbers other than 0 are not spread evenly.
const ROUNDS: u64 = 3;

/// The smallest block. Fewer numbers are padded, because the outputs of small transforms are few different sums.
const SMALLEST: usize = 256;

/// A random orthogonal projection to 2,048 numbers.
#[derive(Clone, Debug)]
pub(crate) struct Projection {
    /// Numbers of a block: a power of two, no less than a row has.
    block: usize,
    /// The signs of all blocks for each round, 1 for minus; 2,048 in a vector.
    signs: Vec<Vec<HV16>>,
}

impl Projection {
    /// The projection of rows of `dimensions` numbers that `seed` draws.
    pub(crate) fn new(dimensions: usize, seed: u64) -> Self {
        let block = dimensions.next_power_of_two().max(SMALLEST);
        let items = ItemMemory::new(seed);
        let vectors = block.div_ceil(HV16::DIM) as u64;
        let of_round = |round| (0..vectors).map(|i| items.vector(&(round * vectors + i))).collect();
        Self { block, signs: (0..ROUNDS).map(of_round).collect() }
    }

    /// The 2,048 projected numbers of a row, scaled by a power of the block's size.
    ///
    /// Only sums and differences of two, in a fixed order, so that the result is the same on every machine.
    pub(crate) fn project(&self, row: &[f64]) -> Vec<f64> {
        let mut numbers = vec![0.0; self.block.max(HV16::DIM)];
        numbers.chunks_exact_mut(self.block).for_each(|block| block[..row.len()].copy_from_slice(row));
        for signs in &self.signs {
            flip(&mut numbers, signs);
            transform(&mut numbers, self.block);
        }
        numbers.truncate(HV16::DIM);
        numbers
    }
}

/// Changes the signs of the numbers whose bits are 1.
fn flip(numbers: &mut [f64], signs: &[HV16]) {
    for (numbers, signs) in numbers.chunks_exact_mut(HV16::DIM).zip(signs) {
        for (numbers, byte) in numbers.chunks_exact_mut(8).zip(signs.0) {
            for (i, number) in numbers.iter_mut().enumerate() {
                *number = if byte >> i & 1 == 1 { -*number } else { *number };
            }
        }
    }
}

/// The Walsh-Hadamard transform of each block, unscaled.
fn transform(numbers: &mut [f64], block: usize) {
    let mut half = 1;
    while half < block {
        for pair in numbers.chunks_exact_mut(2 * half) {
            let (left, right) = pair.split_at_mut(half);
            for (a, b) in left.iter_mut().zip(right) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that are no pattern, from -1 to 1.
    fn row(len: usize, seed: u64) -> Vec<f64> {
        let v = HV16::random(seed);
        (0..len).map(|i| (f64::from(v.0[i % 256]) - 127.5) / 127.5 + i as f64 / 1e4).collect()
    }

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    /// All blocks together keep every scalar product, so each is orthogonal.
    #[test]
    fn products_are_kept() {
        for len in [1, 2, 3, 64, 255, 256, 257, 384, 1_000, 2_047] {
            let projection = Projection::new(len, 5);
            let (a, b) = (row(len, 1), row(len, 2));
            let scale = 2_048.0 * (projection.block as f64).powi(2);
            for (a, b) in [(&a, &a), (&a, &b), (&b, &b)] {
                let (kept, expected) = (dot(&projection.project(a), &projection.project(b)) / scale, dot(a, b));
                assert!((kept - expected).abs() < 1e-9 * len as f64, "{len} numbers: {kept}, not {expected}");
            }
        }
    }

    /// The outputs of a block for the unit rows are the columns of its matrix.
    #[test]
    fn rows_of_the_matrix_are_orthogonal_within_a_block() {
        let projection = Projection::new(SMALLEST, 6);
        let unit = |i: usize| (0..SMALLEST).map(|j| f64::from(u8::from(i == j))).collect::<Vec<f64>>();
        let columns: Vec<Vec<f64>> = (0..SMALLEST).map(|i| projection.project(&unit(i))).collect();
        let of_output = |j: usize| columns.iter().map(|column| column[j]).collect::<Vec<f64>>();
        let length = (SMALLEST as f64).powi(3);
        for (i, j) in [(0, 0), (0, 1), (17, 200), (256, 511), (2_000, 2_047)] {
            let expected = if i == j { length } else { 0.0 };
            assert!((dot(&of_output(i), &of_output(j)) - expected).abs() < 1e-6 * length, "{i}, {j}");
        }
        assert!(dot(&of_output(0), &of_output(256)).abs() > 1.0, "blocks must differ");
    }

    #[test]
    fn more_numbers_than_bits() {
        let projection = Projection::new(5_000, 7);
        assert_eq!((projection.block, projection.project(&row(5_000, 1)).len()), (8_192, 2_048));
    }
}
