//! Changes of the memory inside and outside of Rayon pools: nothing waits for ever, and nothing is lost.

mod common;

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::{Random, episode};
use hv_memory::hv_parallel::{Thresholds, set_thresholds, thresholds};
use hv_memory::{Conditions, ConsolidatePolicy, EpisodeId, EpisodicMemory, HV16, Match, NewEpisode, RecollectPolicy};
use rayon::prelude::*;

/// Runs a test in which every search uses the pool, and fails where it does not end.
fn ends(test: impl FnOnce() + Send + 'static) {
    set_thresholds(Thresholds { nearest: 0, top_k: 0, ..thresholds() });
    let (ended, wait) = mpsc::channel();
    thread::spawn(move || {
        test();
        let _ = ended.send(());
    });
    wait.recv_timeout(Duration::from_secs(30)).expect("the test should end, and well, within 30 seconds");
}

/// As many jobs in a pool of two threads as in one of four, numbered through. Other jobs are among them, so that now and
/// then a thread comes free and helps with a job instead of taking one.
fn among_others(count: u64, job: impl Fn(u64) + Sync) {
    for (threads, jobs) in [(2, 0..count), (4, count..2 * count)] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.in_place_scope(|scope| {
            for i in jobs {
                let job = &job;
                scope.spawn(move |_| job(i));
                scope.spawn(move |_| thread::sleep(Duration::from_micros(Random(i).below(300))));
            }
        });
    }
}

fn memory_of(count: u64) -> EpisodicMemory {
    let memory = EpisodicMemory::in_memory();
    let new = |seed| NewEpisode {
        content: HV16::random(seed),
        time: 0,
        valence: 0.0,
        payload: Vec::new(),
        ..NewEpisode::default()
    };
    memory.store_batch(&(0..count).map(new).collect::<Vec<_>>()).unwrap();
    memory
}

fn recollect(memory: &EpisodicMemory, number: u64) {
    let (cue, policy) = (HV16::random(number), RecollectPolicy::default());
    let found = memory.recollect(&cue, 1, &Conditions::new(), &policy, 0).unwrap();
    assert_eq!(found, [Match::new(EpisodeId(number), 0)]);
}

/// A worker that waits for the others runs another recollection meanwhile.
#[test]
fn recollections_inside_of_a_pool() {
    ends(|| {
        let memory = memory_of(20_000);
        among_others(800, |i| recollect(&memory, i % 100));
        for number in 0..100 {
            assert_eq!(memory.snapshot().retrievals(EpisodeId(number)).unwrap().len(), 16);
            let strength = memory.get(EpisodeId(number)).unwrap().unwrap().strength;
            assert!((strength - 2.6).abs() < 1e-9, "{strength}");
        }
    });
}

/// The workers wait for the writer, which is the one who waits for them. The pool of a thread that is in none is the
/// global one.
#[test]
fn recollections_next_to_a_pool_that_stores() {
    ends(|| {
        let memory = memory_of(2_000);
        thread::scope(|scope| {
            scope.spawn(|| {
                let store = |number| assert!(memory.store(episode(number)).is_ok());
                (0..100).for_each(|_| (0..100).into_par_iter().for_each(store));
            });
            (0..300).for_each(|i| recollect(&memory, i % 100));
        });
        assert_eq!(memory.len(), 12_000);
    });
}

#[test]
fn consolidations_in_a_pool_next_to_stores() {
    ends(|| {
        let memory = memory_of(700);
        let policy = ConsolidatePolicy::new().merge(0.9).floor(0.0);
        among_others(100, |i| match i % 4 {
            0 => assert!(memory.consolidate(&policy, 0).unwrap().absorbed.is_empty()),
            _ => assert!(memory.store(episode(10_000 + i)).is_ok()),
        });
        assert_eq!(memory.len(), 850);
    });
}

/// A compaction waits for no search, and none for it.
#[test]
fn recalls_next_to_compactions_and_a_pool_that_stores() {
    ends(|| {
        let memory = memory_of(2_000);
        thread::scope(|scope| {
            scope.spawn(|| {
                let store = |number| assert!(memory.store(episode(number)).is_ok());
                (0..100).for_each(|_| (0..20).into_par_iter().for_each(store));
            });
            scope.spawn(|| (0..200).for_each(|_| drop(memory.recall(&HV16::random(7), 3).unwrap())));
            (0..50).for_each(|_| memory.compact().unwrap());
        });
        assert_eq!(memory.len(), 4_000);
    });
}
