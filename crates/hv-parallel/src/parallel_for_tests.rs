//! Tests of `parallel_for.rs` on the threads of the pool. `tests/interleavings.rs` has those on threads that a scheduler has take turns.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::parallel_for::{Helper, parallel_for};

/// A caller from outside waits for none that has ended, however it did.
#[test]
fn helpers_are_counted_until_they_end() {
    let helpers = AtomicUsize::new(0);
    let counted = || helpers.load(Ordering::Relaxed);
    let helper = Helper::new(&helpers);
    assert_eq!(counted(), 1);
    let panicked = std::panic::catch_unwind(move || {
        let _helper = helper;
        panic!("as a worker may");
    });
    assert!(panicked.is_err() && counted() == 0);
}

#[test]
fn one_part_or_one_thread_stays_with_the_caller() {
    let caller = std::thread::current().id();
    for (threads, parts) in [(8, 1), (1, 100)] {
        parallel_for(threads, 0..parts, |parts| {
            assert_eq!(std::thread::current().id(), caller);
            parts.for_each(drop);
        });
    }
}
