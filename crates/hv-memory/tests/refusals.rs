//! Wrong input: each with an error that says what was wrong, and without touching anything.

mod common;

use std::fs;

use common::{check_all, episode, episodes, files};
use hv_memory::{EpisodicMemory, MAX_BYTES, MemoryError, NewEpisode, verify};

#[test]
fn paths_that_hold_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let error = EpisodicMemory::open_read_only(&missing).unwrap_err();
    assert!(matches!(&error, MemoryError::NotFound { path } if *path == missing), "{error}");
    assert!(error.to_string().contains("there is no store at"), "{error}");
    assert!(!missing.exists());

    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    for error in [EpisodicMemory::open(&file).unwrap_err(), EpisodicMemory::open_read_only(&file).unwrap_err()] {
        assert!(matches!(error, MemoryError::NotAFolder { .. }), "{error}");
    }

    for error in [EpisodicMemory::open("").unwrap_err(), EpisodicMemory::open_read_only("").unwrap_err()] {
        assert!(error.to_string().contains("the path is empty"), "{error}");
    }

    // A folder that is something else, though it holds a file of a name that a store has too.
    for name in ["file", "index.redb", "vectors-0"] {
        let other = tempfile::tempdir().unwrap();
        fs::write(other.path().join(name), "text").unwrap();
        let before = files(other.path());
        for error in
            [EpisodicMemory::open(other.path()).unwrap_err(), EpisodicMemory::open_read_only(other.path()).unwrap_err()]
        {
            assert!(matches!(&error, MemoryError::NotAStore { found, .. } if found == name), "{error}");
        }
        assert_eq!(files(other.path()), before);
    }

    let empty = tempfile::tempdir().unwrap();
    let error = EpisodicMemory::open_read_only(empty.path()).unwrap_err();
    assert!(matches!(error, MemoryError::NotFound { .. }), "{error}");
    assert!(files(empty.path()).is_empty());
    assert!(EpisodicMemory::open(empty.path()).unwrap().is_empty());
}

#[test]
fn a_newer_version() {
    let folder = tempfile::tempdir().unwrap();
    drop(EpisodicMemory::open(folder.path()).unwrap());
    let manifest = folder.path().join("MANIFEST");
    let mut bytes = fs::read(&manifest).unwrap();
    bytes[8] = 4;
    bytes.extend(b"what this version cannot know");
    fs::write(&manifest, bytes).unwrap();
    let before = files(folder.path());
    for error in
        [EpisodicMemory::open(folder.path()).unwrap_err(), EpisodicMemory::open_read_only(folder.path()).unwrap_err()]
    {
        assert!(matches!(error, MemoryError::NewerVersion { found: 4, supported: 3, .. }), "{error}");
        assert!(error.to_string().contains("newer program"), "{error}");
    }
    assert_eq!(files(folder.path()), before);
}

#[test]
fn an_older_version() {
    let folder = tempfile::tempdir().unwrap();
    drop(EpisodicMemory::open(folder.path()).unwrap());
    let manifest = folder.path().join("MANIFEST");
    let mut bytes = fs::read(&manifest).unwrap();
    bytes.truncate(20);
    bytes[8] = 1;
    let crc = crc32fast::hash(&bytes[..16]).to_le_bytes();
    bytes[16..].copy_from_slice(&crc);
    fs::write(&manifest, bytes).unwrap();
    let before = files(folder.path());
    for error in
        [EpisodicMemory::open(folder.path()).unwrap_err(), EpisodicMemory::open_read_only(folder.path()).unwrap_err()]
    {
        assert!(matches!(error, MemoryError::OlderVersion { found: 1, supported: 3, .. }), "{error}");
        assert!(error.to_string().contains("export it with the program that wrote it"), "{error}");
    }
    assert_eq!(files(folder.path()), before);
}

#[test]
fn a_second_handle() {
    let folder = tempfile::tempdir().unwrap();
    let writer = EpisodicMemory::open(folder.path()).unwrap();
    for error in
        [EpisodicMemory::open(folder.path()).unwrap_err(), EpisodicMemory::open_read_only(folder.path()).unwrap_err()]
    {
        assert!(matches!(error, MemoryError::InUse { .. }), "{error}");
    }
    writer.store(episode(0)).unwrap();
    drop(writer);
    let readers = [(); 2].map(|()| EpisodicMemory::open_read_only(folder.path()).unwrap());
    assert!(matches!(EpisodicMemory::open(folder.path()).unwrap_err(), MemoryError::InUse { .. }));
    readers.iter().for_each(|reader| check_all(reader, 1));
    drop(readers);
    check_all(&EpisodicMemory::open(folder.path()).unwrap(), 1);
}

#[test]
fn values_out_of_range_store_nothing_of_their_batch() {
    let folder = tempfile::tempdir().unwrap();
    for memory in [EpisodicMemory::in_memory(), EpisodicMemory::open(folder.path()).unwrap()] {
        for valence in [f32::NAN, 1.000_001, -1.5, f32::INFINITY] {
            let batch = [episode(0), NewEpisode { valence, ..episode(1) }];
            let error = memory.store_batch(&batch).unwrap_err();
            assert!(matches!(error, MemoryError::InvalidValence { index: 1, .. }), "{error}");
        }
        let error = memory.store(NewEpisode { payload: vec![0; MAX_BYTES + 1], ..episode(0) }).unwrap_err();
        assert!(matches!(error, MemoryError::PayloadTooLarge { index: 0, bytes: 1_048_577, .. }), "{error}");
        let error = memory.set_metadata(&vec![0; MAX_BYTES + 1]).unwrap_err();
        assert!(matches!(error, MemoryError::MetadataTooLarge { bytes: 1_048_577, .. }), "{error}");
        assert!(memory.is_empty());

        for valence in [-1.0, -0.0, 1.0] {
            memory.store(NewEpisode { valence, payload: vec![7; MAX_BYTES], ..episode(0) }).unwrap();
        }
        memory.set_metadata(&vec![1; MAX_BYTES]).unwrap();
        assert!(memory.snapshot().episodes().all(|episode| episode.unwrap().payload == vec![7; MAX_BYTES]));
        assert!(memory.store_batch(&[]).unwrap().is_empty());
        assert_eq!(memory.len(), 3);
    }
}

#[test]
fn a_reader_does_not_write() {
    let folder = tempfile::tempdir().unwrap();
    let writer = EpisodicMemory::open(folder.path()).unwrap();
    writer.store_batch(&episodes(0..10)).unwrap();
    drop(writer);
    let before = files(folder.path());
    let reader = EpisodicMemory::open_read_only(folder.path()).unwrap();
    for error in [reader.store(episode(10)).unwrap_err(), reader.set_metadata(b"x").unwrap_err()] {
        assert!(matches!(error, MemoryError::ReadOnly { .. }), "{error}");
    }
    check_all(&reader, 10);
    drop(reader);
    assert_eq!(files(folder.path()), before);
}

/// What the lock file says of a store that was here before does not count against a new one.
#[test]
fn a_folder_that_was_emptied_but_for_its_lock() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    (0..5).for_each(|number| assert_eq!(memory.store(episode(number)).unwrap().0, number));
    drop(memory);
    for name in files(folder.path()).keys().filter(|name| *name != "LOCK") {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    assert!(EpisodicMemory::open(folder.path()).unwrap().is_empty());
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    memory.store(episode(0)).unwrap();
    drop(memory);
    check_all(&EpisodicMemory::open(folder.path()).unwrap(), 1);
}

/// Creating a store may be interrupted at any point: the next attempt finishes it.
#[test]
fn an_unfinished_creation_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    drop(EpisodicMemory::open(folder.path()).unwrap());
    let whole = files(folder.path());
    // The MANIFEST says "unfinished" from before the other files exist until after they are whole.
    let mut manifest = whole["MANIFEST"].clone();
    manifest[12] = 0;
    let crc = crc32fast::hash(&manifest[..40]).to_le_bytes();
    manifest[40..].copy_from_slice(&crc);
    for names in [&["MANIFEST"][..], &["MANIFEST", "LOCK", "vectors-0"], &["LOCK", "MANIFEST", "index.redb"]] {
        let partial = tempfile::tempdir().unwrap();
        for &name in names {
            fs::write(partial.path().join(name), if name == "MANIFEST" { &manifest } else { &whole[name] }).unwrap();
        }
        assert!(EpisodicMemory::open_read_only(partial.path()).unwrap().verify().unwrap().is_sound());
        assert!(EpisodicMemory::open_read_only(partial.path()).unwrap().is_empty());
        assert!(verify(partial.path()).unwrap().is_sound());
        let memory = EpisodicMemory::open(partial.path()).unwrap();
        memory.store_batch(&episodes(0..3)).unwrap();
        drop(memory);
        check_all(&EpisodicMemory::open(partial.path()).unwrap(), 3);
    }
}

/// Before there is a MANIFEST, there is no store.
#[test]
fn a_creation_that_had_hardly_begun() {
    for names in [&[][..], &["LOCK"], &["LOCK", "MANIFEST.new"], &["MANIFEST.new"]] {
        let folder = tempfile::tempdir().unwrap();
        names.iter().for_each(|name| fs::write(folder.path().join(name), "").unwrap());
        let before = files(folder.path());
        for error in [EpisodicMemory::open_read_only(folder.path()).err(), verify(folder.path()).err()] {
            assert!(matches!(error, Some(MemoryError::NotFound { .. })), "{names:?}: {error:?}");
        }
        assert_eq!(files(folder.path()), before);
        EpisodicMemory::open(folder.path()).unwrap().store(episode(0)).unwrap();
        check_all(&EpisodicMemory::open(folder.path()).unwrap(), 1);
    }
}

/// What an interrupted store left after the valid part of the flat files is no damage, and goes.
#[test]
fn what_no_commit_vouches_for_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    memory.store_batch(&episodes(0..4_200)).unwrap();
    drop(memory);
    let whole = files(folder.path());
    for name in ["vectors-0", "payloads-0"] {
        fs::write(folder.path().join(name), [&whole[name][..], &[7; 5_000]].concat()).unwrap();
    }
    fs::write(folder.path().join("vectors-1"), "of a generation that was never finished").unwrap();
    check_all(&EpisodicMemory::open_read_only(folder.path()).unwrap(), 4_200);
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    check_all(&memory, 4_200);
    let after = files(folder.path());
    assert!(["vectors-0", "payloads-0"].iter().all(|name| after[*name] == whole[*name]));
    assert!(!after.contains_key("vectors-1"));
    memory.store_batch(&episodes(4_200..8_500)).unwrap();
    drop(memory);
    check_all(&EpisodicMemory::open(folder.path()).unwrap(), 8_500);
}
