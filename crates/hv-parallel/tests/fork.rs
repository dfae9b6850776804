//! After a fork, and where the system gives no threads, batches compute on the calling thread alone.

#![cfg(unix)]

mod common;

use std::process::Command;

use common::fork::{End, fork};
use common::{ALWAYS, pool, tied};
use hv_parallel::for_storage::{note_process, segments_find_top_k};
use hv_parallel::*;

/// Every function that may use a pool.
fn all(memory: &[HV16]) -> Vec<Vec<(usize, f32)>> {
    set_thresholds(ALWAYS);
    let key = HV16::random(1);
    let bound = adaptive_batch_bind(memory, &key);
    assert_eq!(parallel_batch_bind(memory, &key), bound);
    assert_eq!(adaptive_batch_bind_pairs(memory, &bound), vec![key; memory.len()]);
    let similarities = adaptive_batch_similarity(&key, memory);
    assert_eq!(parallel_chunked_similarity(&key, memory, 7), similarities);
    assert_eq!(parallel_all_pairs_similarity(&memory[..9]).len(), 9);
    assert_eq!(adaptive_batch_bundle(&[memory, &bound]), parallel_batch_bundle(&[memory, &bound]));
    assert_eq!(parallel_bundle(memory), hv_simd::simd_bundle(memory));
    assert_eq!(parallel_find_similar_pairs(&memory[..9], 2.0), []);
    assert_eq!(adaptive_batch_find_most_similar(memory, memory)[0], Some((0, 1.0)));
    assert_eq!(segments_find_top_k(&memory[..1], &[memory], 3, 2048, |_| true).len(), 1);
    assert!(parallelism_info().pool_threads > 0);
    adaptive_batch_find_top_k(&memory[..3], memory, 4)
}

/// In a process of its own: which pools a process has used decides, and all tests of a program share one.
fn alone(test: &str, variable: (&str, &str)) {
    let child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env(variable.0, variable.1)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout).into_owned() + &String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success() && text.contains("1 passed"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn a_child_of_a_process_that_has_used_the_pool() {
    alone("forks_after_using_the_pool", ("RAYON_NUM_THREADS", "3"));
}

#[test]
#[ignore = "run in a child"]
fn forks_after_using_the_pool() {
    let memory = tied(2_000);
    let expected = all(&memory);
    assert_eq!(parallelism_info().pool_threads, 3);
    for _ in 0..3 {
        let child = fork(|| {
            assert_eq!(parallelism_info().pool_threads, 1);
            assert_eq!(all(&memory), expected);
            // Its own children, too.
            assert_eq!(fork(|| assert_eq!(all(&memory), expected)).wait(), End::Done);
        });
        // The parent goes on, on all threads.
        assert_eq!(all(&memory), expected);
        assert_eq!(parallelism_info().pool_threads, 3);
        assert_eq!(child.wait(), End::Done);
    }
}

#[test]
fn a_child_of_a_thread_of_a_pool() {
    alone("forks_in_a_pool", ("RAYON_NUM_THREADS", "2"));
}

#[test]
#[ignore = "run in a child"]
fn forks_in_a_pool() {
    let memory = tied(2_000);
    pool(3).install(|| {
        let expected = all(&memory);
        assert_eq!(fork(|| assert_eq!(all(&memory), expected)).wait(), End::Done);
        assert_eq!(all(&memory), expected);
    });
}

#[test]
fn a_child_that_is_the_first_to_use_a_pool() {
    alone("forks_before_using_the_pool", ("RAYON_NUM_THREADS", "3"));
}

#[test]
#[ignore = "run in a child"]
fn forks_before_using_the_pool() {
    let memory = tied(2_000);
    let child = fork(|| {
        let found = all(&memory);
        assert_eq!((found.len(), parallelism_info().pool_threads), (3, 3));
    });
    assert_eq!(child.wait(), End::Done);
    note_process();
    let child = fork(|| {
        let found = all(&memory);
        assert_eq!((found.len(), parallelism_info().pool_threads), (3, 1));
    });
    assert_eq!(child.wait(), End::Done);
    assert_eq!((all(&memory).len(), parallelism_info().pool_threads), (3, 3));
}

/// No thread has room for a stack of an exbibyte, as if there were a limit on threads.
#[test]
fn no_thread_can_be_started() {
    alone("computes_without_threads", ("RUST_MIN_STACK", "1152921504606846976"));
}

#[test]
#[ignore = "run in a child"]
fn computes_without_threads() {
    assert!(std::thread::Builder::new().spawn(|| ()).is_err(), "a thread has started");
    let memory = tied(2_000);
    let found = all(&memory);
    assert_eq!((found.len(), parallelism_info().pool_threads), (3, 1));
    assert_eq!(all(&memory), found);
}

/// More threads than the system has: as where none starts.
#[test]
fn more_threads_than_there_can_be() {
    alone("computes_with_too_large_a_pool", ("RAYON_NUM_THREADS", "3"));
}

#[test]
#[ignore = "run in a child"]
fn computes_with_too_large_a_pool() {
    // Fails, and the global pool is then one that was never started.
    let built = rayon::ThreadPoolBuilder::new().stack_size(1 << 60).build_global();
    assert!(built.is_err());
    std::panic::set_hook(Box::new(|_| ())); // Rayon's own
    let memory = tied(2_000);
    assert_eq!((all(&memory).len(), parallelism_info().pool_threads), (3, 1));
}
