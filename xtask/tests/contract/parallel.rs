//! hv-parallel.

use hv_core::reference;
use hv_parallel::*;

use crate::vectors;

#[test]
fn binds() {
    let _: [fn(&[HV16], &HV16) -> Vec<HV16>; 2] = [parallel_batch_bind, adaptive_batch_bind];
    let v = vectors(50);
    let expected: Vec<HV16> = v.iter().map(|v| *v ^ HV16::random(99)).collect();
    let key = HV16::random(99);
    let mut out = vec![HV16::ZERO; v.len()];
    adaptive_batch_bind_into(&v, &key, &mut out);
    assert_eq!(
        (&out, &parallel_batch_bind(&v, &key), &adaptive_batch_bind(&v, &key)),
        (&expected, &expected, &expected)
    );
    let pairs = parallel_batch_bind_pairs(&v, &expected);
    assert_eq!(pairs, vec![key; v.len()]);
}

#[test]
fn similarities() {
    let _: [fn(&HV16, &[HV16]) -> Vec<f32>; 2] = [parallel_batch_similarity, adaptive_batch_similarity];
    let _: fn(&HV16, &[HV16], usize) -> Vec<f32> = parallel_chunked_similarity;
    let v = vectors(50);
    let expected: Vec<f32> = v.iter().map(|vector| reference::similarity(&v[7], vector)).collect();
    let mut out = vec![0.0; v.len()];
    adaptive_batch_similarity_into(&v[7], &v, &mut out);
    assert_eq!(out, expected);
    assert_eq!(parallel_batch_similarity(&v[7], &v), expected);
    assert_eq!(adaptive_batch_similarity(&v[7], &v), expected);
    assert_eq!(parallel_chunked_similarity(&v[7], &v, 3), expected);
    assert_eq!(parallel_chunked_similarity(&v[7], &v, 0), expected, "a chunk size of 0 is valid");
    assert_eq!(parallel_all_pairs_similarity(&v)[7], expected);
    assert_eq!(parallel_find_similar_pairs(&[v[0], v[1], v[0]], 1.0), [(0, 2, 1.0)]);
}

#[test]
fn bundles() {
    let v = vectors(50);
    let sets = [&v[..3], &[], &v[3..]];
    let expected = sets.map(reference::bundle);
    let mut out = [None; 3];
    adaptive_batch_bundle_into(&sets, &mut out);
    assert_eq!(out, expected);
    assert_eq!((parallel_batch_bundle(&sets), adaptive_batch_bundle(&sets)), (expected.to_vec(), expected.to_vec()));
    assert_eq!(parallel_bundle(&v), reference::bundle(&v));
}

#[test]
fn the_nearest() {
    type Find = fn(&[HV16], &[HV16]) -> Vec<Option<(usize, f32)>>;
    let _: [Find; 2] = [parallel_batch_find_most_similar, adaptive_batch_find_most_similar];
    let v = vectors(50);
    let expected = [Some((3, 1.0)), Some((4, 1.0))];
    let mut out = [None; 2];
    adaptive_batch_find_most_similar_into(&v[3..5], &v, &mut out);
    assert_eq!(out, expected);
    assert_eq!(parallel_batch_find_most_similar(&v[3..5], &v), expected);
    assert_eq!(adaptive_batch_find_most_similar(&v[3..5], &v), expected);
}

#[test]
fn the_k_nearest() {
    type Find = fn(&[HV16], &[HV16], usize) -> Vec<Vec<(usize, f32)>>;
    let _: [Find; 2] = [parallel_batch_find_top_k, adaptive_batch_find_top_k];
    let v = vectors(50);
    let expected: Vec<_> = v[3..5].iter().map(|query| reference::find_top_k(query, &v, 4)).collect();
    assert_eq!(parallel_batch_find_top_k(&v[3..5], &v, 4), expected);
    assert_eq!(adaptive_batch_find_top_k(&v[3..5], &v, 4), expected);
    let mut hits = Hits::new();
    adaptive_batch_find_top_k_into(&v[3..5], &v, 4, &mut hits);
    for (query, expected) in expected.iter().enumerate() {
        let found = hits.get(query).map(|(index, distance)| (index, hv_simd::similarity_of_distance(distance)));
        assert!(found.eq(expected.iter().copied()));
    }
}

#[test]
fn thresholds_and_the_machine() {
    let before: Thresholds = thresholds();
    set_thresholds(Thresholds { bind: 0, ..before });
    assert_eq!(thresholds().bind, 0);
    set_thresholds(before);
    assert_eq!(before.to_string().parse(), Ok(before));
    let machine = parallelism_info();
    assert_eq!((machine.backend, machine.pool_threads >= 1), (hv_simd::active_backend(), true));
}
