//! Which vectors a product is made of, by linear algebra over bits.

use hv_parallel::HV16;

/// A sum of some of the vectors: its bits, and which vectors it has.
#[derive(Clone)]
struct Sum {
    bits: HV16,
    parts: Vec<u64>,
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.bits ^= &other.bits;
        self.parts.iter_mut().zip(&other.parts).for_each(|(part, other)| *part ^= other);
    }
}

/// The indices of the vectors whose product is `product`, in ascending order. `None` if there are none, or if the vectors
/// depend on each other, so that several answers may be right; over 2,048 always do.
///
/// Gaussian elimination: a product is a sum modulo 2, so each bit is a linear equation. Cost: for n vectors `n^2 / 2` products
/// of 256 bytes.
pub(super) fn parts(product: &HV16, vectors: &[HV16]) -> Option<Vec<usize>> {
    if vectors.len() > HV16::DIM {
        return None;
    }
    let words = vectors.len().div_ceil(64);
    // Each has a one that none after it has.
    let mut basis: Vec<(usize, Sum)> = Vec::with_capacity(vectors.len());
    let reduced = |basis: &[(usize, Sum)], mut sum: Sum| {
        for (pivot, other) in basis {
            if sum.bits.bit(*pivot) {
                sum.add(other);
            }
        }
        sum
    };
    for (index, vector) in vectors.iter().enumerate() {
        let mut parts = vec![0; words];
        parts[index / 64] = 1 << (index % 64);
        let sum = reduced(&basis, Sum { bits: *vector, parts });
        let pivot = (0..HV16::DIM).find(|&bit| sum.bits.bit(bit))?;
        basis.push((pivot, sum));
    }
    let rest = reduced(&basis, Sum { bits: *product, parts: vec![0; words] });
    let is_part = |&index: &usize| rest.parts[index / 64] >> (index % 64) & 1 == 1;
    (rest.bits == HV16::ZERO).then(|| (0..vectors.len()).filter(is_part).collect())
}
