//! Flat results are those of the reference, whatever the pool, the number of results and the ties.

mod common;

use common::{ALWAYS, SIZES, in_every_pool, pool, tied};
use hv_parallel::hv_simd::hv_core::reference;
use hv_parallel::hv_simd::similarity_of_distance;
use hv_parallel::*;
use proptest::prelude::*;

/// Both functions against the reference.
fn agrees(queries: &[HV16], memory: &[HV16], k: usize, hits: &mut Hits) {
    let expected: Vec<_> = queries.iter().map(|query| reference::find_top_k(query, memory, k)).collect();
    for find in [parallel_batch_find_top_k_into, adaptive_batch_find_top_k_into] {
        find(queries, memory, k, hits);
        assert_eq!((hits.queries(), hits.k()), (queries.len(), k.min(memory.len())));
        let slots = queries.len() * hits.k();
        assert_eq!((hits.indices().len(), hits.distances().len()), (slots, slots));
        for (query, expected) in expected.iter().enumerate() {
            let found: Vec<(usize, f32)> =
                hits.get(query).map(|(index, d)| (index, similarity_of_distance(d))).collect();
            assert_eq!((&found, hits.len(query)), (expected, expected.len()), "query {query}, k = {k}");
        }
        let nested = hits.to_nested();
        assert!(nested.iter().enumerate().all(|(query, found)| hits.get(query).eq(found.iter().copied())));
    }
}

#[test]
fn every_k_and_size_agrees_with_the_reference() {
    let memory = tied(1_100);
    for thresholds in [ALWAYS, Thresholds::from_fn(|_| usize::MAX)] {
        set_thresholds(thresholds);
        in_every_pool(|_| {
            // The same one for all, so that what is left of a search shows in the next.
            let mut hits = Hits::new();
            for n in SIZES {
                for k in [0, 1, 3, n, n + 1, usize::MAX] {
                    if k < 4 || n < 130 {
                        agrees(&memory[..2], &memory[..n], k, &mut hits);
                    }
                }
            }
            for queries in [0, 1, 3, 130, 600] {
                agrees(&memory[..queries], &memory[..20], 2, &mut hits);
                agrees(&memory[..queries], &[], 2, &mut hits);
            }
        });
    }
}

/// More results than the heap of a query has room for at first, by either split.
#[test]
fn many_results_agree_with_nested_ones() {
    set_thresholds(ALWAYS);
    let memory = tied(9_000);
    let mut hits = Hits::new();
    for (queries, k) in [(1, 5_000), (1, 9_000), (70, 500), (130, 3)] {
        pool(2).install(|| adaptive_batch_find_top_k_into(&memory[..queries], &memory, k, &mut hits));
        let nested = adaptive_batch_find_top_k(&memory[..queries], &memory, k);
        let found: Vec<Vec<_>> =
            (0..queries).map(|query| hits.get(query).map(|(i, d)| (i, similarity_of_distance(d))).collect()).collect();
        assert_eq!(found, nested, "{queries} queries, k = {k}");
    }
}

#[test]
fn a_value_keeps_its_memory() {
    let memory = tied(300);
    let mut hits = Hits::new();
    adaptive_batch_find_top_k_into(&memory[..50], &memory, 10, &mut hits);
    let addresses = |hits: &Hits| (hits.indices().as_ptr(), hits.distances().as_ptr());
    let first = addresses(&hits);
    for (queries, k) in [(50, 10), (7, 3), (100, 5)] {
        adaptive_batch_find_top_k_into(&memory[..queries], &memory, k, &mut hits);
        assert_eq!(addresses(&hits), first);
    }
}

#[test]
fn slots_without_a_result_are_marked() {
    let mut hits = Hits::new();
    assert_eq!((hits.queries(), hits.k(), hits.indices(), hits.distances()), (0, 0, &[][..], &[][..]));
    hits.reset(3, 2);
    hits.set(0, [(5, 1), (2, 7)]);
    hits.set(2, [(9, 2048)]);
    let none = Hits::NO_INDEX;
    assert_eq!((Hits::NO_INDEX, Hits::NO_DISTANCE), (u64::MAX, u16::MAX));
    assert_eq!(hits.indices(), [5, 2, none, none, 9, none]);
    assert_eq!(hits.distances(), [1, 7, Hits::NO_DISTANCE, Hits::NO_DISTANCE, 2048, Hits::NO_DISTANCE]);
    assert_eq!([0, 1, 2].map(|query| hits.len(query)), [2, 0, 1]);
    assert_eq!(hits.to_nested(), [vec![(5, 1), (2, 7)], vec![], vec![(9, 2048)]]);
    assert_eq!(hits.get(0).rev().collect::<Vec<_>>(), [(2, 7), (5, 1)]);
    hits.set(0, []);
    assert_eq!((hits.len(0), hits.indices()[0]), (0, none), "what was there is gone");
    hits.reset(1, 0);
    assert_eq!((hits.queries(), hits.k(), hits.len(0)), (1, 0, 0));
}

#[test]
#[should_panic(expected = "there is no query 2: there are 2")]
fn a_query_that_does_not_exist() {
    let mut hits = Hits::new();
    hits.reset(2, 3);
    let _ = hits.len(2);
}

#[test]
#[should_panic(expected = "more results than the 1 slots of the query")]
fn more_results_than_slots() {
    let mut hits = Hits::new();
    hits.reset(2, 1);
    hits.set(0, [(1, 1), (2, 2)]);
}

proptest! {
    #[test]
    fn random_searches_agree_with_the_reference(
        seeds in prop::collection::vec(0u64..40, 0..300),
        queries in prop::collection::vec(0u64..80, 0..20),
        k in prop_oneof![0usize..40, Just(usize::MAX)],
        threads in 1usize..9,
    ) {
        set_thresholds(ALWAYS);
        let [memory, queries] = [&seeds, &queries].map(|s| s.iter().map(|&s| HV16::random(s)).collect::<Vec<_>>());
        pool(threads).install(|| agrees(&queries, &memory, k, &mut Hits::new()));
    }
}
