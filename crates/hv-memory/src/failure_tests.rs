//! Power lost at every sync of every kind of change, and every single operation failing once: what was acknowledged
//! is there, what was not is there whole or not at all, and the memory goes on working.

use std::sync::Arc;
use std::time::Duration;

use crate::common::history::{Change, Model};
use crate::common::{Random, check_all, episode, episodes};
use crate::disk::{FailingFolder, Plan, Sharing};
use crate::{Durability, EpisodicMemory, HV16, MemoryError, Options};

pub(crate) fn open(folder: &FailingFolder) -> Result<EpisodicMemory, MemoryError> {
    EpisodicMemory::open_folder(Arc::new(folder.clone()), Sharing::Alone, &Options::new())
}

/// The id of the first hidden episode of [`history`].
const HIDDEN: u64 = 4_306;

/// One of every kind, with blocks that become full at different times.
fn history() -> Vec<Change> {
    vec![
        Change::Store(1),
        Change::Note(1),
        Change::Store(4_090),
        Change::Recollect(3),
        Change::Store(8),
        Change::Recollect(4_097),
        Change::Forget(vec![5, 6, 4_098]),
        Change::Compact,
        Change::Store(2),
        Change::Consolidate(4_000),
        Change::Store(200),
        Change::Forget((200..230).collect()),
        Change::Consolidate(60),
        Change::Recollect(4_299),
        // Of those that were recollected, so that the next one rewrites the log.
        Change::Forget(vec![3, 4_097, 4_299]),
        Change::Recollect(4_298),
        Change::Replace(1),
        Change::Rows(vec![(1, Some(7)), (2, Some(3))]),
        Change::Replace(1),
        Change::Rows(vec![(1, Some(14)), (2, None), (3, Some(1)), (1, Some(2))]),
        Change::Compact,
        Change::Rows(vec![(3, Some(70)), (1, None)]),
        Change::Consolidate(20),
        // Hidden ones of a block that is full and of one that is not, revealed in part.
        Change::Hide(10),
        Change::Hide(4_090),
        Change::Store(3),
        Change::Reveal((HIDDEN..HIDDEN + 5).chain(HIDDEN + 4_000..HIDDEN + 4_100).collect()),
        Change::Forget((HIDDEN + 3..HIDDEN + 5).chain(HIDDEN + 4_000..HIDDEN + 4_050).collect()),
        Change::Compact,
    ]
}

/// What the memory is before each change, and at the end; and the disk before each change.
fn models() -> (Vec<Model>, Vec<FailingFolder>) {
    let (mut models, mut folders) = (vec![Model::default()], Vec::new());
    let folder = FailingFolder::new(Plan::Never);
    for (now, change) in history().iter().enumerate() {
        let memory = open(&folder).unwrap();
        folders.push(folder.copy());
        models[now].run(&memory, change, now as i64).unwrap();
        let mut model = models[now].clone();
        model.apply(change, now as i64);
        models.push(model);
    }
    (models, folders)
}

/// Opens what a power loss may have left, a few times, and returns whether all of it is one of `allowed`.
pub(crate) fn check_after_power_loss(folder: &FailingFolder, allowed: &[&Model], seed: u64, what: &str) {
    let mut random = Random(seed);
    for _ in 0..if thorough() { 5 } else { 1 } {
        let left = folder.after_power_loss(&mut |below| random.below(below as u64) as usize);
        let memory = open(&left).unwrap_or_else(|error| panic!("{what}: {error}"));
        let found = Model::of(&memory);
        assert!(allowed.contains(&&found), "{what}: {} episodes, next id {}", found.live.len(), found.next_id);
        assert!(memory.verify().unwrap().is_sound(), "{what}");
        // And it works.
        let mut model = found;
        model.run(&memory, &Change::Store(3), 99).unwrap();
        model.apply(&Change::Store(3), 99);
        drop(memory);
        if thorough() {
            assert!(Model::of(&open(&left).unwrap()) == model, "{what}");
        }
    }
}

/// redb writes when its file is closed. Another process may not have opened it by then.
#[test]
fn nothing_is_written_without_the_lock() {
    let folder = FailingFolder::new(Plan::Never);
    for count in [1, 4_200] {
        let memory = open(&folder).unwrap();
        assert!(matches!(open(&folder), Err(MemoryError::InUse { .. })));
        let first = memory.len() as u64;
        memory.store_batch(&episodes(first..first + count)).unwrap();
        memory.compact().unwrap();
        memory.store_batch(&episodes(first + count..first + count + 1)).unwrap();
        drop(memory);
        assert!(!folder.changed_unlocked());
    }
}

/// A panic after the commit of a compaction: its state is what the memory goes on with.
#[test]
fn a_panic_while_old_files_are_removed() {
    let (mut model, folder) = (Model::default(), FailingFolder::new(Plan::Never));
    let memory = open(&folder).unwrap();
    for change in [Change::Store(4_200), Change::Forget(vec![3, 4_100])] {
        model.run(&memory, &change, 0).unwrap();
        model.apply(&change, 0);
    }
    folder.set_plan(Plan::PanicAtRemoval);
    let compact = || model.run(&memory, &Change::Compact, 0);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(compact)).is_err());
    folder.set_plan(Plan::Never);
    for change in [Change::Store(3), Change::Forget(vec![5]), Change::Store(4_000)] {
        model.run(&memory, &change, 0).unwrap();
        model.apply(&change, 0);
    }
    assert!(Model::of(&memory) == model);
    check_after_power_loss(&folder, &[&model], 7, "a panic");
}

fn open_batched(folder: &FailingFolder, episodes: usize, delay: Duration) -> EpisodicMemory {
    let options = Options::new().durability(Durability::Batched { episodes, delay });
    EpisodicMemory::open_folder(Arc::new(folder.clone()), Sharing::Alone, &options).unwrap()
}

/// A commit that fails in the background is reported by the next store, which is not acknowledged, and by a flush.
#[test]
fn a_batch_that_cannot_be_committed_is_reported() {
    let folder = FailingFolder::new(Plan::Never);
    let memory = open_batched(&folder, 1_000, Duration::from_millis(1));
    folder.set_plan(Plan::FailAll);
    memory.store_batch(&episodes(0..10)).unwrap();
    while !folder.struck() {
        std::thread::sleep(Duration::from_millis(1));
    }
    // The timer tries again and again, but ever more seldom.
    std::thread::sleep(Duration::from_millis(300));
    assert!((2..60).contains(&folder.operations()), "{} attempts", folder.operations());
    assert!(matches!(memory.store_batch(&episodes(10..11)), Err(MemoryError::Full { .. })));
    assert!(matches!(memory.flush(), Err(MemoryError::Full { .. })));
    check_all(&memory, 10);
    folder.set_plan(Plan::Never);
    memory.store_batch(&episodes(10..11)).unwrap();
    check_after_power_loss(&folder, &[&stored(11)], 3, "after the failure");
    check_all(&memory, 11);
}

/// Episodes that wait when the commit of a batch fails are there after the next, and in full blocks too.
#[test]
fn what_waits_survives_every_failure_of_its_commit() {
    for (committed, waiting) in [(3, 5), (4_000, 100)] {
        let plans = (0..).flat_map(|number| [Plan::FailSync(number), Plan::FailOnce(number * 3)]);
        for plan in plans.take(if thorough() { 40 } else { 12 }) {
            let folder = FailingFolder::new(Plan::Never);
            let memory = open_batched(&folder, 1_000_000, Duration::from_secs(3_600));
            memory.store_batch(&episodes(0..committed)).unwrap();
            memory.flush().unwrap();
            memory.store_batch(&episodes(committed..committed + waiting)).unwrap();
            folder.set_plan(plan);
            let what = format!("{committed} and {waiting}, {plan:?}");
            let all = stored(committed + waiting);
            if memory.flush().is_err() {
                check_all(&memory, committed + waiting);
                check_after_power_loss(&folder, &[&stored(committed), &all], 5, &what);
                memory.flush().unwrap_or_else(|error| panic!("{what}: {error}"));
            }
            assert!(Model::of(&memory) == all, "{what}");
            check_after_power_loss(&folder, &[&all], 6, &what);
        }
    }
}

/// The model of this many episodes.
fn stored(count: u64) -> Model {
    let mut model = Model::default();
    model.apply(&Change::Store(count), 0);
    model
}

/// A change of a memory, with what is before it and after it.
struct Step<'a> {
    what: String,
    seed: u64,
    before: &'a Model,
    after: &'a Model,
    folder: FailingFolder,
    run: &'a dyn Fn(&EpisodicMemory) -> Result<(), MemoryError>,
}

impl Step<'_> {
    /// Loses power at every sync of the change. Returns how many there are.
    fn loses_power_at_every_sync(&self) -> usize {
        for sync in 0.. {
            let folder = self.folder.copy();
            let memory = open(&folder).unwrap();
            folder.set_plan(Plan::PowerLossAtSync(sync));
            let done = (self.run)(&memory).is_ok();
            let what = format!("{}, sync {sync}", self.what);
            if done {
                // Power may have gone while the index was made smaller, after the commit. Now the change has to be
                // there, whatever was not synced.
                check_after_power_loss(&folder, &[self.after], sync as u64, &what);
                if !folder.struck() {
                    return sync;
                }
            } else {
                assert_eq!(&Model::of(&memory), self.before, "{what}: readers see what was not committed");
                check_after_power_loss(&folder, &[self.before, self.after], sync as u64, &what);
            }
        }
        unreachable!("a change has an end")
    }

    /// Every sync, and many other operations, of the change fail once. It reports it, readers see what was, the next
    /// attempt works; and then power is lost, which shows what a failed sync had left behind. Returns how many failed.
    fn fails_at_many_operations(&self) -> usize {
        let fails = |plan| {
            let folder = self.folder.copy();
            let memory = open(&folder).unwrap();
            folder.set_plan(plan);
            let what = format!("{}, {plan:?}", self.what);
            let done = (self.run)(&memory);
            if !folder.struck() {
                return false;
            }
            // What fails after the commit, such as removing old files, is no failure of the change.
            if let Err(error) = done {
                assert!(matches!(error, MemoryError::Full { .. } | MemoryError::Io { .. }), "{what}: {error}");
                assert_eq!(&Model::of(&memory), self.before, "{what}: readers see what was not committed");
                (self.run)(&memory).unwrap_or_else(|error| panic!("{what}: {error}"));
            }
            assert_eq!(&Model::of(&memory), self.after, "{what}");
            check_after_power_loss(&folder, &[self.after], self.seed, &what);
            // The handle goes on.
            memory.set_metadata(&self.after.note).unwrap_or_else(|error| panic!("{what}: {error}"));
            // What it wrote since is not built on pages that a failed sync has lost.
            check_after_power_loss(&folder, &[self.after], self.seed, &format!("{what}, and went on"));
            true
        };
        let syncs = (0..).take_while(|&sync| fails(Plan::FailSync(sync))).count();
        // A change that writes thousands of pages fails at some of them.
        let some = (0..).map(|i: usize| if thorough() { i * (i + 1) / 2 } else { i * i * i + i });
        syncs + some.take_while(|&operation| fails(Plan::FailOnce(operation))).count()
    }
}

/// Runs a test on every change of the history, and adds up what it returns.
fn in_history(test: impl Fn(&Step<'_>) -> usize) -> usize {
    let (models, folders) = models();
    let steps = history().into_iter().zip(models.windows(2)).zip(folders).enumerate();
    let run = steps.map(|(now, ((change, around), folder))| {
        let run = |memory: &EpisodicMemory| around[0].run(memory, &change, now as i64);
        test(&Step {
            what: format!("{change:?}"),
            seed: now as u64,
            before: &around[0],
            after: &around[1],
            folder,
            run: &run,
        })
    });
    run.sum()
}

#[test]
fn power_lost_at_every_sync() {
    let points = in_history(|step| step.loses_power_at_every_sync());
    println!("power lost at {points} syncs");
    assert!(points > 40);
}

#[test]
fn every_operation_fails_once() {
    let points = in_history(|step| step.fails_at_many_operations());
    println!("{points} operations failed");
    assert!(points > 80);
}

/// Every sync, and many other operations, of opening a store that a crash or a regular end left, and of closing it
/// again, fail once, or power is lost there.
#[test]
fn opening_and_closing_fail_at_every_point() {
    let (models, folders) = models();
    let mut points = 0;
    for (number, closed) in [(6, false), (6, true), (9, false)] {
        let (model, folder) = (&models[number], folders[number].copy());
        if closed {
            drop(open(&folder).unwrap());
        }
        let plans: [&dyn Fn(usize) -> Plan; 3] = [&Plan::PowerLossAtSync, &Plan::FailSync, &Plan::FailOnce];
        for plan in plans {
            points += (0..).take_while(|&at| opening_fails(&folder, model, plan(at))).count();
        }
    }
    println!("{points} operations failed");
    assert!(points > 30);
}

/// Returns whether the plan struck.
fn opening_fails(folder: &FailingFolder, model: &Model, plan: Plan) -> bool {
    let folder = folder.copy();
    folder.set_plan(plan);
    let what = format!("opening, {plan:?}");
    match open(&folder) {
        Ok(memory) => assert!(Model::of(&memory) == *model, "{what}"),
        Err(error) => assert!(matches!(error, MemoryError::Full { .. } | MemoryError::Io { .. }), "{what}: {error}"),
    }
    let struck = folder.struck();
    check_after_power_loss(&folder, &[model], 8, &what);
    if !matches!(plan, Plan::PowerLossAtSync(_)) {
        folder.set_plan(Plan::Never);
        let memory = open(&folder).unwrap_or_else(|error| panic!("{what}: {error}"));
        memory.set_metadata(&model.note).unwrap();
        check_after_power_loss(&folder, &[model], 9, &format!("{what}, and went on"));
    }
    struck
}

/// redb copies pages that it has not checked since the store was opened, and signs the copies. (The cache of tests is small.)
#[test]
fn bits_that_flip_while_the_store_is_open() {
    // Few enough that the page of the last row is in no cache.
    const LEN: u64 = 3_500;
    let vector = HV16::random(LEN - 1).0;
    // The row of an episode: its time is 29 bytes before its vector.
    for (what, back) in [("a vector", 0), ("a time", 29)] {
        let folder = tempfile::tempdir().unwrap();
        EpisodicMemory::open(folder.path()).unwrap().store_batch(&episodes(0..LEN)).unwrap();
        let memory = EpisodicMemory::open(folder.path()).unwrap();
        let path = folder.path().join("index.redb");
        let mut bytes = std::fs::read(&path).unwrap();
        let places: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(&vector)).collect();
        assert!(!places.is_empty(), "{what}");
        places.iter().for_each(|at| bytes[at - back] ^= 1);
        std::fs::write(&path, bytes).unwrap();
        // This copies the row's page.
        memory.store(episode(LEN)).unwrap();
        drop(memory);
        let error = EpisodicMemory::open(folder.path()).unwrap_err();
        assert!(matches!(error, MemoryError::Damaged { .. }), "{what}: {error}");
        assert!(error.to_string().contains("missing or malformed"), "{what}: {error}");
    }
}

/// The same for an import, whose payloads are in the files before all of it was read.
#[test]
fn an_import_fails_at_every_point() {
    let export = tempfile::tempdir().unwrap();
    let (memory, mut model) = (EpisodicMemory::in_memory(), Model::default());
    let changes = [
        Change::Store(4_200),
        Change::Forget(vec![7, 4_100]),
        Change::Recollect(5),
        Change::Recollect(4_199),
        Change::Note(3),
    ];
    for (now, change) in changes.iter().enumerate() {
        model.run(&memory, change, now as i64).unwrap();
        model.apply(change, now as i64);
    }
    memory.export(export.path()).unwrap();
    let folder = FailingFolder::new(Plan::Never);
    drop(open(&folder).unwrap());
    let step = Step {
        what: "import".into(),
        seed: 1,
        before: &Model::default(),
        after: &model,
        folder,
        run: &|memory| memory.import(export.path()).map(drop),
    };
    let (syncs, failed) = (step.loses_power_at_every_sync(), step.fails_at_many_operations());
    println!("power lost at {syncs} syncs, {failed} operations failed");
    assert!(syncs > 4 && failed > 8);
}

/// `HV_FAILURES=1` makes these tests try more, in a minute or two.
fn thorough() -> bool {
    std::env::var_os("HV_FAILURES").is_some()
}
