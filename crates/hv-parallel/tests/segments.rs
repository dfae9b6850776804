//! Search over segments gives what a search over the one slice that they form would.

mod common;

use common::{ALWAYS, in_every_pool, tied};
use hv_parallel::for_storage::*;
use hv_parallel::hv_simd::*;
use hv_parallel::*;
use proptest::prelude::*;

/// Filter, sort and cut, in the obvious way.
fn obvious_top_k(
    query: &HV16,
    memory: &[HV16],
    k: usize,
    max_distance: u16,
    keep: impl Fn(usize) -> bool,
) -> Vec<(usize, u16)> {
    let distances = memory.iter().map(|v| simd_hamming(query, v) as u16).enumerate();
    let mut found: Vec<_> = distances.filter(|&(i, distance)| distance <= max_distance && keep(i)).collect();
    found.sort_by_key(|&(i, distance)| (distance, i));
    found.truncate(k);
    found
}

fn cut<'a>(memory: &'a [HV16], cuts: &[usize]) -> Vec<&'a [HV16]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (memory.len() + 1)).chain([0, memory.len()]).collect();
    cuts.sort_unstable();
    cuts.windows(2).map(|ends| &memory[ends[0]..ends[1]]).collect()
}

fn agrees(queries: &[HV16], memory: &[HV16], segments: &[&[HV16]], k: usize, max_distance: u16, rest: usize) {
    let keep = |i: usize| i % 3 != rest;
    let found = segments_find_top_k(queries, segments, k, max_distance, keep);
    let expected: Vec<_> = queries.iter().map(|q| obvious_top_k(q, memory, k, max_distance, keep)).collect();
    assert_eq!(found, expected, "k = {k}, within {max_distance}, without those that are {rest} modulo 3");
}

#[test]
fn cut_memories_agree_with_whole_ones() {
    set_thresholds(ALWAYS);
    let memory = tied(520);
    let cuts = [&[][..], &[1], &[0, 0, 520], &[64, 65, 300, 300, 519], &[128, 256, 384, 512]];
    in_every_pool(|_| {
        for cuts in cuts {
            let segments = cut(&memory, cuts);
            // 2,048 and more admit all; 3 is a filter that accepts all.
            for (max_distance, rest) in [(2048, 3), (u16::MAX, 1), (1, 3), (0, 1), (1024, 2)] {
                for k in [0, 1, 9, 520, usize::MAX] {
                    agrees(&memory[..2], &memory, &segments, k, max_distance, rest);
                }
                for queries in [0, 1, 20, 130] {
                    agrees(&memory[..queries], &memory, &segments, 2, max_distance, rest);
                }
            }
        }
    });
}

#[test]
fn no_segments_and_empty_ones_hold_nothing() {
    set_thresholds(ALWAYS);
    in_every_pool(|_| {
        for segments in [&[][..], &[&[][..]], &[&[][..], &[]]] {
            assert_eq!(segments_find_top_k(&tied(2), segments, 5, 2048, |_| true), [[], []]);
            assert_eq!(segments_find_similar_pairs(segments, 2048), []);
        }
    });
}

/// With a filter that rejects everything the bound never tightens, and with one that accepts only one vector the result
/// is there all the same.
#[test]
fn the_filter_comes_before_the_ranking() {
    set_thresholds(ALWAYS);
    let memory = tied(9_000);
    let segments = cut(&memory, &[4_096, 8_192]);
    in_every_pool(|_| {
        for queries in [&memory[..1], &memory[..60]] {
            assert_eq!(segments_find_top_k(queries, &segments, 3, 2048, |_| false), vec![vec![]; queries.len()]);
            for only in [100, 8_999] {
                let found = segments_find_top_k(queries, &segments, 3, 2048, |i| i == only);
                let expected = queries.iter().map(|query| vec![(only, simd_hamming(query, &memory[only]) as u16)]);
                assert_eq!(found, expected.collect::<Vec<_>>());
            }
        }
    });
}

#[test]
fn similar_pairs_agree_across_segments() {
    set_thresholds(ALWAYS);
    let memory = tied(300);
    in_every_pool(|_| {
        for cuts in [&[][..], &[1], &[64, 65, 200, 200]] {
            for max_distance in [0, 1, 1023, 2048, u16::MAX] {
                let distance = |i: usize, j: usize| simd_hamming(&memory[i], &memory[j]) as u16;
                let pairs = (0..300).flat_map(|i| (i + 1..300).map(move |j| (i, j)));
                let pairs = pairs.map(|(i, j)| (i, j, distance(i, j))).filter(|pair| pair.2 <= max_distance);
                let found = segments_find_similar_pairs(&cut(&memory, cuts), max_distance);
                assert_eq!(found, pairs.collect::<Vec<_>>(), "within {max_distance}");
            }
        }
    });
}

/// Parts of the rows, at and next to the ends of segments and of blocks of rows, give all pairs together.
#[test]
fn similar_pairs_of_some_rows_are_their_part() {
    set_thresholds(ALWAYS);
    let memory = tied(300);
    let segments = cut(&memory, &[64, 65, 200]);
    in_every_pool(|_| {
        for max_distance in [0, 1023, 2048] {
            let all = segments_find_similar_pairs(&segments, max_distance);
            for ends in [&[0, 300][..], &[0, 0, 1, 63, 65, 129, 299, 300], &[0, 200, 300, 300]] {
                let parts = ends.windows(2).map(|ends| ends[0]..ends[1]);
                let parts = parts.map(|rows| segments_find_similar_pairs_of(&segments, rows, max_distance));
                assert_eq!(parts.collect::<Vec<_>>().concat(), all, "within {max_distance}, cut at {ends:?}");
            }
        }
    });
}

#[test]
#[should_panic(expected = "rows 2..5 reach beyond the 4 vectors")]
fn rows_that_do_not_exist_are_a_programming_error() {
    let _ = segments_find_similar_pairs_of(&[&tied(4)], 2..5, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn random_memories_agree(
        n in 0usize..400,
        cuts in prop::collection::vec(any::<usize>(), 0..8),
        queries in 0usize..12,
        k in prop_oneof![0usize..20, Just(usize::MAX)],
        max_distance in prop_oneof![0u16..2100, 900u16..1100],
        rest in 0usize..4,
        threads in 1usize..9,
    ) {
        set_thresholds(ALWAYS);
        let memory = tied(n);
        let queries = &tied(12)[..queries];
        common::pool(threads).install(|| agrees(queries, &memory, &cut(&memory, &cuts), k, max_distance, rest));
    }
}
