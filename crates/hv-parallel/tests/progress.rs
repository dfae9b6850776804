//! The counter of a long call: what its readers may rely on.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::{ALWAYS, in_every_pool, pool, tied};
use hv_parallel::for_storage::*;
use hv_parallel::*;

#[test]
fn a_counter_goes_from_nothing_to_all() {
    let progress = Progress::new();
    assert_eq!((progress.done(), progress.all(), progress.fraction()), (0, 0, 0.0));
    progress.start(8);
    assert_eq!((progress.done(), progress.all(), progress.fraction()), (0, 8, 0.0));
    progress.advance(2);
    progress.advance(4);
    assert_eq!((progress.done(), progress.fraction()), (6, 0.75));
    progress.finish();
    assert_eq!((progress.done(), progress.all(), progress.fraction()), (8, 8, 1.0));
    progress.start(3);
    assert_eq!((progress.done(), progress.all(), progress.fraction()), (0, 3, 0.0));
    progress.start(0);
    progress.finish();
    assert_eq!((progress.done(), progress.all(), progress.fraction()), (0, 0, 0.0), "nothing to do");
}

/// A reader of a work that starts again and again never sees `done` fall while `all` stays the same.
#[test]
fn a_reader_sees_what_is_done_rise_between_starts() {
    let (progress, ended) = (Progress::new(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut last, mut all) = (0, 0);
            while !ended.load(Ordering::Relaxed) {
                // Of one start, where `all` is the same before and after.
                let [before, done, after] = [progress.all(), progress.done(), progress.all()];
                assert!((0.0..=1.0).contains(&progress.fraction()));
                if before == after && after > 0 {
                    assert!(before != all || done >= last, "{done} of {before} after {last} of {all}");
                    (last, all) = (done, after);
                }
            }
        });
        for start in 1..2_000 {
            progress.start(start + 100);
            (0..start + 100).for_each(|_| progress.advance(1));
            progress.finish();
        }
        ended.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
}

/// At the end all pairs are counted, each once, however the rows are shared.
#[test]
fn every_pair_is_counted_once() {
    set_thresholds(ALWAYS);
    let memory = tied(500);
    in_every_pool(|_| {
        for n in [0, 1, 2, 65, 500] {
            let segments = [&memory[..n.min(100)], &memory[n.min(100)..n]];
            let progress = Progress::new();
            let found = segments_find_similar_pairs_with_progress(&segments, 1000, &progress);
            assert_eq!(found, segments_find_similar_pairs(&segments, 1000));
            let all = (n * n.saturating_sub(1) / 2) as u64;
            assert_eq!((progress.done(), progress.all()), (all, all));
        }
    });
}

/// A reader on another thread sees the search under way, and may itself use the pool.
#[test]
fn a_reader_may_use_the_pool() {
    set_thresholds(ALWAYS);
    let memory = tied(6_000);
    for threads in [1, 2] {
        let (pool, progress) = (pool(threads), Progress::new());
        std::thread::scope(|scope| {
            let search =
                scope.spawn(|| pool.install(|| segments_find_similar_pairs_with_progress(&[&memory], 0, &progress)));
            let mut seen = 0;
            while !search.is_finished() {
                let done = progress.done();
                assert!(done >= seen && (0.0..=1.0).contains(&progress.fraction()));
                seen = done;
                let found = pool.install(|| segments_find_top_k(&memory[..1], &[&memory], 1, 0, |_| true));
                assert_eq!(found, [[(0, 0)]]);
            }
            assert!(!search.join().unwrap().is_empty());
        });
        assert_eq!(progress.fraction(), 1.0);
    }
}
