//! Opening a store whose bytes were changed.

mod base;
mod content;
mod edits;
mod forge;
mod repaired;

use std::path::Path;

use hv_memory::{
    Changes, Conditions, ConsolidatePolicy, EpisodicMemory, HV16, MemoryError, NewEpisode, RecollectPolicy,
    Verification, verify,
};

pub use base::{Base, base};

use crate::folders::{files, temporary, write_files};
use crate::input::Input;
use crate::panics;
use edits::Edited;

/// Changes the files of a sound store as the bytes describe, opens it for reading and for writing, uses it, and saves what is
/// sound of it as `hv repair` does.
///
/// The first byte says which store it is, and whether it is written to at last: if it is odd. Each change begins with a
/// byte that says of what kind it is.
///
/// # Panics
///
/// If a store that is refused is not one that `verify` reports, or was written to; if what is given out or saved is neither
/// what was stored nor an error; or if hv-memory panics, also where it catches that.
pub fn open_store(data: &[u8]) {
    panics::watch();
    let edited = edits::edited(&mut Input::new(data));
    let folder = temporary();
    let path = folder.path().join("store");
    write_files(&path, &edited.files);

    let verified = verify(&path);
    let read_only = EpisodicMemory::open_read_only(&path);
    assert!(files(&path) == edited.files, "a reader has written");
    let is_there = !matches!(read_only, Err(MemoryError::NotFound { .. }));
    let was_read = read_only.is_ok();
    match read_only {
        Ok(memory) => _ = read(&memory, &edited, &verified),
        Err(error) => refused(&error, &verified),
    }
    repaired::save(&edited, folder.path(), &verified, was_read);

    match EpisodicMemory::open(&path) {
        // Where there is no store an empty one is made.
        Ok(memory) if !is_there => assert!(memory.is_empty()),
        Ok(memory) => {
            assert!(was_read, "what a reader refuses a writer opens");
            let whole = read(&memory, &edited, &verified);
            use_all(&memory, whole, folder.path());
            if edited.to_write {
                write(memory, &edited, &path);
            }
        }
        Err(error) => {
            assert!(!was_read, "what a reader opens a writer refuses: {error}");
            refused(&error, &verified);
            assert!(files(&path) == edited.files, "a store that is refused was written to");
        }
    }
    panics::none_but_those_of_redb();
}

/// Whatever an opening refuses, `verify` reports.
fn refused(error: &MemoryError, verified: &Result<Verification, MemoryError>) {
    use MemoryError::{Damaged, NewerVersion, NotAStore, NotFound, OlderVersion, OtherWidth};
    let is_said = |error: &MemoryError| {
        matches!(
            error,
            Damaged { .. }
                | NewerVersion { .. }
                | NotAStore { .. }
                | NotFound { .. }
                | OlderVersion { .. }
                | OtherWidth { .. }
        )
    };
    assert!(is_said(error), "not an error of a damaged store: {error}");
    match verified {
        Ok(found) => assert!(!found.is_sound(), "verify does not report this: {error}"),
        Err(verified) => assert!(is_said(verified), "not an error of a damaged store: {verified}"),
    }
}

/// Reads everything, and checks it. Returns whether nothing was refused.
fn read(memory: &EpisodicMemory, edited: &Edited, verified: &Result<Verification, MemoryError>) -> bool {
    let whole = edited.check(memory);
    let is_sound = verified.as_ref().is_ok_and(Verification::is_sound);
    assert!(whole || !is_sound, "verify does not report what cannot be read");
    whole
}

/// Calls what else reads. `whole` is whether everything can be read.
fn use_all(memory: &EpisodicMemory, whole: bool, room: &Path) {
    let verified = memory.verify().expect("an open store can be verified");
    assert!(whole || !verified.is_sound(), "verify does not report what cannot be read");
    let snapshot = memory.snapshot();
    let _ = (snapshot.stats(), snapshot.sources(), snapshot.tags());
    let conditions = Conditions::new().min_similarity(0.4).time(0..1 << 60).tags(["even"]).sources(["first"]);
    memory.recall_where(&HV16::random(3), 3, &conditions).expect("the vectors are in memory");
    let _ = snapshot.plan_consolidation(&ConsolidatePolicy::new(), 1 << 50);
    let exported = room.join("export");
    match memory.export(&exported) {
        Ok(()) => {
            assert!(whole, "what cannot be read was exported");
            let imported = EpisodicMemory::in_memory().import(&exported);
            assert_eq!(imported.expect("an export can be imported"), memory.len());
        }
        Err(error) => {
            assert!(matches!(error, MemoryError::Damaged { .. }), "{error}");
            assert!(!whole, "what can be read cannot be exported: {error}");
        }
    }
}

/// Changes a store that was opened, and opens it again.
fn write(memory: EpisodicMemory, edited: &Edited, path: &Path) {
    let given = NewEpisode { content: HV16::random(999), payload: vec![7; 600], ..NewEpisode::default() };
    let changes = Changes::new().store(given.clone()).put_row("new", "row");
    let stored = match memory.apply(&changes) {
        Ok(applied) => applied.ids[0],
        Err(error) => {
            let is_said = matches!(error, MemoryError::Damaged { .. } | MemoryError::NoMoreIds { .. });
            assert!(is_said, "{error}");
            edited.check(&memory);
            return;
        }
    };
    drop(memory);
    let memory = EpisodicMemory::open(path).unwrap_or_else(|error| panic!("it was opened and written before: {error}"));
    let found = memory.get(stored).expect("the payload is sound").expect("it is there");
    assert!((found.content, &found.payload) == (given.content, &given.payload));
    memory.forget(&[stored]).expect("it can be forgotten");
    // The row stays, and is not one of those that are compared.
    memory.apply(&Changes::new().delete_row("new")).expect("a row can be deleted");
    let whole = edited.check(&memory);
    let recollected = memory.recollect(&HV16::random(999), 1, &Conditions::new(), &RecollectPolicy::new(), 1 << 50);
    recollected.expect("it can be written");
    match memory.compact() {
        Ok(_) => assert!(whole, "what cannot be read was rewritten"),
        Err(error) => assert!(!whole && matches!(error, MemoryError::Damaged { .. }), "{error}"),
    }
    drop(memory);
    EpisodicMemory::open_read_only(path).expect("it was opened and written before");
}
