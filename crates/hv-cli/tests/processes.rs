//! Other processes that have the store, and a system that gives no threads and few files.

mod common;

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use common::{Place, failed, stderr, stdout};
use hv_memory::EpisodicMemory;

/// Each command that uses a store, in an order in which all work.
const COMMANDS: [&[&str]; 9] = [
    &["index", "s.hv", "a.txt"],
    &["recall", "s.hv", "words", "--all"],
    &["info", "s.hv"],
    &["similar", "s.hv"],
    &["verify", "s.hv"],
    &["export", "s.hv", "out"],
    &["forget", "s.hv", "1"],
    &["consolidate", "s.hv", "--merge", "0.99"],
    &["compact", "s.hv"],
];

#[test]
fn a_command_waits_for_the_store() {
    let place = Place::with_store();
    let writer = EpisodicMemory::open(place.path("s.hv")).unwrap();
    for command in COMMANDS {
        let start = Instant::now();
        let output = place.run(&[&command[..2], &["--wait=0.1"], &command[2..]].concat());
        assert!(start.elapsed() >= Duration::from_millis(100), "{command:?} did not wait");
        let (code, text) = (output.status.code(), stderr(&output));
        let process = format!("s.hv is being written by process {}", std::process::id());
        assert!(code == Some(1) && text.contains(&format!("{process}; waiting for it\n")), "{command:?}: {text}");
        assert!(text.contains(&format!("error: {process}; try again when it is done")), "{command:?}: {text}");
        // Without a wait, at once and without that line.
        failed(&place.run(&[&command[..2], &["--wait=0"], &command[2..]].concat()), 1, &[&process]);
    }
    let waiting: Vec<_> = COMMANDS[1..3]
        .iter()
        .map(|command| {
            let mut command = place.command(command);
            command.arg("--wait").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    thread::sleep(Duration::from_millis(200));
    drop(writer);
    for process in waiting {
        let output = process.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stderr(&output).ends_with("; waiting for it\n") && !stdout(&output).is_empty());
    }
    for wrong in ["--wait=-1", "--wait=x", "--wait=NaN"] {
        place.fail(&["info", "s.hv", wrong], 2, &["give a number of seconds, 0 or more"]);
    }
}

/// No thread has room for a stack of an exbibyte, as if there were a limit on threads.
#[test]
fn no_thread_can_be_started() {
    let place = Place::with_store();
    for command in COMMANDS {
        let output = place.command(command).env("RUST_MIN_STACK", (1u64 << 60).to_string()).output().unwrap();
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{command:?}");
    }
    // A stream is read all the same, and is seen to be no text.
    place.write("a.gz", b"\x1f\x8b\x08\0");
    for (input, code, text) in [("a.txt", 0, "stored 5 lines"), ("a.gz", 1, "compressed with gzip")] {
        let mut command = place.command(&["index", "s.hv", "-"]);
        command.stdin(std::fs::File::open(place.path(input)).unwrap());
        let output = command.env("RUST_MIN_STACK", (1u64 << 60).to_string()).output().unwrap();
        let said = stdout(&output) + &stderr(&output);
        assert!(output.status.code() == Some(code) && said.contains(text), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn few_files_can_be_open() {
    let mut fewest = usize::MAX;
    for most in (5..20).rev() {
        let place = Place::with_store();
        for command in COMMANDS {
            let script = format!("ulimit -n {most}; exec {} {}", env!("CARGO_BIN_EXE_hv"), command.join(" "));
            let mut limited = std::process::Command::new("sh");
            let output =
                limited.args(["-c", &script]).current_dir(place.path("")).stdin(Stdio::null()).output().unwrap();
            match output.status.code() {
                Some(0) => fewest = fewest.min(most),
                code => {
                    let text = stderr(&output);
                    let said = text.starts_with("error: ") && text.contains("Too many open files");
                    assert!(code == Some(1) && said, "{most} files, {command:?}: {text}");
                }
            }
        }
        // What failed has lost nothing.
        place.succeed(&["verify", "s.hv"]);
        assert!(place.succeed(&["recall", "s.hv", "in the beginning"]).contains("a.txt:3"), "{most} files");
    }
    // What runs the tests may leave files open.
    if fewest == usize::MAX {
        eprintln!("NOT TESTED: no command that has just as many files as it needs");
    }
    assert!(fewest > 5, "{fewest}");
}
