//! The caller's pool is used, calls nest, a panic leaves the pool usable, and wrong lengths are named.

mod common;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use common::{ALWAYS, in_every_pool, pool, tied};
use hv_parallel::for_storage::*;
use hv_parallel::hv_simd::*;
use hv_parallel::*;
use hv_simd::workspace_internals::Prefix;
use rayon::prelude::*;

#[test]
fn work_stays_in_the_callers_pool() {
    set_thresholds(ALWAYS);
    let memory = tied(5_000);
    for threads in [1, 2, 3] {
        let pool = pool(threads);
        let mut members: Vec<ThreadId> = pool.broadcast(|_| thread::current().id());
        members.push(thread::current().id());
        let used = Mutex::new(HashSet::new());
        let keep = |_| {
            used.lock().unwrap().insert(thread::current().id());
            true
        };
        pool.install(|| segments_find_top_k(&memory[..1], &[&memory], 3, 2048, keep));
        let used = used.into_inner().unwrap();
        assert!(!used.is_empty() && used.iter().all(|id| members.contains(id)), "{threads} threads");
        assert!(!used.contains(&thread::current().id()), "the caller of install only waits");
    }
}

/// A filter that lets nobody go on before every thread of the pool has a part of the one query's scan.
#[test]
fn one_query_uses_every_thread() {
    set_thresholds(ALWAYS);
    let memory = tied(6_000);
    for threads in [2, 3, 8] {
        let seen = Mutex::new(HashSet::new());
        let start = Instant::now();
        let keep = |_| {
            seen.lock().unwrap().insert(thread::current().id());
            // The limit is for a scan that leaves threads out.
            while seen.lock().unwrap().len() < threads && start.elapsed() < Duration::from_secs(30) {
                thread::sleep(Duration::from_millis(1));
            }
            false
        };
        pool(threads).install(|| segments_find_top_k(&memory[..1], &[&memory], 3, 2048, keep));
        assert_eq!(seen.lock().unwrap().len(), threads);
    }
}

#[test]
fn calls_nest_in_parallel_work() {
    set_thresholds(ALWAYS);
    let memory = tied(1_000);
    let expected = simd_batch_find_top_k(&memory[..3], &memory, 5);
    in_every_pool(|_| {
        (0..40).into_par_iter().for_each(|_| {
            assert_eq!(adaptive_batch_find_top_k(&memory[..3], &memory, 5), expected);
        });
        let (bundle, pairs) =
            rayon::join(|| parallel_bundle(&memory), || parallel_find_similar_pairs(&memory[..100], 1.0));
        assert_eq!(bundle, simd_bundle(&memory));
        assert!(!pairs.is_empty());
    });
}

/// A set whose vectors cannot be had.
struct Bomb<'a>(&'a [HV16], bool);

impl AsRef<[HV16]> for Bomb<'_> {
    fn as_ref(&self) -> &[HV16] {
        assert!(!self.1, "this set is a bomb");
        self.0
    }
}

#[test]
fn a_panic_in_one_item_is_passed_on_and_leaves_the_pool_usable() {
    set_thresholds(ALWAYS);
    let memory = tied(1_000);
    let message = |panic: Box<dyn std::any::Any + Send>| panic.downcast_ref::<&str>().map(ToString::to_string);
    in_every_pool(|_| {
        for bad in [0, 50, 99] {
            let sets: Vec<Bomb<'_>> = (0..100).map(|i| Bomb(&memory[i..i + 5], i == bad)).collect();
            let panic = catch_unwind(|| parallel_batch_bundle(&sets)).unwrap_err();
            assert_eq!(message(panic).as_deref(), Some("this set is a bomb"));
        }
        let keep = |i| if i == 700 { panic!("this filter is broken") } else { false };
        let search = || segments_find_top_k(&memory[..1], &[&memory], 3, 2048, keep);
        let panic = catch_unwind(AssertUnwindSafe(search)).unwrap_err();
        assert_eq!(message(panic).as_deref(), Some("this filter is broken"));
        assert_eq!(parallel_bundle(&memory), simd_bundle(&memory), "the pool works on");
    });
}

/// The message of the panic of `call`.
fn panics(call: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(call)).expect_err("a wrong length must panic");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn unequal_lengths_are_both_named() {
    let v = tied(9);
    let (mut out, mut floats, mut some, mut found) = ([HV16::ZERO; 4], [0.0; 4], [None; 4], [None; 4]);
    let sets = vec![&v[..2]; 7];
    let cases: [(&str, String); 14] = [
        ("9 inputs, but room for 4", panics(|| parallel_batch_bind_into(&v, &v[0], &mut out))),
        ("9 vectors, but 3 to bind", panics(|| drop(parallel_batch_bind_pairs(&v, &v[..3])))),
        ("9 vectors, but 3 to bind", panics(|| parallel_batch_bind_pairs_into(&v, &v[..3], &mut out))),
        ("9 inputs, but room for 4", panics(|| parallel_batch_bind_pairs_into(&v, &v, &mut out))),
        ("9 inputs, but room for 4", panics(|| parallel_batch_similarity_into(&v[0], &v, &mut floats))),
        ("9 inputs, but room for 4", panics(|| parallel_chunked_similarity_into(&v[0], &v, 2, &mut floats))),
        ("7 inputs, but room for 4", panics(|| parallel_batch_bundle_into(&sets, &mut some))),
        ("9 inputs, but room for 4", panics(|| parallel_batch_find_most_similar_into(&v, &v, &mut found))),
        ("9 inputs, but room for 4", panics(|| adaptive_batch_bind_into(&v, &v[0], &mut out))),
        ("9 vectors, but 3 to bind", panics(|| drop(adaptive_batch_bind_pairs(&v, &v[..3])))),
        ("9 inputs, but room for 4", panics(|| adaptive_batch_bind_pairs_into(&v, &v, &mut out))),
        ("9 inputs, but room for 4", panics(|| adaptive_batch_similarity_into(&v[0], &v, &mut floats))),
        ("7 inputs, but room for 4", panics(|| adaptive_batch_bundle_into(&sets, &mut some))),
        ("9 inputs, but room for 4", panics(|| adaptive_batch_find_most_similar_into(&v, &v, &mut found))),
    ];
    for (expected, message) in cases {
        assert!(message.contains(expected), "{message:?} should say {expected:?}");
    }
}

#[test]
#[should_panic(expected = "threshold is NaN")]
fn a_threshold_that_is_nan_panics() {
    let _ = parallel_find_similar_pairs(&tied(3), f32::NAN);
}

/// All of it stays with the caller, until no `SequentialScope` is left.
#[test]
fn one_thread_does_without_the_pool() {
    set_thresholds(ALWAYS);
    let memory = tied(5_000);
    let prefixes: Vec<Prefix> = memory.iter().map(Prefix::of).collect();
    let segments = [WithPrefixes { vectors: &memory, prefixes: &prefixes }];
    let me = thread::current().id();
    let here = |_: usize| {
        assert_eq!(thread::current().id(), me);
        true
    };
    let outer = SequentialScope::enter();
    drop(SequentialScope::enter());
    assert_eq!(segments_find_top_k(&memory[..9], &[&memory], 3, 2048, here).len(), 9);
    assert_eq!(segments_find_pruned(&memory[..2], &segments, 3, 2048, 100, 40, here).len(), 2);
    let progress = Progress::new();
    assert!(!segments_find_similar_pairs_with_progress(&[&memory[..300]], 100, &progress).is_empty());
    drop(outer);
    let elsewhere = |_: usize| {
        thread::sleep(std::time::Duration::from_micros(100));
        thread::current().id() != me
    };
    let found = segments_find_top_k(&memory[..1], &[&memory], 1, 2048, elsewhere);
    assert!(rayon::current_num_threads() == 1 || found[0].len() == 1, "other threads work again");
}
