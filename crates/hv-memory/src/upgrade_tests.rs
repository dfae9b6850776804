//! An upgrade of the format, interrupted at every point: the store is of one format or of the other, and whole.

use std::sync::Arc;

use crate::common::{Random, format_2};
use crate::disk::{FailingFolder, Plan, Sharing};
use crate::{EpisodicMemory, MemoryError, Options};

fn open(folder: &FailingFolder) -> Result<EpisodicMemory, MemoryError> {
    EpisodicMemory::open_folder(Arc::new(folder.clone()), Sharing::Alone, &Options::new())
}

/// What is left after power was lost is whole, and can be written to.
fn check_after_power_loss(folder: &FailingFolder, seed: u64, what: &str) {
    let mut random = Random(seed);
    for _ in 0..3 {
        let left = folder.after_power_loss(&mut |below| random.below(below as u64) as usize);
        let memory = open(&left).unwrap_or_else(|error| panic!("{what}: {error}"));
        format_2::check(&memory);
        memory.set_metadata(b"a store of format 2").unwrap_or_else(|error| panic!("{what}: {error}"));
        format_2::check(&memory);
        drop(memory);
        let memory = open(&left).unwrap_or_else(|error| panic!("{what}, upgraded: {error}"));
        format_2::check(&memory);
        assert!(memory.verify().unwrap().is_sound(), "{what}");
    }
}

#[test]
fn an_upgrade_interrupted_at_every_sync() {
    let fixture = FailingFolder::with_files(format_2::files());
    for sync in 0.. {
        let folder = fixture.copy();
        let memory = open(&folder).unwrap();
        folder.set_plan(Plan::PowerLossAtSync(sync));
        let done = memory.set_metadata(b"a store of format 2");
        format_2::check(&memory);
        check_after_power_loss(&folder, sync as u64, &format!("sync {sync}"));
        if done.is_ok() && !folder.struck() {
            assert!(sync > 6, "{sync} syncs");
            break;
        }
    }
}

#[test]
fn an_upgrade_of_which_every_operation_fails_once() {
    let fixture = FailingFolder::with_files(format_2::files());
    let fails = |plan| {
        let folder = fixture.copy();
        let memory = open(&folder).unwrap();
        folder.set_plan(plan);
        let what = format!("{plan:?}");
        let done = memory.set_metadata(b"a store of format 2");
        if !folder.struck() {
            return false;
        }
        format_2::check(&memory);
        if done.is_err() {
            memory.set_metadata(b"a store of format 2").unwrap_or_else(|error| panic!("{what}: {error}"));
        }
        format_2::check(&memory);
        check_after_power_loss(&folder, 5, &what);
        true
    };
    let syncs = (0..).take_while(|&sync| fails(Plan::FailSync(sync))).count();
    let operations = (0..).map(|i: usize| i * i + i).take_while(|&operation| fails(Plan::FailOnce(operation))).count();
    assert!(syncs > 6 && operations > 10, "{syncs} syncs and {operations} operations failed");
}
