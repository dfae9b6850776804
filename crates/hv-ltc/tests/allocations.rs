//! A step allocates nothing. A test program of its own, because it counts what all threads allocate.

mod common;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[test]
fn a_step_allocates_nothing() {
    for network in common::all::<f32>() {
        let (mut state, mut batch) = (network.state(), network.batch(3));
        // The least of several rounds, since the test runner's own thread allocates now and then.
        let allocations = (0..10).map(|_| {
            let region = Region::new(ALLOCATOR);
            for _ in 0..3 {
                network.step(&[0.1, 0.2, 0.3], 0.5, &mut state).unwrap();
                network.step_batch(&[0.1; 9], &[0.5; 3], &mut batch).unwrap();
            }
            let change = region.change();
            change.allocations + change.reallocations
        });
        assert_eq!(allocations.min(), Some(0));
    }
}
