//! A pruned search finds what a plain one does, but for vectors whose prefix is cut off.

mod common;

use common::{ALWAYS, in_every_pool};
use hv_parallel::for_storage::*;
use hv_parallel::hv_simd::*;
use hv_parallel::*;
use hv_simd::workspace_internals::Prefix;
use proptest::prelude::*;

/// Filter, sort and cut, in the obvious way.
/// The share of vectors that may remain, as one in this many: other queries share what is read in order.
fn worth(queries: &[HV16]) -> usize {
    if queries.len() == 1 { 12 } else { 40 }
}

fn obvious(query: &HV16, memory: &[HV16], k: usize, within: u16, prefix_within: u16, rest: usize) -> Vec<(usize, u16)> {
    let prefix = |v: &HV16| (0..512).filter(|&i| v.bit(i) != query.bit(i)).count();
    let distances = memory.iter().map(|v| simd_hamming(query, v) as u16).enumerate();
    let mut found: Vec<_> = distances
        .filter(|&(i, distance)| distance <= within && i % 3 != rest && prefix(&memory[i]) <= prefix_within.into())
        .collect();
    found.sort_by_key(|&(i, distance)| (distance, i));
    found.truncate(k);
    found
}

/// Unrelated vectors, and every so often one that differs from `query` in up to 700 bits.
fn memory(query: &HV16, n: usize, every: usize) -> Vec<HV16> {
    let near = |i: usize| {
        let mut v = *query;
        for j in 0..i * 37 % 700 {
            let bit = (j * 1031 + i * 7) % 2048;
            v.set_bit(bit, !v.bit(bit));
        }
        v
    };
    (0..n).map(|i| if i % every == 1 { near(i) } else { HV16::random(i as u64) }).collect()
}

fn prefixes(vectors: &[HV16]) -> Vec<Prefix> {
    vectors.iter().map(Prefix::of).collect()
}

#[test]
fn agrees_with_the_obvious_on_every_pool() {
    set_thresholds(ALWAYS);
    // More than a block of them; the first and the last have near vectors.
    let mut queries: Vec<HV16> = (0..131).map(|i| HV16::random(1 << 40 | i)).collect();
    let query = queries[0];
    queries[130] = query;
    for every in [1, 2, 9, 300] {
        let memory = memory(&query, 30_000, every);
        let planes: Vec<Prefix> = prefixes(&memory);
        let parts = [(0, 17), (17, 20_000), (20_000, 20_000), (20_000, 30_000)];
        let segments = parts.map(|(from, to)| {
            // The first is too small for a plane.
            let prefixes = if from == 0 { &[][..] } else { &planes[from..to] };
            WithPrefixes { vectors: &memory[from..to], prefixes }
        });
        for (k, within, prefix_within) in
            [(1, 2048, 2048), (5, 300, 300), (usize::MAX, 163, 163), (7, 614, 208), (usize::MAX, 614, 120), (0, 9, 9)]
        {
            let expected = [0, 1].map(|i| obvious(&queries[i], &memory, k, within, prefix_within, 2));
            in_every_pool(|_| {
                for count in [1, if every == 9 { 131 } else { 2 }] {
                    let queries = &queries[..count];
                    let pruned =
                        segments_find_pruned(queries, &segments, k, within, prefix_within, worth(queries), |i| {
                            i % 3 != 2
                        });
                    assert_eq!(pruned.len(), count);
                    for i in [0, 1, 130].into_iter().filter(|&i| i < count) {
                        let (found, expected) = (&pruned[i].found, &expected[i % 130]);
                        assert_eq!(
                            found, expected,
                            "one in {every}, {k} within {within}, prefixes within {prefix_within}"
                        );
                        assert!(pruned[i].read_in_full <= 30_000);
                        if every == 300 && within < 200 {
                            assert!(pruned[i].read_in_full < 1_000, "{}", pruned[i].read_in_full);
                        }
                    }
                }
            });
        }
    }
}

proptest! {
    #[test]
    fn with_a_cut_at_the_distance_nothing_is_missed(
        seed: u64,
        n in 0..600usize,
        every in 1..20usize,
        k in 0..9usize,
        within in 0..900u16,
    ) {
        let query = HV16::random(seed);
        let memory = memory(&query, n, every);
        let prefixes = prefixes(&memory);
        let queries = [query, HV16::random(seed ^ 1), query];
        let segments = [WithPrefixes { vectors: &memory, prefixes: &prefixes }];
        let pruned = segments_find_pruned(&queries, &segments, k, within, within, worth(&queries), |_| true);
        let plain = segments_find_top_k(&queries, &[&memory], k, within, |_| true);
        prop_assert!(pruned.iter().map(|pruned| &pruned.found).eq(&plain));
        prop_assert!(segments_find_pruned(&[], &segments, k, within, within, 12, |_| true).is_empty());
    }
}

#[test]
#[should_panic(expected = "a plane of 1 prefixes for 2 vectors")]
fn a_plane_of_another_length() {
    let vectors = [HV16::random(1), HV16::random(2)];
    let prefixes = [Prefix::of(&vectors[0])];
    let _ = segments_find_pruned(
        &vectors[..1],
        &[WithPrefixes { vectors: &vectors, prefixes: &prefixes }],
        1,
        9,
        9,
        12,
        |_| true,
    );
}

/// Vectors that lie together are read in order, and so are some after them; then the plane is tried again.
#[test]
fn a_cluster_does_not_end_the_pruning() {
    const PIECE: usize = 2_048;
    let (query, unrelated) = (HV16::random(1), HV16::random(2));
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for (near, read) in [(0, 0), (1, 17), (2, 17), (20, 20)] {
        let memory: Vec<HV16> = (0..20 * PIECE).map(|i| if i / PIECE < near { query } else { unrelated }).collect();
        let segments = [WithPrefixes { vectors: &memory, prefixes: &prefixes(&memory) }];
        let pruned =
            one.install(|| segments_find_pruned(&[query], &segments, usize::MAX, 163, 163, 12, |_| true).remove(0));
        assert_eq!((pruned.found.len(), pruned.read_in_full), (near * PIECE, (read * PIECE) as u64));
    }
}
