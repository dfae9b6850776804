//! hv-simd.

use hv_core::reference;
use hv_simd::*;

use crate::vectors;

#[test]
fn operations_on_one_or_two_vectors() {
    let _: fn(&HV16, &HV16) -> HV16 = simd_bind;
    let _: fn(&HV16, &HV16) -> f32 = simd_similarity;
    let _: fn(&HV16, i32) -> HV16 = simd_permute;
    let (a, b) = (HV16::random(1), HV16::random(2));
    assert_eq!(simd_bind(&a, &b), a ^ b);
    assert_eq!(simd_hamming(&a, &b), reference::hamming(&a, &b));
    assert_eq!(simd_similarity(&a, &b), reference::similarity(&a, &b));
    assert_eq!(simd_permute(&a, -70), reference::permute(&a, -70));
}

#[test]
fn operations_on_slices() {
    let _: fn(&[HV16], &HV16, &mut [HV16]) = simd_bind_into;
    let _: fn(&HV16, &[HV16], &mut [u16]) = simd_distances_into;
    let _: fn(&[HV16]) -> Option<HV16> = simd_bundle;
    let v = vectors(20);
    let mut bound = vec![HV16::ZERO; v.len()];
    simd_bind_into(&v, &v[3], &mut bound);
    assert!(bound.iter().zip(&v).all(|(bound, vector)| *bound == *vector ^ v[3]));
    let mut distances = vec![0; v.len()];
    simd_distances_into(&v[3], &v, &mut distances);
    assert!(distances.iter().zip(&v).all(|(&d, vector)| u32::from(d) == reference::hamming(&v[3], vector)));
    assert_eq!((simd_bundle(&v), simd_bundle(&[])), (reference::bundle(&v), None));
}

#[test]
fn searches() {
    let _: fn(&HV16, &[HV16]) -> Option<(usize, f32)> = simd_find_most_similar;
    let _: fn(&HV16, &[HV16], usize) -> Vec<(usize, f32)> = simd_find_top_k;
    let _: fn(&[HV16], &[HV16], usize) -> Vec<Vec<(usize, f32)>> = simd_batch_find_top_k;
    let v = vectors(20);
    let nearest = reference::find_top_k(&v[5], &v, 4);
    assert_eq!(simd_find_most_similar(&v[5], &v), Some((5, 1.0)));
    assert_eq!(simd_find_most_similar(&v[5], &[]), None);
    assert_eq!(simd_find_top_k(&v[5], &v, 4), nearest);
    assert_eq!((simd_find_top_k(&v[5], &v, 0).len(), simd_find_top_k(&v[5], &v, 99).len()), (0, 20));
    assert_eq!(simd_batch_find_top_k(&v[5..6], &v, 4), [nearest]);
}

#[test]
fn the_accumulator() {
    let v = vectors(5);
    let (mut counters, mut others) = (Accumulator::new(), Accumulator::new());
    counters.add(&v[0]);
    counters.add_weighted(&v[1], 3);
    others.add(&v[2]);
    counters.merge(&others);
    assert_eq!((counters.len(), counters.majority()), (5, reference::bundle(&[v[0], v[1], v[1], v[1], v[2]])));
    let dot: i64 = [(0, 1), (1, 3), (2, 1)].iter().map(|&(i, w)| w * (2_048 - 2 * hamming(&v[1], &v[i]))).sum();
    assert_eq!(counters.dot(&v[1]), dot);
    let norm: f64 = Accumulator::from_iter(&v[..1]).norm();
    assert_eq!(norm, 2_048f64.sqrt(), "one vector counts 1 or -1 in each of 2,048 dimensions");
}

fn hamming(a: &HV16, b: &HV16) -> i64 {
    i64::from(reference::hamming(a, b))
}

#[test]
fn backends() {
    let _: fn() -> Backend = active_backend;
    assert_eq!(init().unwrap(), active_backend());
    for name in ["scalar", "sse2", "avx2", "avx512"] {
        let backend: Backend = name.parse().unwrap();
        assert_eq!((backend.name(), backend.to_string()), (name, name.to_owned()));
        assert!(Backend::ALL.contains(&backend));
    }
    let error: BackendError = "avx3".parse::<Backend>().unwrap_err();
    assert!(error.to_string().contains("avx3"), "{error}");
}
