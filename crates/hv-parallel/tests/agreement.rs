//! Parallel, chunked, adaptive and sequential give the same bits, in pools of every size.

mod common;

use common::{ALWAYS, SIZES, in_every_pool, tied};
use hv_parallel::hv_simd::hv_core::reference;
use hv_parallel::hv_simd::*;
use hv_parallel::*;
use proptest::prelude::*;

const KS: [usize; 4] = [0, 1, 10, usize::MAX];

/// Top-k where `all` is the ranking of the whole memory.
fn first(all: &[Vec<(usize, f32)>], k: usize) -> Vec<Vec<(usize, f32)>> {
    all.iter().map(|all| all[..k.min(all.len())].to_vec()).collect()
}

/// Every operation on `n` vectors, adaptive ones in parallel, against its sequential twin.
fn agrees_with_the_twins(n: usize) {
    let vectors = tied(n);
    let key = HV16::random(99);

    let bound: Vec<HV16> = vectors.iter().map(|v| simd_bind(v, &key)).collect();
    let mut out = vec![HV16::ONES; n];
    parallel_batch_bind_into(&vectors, &key, &mut out);
    assert_eq!(out, bound);
    assert_eq!(parallel_batch_bind(&vectors, &key), bound);
    assert_eq!(adaptive_batch_bind(&vectors, &key), bound);
    out.fill(HV16::ONES);
    adaptive_batch_bind_into(&vectors, &key, &mut out);
    assert_eq!(out, bound);
    assert_eq!(parallel_batch_bind_pairs(&vectors, &vec![key; n]), bound);
    assert_eq!(adaptive_batch_bind_pairs(&vectors, &vec![key; n]), bound);
    out.fill(HV16::ONES);
    parallel_batch_bind_pairs_into(&vectors, &bound, &mut out);
    assert_eq!(out, vec![key; n]);
    out.fill(HV16::ONES);
    adaptive_batch_bind_pairs_into(&vectors, &bound, &mut out);
    assert_eq!(out, vec![key; n]);

    let similarities: Vec<f32> = vectors.iter().map(|v| simd_similarity(&vectors[0], v)).collect();
    let query = vectors.first().copied().unwrap_or(key);
    assert_eq!(parallel_batch_similarity(&query, &vectors), similarities);
    assert_eq!(adaptive_batch_similarity(&query, &vectors), similarities);
    let mut out = vec![7.0; n];
    adaptive_batch_similarity_into(&query, &vectors, &mut out);
    assert_eq!(out, similarities);
    for chunk_size in [0, 1, 7, 64, n, n + 1, usize::MAX] {
        assert_eq!(parallel_chunked_similarity(&query, &vectors, chunk_size), similarities, "chunks of {chunk_size}");
    }

    assert_eq!(parallel_bundle(&vectors), simd_bundle(&vectors));
}

#[test]
fn every_size_agrees_with_the_sequential_twins() {
    set_thresholds(ALWAYS);
    in_every_pool(|_| SIZES.into_iter().for_each(agrees_with_the_twins));
}

/// Of unrelated vectors every one counts: a part that is lost or merged twice changes bits.
#[test]
fn one_large_bundle_counts_every_vector_once() {
    let vectors: Vec<HV16> = (0..20_001).map(HV16::random).collect();
    // The large ones last long enough for the helpers to wake and count too.
    for n in [256, 257, 512, 513, 3_001, 20_000, 20_001] {
        let expected = simd_bundle(&vectors[..n]);
        in_every_pool(|_| (0..5).for_each(|_| assert_eq!(parallel_bundle(&vectors[..n]), expected, "{n} vectors")));
    }
}

#[test]
fn batches_agree_with_the_reference() {
    set_thresholds(ALWAYS);
    let vectors = tied(130);
    let key = HV16::random(99);
    let bound: Vec<HV16> = vectors.iter().map(|v| *v ^ key).collect();
    let similarities: Vec<f32> = vectors.iter().map(|v| reference::similarity(&key, v)).collect();
    let sets: Vec<&[HV16]> = vectors.chunks(9).collect();
    let bundles: Vec<Option<HV16>> = sets.iter().map(|set| reference::bundle(set)).collect();
    let whole = reference::bundle(&vectors);
    in_every_pool(|_| {
        assert_eq!(parallel_batch_bind(&vectors, &key), bound);
        assert_eq!(adaptive_batch_bind(&vectors, &key), bound);
        assert_eq!(parallel_batch_bind_pairs(&vectors, &[key; 130]), bound);
        assert_eq!(parallel_batch_similarity(&key, &vectors), similarities);
        assert_eq!(adaptive_batch_similarity(&key, &vectors), similarities);
        assert_eq!(parallel_chunked_similarity(&key, &vectors, 17), similarities);
        assert_eq!(parallel_batch_bundle(&sets), bundles);
        assert_eq!(adaptive_batch_bundle(&sets), bundles);
        assert_eq!(parallel_bundle(&vectors), whole);
    });
}

#[test]
fn bundles_of_sets_agree() {
    set_thresholds(ALWAYS);
    let vectors = tied(200);
    let sets: Vec<&[HV16]> = (0..150).map(|i| &vectors[i..i + i * i % 50]).collect();
    let expected: Vec<Option<HV16>> = sets.iter().map(|set| simd_bundle(set)).collect();
    assert!(expected[0].is_none() && expected[10].is_none(), "some sets are empty");
    in_every_pool(|_| {
        for n in [0, 1, 2, 9, 150] {
            assert_eq!(parallel_batch_bundle(&sets[..n]), expected[..n]);
            assert_eq!(adaptive_batch_bundle(&sets[..n]), expected[..n]);
            let mut out = vec![Some(HV16::ONES); n];
            parallel_batch_bundle_into(&sets[..n], &mut out);
            assert_eq!(out, expected[..n]);
            out.fill(Some(HV16::ONES));
            adaptive_batch_bundle_into(&sets[..n], &mut out);
            assert_eq!(out, expected[..n]);
        }
    });
}

fn searches_agree(queries: &[HV16], memory: &[HV16]) {
    let mut nearest = vec![None; queries.len()];
    simd_batch_find_most_similar_into(queries, memory, &mut nearest);
    assert_eq!(parallel_batch_find_most_similar(queries, memory), nearest);
    assert_eq!(adaptive_batch_find_most_similar(queries, memory), nearest);
    let mut out = vec![Some((7, 7.0)); queries.len()];
    parallel_batch_find_most_similar_into(queries, memory, &mut out);
    assert_eq!(out, nearest);
    out.fill(Some((7, 7.0)));
    adaptive_batch_find_most_similar_into(queries, memory, &mut out);
    assert_eq!(out, nearest);

    let all = simd_batch_find_top_k(queries, memory, memory.len());
    for k in KS.into_iter().chain([memory.len(), memory.len() + 1]) {
        let expected = first(&all, k);
        assert_eq!(parallel_batch_find_top_k(queries, memory, k), expected, "k = {k}");
        assert_eq!(adaptive_batch_find_top_k(queries, memory, k), expected, "k = {k}");
    }
}

#[test]
fn searches_agree_for_every_number_of_queries_and_vectors() {
    set_thresholds(ALWAYS);
    in_every_pool(|threads| {
        // Around what the split by queries needs, and what a block has.
        for queries in [0, 1, 2, threads.saturating_sub(1), threads, 2 * threads, 127, 128, 129] {
            for n in [0, 1, 127, 128, 129, 300] {
                searches_agree(&tied(queries), &tied(n));
            }
        }
        for n in SIZES {
            searches_agree(&tied(2), &tied(n));
        }
    });
}

/// Many queries over a memory large enough to be split: both splits, and blocks of queries within one.
#[test]
fn searches_agree_on_both_sides_of_the_split_by_memory() {
    set_thresholds(ALWAYS);
    let memory = tied(8_193);
    for n in [8_191, 8_192, 8_193] {
        common::pool(2).install(|| {
            let (queries, memory) = (&memory[..130], &memory[..n]);
            for k in [1, 64, 65] {
                assert_eq!(parallel_batch_find_top_k(queries, memory, k), simd_batch_find_top_k(queries, memory, k));
            }
            let mut nearest = vec![None; queries.len()];
            simd_batch_find_most_similar_into(queries, memory, &mut nearest);
            assert_eq!(parallel_batch_find_most_similar(queries, memory), nearest);
        });
    }
}

/// Enough queries to be split by blocks; fewer are not.
#[test]
fn searches_agree_on_both_sides_of_the_split_of_many_queries() {
    set_thresholds(ALWAYS);
    let (queries, memory) = (tied(1_025), tied(1_300));
    let expected = simd_batch_find_top_k(&queries, &memory, 2);
    for n in [1_023, 1_024, 1_025] {
        let found = common::pool(2).install(|| parallel_batch_find_top_k(&queries[..n], &memory, 2));
        assert_eq!(found, expected[..n]);
    }
}

#[test]
fn searches_agree_with_the_reference() {
    set_thresholds(ALWAYS);
    let (queries, memory) = (tied(5), tied(150));
    let expected: Vec<_> = queries.iter().map(|q| reference::find_top_k(q, &memory, 150)).collect();
    in_every_pool(|_| {
        for k in KS {
            assert_eq!(parallel_batch_find_top_k(&queries, &memory, k), first(&expected, k));
        }
        let nearest: Vec<_> = expected.iter().map(|all| Some(all[0])).collect();
        assert_eq!(parallel_batch_find_most_similar(&queries, &memory), nearest);
    });
}

#[test]
fn all_pairs_and_similar_pairs_agree_with_the_reference() {
    let all = tied(140);
    let expected: Vec<Vec<f32>> =
        all.iter().map(|a| all.iter().map(|b| reference::similarity(a, b)).collect()).collect();
    in_every_pool(|_| {
        for n in [0, 1, 2, 63, 64, 65, 140] {
            let vectors = &all[..n];
            let rows: Vec<Vec<f32>> = expected[..n].iter().map(|row| row[..n].to_vec()).collect();
            assert_eq!(parallel_all_pairs_similarity(vectors), rows);
            // 1 - 1/2048 and 1 are similarities that occur: the threshold is inclusive.
            for threshold in [f32::NEG_INFINITY, -1.0, 0.0, 0.5, 1.0 - 1.0 / 2048.0, 1.0, 1.001, f32::INFINITY] {
                let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
                let pairs = pairs.map(|(i, j)| (i, j, expected[i][j])).filter(|pair| pair.2 >= threshold);
                let pairs: Vec<_> = pairs.collect();
                assert_eq!(parallel_find_similar_pairs(vectors, threshold), pairs, "threshold {threshold}");
            }
        }
    });
}

#[test]
fn all_pairs_agree_across_tiles() {
    let vectors = tied(513);
    let rows = parallel_all_pairs_similarity(&vectors);
    for (query, row) in vectors.iter().zip(&rows) {
        let mut expected = vec![0.0; 513];
        simd_similarities_into(query, &vectors, &mut expected);
        assert_eq!(row, &expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn random_searches_agree(
        seeds in prop::collection::vec(0u64..40, 0..300),
        queries in prop::collection::vec(0u64..80, 0..20),
        k in prop_oneof![0usize..40, Just(usize::MAX)],
        threads in 1usize..9,
    ) {
        set_thresholds(ALWAYS);
        let [memory, queries] = [&seeds, &queries].map(|s| s.iter().map(|&s| HV16::random(s)).collect::<Vec<_>>());
        let found = common::pool(threads).install(|| adaptive_batch_find_top_k(&queries, &memory, k));
        prop_assert_eq!(found, simd_batch_find_top_k(&queries, &memory, k));
    }

    #[test]
    fn random_bundles_agree(seeds in prop::collection::vec(0u64..9, 0..900), threads in 1usize..9) {
        let vectors: Vec<HV16> = seeds.iter().map(|&s| HV16::random(s)).collect();
        prop_assert_eq!(common::pool(threads).install(|| parallel_bundle(&vectors)), simd_bundle(&vectors));
    }
}
