//! The process ends at any moment: what was acknowledged is there, and nothing else.
//!
//! The test's own binary is run again as the process that ends. `HV_KILL_ROUNDS=200` sets the number of rounds, of
//! which a third are full of compactions and a third of consolidations.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::history::{Change, Focus, Model};
use common::{Random, check_all, episodes, files, format_2, write_files};
use hv_memory::{EpisodicMemory, MemoryError};

const STORE: &str = "HV_TEST_STORE";
const SEED: &str = "HV_TEST_SEED";

/// This binary again, running one of the ignored tests below.
fn child(test: &str, store: &Path, seed: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(STORE, store).env(SEED, seed.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

fn open_for_child() -> (EpisodicMemory, Random) {
    let memory = EpisodicMemory::open(std::env::var_os(STORE).expect("run by the tests of this file")).unwrap();
    (memory, Random(std::env::var(SEED).unwrap().parse().unwrap()))
}

fn say(word: &str, number: usize) {
    // libtest's own words may be on the same line before these.
    println!("\n{word} {number}");
    std::io::stdout().flush().unwrap();
}

/// The words that a child said, until it ends or `until` is among them.
fn listen(lines: &mut impl Iterator<Item = std::io::Result<String>>, until: &str) -> Vec<(String, u64)> {
    let mut said = Vec::new();
    for line in lines.map_while(Result::ok) {
        if let Some((word, number)) = line.split_once(' ')
            && let Ok(number) = number.parse()
        {
            said.push((word.to_owned(), number));
            if word == until {
                break;
            }
        }
    }
    said
}

fn last(said: &[(String, u64)], word: &str) -> Option<u64> {
    said.iter().rev().find(|(said, _)| said == word).map(|&(_, number)| number)
}

fn lines(child: &mut Child) -> impl Iterator<Item = std::io::Result<String>> + use<> {
    BufReader::new(child.stdout.take().unwrap()).lines()
}

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
        if model.living.len() > 12_000 {
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
    println!("{} ended in format 2, {} in format 3, of which {unsaid} had not said so", ended[0], ended[1]);
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

/// Stores until there is no more room, and checks that nothing is lost by that. Returns how many episodes there are.
fn fill(memory: &EpisodicMemory, random: &mut Random) -> u64 {
    let error = loop {
        let first = memory.len() as u64;
        match memory.store_batch(&episodes(first..first + 1 + random.below(150))) {
            Ok(_) => say("stored", memory.len()),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, MemoryError::Full { .. }), "{error}");
    assert!(error.to_string().contains("free some space"), "{error}");
    let len = memory.len() as u64;
    check_all(memory, len);
    // Still no room: the same answer again, and nothing lost.
    assert!(matches!(memory.store_batch(&episodes(len..len + 6_000)).unwrap_err(), MemoryError::Full { .. }));
    check_all(memory, len);
    len
}

#[test]
#[ignore = "a process that runs out of room in `a_full_disk`"]
fn child_fills_the_disk() {
    let (memory, mut random) = open_for_child();
    let len = fill(&memory, &mut random);
    say("full", memory.len());
    std::io::stdin().read_line(&mut String::new()).unwrap();
    memory.store_batch(&episodes(len..len + 6_000)).unwrap();
    check_all(&memory, len + 6_000);
    say("stored", memory.len());
}

/// A limit on the size of files stands in for a full disk; lifting it, for room made. `command` gets a soft limit in
/// blocks of 512 bytes, and the signal ignored, so that writes beyond it are errors.
#[cfg(target_os = "linux")]
fn limited(plain: &Command, blocks: u32) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$0\" \"$@\"")]);
    command.arg(plain.get_program()).args(plain.get_args());
    command.envs(plain.get_envs().filter_map(|(key, value)| Some((key, value?))));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Lifts the limit of a child that waits for it, and lets it go on.
#[cfg(target_os = "linux")]
fn make_room(child: &mut Child) {
    let pid = child.id().to_string();
    assert!(Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited:"]).status().unwrap().success());
    child.stdin.take().unwrap().write_all(b"go on\n").unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk() {
    for (seed, blocks) in [(1, 900), (2, 3_500), (3, 4_200), (4, 6_000)] {
        let folder = tempfile::tempdir().unwrap();
        drop(EpisodicMemory::open(folder.path()).unwrap());
        let mut child = limited(&child("child_fills_the_disk", folder.path(), seed), blocks);
        let mut lines = lines(&mut child);
        let full = last(&listen(&mut lines, "full"), "full").expect("the child ran out of room");
        make_room(&mut child);
        assert_eq!(last(&listen(&mut lines, ""), "stored"), Some(full + 6_000));
        assert!(child.wait().unwrap().success());
        check_all(&EpisodicMemory::open(folder.path()).unwrap(), full + 6_000);
    }
}

#[test]
#[ignore = "a process that runs out of room in `an_export_without_room`"]
fn child_exports_to_a_full_disk() {
    let folder = PathBuf::from(std::env::var_os(STORE).expect("run by the tests of this file"));
    let memory = EpisodicMemory::in_memory();
    memory.store_batch(&episodes(0..3_000)).unwrap();
    let export = folder.join("made/for/it");
    let error = memory.export(&export).unwrap_err();
    assert!(matches!(error, MemoryError::Full { .. }), "{error}");
    assert_eq!(fs::read_dir(&export).unwrap().count(), 0);
    say("full", 0);
    std::io::stdin().read_line(&mut String::new()).unwrap();
    memory.export(&export).unwrap();
    let imported = EpisodicMemory::in_memory();
    imported.import(&export).unwrap();
    check_all(&imported, 3_000);
    say("exported", 3_000);
}

/// An export that ran out of room leaves nothing in the way of the next.
#[test]
#[cfg(target_os = "linux")]
fn an_export_without_room() {
    for blocks in [10, 1_000] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = limited(&child("child_exports_to_a_full_disk", folder.path(), 0), blocks);
        let mut lines = lines(&mut child);
        assert_eq!(last(&listen(&mut lines, "full"), "full"), Some(0));
        make_room(&mut child);
        assert_eq!(last(&listen(&mut lines, ""), "exported"), Some(3_000));
        assert!(child.wait().unwrap().success());
    }
}

#[test]
#[ignore = "a process that runs out of room in `a_small_disk`"]
fn child_fills_a_small_disk() {
    let folder = PathBuf::from(std::env::var_os(STORE).expect("run by the tests of this file"));
    let ballast = folder.join("ballast");
    fs::write(&ballast, vec![0; BALLAST]).unwrap();
    let store = folder.join("store");
    let memory = EpisodicMemory::open(&store).unwrap();
    let len = fill(&memory, &mut Random(5));
    // A compaction wants room for a second copy.
    assert!(matches!(memory.compact().unwrap_err(), MemoryError::Full { .. }));
    check_all(&memory, len);
    fs::remove_file(&ballast).unwrap();
    memory.store_batch(&episodes(len..len + 6_000)).unwrap();
    check_all(&memory, len + 6_000);
    drop(memory);
    let memory = EpisodicMemory::open(&store).unwrap();
    check_all(&memory, len + 6_000);
    assert!(memory.verify().unwrap().is_sound());
    say("full", len as usize);
}

/// What is in the way on the small disk, until it is removed.
const BALLAST: usize = 8 << 20;

/// A real disk that is full, where this process may mount one that nobody else sees.
#[test]
#[cfg(target_os = "linux")]
fn a_small_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = |unshare: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(unshare).args([
            "sh",
            "-c",
            "mount -t tmpfs -o size=24m tmpfs \"$HV_TEST_STORE\" && exec \"$0\" \"$@\"",
        ]);
        command.env(STORE, folder.path());
        command
    };
    // The first needs no root, where the system lets anyone make a namespace of users.
    let ways: [&[&str]; 2] = [&["--user", "--map-root-user", "--mount"], &["--mount"]];
    let permitted = |way: &&&[&str]| mounted(way).arg("true").output().is_ok_and(|output| output.status.success());
    let Some(way) = ways.iter().find(permitted) else {
        let _ = writeln!(std::io::stderr(), "NOT RUN: a_small_disk, since mounting a tmpfs is not permitted here");
        return;
    };
    let plain = child("child_fills_a_small_disk", folder.path(), 0);
    let output = mounted(way).arg(plain.get_program()).args(plain.get_args()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let full = last(&listen(&mut said.lines().map(|line| Ok(line.to_owned())), ""), "full");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    println!("full with {} episodes, by unshare {}", full.unwrap(), way.join(" "));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the disk was mounted for others too");
}
