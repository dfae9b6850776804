//! Adaptive functions on both sides of their thresholds. A program of its own, because thresholds are the process's.

mod common;

use common::tied;
use hv_parallel::*;

/// The forms that write into a slice write what the others return.
fn into_forms_agree(queries: &[HV16; 1], memory: &[HV16], sets: &[&[HV16]]) {
    let (query, n) = (&queries[0], memory.len());
    let mut bound = vec![HV16::ONES; n];
    adaptive_batch_bind_into(memory, query, &mut bound);
    assert_eq!(bound, adaptive_batch_bind(memory, query));
    adaptive_batch_bind_pairs_into(memory, memory, &mut bound);
    assert_eq!(bound, adaptive_batch_bind_pairs(memory, memory));
    let mut similarities = vec![7.0; n];
    adaptive_batch_similarity_into(query, memory, &mut similarities);
    assert_eq!(similarities, adaptive_batch_similarity(query, memory));
    let mut bundles = vec![Some(HV16::ONES); sets.len()];
    adaptive_batch_bundle_into(sets, &mut bundles);
    assert_eq!(bundles, adaptive_batch_bundle(sets));
    let mut nearest = vec![Some((7, 7.0))];
    adaptive_batch_find_most_similar_into(queries, memory, &mut nearest);
    assert_eq!(nearest, adaptive_batch_find_most_similar(queries, memory));
}

/// Sizes on both sides of each threshold, where the adaptive functions change their path.
#[test]
fn adaptive_paths_agree_around_their_thresholds() {
    let vectors = tied(70);
    let (query, sets) = (vectors[3], vectors.chunks(1).collect::<Vec<_>>());
    for threshold in [1, 2, 33, 64, 65] {
        let per_set = threshold * (1 + Thresholds::SET_WORK);
        let t = Thresholds {
            bind: threshold,
            similarity: threshold,
            bundle: per_set,
            nearest: threshold,
            top_k: threshold,
        };
        set_thresholds(t);
        for n in [threshold - 1, threshold, threshold + 1] {
            let (memory, sets) = (&vectors[..n], &sets[..n]);
            assert_eq!(adaptive_batch_bind(memory, &query), parallel_batch_bind(memory, &query));
            assert_eq!(adaptive_batch_bind_pairs(memory, memory), vec![HV16::ZERO; n]);
            assert_eq!(adaptive_batch_similarity(&query, memory), parallel_batch_similarity(&query, memory));
            assert_eq!(adaptive_batch_bundle(sets), parallel_batch_bundle(sets));
            let queries = &[query];
            assert_eq!(
                adaptive_batch_find_most_similar(queries, memory),
                parallel_batch_find_most_similar(queries, memory)
            );
            into_forms_agree(queries, memory, sets);
            assert_eq!(adaptive_batch_find_top_k(queries, memory, 0), [[]]);
            assert_eq!(adaptive_batch_find_top_k(queries, memory, 3), parallel_batch_find_top_k(queries, memory, 3));
        }
    }
}
