//! Compaction and consolidation at most double the memory in use, for as long as they take.
//!
//! A process has one peak, so each case runs in a process of its own: the test's own binary again. Linux only, where
//! a process can read its peak and set it back. `HV_PEAK=1000000` sets the number of episodes.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use hv_memory::{ConsolidatePolicy, EpisodeId, EpisodicMemory, HV16, MemoryError, NewEpisode};

const CASE: &str = "HV_TEST_CASE";
const STORE: &str = "HV_TEST_STORE";

/// What may come on top of twice the memory before, in bytes: buffers, the pages of one commit to the index, and
/// what the allocator has not given back. A quarter of the 64 MiB that the documented bound allows.
const ALLOWANCE: u64 = 16 << 20;

fn count() -> u64 {
    std::env::var("HV_PEAK").map_or(200_000, |n| n.parse().expect("HV_PEAK is a number of episodes"))
}

/// Episodes that were recollected often, and how often: 20 bytes each on disk.
const RETRIEVED: u64 = 2_500;
const RETRIEVALS: u64 = 1_000;

/// Stores the episodes, with only this many different contents.
fn fill(memory: &EpisodicMemory, different: u64) {
    let new = |i: u64| NewEpisode {
        content: HV16::random(i % different),
        time: i as i64,
        valence: 0.0,
        payload: vec![i as u8; 20],
        ..NewEpisode::default()
    };
    for first in (0..count()).step_by(10_000) {
        memory.store_batch(&(first..count().min(first + 10_000)).map(new).collect::<Vec<_>>()).unwrap();
    }
}

/// A line of `/proc/self/status`, in bytes.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the line is there");
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn consolidate(memory: &EpisodicMemory, policy: ConsolidatePolicy) -> Result<(), MemoryError> {
    memory.consolidate(&policy, 0).map(drop)
}

#[test]
#[ignore = "a process whose memory `at_most_doubled` measures"]
fn child_rewrites() {
    let case = std::env::var(CASE).expect("run by the tests of this file");
    let in_memory = case.ends_with("in memory");
    let memory = if in_memory {
        EpisodicMemory::in_memory()
    } else {
        EpisodicMemory::open(std::env::var_os(STORE).unwrap()).unwrap()
    };
    if in_memory {
        fill(&memory, if case.starts_with("merge") { 64 } else { u64::MAX });
    }
    if case.starts_with("half forgotten") {
        let ids: Vec<EpisodeId> = (0..count()).step_by(2).map(EpisodeId).collect();
        memory.forget(&ids).unwrap();
    }
    let before = status("VmRSS");
    // Sets the peak back to what is in use.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    match case.as_str() {
        "consolidate" | "consolidate, in memory" => consolidate(&memory, ConsolidatePolicy::new()),
        "merge, in memory" => consolidate(&memory, ConsolidatePolicy::new().merge(0.9)),
        "keep half" => consolidate(&memory, ConsolidatePolicy::new().capacity(memory.len() / 2)),
        _ => memory.compact(),
    }
    .unwrap();
    println!("\npeak {before} {} {}", status("VmHWM"), memory.len());
}

/// A store whose log of retrievals takes several times what its episodes do in memory, by way of an export.
fn fill_with_retrievals(store: &Path, export: &Path) {
    fs::create_dir(export).unwrap();
    let times = (0..RETRIEVALS).map(|time| time.to_string()).collect::<Vec<_>>().join(",");
    let line = |id: u64| {
        format!(r#"{{"id":{id},"time":0,"valence":0,"strength":1,"updated":0,"payload":"","retrievals":[{times}]}}"#)
    };
    let first =
        format!(r#"{{"format":"hv-export","version":1,"episodes":{RETRIEVED},"next_id":{RETRIEVED},"metadata":""}}"#);
    let lines: Vec<String> = std::iter::once(first).chain((0..RETRIEVED).map(line)).collect();
    fs::write(export.join("episodes.jsonl"), lines.join("\n") + "\n").unwrap();
    fs::write(export.join("vectors.bin"), vec![0; 256 * RETRIEVED as usize]).unwrap();
    EpisodicMemory::open(store).unwrap().import(export).unwrap();
}

/// The bytes before and at the peak, and how many episodes are left.
fn measure(case: &str, store: &Path) -> [u64; 3] {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["child_rewrites", "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    // What is freed goes back to the system at once, so that it is neither in use before nor there to be used again.
    command.env("MALLOC_MMAP_THRESHOLD_", "16384").env("MALLOC_TRIM_THRESHOLD_", "0");
    let output = command.env(CASE, case).env(STORE, store).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let figures = said.lines().find_map(|line| line.strip_prefix("peak "));
    let figures = figures.unwrap_or_else(|| panic!("{case}: {said}{}", String::from_utf8_lossy(&output.stderr)));
    let figures: Vec<u64> = figures.split(' ').map(|figure| figure.parse().unwrap()).collect();
    figures.try_into().unwrap()
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "not run here: only Linux lets a process set its peak of memory back")]
fn at_most_doubled() {
    let folder = tempfile::tempdir().unwrap();
    fill(&EpisodicMemory::open(folder.path()).unwrap(), u64::MAX);
    let n = count();
    // Those on disk share a store, in this order.
    for (case, left) in [
        ("compact", n),
        ("consolidate", n),
        ("compact, in memory", n),
        ("consolidate, in memory", n),
        ("merge, in memory", 64),
        ("half forgotten, compact", n / 2),
        ("keep half", n / 4),
    ] {
        let [before, peak, kept] = measure(case, folder.path());
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        println!("{case}: {:.1} MiB before, {:.1} MiB at most", mib(before), mib(peak));
        assert_eq!(kept, left, "{case}");
        assert!(peak > before + kept * 300, "{case}: {peak} bytes cannot hold both, so nothing was measured");
        assert!(peak <= 2 * before + ALLOWANCE, "{case}: {before} bytes before, {peak} at most");
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "not run here: only Linux lets a process set its peak of memory back")]
fn retrievals_are_not_held_together() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    fill_with_retrievals(&store, &folder.path().join("export"));
    for (case, left) in [("compact", RETRIEVED), ("keep half", RETRIEVED / 2)] {
        let [before, peak, kept] = measure(case, &store);
        assert_eq!(kept, left, "{case}");
        assert!(peak <= 2 * before + ALLOWANCE, "{case}: {before} bytes before, {peak} at most");
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        println!("{case}: {:.1} MiB before, {:.1} MiB at most", mib(before), mib(peak));
    }
}
