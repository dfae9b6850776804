//! Scans by tiles: where they are left, what a thread keeps from one to the next, and from how many queries on there are any.

mod common;

use common::{ChaCha8Rng, MANY, all_kernels, random};
use hv_simd::hv_core::rand_core::{Rng, SeedableRng};
use hv_simd::hv_core::reference;
use hv_simd::workspace_internals::Kernels;
use hv_simd::{Bound, HV16};

/// Vectors with few ones. Their distances grow more slowly from word to word than the distances of random vectors.
fn sparse(n: usize, ones: u64, seed: u64) -> Vec<HV16> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut vectors = vec![HV16::ZERO; n];
    for v in &mut vectors {
        (0..ones).for_each(|_| v.set_bit(rng.next_u64() as usize % HV16::DIM, true));
    }
    vectors
}

/// Checks what a scan reports under a constant bound.
fn assert_reports_all_below(kernels: &Kernels, queries: &[HV16], memory: &[HV16], bound: Bound) {
    let mut found = vec![Vec::new(); queries.len()];
    kernels.scan(queries, memory, 0, &mut vec![bound; queries.len()], &mut |q, index, distance| {
        found[q].push((index, distance));
        bound
    });
    for (query, found) in queries.iter().zip(found) {
        let distances = memory.iter().map(|v| reference::hamming(query, v) as u16).enumerate();
        let below: Vec<_> = distances.filter(|&(_, distance)| bound.admits(distance)).collect();
        assert_eq!(found, below, "{}, {bound:?}", kernels.backend());
    }
}

/// Some vectors of a tile reach the bound later than others, after any number of looks, and some never.
#[test]
fn tiles_of_sparse_vectors_are_left_only_when_all_are_far() {
    let queries = sparse(MANY, 25, 1);
    let mut memory = sparse(480, 25, 2); // nearly a tile of the widest lanes, so worth one
    for kernels in all_kernels() {
        for first in (0..HV16::DIM).step_by(500) {
            for distance in [3, 16] {
                // It differs from a query in bits of one region alone.
                memory[100] = queries[3];
                (first..first + distance)
                    .for_each(|i| memory[100].set_bit(i % HV16::DIM, !queries[3].bit(i % HV16::DIM)));
                assert_reports_all_below(kernels, &queries, &memory, Bound::within(distance as u16));
                assert_reports_all_below(kernels, &queries, &memory, Bound::below(distance as u16));
                assert_reports_all_below(kernels, &memory, &queries, Bound::within(distance as u16));
            }
        }
        assert_reports_all_below(kernels, &queries, &memory, Bound::below(45));
    }
}

/// What a thread keeps of the queries of the last scan is for these alone.
#[test]
fn a_scan_does_not_take_the_last_ones_queries() {
    let memory = random(300, 3);
    let mut queries = random(MANY, 4);
    for kernels in all_kernels() {
        for changed in [0, 1, MANY - 1] {
            assert_reports_all_below(kernels, &queries, &memory, Bound::below(1_000));
            queries[changed] = !queries[changed];
            assert_reports_all_below(kernels, &queries, &memory, Bound::below(1_000));
        }
        assert_reports_all_below(kernels, &queries[..MANY - 1], &memory, Bound::below(1_000));
        assert_reports_all_below(kernels, &queries, &memory, Bound::below(1_000));
    }
}

/// Just below and above the measured number of queries, and with others in its place.
#[test]
fn results_do_not_depend_on_where_tiles_begin() {
    let (queries, memory) = (random(MANY, 5), random(700, 6));
    let ranked: Vec<_> = queries.iter().map(|query| reference::find_top_k(query, &memory, 7)).collect();
    for kernels in all_kernels() {
        let measured = kernels.min_queries();
        assert!(kernels.tile(measured) >= 64 && kernels.tile(measured - 1) == 64, "{}", kernels.backend());
        for q in [measured.saturating_sub(1), measured, 40].map(|q| q.min(MANY)) {
            for min_queries in [0, 1, q, q + 1, measured, usize::MAX] {
                let other = kernels.with_min_queries(min_queries);
                assert_eq!(other.batch_find_top_k(&queries[..q], &memory, 7), ranked[..q], "{}", kernels.backend());
            }
        }
        assert_eq!(kernels.with_min_queries(usize::MAX).tile(100), 64);
    }
}
