//! Vectors to measure with, seeded, so that every run sees the same.

use std::ops::Deref;

use hv_memory::MemoryError;
use hv_parallel::HV16;

/// `n` unrelated vectors; other vectors for another `family`.
pub fn vectors(n: usize, family: u64) -> Vec<HV16> {
    (0..n as u64).map(|i| HV16::random(family << 32 | i)).collect()
}

/// `n` vectors, each the one before it with 64 bits flipped, so that neighbours are alike.
pub fn stream(n: usize) -> Vec<HV16> {
    let step = |previous: &HV16, i: usize| {
        let mut next = *previous;
        for bit in 0..64 {
            let bit = (i * 64 + bit) * 1_031 % HV16::DIM; // 1,031 is odd, so the 64 are different
            next.set_bit(bit, !next.bit(bit));
        }
        next
    };
    let mut vectors = vec![HV16::random(0); n.min(1)];
    while vectors.len() < n {
        vectors.push(step(&vectors[vectors.len() - 1], vectors.len()));
    }
    vectors
}

/// Vectors of the xor-popcount-add loop: 16 KiB, half of the smallest L1 data cache in use.
pub const L1_VECTORS: usize = 64;

/// `n` unrelated vectors in huge pages, where the system has them, as a large memory has its vectors. With small pages a scan
/// would measure how addresses are translated.
///
/// # Errors
///
/// If there is not enough memory.
pub fn huge_vectors(n: usize, family: u64) -> Result<impl Deref<Target = [HV16]>, MemoryError> {
    hv_memory::internal::huge_vectors(n, move |i| HV16::random(family << 32 | i as u64))
}

#[cfg(test)]
#[path = "../tests/units/inputs.rs"]
mod tests;
