//! Streams, and commands that are ended: by a signal, or by SIGKILL at any moment.

#![cfg(unix)]

mod common;

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{Place, stderr, stdout};
use hv_memory::EpisodicMemory;

fn spawn(place: &Place, args: &[&str]) -> Child {
    let mut command = place.command(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn send(signal: &str, child: &Child) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// Waits until something is so, for as long as that may take on a busy machine.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(300), "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a file of the store holds some text. The store itself is locked.
fn holds(store: &Path, text: &str) -> bool {
    let index = std::fs::read(store.join("index.redb")).unwrap_or_default();
    index.windows(text.len()).any(|bytes| bytes == text.as_bytes())
}

#[test]
fn a_line_of_a_stream_is_stored_without_one_that_follows() {
    for (signal, code, flags) in [("-INT", 130, &[][..]), ("-TERM", 143, &["--by", "paragraph"])] {
        let place = Place::new();
        let mut child = spawn(&place, &[&["index", "s.hv", "-"], flags].concat());
        let mut input = child.stdin.take().unwrap();
        for line in ["zebra crossing", "crane flying"] {
            writeln!(input, "{line}").unwrap();
            until("the line is stored", || holds(&place.path("s.hv"), line));
            // While no line comes, others may have the store.
            let answer = place.run(&["recall", "s.hv", "--wait", line]);
            assert!(stdout(&answer).starts_with("1.000  ") && stdout(&answer).contains(line), "{}", stdout(&answer));
        }
        // What was read is stored also where it has not waited for long.
        writeln!(input, "last line").unwrap();
        thread::sleep(Duration::from_millis(300));
        send(signal, &child);
        let output = child.wait_with_output().unwrap();
        let name = signal.replace('-', "stopped by SIG");
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert!(stderr(&output).starts_with(&format!("{name} after line ")), "{}", stderr(&output));
        assert!(stderr(&output).ends_with(" of -; the lines before that are stored\n"), "{}", stderr(&output));
        let memory = EpisodicMemory::open_read_only(place.path("s.hv")).unwrap();
        let stored = format!("stored {} ", memory.len());
        assert!(memory.len() >= 2 && stdout(&output).starts_with(&stored), "{}", stdout(&output));
        drop(input);
    }
}

/// A signal while nothing was read leaves no store.
#[test]
fn a_signal_before_the_first_line() {
    let place = Place::new();
    let child = spawn(&place, &["index", "s.hv", "-"]);
    let pid = child.id();
    // Once the reader's thread is there, signals are watched.
    if cfg!(target_os = "linux") {
        until("it reads", || std::fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count) > 1);
    } else {
        thread::sleep(Duration::from_secs(1));
    }
    send("-INT", &child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert!(!place.path("s.hv").exists());
}

/// Lines of standard input are always added: it is no file that has changed.
#[test]
fn a_stream_is_never_replaced() {
    let place = Place::new();
    for lines in 1..=3 {
        let mut child = spawn(&place, &["index", "s.hv", "-"]);
        child.stdin.take().unwrap().write_all(b"the same line\n").unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(stdout(&output).contains(&format!("s.hv holds {lines} episode")), "{}", stdout(&output));
    }
}

fn version(name: &str, lines: usize) -> String {
    (0..lines).map(|i| format!("{name} {i} {}\n", i * i)).collect()
}

/// The first words of the texts of a source, each with how many texts begin so; and whether the words are counted.
fn found(store: &Path) -> Vec<(String, usize)> {
    let memory = EpisodicMemory::open_read_only(store).unwrap();
    let mut found = std::collections::BTreeMap::<String, usize>::new();
    for episode in memory.snapshot().episodes() {
        let record: serde_json::Value = serde_json::from_slice(&episode.unwrap().payload).unwrap();
        let text = record["text"].as_str().unwrap();
        *found.entry(text.split(' ').next().unwrap().to_owned()).or_default() += 1;
    }
    let counted = memory.snapshot().row(b"words").unwrap().unwrap();
    assert_eq!(u64::from_le_bytes(counted.try_into().unwrap()), memory.len() as u64, "the words are counted");
    found.into_iter().collect()
}

/// A file that is indexed for the first time is stored batch by batch, and the next run goes on.
#[test]
fn the_next_run_goes_on() {
    let place = Place::new();
    let text = version("line", 70_000);
    place.write("a.txt", &text);
    let child = spawn(&place, &["index", "s.hv", "a.txt"]);
    until("a batch is stored", || place.path("s.hv/payloads-0").metadata().is_ok_and(|file| file.len() > 100_000));
    send("-TERM", &child);
    let output = child.wait_with_output().unwrap();
    if output.status.code() == Some(0) {
        eprintln!("NOT TESTED: the signal came after the end");
        return;
    }
    assert_eq!(output.status.code(), Some(143), "{}", stderr(&output));
    assert!(stderr(&output).contains("of a.txt; the lines before that are stored; index it again to go on"));
    let stored = EpisodicMemory::open_read_only(place.path("s.hv")).unwrap().len();
    assert!(stored > 0 && stored < 70_000, "{stored}");
    // A kill is survived as well, at whatever moment.
    let mut child = spawn(&place, &["index", "s.hv", "a.txt"]);
    thread::sleep(Duration::from_millis(200));
    child.kill().unwrap();
    child.wait().unwrap();
    let stored = EpisodicMemory::open_read_only(place.path("s.hv")).unwrap().len();
    let report = place.succeed(&["index", "s.hv", "a.txt"]);
    let rest = format!("stored {} lines from 1 file", indicatif::HumanCount(70_000 - stored as u64));
    assert!(report.starts_with(&rest) || stored == 70_000, "{rest}: {report}");
    let memory = EpisodicMemory::open_read_only(place.path("s.hv")).unwrap();
    let texts: Vec<String> = memory
        .snapshot()
        .episodes()
        .map(|episode| {
            let record: serde_json::Value = serde_json::from_slice(&episode.unwrap().payload).unwrap();
            record["text"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(texts.iter().eq(text.lines()), "each line is there once, in order");
}

/// While a changed file is indexed, its old version answers; then the new one. Killed at any moment, one of them does.
#[test]
fn a_killed_replacement_leaves_one_version() {
    let place = Place::new();
    let (old, new) = (version("old", 9_000), version("new", 34_000));
    place.write("a.txt", &old);
    place.succeed(&["index", "base", "a.txt"]);
    place.write("a.txt", &new);
    let copy = || {
        let _ = std::fs::remove_dir_all(place.path("s.hv"));
        std::fs::create_dir(place.path("s.hv")).unwrap();
        for entry in std::fs::read_dir(place.path("base")).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, place.path("s.hv").join(path.file_name().unwrap())).unwrap();
        }
    };
    copy();
    let start = Instant::now();
    let report = place.succeed(&["index", "s.hv", "a.txt"]);
    let whole = start.elapsed();
    assert!(report.contains("replaced a.txt: 34,000 lines new, 9,000 lines gone, 0 lines unchanged"), "{report}");
    let (is_old, is_new) = (vec![("old".to_owned(), 9_000)], vec![("new".to_owned(), 34_000)]);
    assert_eq!(found(&place.path("s.hv")), is_new);
    let mut hidden = 0;
    for i in 0..6 {
        copy();
        let mut child = spawn(&place, &["index", "s.hv", "a.txt"]);
        thread::sleep(whole * i / 5);
        let signal = if i % 2 == 0 { "-KILL" } else { "-TERM" };
        let _ = Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
        let code = child.wait().unwrap().code();
        let left = found(&place.path("s.hv"));
        assert!(left == is_old || (left == is_new && code != Some(143)), "{left:?} after {i}/5, {code:?}");
        let memory = EpisodicMemory::open_read_only(place.path("s.hv")).unwrap();
        hidden += usize::from(left == is_old && memory.stats().forgotten > 0);
        drop(memory);
        if i % 2 == 0 {
            place.succeed(&["index", "s.hv", "a.txt"]);
            assert_eq!(found(&place.path("s.hv")), is_new);
        }
    }
    if hidden == 0 {
        eprintln!("NOT TESTED: a kill between the first batch and the last");
    }
}
