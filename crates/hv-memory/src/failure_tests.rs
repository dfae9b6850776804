//! Power lost at every sync of every kind of change, and every single operation failing once: what was acknowledged
//! is there, what was not is there whole or not at all, and the memory goes on working.

use std::sync::Arc;

use crate::common::Random;
use crate::common::history::{Change, Model};
use crate::disk::{FailingFolder, Plan, Sharing};
use crate::{EpisodicMemory, MemoryError, Options};

fn open(folder: &FailingFolder) -> Result<EpisodicMemory, MemoryError> {
    EpisodicMemory::open_folder(Arc::new(folder.clone()), Sharing::Alone, &Options::new())
}

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
fn check_after_power_loss(folder: &FailingFolder, allowed: &[&Model], seed: u64, what: &str) {
    let mut random = Random(seed);
    for _ in 0..if thorough() { 5 } else { 1 } {
        let left = folder.after_power_loss(&mut |below| random.below(below as u64) as usize);
        let memory = open(&left).unwrap_or_else(|error| panic!("{what}: {error}"));
        let found = Model::of(&memory);
        assert!(allowed.contains(&&found), "{what}: {} episodes, next id {}", found.living.len(), found.next_id);
        assert!(memory.verify(|_, _| ()).unwrap().is_sound(), "{what}");
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

#[test]
fn power_lost_while_the_store_is_made() {
    for sync in 0.. {
        let folder = FailingFolder::new(Plan::PowerLossAtSync(sync));
        let opened = open(&folder).is_ok();
        check_after_power_loss(&folder, &[&Model::default()], sync as u64, &format!("sync {sync}"));
        if opened {
            assert!(sync > 5);
            break;
        }
    }
}

#[test]
fn power_lost_at_every_sync() {
    let (models, folders) = models();
    let mut points = 0;
    for (now, change) in history().iter().enumerate() {
        for sync in 0.. {
            let folder = folders[now].copy();
            let memory = open(&folder).unwrap();
            folder.set_plan(Plan::PowerLossAtSync(sync));
            let done = models[now].run(&memory, change, now as i64).is_ok();
            let what = format!("{change:?}, sync {sync}");
            if done && !folder.struck() {
                // All its syncs have had their turn. Now it has to be there, whatever was not synced.
                check_after_power_loss(&folder, &[&models[now + 1]], sync as u64, &what);
                break;
            }
            assert!(!done, "{what}: acknowledged without power");
            assert_eq!(Model::of(&memory), models[now], "{what}: readers see what was not committed");
            check_after_power_loss(&folder, &[&models[now], &models[now + 1]], sync as u64, &what);
            points += 1;
        }
    }
    println!("power lost at {points} syncs");
    assert!(points > 40);
}

/// Every sync, and many other operations, of every change fail once. The change reports it, readers see what was, the
/// next attempt works; and then power is lost, which shows what a failed sync had left behind.
#[test]
fn every_operation_fails_once() {
    let (models, folders) = models();
    let mut points = 0;
    for (now, change) in history().iter().enumerate() {
        let fails = |plan| {
            let folder = folders[now].copy();
            let memory = open(&folder).unwrap();
            folder.set_plan(plan);
            let what = format!("{change:?}, {plan:?}");
            let done = models[now].run(&memory, change, now as i64);
            if !folder.struck() {
                return false;
            }
            // What fails after the commit, such as removing old files, is no failure of the change.
            if let Err(error) = done {
                assert!(matches!(error, MemoryError::Full { .. }), "{what}: {error}");
                models[now].run(&memory, change, now as i64).unwrap_or_else(|error| panic!("{what}: {error}"));
            }
            assert_eq!(Model::of(&memory), models[now + 1], "{what}");
            check_after_power_loss(&folder, &[&models[now + 1]], now as u64, &what);
            true
        };
        points += (0..).take_while(|&sync| fails(Plan::FailSync(sync))).count();
        // A change that writes thousands of pages fails at some of them.
        let some = (0..).map(|i: usize| if thorough() { i * (i + 1) / 2 } else { i * i * i + i });
        points += some.take_while(|&operation| fails(Plan::FailOnce(operation))).count();
    }
    println!("{points} operations failed");
    assert!(points > 80);
}

/// `HV_FAILURES=1` makes these tests try more, in a minute or two.
fn thorough() -> bool {
    std::env::var_os("HV_FAILURES").is_some()
}
