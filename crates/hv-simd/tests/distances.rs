//! Bind, permute, distances and similarities on every backend against the reference.

mod common;

use common::{all_kernels, random, tied};
use hv_simd::hv_core::reference;
use hv_simd::{HV16, similarity_of_distance};
use proptest::prelude::*;

/// 0 to 40, and each side of the kernels' block boundaries.
fn sizes() -> impl Iterator<Item = usize> {
    (0..=40).chain([63, 64, 65, 127, 128, 129, 255, 256, 257])
}

#[test]
fn distances_at_every_size_and_offset() {
    for kernels in all_kernels() {
        let backend = kernels.backend();
        let targets = random(300, 1);
        let query = HV16::random(2);
        let expected: Vec<u16> = targets.iter().map(|v| reference::hamming(&query, v) as u16).collect();
        for n in sizes() {
            for offset in [0, 1, 3, 40] {
                let range = offset..offset + n;
                let mut distances = vec![7; n];
                kernels.distances_into(&query, &targets[range.clone()], &mut distances);
                assert_eq!(distances, expected[range.clone()], "{backend}, {range:?}");
                let mut similarities = vec![7.0; n];
                kernels.similarities_into(&query, &targets[range.clone()], &mut similarities);
                let expected: Vec<f32> = expected[range].iter().map(|&d| similarity_of_distance(d)).collect();
                assert_eq!(similarities, expected, "{backend}");
            }
        }
    }
}

#[test]
fn distances_at_the_extremes() {
    let v = HV16::random(3);
    let mut one_off = v;
    one_off.set_bit(2047, !one_off.bit(2047));
    for kernels in all_kernels() {
        let targets: Vec<HV16> = [v, !v, one_off, !one_off].into_iter().cycle().take(67).collect();
        let mut distances = vec![0; targets.len()];
        kernels.distances_into(&v, &targets, &mut distances);
        let expected: Vec<u16> = [0, 2048, 1, 2047].into_iter().cycle().take(67).collect();
        assert_eq!(distances, expected, "{}", kernels.backend());
        assert_eq!(kernels.hamming(&HV16::ZERO, &HV16::ONES), 2048);
        let extremes = [&v, &!v].map(|other| kernels.similarity(&v, other));
        assert_eq!(extremes, [1.0, 0.0], "{}", kernels.backend());
    }
}

/// Every single bit counts once, whichever lane it lies in.
#[test]
fn every_bit_counts() {
    for kernels in all_kernels() {
        for i in 0..HV16::DIM {
            let mut v = HV16::ZERO;
            v.set_bit(i, true);
            assert_eq!(kernels.hamming(&HV16::ZERO, &v), 1, "{}, bit {i}", kernels.backend());
            assert_eq!(kernels.hamming(&HV16::ONES, &v), 2047, "{}, bit {i}", kernels.backend());
            assert_eq!(
                kernels.similarity(&HV16::ZERO, &v),
                similarity_of_distance(1),
                "{}, bit {i}",
                kernels.backend()
            );
            assert_eq!(
                kernels.similarity(&HV16::ONES, &v),
                similarity_of_distance(2047),
                "{}, bit {i}",
                kernels.backend()
            );
        }
    }
}

#[test]
fn bind_at_every_size() {
    for kernels in all_kernels() {
        let (a, b, key) = (random(300, 1), random(300, 2), HV16::random(3));
        for n in sizes() {
            let mut out = vec![HV16::ONES; n];
            kernels.bind_into(&a[1..][..n], &key, &mut out);
            assert!(out.iter().zip(&a[1..]).all(|(out, a)| *out == *a ^ key), "{}", kernels.backend());
            kernels.bind_pairs_into(&a[1..][..n], &b[2..][..n], &mut out);
            let pairs = a[1..].iter().zip(&b[2..]);
            assert!(out.iter().zip(pairs).all(|(out, (a, b))| *out == *a ^ *b), "{}", kernels.backend());
        }
    }
    assert_eq!(hv_simd::simd_bind(&HV16::random(1), &HV16::random(1)), HV16::ZERO);
}

#[test]
fn permute_by_every_residue() {
    let v = HV16::random(5);
    for kernels in all_kernels() {
        for n in (-2050..2050).chain([i32::MIN, i32::MIN + 1, i32::MAX, 1 << 20]) {
            assert_eq!(kernels.permute(&v, n), v.permute(n), "{}, {n}", kernels.backend());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn pairs_agree_with_the_reference(seed: u64, n: i32) {
        let vectors = tied(8, seed);
        for kernels in all_kernels() {
            for a in &vectors {
                for b in &vectors {
                    prop_assert_eq!(kernels.hamming(a, b), reference::hamming(a, b));
                }
                prop_assert_eq!(kernels.permute(a, n), reference::permute(a, n));
            }
        }
    }
}

#[test]
fn thresholds_are_inclusive_and_exact() {
    for distance in 0..=2048u16 {
        assert_eq!(hv_simd::max_distance(similarity_of_distance(distance)), Some(distance));
        let over = similarity_of_distance(distance).next_up();
        assert_eq!(hv_simd::max_distance(over), distance.checked_sub(1), "{over}");
    }
    assert_eq!(hv_simd::max_distance(f32::NEG_INFINITY), Some(2048));
    assert_eq!(hv_simd::max_distance(f32::INFINITY), None);
}

#[test]
#[should_panic(expected = "NaN")]
fn a_nan_threshold_panics() {
    let _ = hv_simd::max_distance(f32::NAN);
}

#[test]
#[should_panic(expected = "distances: 3 vectors, but room for 2 results")]
fn unequal_lengths_panic_with_both() {
    hv_simd::simd_distances_into(&HV16::ZERO, &[HV16::ZERO; 3], &mut [0; 2]);
}

#[test]
#[should_panic(expected = "bind pairs: 1 vectors, but 2 to bind them with")]
fn unequal_pairs_panic_with_both() {
    hv_simd::simd_bind_pairs_into(&[HV16::ZERO; 1], &[HV16::ZERO; 2], &mut [HV16::ZERO; 1]);
}
