//! Vectors to measure with: seeded, so that every run sees the same, and in huge pages where there are many.

use std::ops::Deref;

use hv_parallel::HV16;
use memmap2::MmapMut;

/// `n` unrelated vectors; other vectors for another `family`.
#[must_use]
pub fn vectors(n: usize, family: u64) -> Vec<HV16> {
    (0..n as u64).map(|i| HV16::random(family << 32 | i)).collect()
}

/// `n` vectors, each the one before it with 64 bits flipped, so that neighbours are alike.
#[must_use]
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

/// The alignment and size of a huge page on x86-64.
const HUGE_PAGE: usize = 2 << 20;

/// Vectors in memory that is advised as huge pages, as the arena of a large memory is: with small pages a scan
/// would measure the TLB.
#[derive(Debug)]
pub struct HugeVectors {
    map: MmapMut,
    start: usize,
    bytes: usize,
}

impl HugeVectors {
    /// `n` unrelated vectors. Where the system refuses huge pages they lie in small ones.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub fn new(n: usize, family: u64) -> std::io::Result<Self> {
        let bytes = n * HV16::BYTES;
        let mut map = MmapMut::map_anon(bytes.next_multiple_of(HUGE_PAGE) + HUGE_PAGE)?;
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        let start = map.as_ptr().align_offset(HUGE_PAGE);
        let vectors: &mut [HV16] = bytemuck::cast_slice_mut(&mut map[start..start + bytes]);
        for (i, v) in vectors.iter_mut().enumerate() {
            *v = HV16::random(family << 32 | i as u64);
        }
        Ok(Self { map, start, bytes })
    }
}

impl Deref for HugeVectors {
    type Target = [HV16];

    fn deref(&self) -> &[HV16] {
        bytemuck::cast_slice(&self.map[self.start..self.start + self.bytes])
    }
}

#[cfg(test)]
mod tests {
    use hv_parallel::hv_simd::simd_hamming;

    use super::*;

    #[test]
    fn neighbours_of_a_stream_differ_in_64_bits() {
        let stream = stream(100);
        assert_eq!(stream.len(), 100);
        assert!(stream.windows(2).all(|pair| simd_hamming(&pair[0], &pair[1]) == 64));
    }

    #[test]
    fn huge_vectors_are_the_same_vectors() {
        assert_eq!(*HugeVectors::new(10, 3).expect("3 KiB of memory"), vectors(10, 3));
    }
}
