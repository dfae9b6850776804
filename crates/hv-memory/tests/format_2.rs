//! A store of format 2 stays readable, and becomes one of format 3 when it is first written to.

mod common;

use std::fs;
use std::path::Path;

use common::format_2::{self, STORED, check, given};
use common::{files, write_files};
use hv_memory::{Changes, EpisodeId, EpisodicMemory, Key, MemoryError, NewEpisode, verify};

/// The version that the MANIFEST of a store names.
fn version(folder: &Path) -> u8 {
    fs::read(folder.join("MANIFEST")).unwrap()[8]
}

#[test]
fn a_store_of_format_2_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let before = format_2::files();
    write_files(folder.path(), &before);
    check(&EpisodicMemory::open_read_only(folder.path()).unwrap());
    let found = verify(folder.path()).unwrap();
    assert!(found.is_sound() && found.episodes == STORED, "{found:?}");
    assert!(files(folder.path()) == before, "a reader writes nothing");
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    check(&memory);
    assert_eq!(memory.store_batch(&[]).unwrap(), []);
    memory.flush().unwrap();
    drop(memory);
    assert_eq!(version(folder.path()), 2, "a writer that changes nothing leaves the format");
}

#[test]
fn a_store_of_format_2_is_written_on() {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &format_2::files());
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    let snapshot = memory.snapshot();
    assert_eq!(memory.store(given(STORED)).unwrap(), EpisodeId(STORED));
    assert_eq!(version(folder.path()), 3);
    assert_eq!(snapshot.retrieval_log().unwrap().len(), 59, "a snapshot reads on what it had");
    memory.forget(&[EpisodeId(STORED)]).unwrap();
    check(&memory);
    drop(memory);
    check(&EpisodicMemory::open(folder.path()).unwrap());
    assert!(verify(folder.path()).unwrap().is_sound());
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    memory.compact().unwrap();
    check(&memory);
}

/// Whatever the first change is, the upgrade comes before it.
#[test]
fn every_change_upgrades() {
    let keyed = || NewEpisode { key: Some(Key::from("new")), ..given(STORED) };
    type Change<'a> = &'a dyn Fn(&EpisodicMemory) -> Result<(), MemoryError>;
    let changes: [Change<'_>; 6] = [
        &|memory| memory.store(keyed()).map(drop),
        &|memory| memory.forget(&[EpisodeId(0)]).map(drop),
        &|memory| memory.set_metadata(b"another note"),
        &|memory| memory.compact(),
        &|memory| memory.apply(&Changes::new().put_row("a", "b")).map(drop),
        &|memory| memory.apply(&Changes::new().store(keyed()).put_row("a", "b").compact()).map(drop),
    ];
    for (number, change) in changes.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        write_files(folder.path(), &format_2::files());
        let memory = EpisodicMemory::open(folder.path()).unwrap();
        change(&memory).unwrap();
        let (len, next) = (memory.len(), memory.stats().next_id);
        let log = memory.snapshot().retrieval_log().unwrap();
        drop(memory);
        assert_eq!(version(folder.path()), 3, "change {number}");
        let memory = EpisodicMemory::open(folder.path()).unwrap();
        assert_eq!((memory.len(), memory.stats().next_id), (len, next), "change {number}");
        assert_eq!(memory.snapshot().retrieval_log().unwrap(), log, "change {number}");
        drop(memory);
        assert!(verify(folder.path()).unwrap().is_sound(), "change {number}");
    }
}

/// An index of format 3 without the MANIFEST that leads to it is not taken for a store.
#[test]
fn files_of_two_formats_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &format_2::files());
    let old = fs::read(folder.path().join("MANIFEST")).unwrap();
    EpisodicMemory::open(folder.path()).unwrap().set_metadata(b"note").unwrap();
    fs::write(folder.path().join("MANIFEST"), old).unwrap();
    let error = EpisodicMemory::open(folder.path()).unwrap_err();
    assert!(matches!(error, MemoryError::Damaged { .. }), "{error}");
    assert!(!verify(folder.path()).unwrap().is_sound());
}

/// The files of one store do not pass for those of another.
#[test]
fn files_of_another_store_are_refused() {
    let [one, other] = [(); 2].map(|()| {
        let folder = tempfile::tempdir().unwrap();
        let memory = EpisodicMemory::open(folder.path()).unwrap();
        memory.store_batch(&(0..3).map(given).collect::<Vec<_>>()).unwrap();
        memory.recollect(&given(1).content, 1, &Default::default(), &Default::default(), 7).unwrap();
        drop(memory);
        folder
    });
    for name in ["MANIFEST", "index.redb", "log-0"] {
        let copy = tempfile::tempdir().unwrap();
        write_files(copy.path(), &files(one.path()));
        fs::copy(other.path().join(name), copy.path().join(name)).unwrap();
        let error = EpisodicMemory::open(copy.path()).unwrap_err();
        assert!(matches!(error, MemoryError::Damaged { .. }), "{name}: {error}");
        assert!(!verify(copy.path()).unwrap().is_sound(), "{name}");
    }
}
