//! Searches by Tanimoto score on every backend against the reference.

mod common;

use common::{ChaCha8Rng, MANY, all_kernels, random, tied};
use hv_simd::hv_core::rand_core::{Rng, SeedableRng};
use hv_simd::hv_core::reference;
use hv_simd::workspace_internals::{Kernels, TanimotoTopK};
use hv_simd::{HV16, simd_find_top_k_tanimoto, simd_find_within_tanimoto, simd_tanimoto};
use proptest::prelude::*;

/// Vectors as of molecules: 0 to 40 ones among 60 bits, and among them many equal ones, a zero and one of ones alone.
fn fingerprints(n: usize, seed: u64) -> Vec<HV16> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut vectors: Vec<HV16> = Vec::new();
    for i in 0..n {
        let draw = rng.next_u64() as usize;
        let mut v =
            if draw.is_multiple_of(3) { HV16::ZERO } else { vectors.get(draw % (i + 1)).copied().unwrap_or_default() };
        for _ in 0..draw / 7 % 41 {
            v.set_bit(rng.next_u64() as usize % 60 * 31, draw.is_multiple_of(2));
        }
        vectors.push(match draw % 50 {
            0 => HV16::ONES,
            1 => HV16::ZERO,
            _ => v,
        });
    }
    vectors
}

fn assert_agrees(kernels: &Kernels, queries: &[HV16], memory: &[HV16]) {
    let n = memory.len();
    let ranked: Vec<_> = queries.iter().map(|query| reference::find_top_k_tanimoto(query, memory, n)).collect();
    for k in [0, 1, 2, 10, n, n + 1, usize::MAX] {
        let expected: Vec<_> = ranked.iter().map(|all| all[..k.min(n)].to_vec()).collect();
        let found = kernels.find_tanimoto(queries, memory, &TanimotoTopK::new(k, 0.0));
        assert_eq!(found, expected, "{}, n = {n}, k = {k}", kernels.backend());
    }
    for threshold in [-1.0, 0.0, 0.3, 0.5, 2.0 / 3.0, 0.7, 1.0, 1.1] {
        let within = |all: &Vec<(usize, f64)>| all.iter().copied().filter(|&(_, s)| s >= threshold).collect::<Vec<_>>();
        let expected: Vec<_> = ranked.iter().map(within).collect();
        let found = kernels.find_tanimoto(queries, memory, &TanimotoTopK::new(usize::MAX, threshold));
        assert_eq!(found, expected, "{}, n = {n}, threshold {threshold}", kernels.backend());
        let best: Vec<_> = expected.iter().map(|all| all[..all.len().min(3)].to_vec()).collect();
        let found = kernels.find_tanimoto(queries, memory, &TanimotoTopK::new(3, threshold));
        assert_eq!(found, best, "{}, n = {n}, threshold {threshold}", kernels.backend());
    }
}

#[test]
fn tanimoto_at_every_size() {
    let (memory, queries) = (fingerprints(140, 1), fingerprints(5, 2));
    for kernels in all_kernels() {
        for n in (0..=9).chain([63, 64, 65, 127, 128, 129, 140]) {
            assert_agrees(kernels, &queries[..n % 6], &memory[..n]);
        }
    }
}

/// Several tiles, which most queries leave out in part, and queries of all numbers of ones.
#[test]
fn tanimoto_passes_the_boundaries_of_tiles() {
    let mut memory = fingerprints(500, 3);
    memory.extend(tied(90, 4));
    memory.extend(random(40, 5));
    let mut queries = fingerprints(MANY, 6);
    queries.extend([HV16::ZERO, HV16::ONES, memory[550], memory[629]]);
    for kernels in all_kernels() {
        assert_agrees(kernels, &queries, &memory);
    }
}

/// More queries than have their bounds on the stack at a time.
#[test]
fn tanimoto_of_hundreds_of_queries() {
    let (memory, queries) = (fingerprints(30, 7), fingerprints(1_030, 8));
    for kernels in all_kernels() {
        for q in [511, 512, 513, 1_030] {
            assert_agrees(kernels, &queries[..q], &memory);
        }
    }
}

/// Equal vectors are reported once the k first are kept only where their indices are lower.
#[test]
fn of_equal_scores_the_lowest_indices_stay() {
    let one = fingerprints(9, 9)[8];
    let expected: Vec<(usize, f64)> = (0..7).map(|i| (i, 1.0)).collect();
    assert_eq!(simd_find_top_k_tanimoto(&[one], &vec![one; 2_000], 7), [expected]);
    // The same score from different numbers of ones: 1 of 2, and 2 of 4.
    let of = |bits: &[usize]| {
        let mut v = HV16::ZERO;
        bits.iter().for_each(|&bit| v.set_bit(bit, true));
        v
    };
    let memory = [of(&[0, 1, 2, 3]), of(&[0]), of(&[0, 1, 2, 3]), of(&[1])];
    assert_eq!(simd_find_top_k_tanimoto(&[of(&[0, 1])], &memory, 3), [[(0, 0.5), (1, 0.5), (2, 0.5)]]);
}

#[test]
fn the_score_of_two() {
    for (a, b) in [(HV16::ZERO, HV16::ZERO), (HV16::ZERO, HV16::ONES), (HV16::random(1), HV16::random(2))] {
        assert_eq!(simd_tanimoto(&a, &b), reference::tanimoto(&a, &b));
    }
    assert_eq!(simd_tanimoto(&HV16::ZERO, &HV16::ZERO), 1.0);
    assert_eq!(simd_find_within_tanimoto(&[HV16::ZERO], &[HV16::ONES, HV16::ZERO], 0.5), [[(1, 1.0)]]);
}

#[test]
#[should_panic(expected = "threshold is NaN")]
fn a_threshold_that_is_no_number() {
    let _ = simd_find_within_tanimoto(&[], &[], f64::NAN);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn tanimoto_agrees_with_the_reference(n in 0usize..90, q in 0usize..20, seed: u64) {
        for kernels in all_kernels() {
            assert_agrees(kernels, &fingerprints(q, seed ^ 1), &fingerprints(n, seed));
            assert_agrees(kernels, &tied(q.min(3), seed ^ 1), &tied(n, seed));
        }
    }
}
