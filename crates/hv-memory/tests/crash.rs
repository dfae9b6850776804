//! The process ends at any moment: what was acknowledged is there, and nothing else.
//!
//! The test's own binary is run again as the process that ends. `HV_KILL_ROUNDS=200` sets the number of rounds, of
//! which a third are full of compactions and a third of consolidations.
#![cfg(unix)]

mod common;

use std::io::Write;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use common::history::{Change, Focus, Model};
use common::processes::{child, last, lines, listen, open_for_child, say};
use common::{Random, files, format_2, write_files};
use hv_memory::{EpisodicMemory, MemoryError};

/// The history of a round: what each change of it leaves follows from the seed and the model before.
fn focus(seed: u64) -> Focus {
    [Focus::Stores, Focus::Compaction, Focus::Consolidation][seed as usize % 3]
}

#[test]
#[ignore = "a process that is killed by `killed_at_any_moment`"]
fn child_changes_until_killed() {
    let (memory, mut random) = open_for_child();
    let focus = focus(random.0);
    let mut model = Model::of(&memory);
    for number in 0.. {
        let change = model.next(&mut random, focus, 5_000);
        say("trying", number);
        if matches!(change, Change::Compact | Change::Consolidate(_)) {
            say("rewriting", number);
        }
        model.run(&memory, &change, number as i64).unwrap();
        model.apply(&change, number as i64);
        say("done", number + 1);
    }
}

#[test]
fn killed_at_any_moment() {
    let rounds = std::env::var("HV_KILL_ROUNDS").map_or(12, |rounds| rounds.parse().expect("a number of rounds"));
    let mut folder = tempfile::tempdir().unwrap();
    let mut random = Random(99);
    let mut model = Model::default();
    let mut interrupted = [0; 3];
    for round in 0..rounds {
        let mut child = child("child_changes_until_killed", folder.path(), round).spawn().unwrap();
        let mut lines = lines(&mut child);
        let (moment, delay) = if focus(round) == Focus::Stores { ("trying", 80_000) } else { ("rewriting", 12_000) };
        let mut said = listen(&mut lines, moment);
        std::thread::sleep(Duration::from_micros(random.below(delay)));
        child.kill().unwrap();
        said.extend(listen(&mut lines, ""));
        child.wait().unwrap();

        // What must be there: all changes that were acknowledged, and perhaps the one under way.
        let (mut history, focus) = (Random(round), focus(round));
        for number in 0..last(&said, "done").unwrap_or(0) {
            let change = model.next(&mut history, focus, 5_000);
            model.apply(&change, number as i64);
        }
        let acknowledged = model.clone();
        let under_way = model.next(&mut history, focus, 5_000);
        model.apply(&under_way, last(&said, "trying").unwrap() as i64);

        let reader = EpisodicMemory::open_read_only(folder.path()).unwrap();
        let found = Model::of(&reader);
        drop(reader);
        assert!(found == acknowledged || found == model, "round {round}: {under_way:?} was under way");
        let memory = EpisodicMemory::open(folder.path()).unwrap();
        assert_eq!(Model::of(&memory), found);
        assert!(memory.verify().unwrap().is_sound());
        interrupted[match under_way {
            Change::Compact => 0,
            Change::Consolidate(_) => 1,
            _ => 2,
        }] += 1;
        model = found;
        drop(memory);
        if model.live.len() > 12_000 {
            (folder, model) = (tempfile::tempdir().unwrap(), Model::default());
        }
    }
    let [compactions, consolidations, others] = interrupted;
    println!("killed in {compactions} compactions, {consolidations} consolidations, {others} other changes");
    assert!(rounds < 12 || compactions > 0 && consolidations > 0 && others > 0);
}

#[test]
#[ignore = "a process that is killed by `killed_during_an_upgrade`"]
fn child_upgrades() {
    let (memory, _) = open_for_child();
    say("opened", memory.len());
    std::io::stdin().read_line(&mut String::new()).unwrap();
    say("trying", 0);
    // The same note, so that all is as it was, but for the format.
    memory.set_metadata(&memory.metadata().unwrap()).unwrap();
    say("done", 0);
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// A child that has a store of format 2 open, and is about to make the first change of it.
fn upgrading(folder: &Path) -> (Child, impl Iterator<Item = std::io::Result<String>> + use<>) {
    write_files(folder, &format_2::files());
    let mut child = child("child_upgrades", folder, 0).spawn().unwrap();
    let mut lines = lines(&mut child);
    assert!(last(&listen(&mut lines, "opened"), "opened").is_some());
    (child, lines)
}

/// Killed before, during and after the first change of a store of format 2: it is of one format or of the other, and whole.
#[test]
fn killed_during_an_upgrade() {
    let rounds = std::env::var("HV_KILL_ROUNDS").map_or(30, |rounds| rounds.parse().expect("a number of rounds"));
    let mut random = Random(7);
    let (mut span, mut ended, mut unsaid) = (Duration::from_millis(50), [0; 2], 0);
    for round in 0..rounds {
        let folder = tempfile::tempdir().unwrap();
        let (mut child, mut lines) = upgrading(folder.path());
        // The first is killed before it begins, and the second when it is done, which says how long it takes.
        if round > 0 {
            child.stdin.as_mut().unwrap().write_all(b"go on\n").unwrap();
            listen(&mut lines, "trying");
        }
        let start = Instant::now();
        if round == 1 {
            listen(&mut lines, "done");
            span = start.elapsed();
        } else if round > 1 {
            std::thread::sleep(span.mul_f64(random.below(1_200) as f64 / 1_000.0));
        }
        child.kill().unwrap();
        let done = round == 1 || last(&listen(&mut lines, ""), "done").is_some();
        child.wait().unwrap();

        format_2::check(&EpisodicMemory::open_read_only(folder.path()).unwrap());
        assert!(hv_memory::verify(folder.path()).unwrap().is_sound());
        drop(EpisodicMemory::open(folder.path()).unwrap());
        // Of the two logs the one is left that the store has.
        let names: Vec<String> = files(folder.path()).into_keys().filter(|name| name.starts_with("log-")).collect();
        let upgraded = usize::from(!format_2::files().contains_key(&names[0]));
        assert!(names.len() == 1 && (upgraded == 1 || !done), "round {round}: {names:?}");
        ended[upgraded] += 1;
        unsaid += usize::from(upgraded == 1 && !done);

        let memory = EpisodicMemory::open(folder.path()).unwrap();
        format_2::check(&memory);
        memory.set_metadata(&memory.metadata().unwrap()).unwrap();
        format_2::check(&memory);
        assert!(memory.verify().unwrap().is_sound());
    }
    println!("{} ended in format 2, {} in format 3, and {unsaid} of these had not said so", ended[0], ended[1]);
    assert!(rounds < 2 || ended.iter().all(|&rounds| rounds > 0));
}

#[test]
#[ignore = "a process that `a_second_process` tries to share a store with"]
fn child_holds_the_store() {
    let (memory, _) = open_for_child();
    say("holding", memory.len());
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[test]
fn a_second_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = child("child_holds_the_store", folder.path(), 0).spawn().unwrap();
    let said = listen(&mut lines(&mut child), "holding");
    assert_eq!(last(&said, "holding"), Some(0));
    for open in [EpisodicMemory::open, EpisodicMemory::open_read_only] {
        let error = open(folder.path()).unwrap_err();
        assert!(matches!(error, MemoryError::InUse { .. }), "{error}");
        let holder = format!("is being written by process {}", child.id());
        assert!(error.to_string().contains(&holder), "{error}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(EpisodicMemory::open(folder.path()).unwrap().is_empty());
}
