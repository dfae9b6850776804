//! The first query near each target, for every pool, against the obvious search.

mod common;

use common::{ALWAYS, in_every_pool, tied};
use hv_parallel::for_storage::*;
use hv_parallel::hv_simd::*;
use hv_parallel::*;

#[test]
fn the_first_is_the_first_for_any_pool_and_distance() {
    set_thresholds(ALWAYS);
    let memory = tied(700);
    in_every_pool(|_| {
        for (queries, targets) in [(0, 9), (1, 0), (1, 700), (64, 699), (128, 257), (129, 256), (300, 513)] {
            let (queries, targets) = (&memory[..queries], &memory[700 - targets..]);
            for max_distance in [0, 1, 900, 1024, 2048, u16::MAX] {
                let near = |a: &HV16, b: &HV16| simd_hamming(a, b) <= u32::from(max_distance);
                let expected: Vec<_> = targets.iter().map(|t| queries.iter().position(|q| near(q, t))).collect();
                let mut first = vec![Some(usize::MAX); targets.len()];
                adaptive_first_within_into(queries, targets, max_distance, &mut first);
                assert_eq!(first, expected, "{} queries within {max_distance}", queries.len());
            }
        }
    });
}

#[test]
#[should_panic(expected = "first within: 1 inputs, but room for 0 results")]
fn room_for_every_target() {
    adaptive_first_within_into(&[], &[HV16::ZERO], 0, &mut []);
}
