//! Bind, permute, distances and similarities.

use hv_simd::HV16;
use hv_simd::hv_core::reference;

use super::backends;
use super::vectors::{distances, side, vectors};
use crate::input::Input;

pub(super) fn check(input: &mut Input<'_>) {
    let n = side(input);
    let rotation = match input.below(4) {
        0 => input.u32() as i32,
        1 => [i32::MIN, i32::MAX][input.below(2)],
        _ => i32::from(input.u16()) - (1 << 15),
    };
    // Not always where an allocation starts.
    let skipped = input.below(4);
    let all = vectors(input, skipped + 2 * n + 1);
    let (query, all) = (&all[skipped], &all[skipped + 1..]);
    let (a, b) = all.split_at(n);
    let expected = distances(std::slice::from_ref(query), a).swap_remove(0);
    let permuted = reference::permute(query, rotation);
    assert_eq!(query.permute(rotation), permuted, "by {rotation}");
    for kernels in backends() {
        let backend = kernels.backend();
        assert_eq!(kernels.permute(query, rotation), permuted, "{backend}, by {rotation}");
        let mut found = vec![7; n];
        kernels.distances_into(query, a, &mut found);
        assert_eq!(found, expected, "{backend}");
        let mut similarities = vec![7.0; n];
        kernels.similarities_into(query, a, &mut similarities);
        for ((vector, &distance), &found) in a.iter().zip(&expected).zip(&similarities) {
            assert_eq!(kernels.hamming(query, vector), u32::from(distance), "{backend}");
            assert_eq!(kernels.similarity(query, vector), hv_simd::similarity_of_distance(distance), "{backend}");
            assert_eq!(found, hv_simd::similarity_of_distance(distance), "{backend}");
        }
        let mut out = vec![HV16::ONES; n];
        kernels.bind_into(a, query, &mut out);
        assert!(out.iter().zip(a).all(|(out, a)| *out == a ^ query), "{backend}");
        kernels.bind_pairs_into(a, b, &mut out);
        assert!(out.iter().zip(a.iter().zip(b)).all(|(out, (a, b))| *out == a ^ b), "{backend}");
    }
}
