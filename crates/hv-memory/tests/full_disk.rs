//! A disk without room: what was acknowledged is kept, and room can be made.

#![cfg(unix)]

mod common;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use common::processes::{STORE, child, last, lines, listen, open_for_child, say};
use common::{Random, check_all, episode, episodes};
use hv_memory::{EpisodeId, EpisodicMemory, MemoryError};

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
    // A compaction wants room for a second copy, and says how much.
    let error = memory.compact().unwrap_err();
    assert!(matches!(error, MemoryError::Full { needed: Some(2_000_000..), .. }), "{error}");
    assert!(error.to_string().contains("it needs about"), "{error}");
    check_all(&memory, len);
    fs::remove_file(&ballast).unwrap();
    memory.store_batch(&episodes(len..len + 6_000)).unwrap();
    check_all(&memory, len + 6_000);
    drop(memory);
    let memory = EpisodicMemory::open(&store).unwrap();
    check_all(&memory, len + 6_000);
    assert!(memory.verify().unwrap().is_sound());
    drop(memory);
    makes_room(&store, &ballast, len + 6_000);
    say("full", len as usize);
}

/// Another program takes all of the disk. Deleting works all the same, however much of it, and then compacting does.
fn makes_room(store: &Path, ballast: &Path, len: u64) {
    let mut rest = fs::File::create(ballast).unwrap();
    while rest.write_all(&[0; 512]).is_ok() {}
    let memory = EpisodicMemory::open(store).unwrap();
    let error = memory.store_batch(&episodes(0..6_000)).unwrap_err();
    assert!(matches!(error, MemoryError::Full { .. }), "{error}");
    assert_eq!(memory.forget(&[EpisodeId(5)]).unwrap(), 1);
    let ids: Vec<EpisodeId> = (0..len - 10).map(EpisodeId).collect();
    assert_eq!(memory.forget(&ids).unwrap() as u64, len - 11);
    drop(memory);
    let memory = EpisodicMemory::open(store).unwrap();
    assert_eq!(memory.len(), 10);
    assert!(memory.verify().unwrap().is_sound());
    memory.compact().unwrap();
    assert_eq!(memory.recall(&episode(len - 3).content, 1).unwrap()[0].id, EpisodeId(len - 3));
    drop(memory);
    let memory = EpisodicMemory::open(store).unwrap();
    assert_eq!((memory.len(), memory.store_batch(&episodes(0..5_000)).unwrap().len()), (10, 5_000));
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
