//! Which path the adaptive functions take on either side of their thresholds. A program of its own, because it holds
//! the threads of the global pool, and because thresholds are the process's.
//!
//! A call from outside of the pool that shares its work ends after its helpers have run, and so not while all threads
//! of the pool are held. One that does not share its work does.

mod common;

use std::hint::black_box;
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use common::{ALWAYS, tied};
use hv_parallel::for_encoding::adaptive_map;
use hv_parallel::for_storage::*;
use hv_parallel::hv_simd::*;
use hv_parallel::*;
use hv_simd::workspace_internals::Prefix;

const THREADS: usize = 2;

/// How long to look whether a call ends that must not: one that wrongly does takes less than a tenth of it.
const SHORT: Duration = Duration::from_millis(100);

/// How long a call may take that must end.
const LONG: Duration = Duration::from_secs(30);

const NEVER: Thresholds =
    Thresholds { bind: usize::MAX, similarity: usize::MAX, bundle: usize::MAX, nearest: usize::MAX, top_k: usize::MAX };

struct Operation<'a> {
    name: &'static str,
    /// Its threshold alone set.
    set: fn(usize, Thresholds) -> Thresholds,
    work: usize,
    call: Box<dyn Fn() + Sync + 'a>,
}

fn operation<'a, R>(
    name: &'static str,
    set: fn(usize, Thresholds) -> Thresholds,
    work: usize,
    call: impl Fn() -> R + Sync + 'a,
) -> Operation<'a> {
    Operation { name, set, work, call: Box::new(move || drop(black_box(call()))) }
}

/// Whether a call ends within `limit` while no thread of the pool can help.
fn ends_alone(call: &(dyn Fn() + Sync), limit: Duration) -> bool {
    let [held, free] = [(); 2].map(|()| Arc::new(Barrier::new(THREADS + 1)));
    let barriers = (held.clone(), free.clone());
    rayon::spawn_broadcast(move |_| {
        barriers.0.wait();
        barriers.1.wait();
    });
    held.wait();
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        scope.spawn(move || {
            call();
            sender.send(())
        });
        let ended = receiver.recv_timeout(limit).is_ok();
        free.wait();
        ended
    })
}

#[test]
fn work_is_shared_from_the_threshold_on_and_not_below() {
    rayon::ThreadPoolBuilder::new().num_threads(THREADS).build_global().unwrap();
    // More than a part of every operation.
    let memory = tied(4_100);
    let (n, key, queries) = (memory.len(), memory[0], &memory[..3]);
    let few = &memory[..300];
    let sets: Vec<&[HV16]> = memory.chunks(41).collect();
    let segments = [&memory[..2_000], &memory[2_000..]];
    let plain = segments.map(|vectors| WithPrefixes { vectors, prefixes: &[] });
    let prefixes = segments.map(|vectors| vectors.iter().map(Prefix::of).collect::<Vec<_>>());
    let with_prefixes: [_; 2] = std::array::from_fn(|i| WithPrefixes { vectors: segments[i], prefixes: &prefixes[i] });
    let operations = [
        operation("bind", |bind, t| Thresholds { bind, ..t }, n, || adaptive_batch_bind(&memory, &key)),
        operation("pairs", |bind, t| Thresholds { bind, ..t }, n, || adaptive_batch_bind_pairs(&memory, &memory)),
        operation(
            "similarity",
            |similarity, t| Thresholds { similarity, ..t },
            n,
            || adaptive_batch_similarity(&key, &memory),
        ),
        operation(
            "bundle",
            |bundle, t| Thresholds { bundle, ..t },
            n + sets.len() * Thresholds::SET_WORK,
            || adaptive_batch_bundle(&sets),
        ),
        operation(
            "nearest",
            |nearest, t| Thresholds { nearest, ..t },
            3 * n,
            || adaptive_batch_find_most_similar(queries, &memory),
        ),
        operation(
            "top-k",
            |top_k, t| Thresholds { top_k, ..t },
            3 * (n + 10 * Thresholds::result_work(active_backend())),
            || adaptive_batch_find_top_k(queries, &memory, 10),
        ),
        operation(
            "map",
            |bundle, t| Thresholds { bundle, ..t },
            777,
            || adaptive_map(hv_parallel::Operation::Bundle, 777, 1_000, 10, |i| i),
        ),
        operation(
            "flat top-k",
            |top_k, t| Thresholds { top_k, ..t },
            3 * (n + 10 * Thresholds::result_work(active_backend())),
            || adaptive_batch_find_top_k_into(queries, &memory, 10, &mut Hits::new()),
        ),
        operation(
            "top-k of segments",
            |top_k, t| Thresholds { top_k, ..t },
            3 * (n + 10 * Thresholds::result_work(active_backend())),
            || segments_find_top_k(queries, &segments, 10, 2048, |_| true),
        ),
        operation(
            "pruned search",
            |top_k, t| Thresholds { top_k, ..t },
            3 * (n / 4),
            || segments_find_pruned(queries, &with_prefixes, 10, 2048, 512, 40, |_| true),
        ),
        operation(
            "pruned search without planes",
            |top_k, t| Thresholds { top_k, ..t },
            3 * n,
            || segments_find_pruned(queries, &plain, 10, 2048, 512, 40, |_| true),
        ),
        operation(
            "similar pairs of segments",
            |nearest, t| Thresholds { nearest, ..t },
            300 * 300 / 2,
            || segments_find_similar_pairs(&[few], 10),
        ),
        operation(
            "first within",
            |nearest, t| Thresholds { nearest, ..t },
            3 * n,
            || adaptive_first_within_into(queries, &memory, 10, &mut vec![None; n]),
        ),
    ];
    for Operation { name, set, work, call } in operations {
        set_thresholds(set(work + 1, ALWAYS));
        assert!(ends_alone(&call, LONG), "{name} shares work of one less than its threshold");
        set_thresholds(set(work, NEVER));
        assert!(!ends_alone(&call, SHORT), "{name} does not share work of its threshold");
    }
}
