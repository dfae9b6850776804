//! One writer, whatever happens to LOCK; who has the store; and waiting for it.

mod common;

use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use common::{check_all, episode, episodes, files};
use hv_memory::{EpisodicMemory, MemoryError, Options, Progress, verify};

type Opening = fn(&Options, &Path) -> Result<(), MemoryError>;

/// Each way to use a store that another may have.
const WAYS: [Opening; 3] = [
    |options, path| options.open(path).map(drop),
    |options, path| options.open_read_only(path).map(drop),
    |options, path| options.verify_with(path, &Progress::new()).map(drop),
];

#[test]
fn a_lock_that_is_deleted_or_replaced_lets_nobody_in() {
    for replace in [
        |_: &Path| (),
        |lock: &Path| fs::write(lock, "").unwrap(),
        |lock: &Path| fs::write(lock, "something else altogether").unwrap(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("LOCK");
        let writer = EpisodicMemory::open(folder.path()).unwrap();
        writer.store_batch(&episodes(0..10)).unwrap();
        fs::remove_file(&lock).unwrap();
        replace(&lock);
        // Some systems lock no folders; there the file itself cannot be deleted.
        if cfg!(unix) {
            for way in WAYS {
                let error = way(&Options::new(), folder.path()).unwrap_err();
                assert!(matches!(error, MemoryError::InUse { .. }), "{error}");
            }
        }
        writer.store_batch(&episodes(10..20)).unwrap();
        writer.compact().unwrap();
        drop(writer);
        assert!(verify(folder.path()).unwrap().is_sound());
        check_all(&EpisodicMemory::open(folder.path()).unwrap(), 20);
    }
}

#[test]
fn a_reader_whose_lock_is_deleted_keeps_writers_out() {
    let folder = tempfile::tempdir().unwrap();
    EpisodicMemory::open(folder.path()).unwrap().store_batch(&episodes(0..10)).unwrap();
    fs::remove_file(folder.path().join("LOCK")).unwrap();
    let reader = EpisodicMemory::open_read_only(folder.path()).unwrap();
    if cfg!(unix) {
        let error = EpisodicMemory::open(folder.path()).unwrap_err();
        assert!(matches!(error, MemoryError::InUse { reading: true, .. }), "{error}");
    }
    check_all(&EpisodicMemory::open_read_only(folder.path()).unwrap(), 10);
    check_all(&reader, 10);
}

#[test]
fn the_error_names_who_has_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let writer = EpisodicMemory::open(folder.path()).unwrap();
    let error = EpisodicMemory::open(folder.path()).unwrap_err();
    let here = std::process::id();
    assert!(matches!(error, MemoryError::InUse { process: Some(process), reading: false, .. } if process == here));
    assert!(error.to_string().contains("open for writing in this process already"), "{error}");
    drop(writer);
    let reader = EpisodicMemory::open_read_only(folder.path()).unwrap();
    let error = EpisodicMemory::open(folder.path()).unwrap_err();
    assert!(matches!(error, MemoryError::InUse { process: None, reading: true, .. }), "{error}");
    assert!(error.to_string().contains("is being read by another process or handle"), "{error}");
    drop(reader);
    EpisodicMemory::open(folder.path()).unwrap();
}

/// What is noted in LOCK is undone where the store is refused.
#[test]
fn a_store_that_is_refused_is_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    EpisodicMemory::open(folder.path()).unwrap().store_batch(&episodes(0..10)).unwrap();
    let lock = fs::read(folder.path().join("LOCK")).unwrap();
    fs::write(folder.path().join("index.redb"), "damaged").unwrap();
    for lock in [&lock[..], &lock[..12], &[], b"some text that is longer than both notes are"] {
        fs::write(folder.path().join("LOCK"), lock).unwrap();
        let before = files(folder.path());
        assert!(matches!(EpisodicMemory::open(folder.path()), Err(MemoryError::Damaged { .. })));
        assert!(files(folder.path()) == before);
    }
}

#[test]
fn whoever_waits_gets_the_store_when_it_is_free() {
    for way in WAYS {
        let folder = tempfile::tempdir().unwrap();
        let writer = EpisodicMemory::open(folder.path()).unwrap();
        writer.store(episode(0)).unwrap();
        let waits = Options::new().wait(Duration::from_millis(60));
        let start = Instant::now();
        let error = way(&waits, folder.path()).unwrap_err();
        assert!(matches!(error, MemoryError::InUse { .. }), "{error}");
        assert!(start.elapsed() >= Duration::from_millis(60), "it did not wait");
        let (waiting, free) = (Barrier::new(2), Duration::from_millis(100));
        thread::scope(|scope| {
            scope.spawn(|| {
                waiting.wait();
                thread::sleep(free);
                drop(writer);
            });
            waiting.wait();
            let start = Instant::now();
            way(&Options::new().wait(Duration::MAX), folder.path()).unwrap();
            assert!(start.elapsed() >= free / 2, "it had the store at the same time");
        });
    }
}

/// Many that want to write take turns, and nothing of any is lost.
#[test]
fn writers_that_wait_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..8 {
                    let memory = Options::new().wait(Duration::MAX).open(folder.path()).unwrap();
                    memory.store(episode(memory.len() as u64)).unwrap();
                }
            });
        }
    });
    check_all(&EpisodicMemory::open(folder.path()).unwrap(), 32);
}
