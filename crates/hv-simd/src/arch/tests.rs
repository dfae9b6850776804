//! Bundles of vectors of other widths, against the most obvious loop.

use alloc::vec;
use alloc::vec::Vec;

use hv_core::HV16;

use crate::arch::bit_sliced;
use crate::arch::scalar::lanes::Scalar;
use crate::lanes::{self, Bits};

/// The majority, ties by the rule of `hv_core::reference::bundle`, one bit after the other.
fn naive(vectors: &[&[u64]]) -> Vec<u64> {
    let dim = 64 * vectors[0].len();
    let bit = |v: &[u64], i: usize| v[i / 64] >> (i % 64) & 1;
    let count = |i: usize| vectors.iter().map(|v| bit(v, i % dim)).sum::<u64>();
    let twice = |i: usize| 2 * count(i);
    let n = vectors.len() as u64;
    let mut majority = vec![0; vectors[0].len()];
    for i in 0..dim {
        let rule = count(i + dim - 1) % 2 == 1;
        let flipped = twice(i + dim - 2) > n;
        if twice(i) > n || twice(i) == n && rule != flipped {
            majority[i / 64] |= 1 << (i % 64);
        }
    }
    majority
}

/// Numbers of vectors that go each way through the kernel.
const LENGTHS: [usize; 12] = [1, 2, 3, 4, 8, 15, 16, 17, 100, 112, 113, 300];

/// Checks `bundle` of vectors of `W` words, given as lanes.
fn check<T: Bits, const W: usize>(name: &str, bundle: impl Fn(&[T]) -> [u64; W]) {
    // Each twice, for ties.
    let memory: Vec<HV16> = (0..600).map(|i| HV16::random(i / 2 * 2)).collect();
    let memory: &[HV16; 600] = memory.first_chunk().unwrap();
    let (vectors, words): (&[T], &[[u64; W]]) = (lanes::numbers(memory), lanes::numbers(memory));
    for len in LENGTHS {
        let expected = naive(&words[..len].iter().map(|v| &v[..]).collect::<Vec<_>>());
        assert_eq!(bundle(&vectors[..len]).to_vec(), expected, "{name}, {len} vectors of {W} words");
    }
}

#[test]
fn scalar_bundles_of_other_widths() {
    check("scalar", |vectors| bit_sliced::bundle::<_, [u64; 16], 16, 4>(Scalar::new(), vectors));
    check("scalar", |vectors| bit_sliced::bundle::<_, [u64; 64], 64, 4>(Scalar::new(), vectors));
}

#[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
#[test]
#[allow(unsafe_code)]
fn avx2_bundles_of_other_widths() {
    use core::arch::x86_64::__m256i;

    use crate::arch::avx2::lanes::Avx2;
    use crate::backend::Backend;

    #[target_feature(enable = "avx2,popcnt")]
    fn bundle<const N: usize, const W: usize>(vectors: &[[__m256i; N]]) -> [u64; W] {
        bit_sliced::bundle::<_, [u64; W], N, 1>(Avx2::new(), vectors)
    }

    if Backend::Avx2.is_supported() {
        // SAFETY: the CPU has the instructions.
        check("avx2", |vectors| unsafe { bundle::<4, 16>(vectors) });
        // SAFETY: as above.
        check("avx2", |vectors| unsafe { bundle::<16, 64>(vectors) });
    }
}
