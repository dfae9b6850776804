//! A memory belongs to the process that opened it: whatever a forked child does with its copy, the parent's store stays
//! locked, whole and fast.

#![cfg(unix)]

mod common;
#[path = "../../hv-parallel/tests/common/fork.rs"]
mod fork;

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use common::{episode, episodes};
use fork::{Child, End, fork, kill_this_process};
use hv_memory::hv_parallel::{Thresholds, set_thresholds};
use hv_memory::{
    Changes, Conditions, ConsolidatePolicy, Durability, EpisodeId, EpisodicMemory, MemoryError, Options,
    RecollectPolicy, verify,
};

/// What a child does with its copy of a memory, which it takes out or leaves.
type Act = dyn Fn(&mut Option<EpisodicMemory>, &Path);

/// Everything parallel, so that whatever wakes the pool does.
fn always_parallel() {
    set_thresholds(Thresholds { bind: 0, similarity: 0, bundle: 0, nearest: 0, top_k: 0 });
}

fn batched() -> Options {
    // Nothing commits by itself before the test is over.
    Options::new().durability(Durability::Batched { episodes: 1_000_000, delay: Duration::from_secs(3_600) })
}

/// A memory with 4,200 episodes, a row and a forgotten episode, whose pool was used.
fn parent(options: &Options, path: &Path) -> EpisodicMemory {
    always_parallel();
    let memory = options.open(path).unwrap();
    memory.store_batch(&episodes(0..4_200)).unwrap();
    memory.apply(&Changes::new().forget([EpisodeId(7)]).put_row(b"key", b"value")).unwrap();
    memory.recall(&episode(3).content, 5).unwrap();
    memory
}

/// Whether an operation said that it is one of the parent's.
fn is_forked<T>(done: Result<T, MemoryError>) -> bool {
    matches!(&done, Err(error @ MemoryError::Forked { .. }) if error.to_string().contains("forked"))
}

/// Runs one act in a child, while the parent goes on or `after` it has, and then looks at all of it.
fn check(options: &Options, after: bool, expected: End, act: &Act) {
    let folder = tempfile::tempdir().unwrap();
    let [path, go] = ["store", "go"].map(|name| folder.path().join(name));
    let mut memory = Some(parent(options, &path));
    let child = fork(|| {
        while after && !go.exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
        act(&mut memory, &path);
    });
    let memory = memory.unwrap();
    for i in 4_200..4_230 {
        assert_eq!(memory.store(episode(i)).unwrap(), EpisodeId(i));
        assert_eq!(memory.recall(&episode(i).content, 1).unwrap()[0].id, EpisodeId(i));
    }
    memory.forget(&[EpisodeId(8), EpisodeId(4_210)]).unwrap();
    memory.apply(&Changes::new().put_row(b"key", b"new")).unwrap();
    std::fs::write(&go, "").unwrap();
    if expected == End::Signal(9) {
        child.kill();
    }
    assert_eq!(child.wait(), expected);
    // Still locked, and still its own.
    assert!(matches!(EpisodicMemory::open(&path), Err(MemoryError::InUse { .. })));
    assert!(matches!(EpisodicMemory::open_read_only(&path), Err(MemoryError::InUse { .. })));
    memory.store_batch(&episodes(4_230..4_300)).unwrap();
    assert_eq!(memory.snapshot().row(b"key").unwrap().unwrap(), b"new");
    memory.flush().unwrap();
    assert!(memory.verify().unwrap().is_sound());
    drop(memory);
    assert!(verify(&path).unwrap().is_sound());
    let again = EpisodicMemory::open(&path).unwrap();
    let ids: Vec<u64> = again.snapshot().episodes().map(|episode| episode.unwrap().id.0).collect();
    assert_eq!(ids, (0..4_300).filter(|id| ![7, 8, 4_210].contains(id)).collect::<Vec<_>>());
    assert_eq!(again.store(episode(1)).unwrap(), EpisodeId(4_300));
    again.compact().unwrap();
    assert!(again.verify().unwrap().is_sound());
}

/// The same with each store durable at once, and with stores that wait for a commit.
fn check_both(expected: End, act: &Act) {
    for after in [false, true] {
        check(&Options::new(), after, expected, act);
        check(&batched(), after, expected, act);
    }
}

#[test]
fn a_child_that_drops_its_copy() {
    check_both(End::Done, &|memory, _| drop(memory.take()));
}

#[test]
fn a_child_that_leaves_its_copy() {
    check_both(End::Done, &|_, _| ());
}

#[test]
fn a_child_that_stores() {
    check_both(End::Done, &|memory, path| {
        let memory = memory.take().unwrap();
        assert!(is_forked(memory.store(episode(1))));
        assert!(is_forked(memory.store_batch(&episodes(0..5_000))));
        assert!(is_forked(memory.forget(&[EpisodeId(1)])));
        assert!(is_forked(memory.apply(&Changes::new().put_row(b"a", b"b").compact())));
        assert!(is_forked(memory.set_metadata(b"note")));
        assert!(is_forked(memory.compact()) && is_forked(memory.flush()) && is_forked(memory.verify()));
        let error = memory.store(episode(1)).unwrap_err().to_string();
        assert!(error.contains(path.to_str().unwrap()) && error.contains("forked"));
        assert!(matches!(EpisodicMemory::open(path), Err(MemoryError::InUse { .. })));
    });
}

#[test]
fn a_child_that_reads() {
    check_both(End::Done, &|memory, _| {
        let memory = memory.take().unwrap();
        let snapshot = memory.snapshot();
        assert_eq!((memory.len(), snapshot.len()), (4_199, 4_199));
        for i in [0, 4_095, 4_096, 4_199] {
            let found = memory.recall(&episode(i).content, 3).unwrap();
            assert_eq!((found.len(), found[0].id, found[0].distance), (3, EpisodeId(i), 0));
            assert_eq!(memory.get(EpisodeId(i)).unwrap().unwrap().payload, episode(i).payload);
        }
        let cues: Vec<_> = (0..50).map(|i| episode(i).content).collect();
        let late = Conditions::new().time(20..);
        assert_eq!(memory.recall_batch_where(&cues, 2, &late).unwrap().len(), 50);
        assert_eq!(snapshot.episodes().filter(Result::is_ok).count(), 4_199);
        assert!(snapshot.similar_pairs(0.9).is_ok());
        // The file of the rows is one that the parent goes on writing.
        assert!(is_forked(snapshot.row(b"key")));
        assert!(memory.stats().disk_bytes > 0);
    });
}

#[test]
fn a_child_that_recollects_and_consolidates() {
    check_both(End::Done, &|memory, _| {
        let memory = memory.take().unwrap();
        let policy = RecollectPolicy::default();
        assert!(is_forked(memory.recollect(&episode(3).content, 2, &Conditions::new(), &policy, 5)));
        assert!(is_forked(memory.consolidate(&ConsolidatePolicy::default(), 1 << 50)));
        assert!(memory.snapshot().plan_consolidation(&ConsolidatePolicy::default(), 1 << 50).is_ok());
    });
}

#[test]
fn a_child_that_exports() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out) = (folder.path().join("store"), folder.path().join("out"));
    always_parallel();
    let memory = EpisodicMemory::open(&path).unwrap();
    memory.store_batch(&episodes(0..4_200)).unwrap();
    let child = fork(|| memory.export(&out).unwrap());
    memory.store_batch(&episodes(4_200..4_300)).unwrap();
    assert_eq!(child.wait(), End::Done);
    drop(memory);
    assert!(verify(&path).unwrap().is_sound());
    let exported = EpisodicMemory::in_memory();
    assert_eq!(exported.import(&out).unwrap(), 4_200);
    // Its rows cannot be read there, so a memory with rows cannot be exported.
    check_both(End::Done, &|memory, path| {
        assert!(is_forked(memory.take().unwrap().export(path.with_extension("out"))))
    });
}

#[test]
fn a_child_that_panics() {
    check_both(End::Panicked, &|memory, _| {
        let _memory = memory.take();
        panic!("the child has had enough");
    });
}

#[test]
fn a_child_that_exits() {
    check_both(End::Exit(7), &|_, _| std::process::exit(7));
}

#[test]
fn a_child_that_becomes_another_program() {
    check_both(End::Done, &|_, _| panic!("{}", Command::new("true").exec()));
}

#[test]
fn a_child_that_is_killed() {
    check_both(End::Signal(9), &|memory, _| {
        loop {
            let found = memory.as_ref().unwrap().recall(&episode(1).content, 5).unwrap();
            assert_eq!(found[0].id, EpisodeId(1));
        }
    });
}

#[test]
fn children_of_a_child() {
    check_both(End::Done, &|memory, _| {
        let grandchild = fork(|| {
            assert!(is_forked(memory.as_ref().unwrap().store(episode(1))));
            assert_eq!(memory.as_ref().unwrap().recall(&episode(1).content, 5).unwrap().len(), 5);
            drop(memory.take());
        });
        assert_eq!(grandchild.wait(), End::Done);
        drop(memory.take());
    });
}

/// The child goes on reading, and the store is free when it has let go.
#[test]
fn a_parent_that_is_killed() {
    for options in [Options::new(), batched()] {
        let folder = tempfile::tempdir().unwrap();
        let [path, done, parent_has_ended] = ["store", "done", "ended"].map(|name| folder.path().join(name));
        let killed: Child = fork(|| {
            let mut memory = Some(parent(&options, &path));
            memory.as_ref().unwrap().flush().unwrap();
            std::mem::forget(fork(|| {
                let copy = memory.take().unwrap();
                while !parent_has_ended.exists() {
                    assert!(is_forked(copy.store(episode(1))));
                    assert_eq!(copy.recall(&episode(1).content, 5).unwrap().len(), 5);
                    assert!(EpisodicMemory::open(&path).is_err(), "two have the store");
                }
                drop(copy);
                std::fs::write(&done, "").unwrap();
            }));
            std::thread::sleep(Duration::from_millis(30));
            kill_this_process();
        });
        assert_eq!(killed.wait(), End::Signal(9));
        std::fs::write(&parent_has_ended, "").unwrap();
        let start = Instant::now();
        while !done.exists() {
            assert!(start.elapsed() < Duration::from_secs(60), "the child hangs");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(verify(&path).unwrap().is_sound());
        let again = EpisodicMemory::open(&path).unwrap();
        assert_eq!((again.len(), again.store(episode(1)).unwrap()), (4_199, EpisodeId(4_200)));
    }
}

/// The child opens the store for itself once the parent has closed it.
#[test]
fn a_child_that_opens_it_after_the_parent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let memory = parent(&Options::new(), &path);
    let child = fork(|| {
        let own = (0..10_000).find_map(|_| {
            std::thread::sleep(Duration::from_millis(1));
            EpisodicMemory::open(&path).ok()
        });
        let own = own.unwrap();
        assert_eq!(own.store(episode(1)).unwrap(), EpisodeId(4_200));
        assert_eq!(own.recall(&episode(4).content, 1).unwrap()[0].id, EpisodeId(4));
        assert_eq!(own.snapshot().row(b"key").unwrap().unwrap(), b"value");
        own.compact().unwrap();
    });
    drop(memory);
    assert_eq!(child.wait(), End::Done);
    assert!(verify(&path).unwrap().is_sound());
    assert_eq!(EpisodicMemory::open_read_only(&path).unwrap().len(), 4_200);
}

/// A memory without a folder is one of its process, too.
#[test]
fn a_memory_without_a_folder() {
    always_parallel();
    let mut memory = Some(EpisodicMemory::in_memory());
    memory.as_ref().unwrap().store_batch(&episodes(0..100)).unwrap();
    let child = fork(|| {
        let memory = memory.take().unwrap();
        let error = memory.store(episode(1)).unwrap_err();
        assert!(matches!(error, MemoryError::Forked { path: None, .. }));
        assert_eq!(memory.recall(&episode(4).content, 1).unwrap()[0].id, EpisodeId(4));
    });
    memory.as_ref().unwrap().store(episode(1)).unwrap();
    assert_eq!(child.wait(), End::Done);
}
