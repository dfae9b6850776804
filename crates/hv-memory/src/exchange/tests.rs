//! Exports and imports on a folder that fails.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::export::export_into;
use super::retrievals::ByEpisode;
use crate::arena::{AppRows, Row, RowSource, State};
use crate::common::{Random, episode, episodes};
use crate::disk::{FailingFolder, Folder, Plan, Sharing};
use crate::{Changes, EpisodicMemory, MemoryError, NewEpisode, Options, Progress};

type Files = BTreeMap<String, Vec<u8>>;

fn some_state() -> State {
    let memory = EpisodicMemory::in_memory();
    memory.apply(&Changes::new().store_batch(episodes(0..9)).put_row("row", "value")).unwrap();
    State::clone(&memory.snapshot().state)
}

fn export(state: &State, folder: &FailingFolder) -> Result<(), MemoryError> {
    export_into(state, &ByEpisode::of(state)?, folder, &Progress::new())
}

/// What an export of the state makes.
fn whole(state: &State) -> Files {
    let folder = FailingFolder::new(Plan::Never);
    export(state, &folder).unwrap();
    assert!(folder.contents().keys().eq(["episodes.jsonl", "rows.jsonl", "vectors.bin"]));
    folder.contents()
}

/// Each operation of an export fails once.
#[test]
fn an_export_that_fails_leaves_nothing() {
    let state = some_state();
    let whole = whole(&state);
    for operation in 0.. {
        let folder = FailingFolder::new(Plan::FailOnce(operation));
        match export(&state, &folder) {
            Err(_) => {
                assert_eq!(folder.contents(), Files::new(), "operation {operation}");
                export(&state, &folder).unwrap();
                assert_eq!(folder.contents(), whole, "operation {operation}");
            }
            Ok(()) => assert!(whole.iter().all(|(name, bytes)| folder.contents().get(name) == Some(bytes))),
        }
        assert!(!folder.changed_unlocked());
        if !folder.struck() {
            assert!(operation > 12, "{operation}");
            break;
        }
    }
}

/// The process ends, or power is lost, at each sync. The next export succeeds, unless the first one is there whole.
#[test]
fn an_export_that_was_interrupted_is_replaced() {
    let state = some_state();
    let whole = whole(&state);
    let check = |left: FailingFolder| {
        let names: Vec<String> = left.contents().into_keys().collect();
        let finished = names.iter().any(|name| name == "episodes.jsonl");
        let exported = export(&state, &left);
        assert_eq!(exported.is_err(), finished, "{names:?}: {exported:?}");
        assert!(whole.iter().all(|(name, bytes)| left.contents().get(name) == Some(bytes)), "{names:?}");
        finished
    };
    let (mut random, mut finished) = (Random(1), 0);
    for sync in 0.. {
        let folder = FailingFolder::new(Plan::PowerLossAtSync(sync));
        if export(&state, &folder).is_ok() {
            assert!(sync > 4 && (1..200).contains(&finished), "{sync} {finished}");
            break;
        }
        finished += u32::from(check(folder.copy()));
        for _ in 0..40 {
            finished += u32::from(check(folder.after_power_loss(&mut |below| random.below(below as u64) as usize)));
        }
    }
}

/// What an interrupted export does not leave is not replaced.
#[test]
fn files_of_others_stay() {
    let state = some_state();
    let all = |names: &[&str]| -> Files { names.iter().map(|name| ((*name).to_owned(), b"mine".to_vec())).collect() };
    for names in [
        &["vectors.bin"][..],
        &["LOCK", "vectors.bin"],
        &["LOCK", "rows.jsonl", "vectors.bin"],
        &["episodes.jsonl"],
        &["LOCK", "episodes.jsonl", "episodes.jsonl.new"],
        &["episodes.jsonl.new", "other"],
        &["LOCK", "MANIFEST", "index.redb"],
    ] {
        let folder = FailingFolder::with_files(all(names));
        let error = export(&state, &folder).unwrap_err();
        assert!(error.to_string().contains("the folder is not empty; give a new one"), "{error}");
        assert_eq!(folder.contents(), all(names));
    }
    for names in [&["LOCK"][..], &["episodes.jsonl.new"], &["LOCK", "episodes.jsonl.new", "rows.jsonl", "vectors.bin"]]
    {
        let folder = FailingFolder::with_files(all(names));
        let lock = folder.lock(Sharing::Alone).unwrap();
        let before = folder.contents();
        let error = export(&state, &folder).unwrap_err();
        assert!(error.to_string().contains("another export into it is under way"), "{error}");
        assert_eq!(folder.contents(), before);
        drop(lock);
        export(&state, &folder).unwrap();
        assert_eq!(folder.contents(), whole(&state));
    }
}

/// Rows whose reading is a panic.
struct Panics;

impl RowSource for Panics {
    fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, MemoryError> {
        panic!("a row is read")
    }

    fn range(&self, _: Bound<&[u8]>, _: &[u8]) -> Result<Vec<Row>, MemoryError> {
        panic!("rows are read")
    }

    fn len(&self) -> u64 {
        1
    }
}

#[test]
fn an_export_that_panics_leaves_nothing() {
    let (state, folder) = (some_state(), FailingFolder::new(Plan::Never));
    let panics = State { rows: AppRows::Disk(Arc::new(Panics)), ..state.clone() };
    catch_unwind(AssertUnwindSafe(|| export(&panics, &folder))).unwrap_err();
    assert!(folder.operations() > 6, "it had begun");
    assert_eq!(folder.contents(), Files::new());
    export(&state, &folder).unwrap();
    assert_eq!(folder.contents(), whole(&state));
}

/// Where a write fails, what was read before it tells how much is held in memory until it is written.
#[test]
fn payloads_go_to_the_folder_as_they_are_read() {
    const EPISODES: u64 = 5_000;
    let export = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::in_memory();
    let large = |number| NewEpisode { payload: vec![b'a'; 1 << 10], ..episode(number) };
    memory.store_batch(&(0..EPISODES).map(large).collect::<Vec<_>>()).unwrap();
    memory.export(export.path()).unwrap();

    let mut read = vec![0];
    for operation in 0.. {
        let folder = FailingFolder::new(Plan::Never);
        let memory = EpisodicMemory::open_folder(Arc::new(folder.clone()), Sharing::Alone, &Options::new()).unwrap();
        folder.set_plan(Plan::FailOnce(operation));
        let progress = Progress::new();
        assert!(memory.import_with(export.path(), &progress).is_err(), "operation {operation}");
        read.push(progress.done());
        if progress.done() == EPISODES {
            break;
        }
    }
    let steps: Vec<u64> = read.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(steps.iter().all(|&step| step < 2_048), "episodes of 1 KiB between two writes: {steps:?}");
}
