//! The nearest and the k nearest.

use hv_simd::similarity_of_distance;

use super::backends;
use super::vectors::{distances, queries_and_memory};
use crate::input::Input;

pub(super) fn check(input: &mut Input<'_>) {
    let k = match input.below(8) {
        0 => 0,
        1 => 1,
        2 => usize::MAX,
        3 => input.below(600),
        _ => input.below(20),
    };
    let (queries, memory) = queries_and_memory(input);
    let ranked = |distances: Vec<u16>| {
        let mut ranked: Vec<(u16, usize)> = distances.into_iter().zip(0..).collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(distance, index)| (index, similarity_of_distance(distance))).collect::<Vec<_>>()
    };
    let ranked: Vec<_> = distances(&queries, &memory).into_iter().map(ranked).collect();
    let expected: Vec<_> = ranked.iter().map(|all| all[..k.min(all.len())].to_vec()).collect();
    let nearest: Vec<_> = ranked.iter().map(|all| all.first().copied()).collect();
    for kernels in backends() {
        let backend = kernels.backend();
        assert!(kernels.batch_find_top_k(&queries, &memory, k) == expected, "{backend}, k = {k}");
        let mut found = vec![Some((9, 9.0)); queries.len()];
        kernels.batch_find_most_similar_into(&queries, &memory, &mut found);
        assert_eq!(found, nearest, "{backend}");
        for ((query, expected), nearest) in queries.iter().zip(&expected).zip(&nearest).take(4) {
            assert_eq!(kernels.find_top_k(query, &memory, k), *expected, "{backend}, k = {k}");
            assert_eq!(kernels.find_most_similar(query, &memory), *nearest, "{backend}");
        }
    }
}
