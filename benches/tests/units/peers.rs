use hv_parallel::hv_simd::{simd_batch_find_top_k, similarity_of_distance};

use super::*;
use crate::inputs::vectors;

/// A peer that was given other work would be compared in vain.
#[test]
fn peers_find_the_same() {
    let (memory, queries) = (vectors(200, 1), vectors(5, 2));
    let expected = simd_batch_find_top_k(&queries, &memory, 10);
    for peer in ALL {
        let mut buffer = vec![0; memory.len()];
        let found = peer.top_k(&queries, &memory, 10, &mut buffer);
        let similar = |found: &Vec<(usize, u16)>| found.iter().map(|&(i, d)| (i, similarity_of_distance(d))).collect();
        let found: Vec<Vec<(usize, f32)>> = found.iter().map(similar).collect();
        assert_eq!(found, expected, "{}", peer.name);
        let nearest = peer.nearest(&queries, &memory, &mut buffer);
        let nearest: Vec<usize> = nearest.into_iter().flatten().map(|(i, _)| i).collect();
        assert_eq!(nearest, expected.iter().map(|found| found[0].0).collect::<Vec<_>>(), "{}", peer.name);
    }
}
