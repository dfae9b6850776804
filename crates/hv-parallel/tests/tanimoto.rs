//! Searches by Tanimoto score give the same bits in pools of every size, and in parts.

mod common;

use common::{ALWAYS, SIZES, in_every_pool, tied};
use hv_parallel::for_programs::{TanimotoSearch, TanimotoTopK};
use hv_parallel::hv_simd::{simd_find_top_k_tanimoto, simd_find_within_tanimoto};
use hv_parallel::*;

/// Vectors of different numbers of ones, with many ties.
fn sparse(n: usize) -> Vec<HV16> {
    let mask = |v: HV16, i: usize| HV16(std::array::from_fn(|byte| if byte % 64 < i % 50 { v.0[byte] } else { 0 }));
    tied(n).into_iter().enumerate().map(|(i, v)| mask(v, i)).collect()
}

#[test]
fn tanimoto_agrees_with_one_thread() {
    set_thresholds(ALWAYS);
    in_every_pool(|_| {
        for n in SIZES {
            for q in [0, 1, 70, 150] {
                let (memory, queries) = (sparse(n), sparse(q));
                for k in [0, 3, usize::MAX] {
                    let expected = simd_find_top_k_tanimoto(&queries, &memory, k);
                    assert_eq!(parallel_find_top_k_tanimoto(&queries, &memory, k), expected, "{n}, {q}, {k}");
                    assert_eq!(adaptive_find_top_k_tanimoto(&queries, &memory, k), expected, "{n}, {q}, {k}");
                }
                let expected = simd_find_within_tanimoto(&queries, &memory, 0.6);
                assert_eq!(parallel_find_within_tanimoto(&queries, &memory, 0.6), expected, "{n}, {q}");
                assert_eq!(adaptive_find_within_tanimoto(&queries, &memory, 0.6), expected, "{n}, {q}");
            }
        }
    });
}

#[test]
fn a_memory_in_parts_is_one_memory() {
    set_thresholds(ALWAYS);
    in_every_pool(|_| {
        let (memory, queries) = (sparse(1_100), sparse(90));
        let mut search = TanimotoSearch::new(&queries, TanimotoTopK::new(7, 0.4));
        for (i, part) in memory.chunks(300).enumerate() {
            search.extend(part, i * 300);
        }
        let found: Vec<_> = search.into_states().into_iter().map(TanimotoTopK::into_scores).collect();
        let mut expected = simd_find_within_tanimoto(&queries, &memory, 0.4);
        expected.iter_mut().for_each(|all| all.truncate(7));
        assert_eq!(found, expected);
    });
}
