//! Answers on a terminal: as wide as it is, in colours where it has them. In a pipe: whole and plain.

#![cfg(unix)]

mod common;

use std::fs::File;
use std::io::Read;
use std::process::Stdio;

use common::Place;
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// What a command prints on a terminal with this many columns, standard error included.
fn on_terminal(place: &Place, columns: u16, variables: &[(&str, &str)], args: &[&str]) -> String {
    String::from_utf8(sent(place, columns, variables, args)).unwrap().replace("\r\n", "\n")
}

/// All that a command sends to a terminal with this many columns.
fn sent(place: &Place, columns: u16, variables: &[(&str, &str)], args: &[&str]) -> Vec<u8> {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    tcsetwinsize(&theirs, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let mut command = place.command(args);
    command.env("TERM", "xterm-256color").envs(variables.iter().copied());
    command.stdout(Stdio::from(theirs.try_clone().unwrap())).stderr(Stdio::from(theirs));
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut bytes = Vec::new();
    // It ends with an error where the other side is closed.
    let _ = File::from(ours).read_to_end(&mut bytes);
    assert!(matches!(child.wait().unwrap().code(), Some(0 | 3)), "{args:?}");
    bytes
}

const MARK: &str = "\x1b[1;31m";

/// The text without what marks it.
fn plain(text: &str) -> String {
    text.replace(MARK, "").replace("\x1b[0m", "")
}

/// A store with a line of 300 KiB that has the word `needle` once, in its middle, and a short line.
fn place() -> Place {
    let place = Place::with_store();
    let (hay, straw) = ("hay ".repeat(40_000), " straw".repeat(25_000));
    place.write("long.txt", format!("{hay}needle{straw}\nlet there be lights\n"));
    place.succeed(&["index", "s.hv", "long.txt"]);
    place
}

const COMMANDS: [&[&str]; 8] = [
    &["recall", "s.hv", "needle"],
    &["recall", "s.hv", "needle", "-C", "1", "-k", "1"],
    &["recall", "s.hv", "zebra"],
    &["list", "s.hv"],
    &["sources", "s.hv"],
    &["similar", "s.hv", "--min-similarity", "0.8"],
    &["forget", "s.hv", "5", "6", "--dry-run"],
    &["consolidate", "s.hv", "--capacity", "1", "--dry-run"],
];

#[test]
fn lines_about_episodes_fit_the_terminal() {
    let place = place();
    for columns in [20, 43, 60, 80, 200] {
        for command in COMMANDS {
            let shown = plain(&on_terminal(&place, columns, &[], command));
            let ours =
                |line: &&str| ["searched ", "found ", "would ", "nothing close"].iter().all(|of| !line.starts_with(of));
            for line in shown.lines().filter(ours) {
                assert!(line.chars().count() <= columns.into(), "{columns}, {command:?}: {line}");
            }
            assert!(!shown.contains('\x1b'), "{command:?}: {shown:?}");
        }
        let found = on_terminal(&place, columns, &[], &["recall", "s.hv", "needel", "-k", "1"]);
        assert!(found.contains(&format!("{MARK}needle\x1b[0m")), "{columns}: {found}");
        assert!(found.contains("..."), "{found}");
        let shown = on_terminal(&place, columns, &[], &["list", "s.hv"]);
        assert_eq!(shown.lines().count(), 7, "one a line: {shown}");
    }
    // One that does not tell its width has 80 columns.
    let shown = plain(&on_terminal(&place, 0, &[], &["list", "s.hv"]));
    assert_eq!(shown.lines().map(|line| line.chars().count()).max(), Some(80), "{shown}");
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let place = place();
    let question = ["recall", "s.hv", "light", "-k", "2"];
    let plain_text = place.succeed(&question);
    let without_time = |text: &str| text.lines().take(2).map(str::to_owned).collect::<Vec<_>>();
    let coloured = on_terminal(&place, 100, &[], &question);
    assert!(coloured.contains(&format!("let there be {MARK}light\x1b[0m\n")), "{coloured}");
    assert_eq!(without_time(&plain(&coloured)), without_time(&plain_text));
    for variables in [&[("NO_COLOR", "1")][..], &[("TERM", "dumb")]] {
        let shown = on_terminal(&place, 100, variables, &question);
        assert_eq!(without_time(&shown), without_time(&plain_text), "{variables:?}");
        for command in COMMANDS {
            assert!(!on_terminal(&place, 100, variables, command).contains('\x1b'), "{command:?}");
        }
    }
    // An empty variable is none, and the locale makes no difference.
    assert!(on_terminal(&place, 100, &[("NO_COLOR", "")], &question).contains(MARK));
    let in_c = on_terminal(&place, 100, &[("LC_ALL", "C")], &question);
    assert_eq!(without_time(&in_c), without_time(&coloured));
}

/// How far the indexing of a file is, on one line while it lasts. At the end the terminal shows the report alone.
#[test]
fn the_progress_line_is_gone_at_the_end() {
    let place = Place::new();
    place.write("a file with a long name.txt", "a line that takes its time\n".repeat(40_000));
    for columns in [20, 43, 80] {
        let store = format!("{columns}.hv");
        let sent = sent(&place, columns, &[], &["index", &store, "a file with a long name.txt"]);
        let mut terminal = vt100::Parser::new(24.try_into().unwrap(), columns.try_into().unwrap(), 0);
        let shown = |terminal: &vt100::Parser| {
            let rows = terminal.screen().rows(0, columns).map(|row| row.trim_end().to_owned());
            rows.filter(|row| !row.is_empty()).collect::<Vec<_>>()
        };
        let (progress, report) = sent.split_at(sent.windows(7).position(|bytes| bytes == b"stored ").unwrap());
        let mut has_percents = false;
        // Up to each escape sequence: what it changes was shown until then.
        for part in progress.split_inclusive(|byte| *byte == b'\x1b') {
            terminal.process(part);
            let rows = shown(&terminal);
            assert!(rows.len() <= 1, "{columns}: {rows:?}");
            has_percents |= rows.iter().any(|row| row.contains('%'));
        }
        assert!(has_percents, "{columns}: {:?}", String::from_utf8_lossy(progress));
        terminal.process(report);
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(plain(&shown(&terminal).concat()), plain(std::str::from_utf8(report).unwrap()), "{columns}");
    }
    // A dumb terminal gets no such line.
    let report = on_terminal(&place, 60, &[("TERM", "dumb")], &["index", "t.hv", "a file with a long name.txt"]);
    assert!(report.starts_with("stored 40,000 lines") && !report.contains(['\x1b', '\r']), "{report:?}");
}

#[test]
fn a_pipe_gets_texts_whole() {
    let place = place();
    for args in [&["recall", "s.hv", "needle", "-k", "1"][..], &["list", "s.hv"], &["get", "s.hv", "5"]] {
        let shown = place.succeed(args);
        assert!(shown.len() > 300_000 && !shown.contains('\x1b') && !shown.contains("..."), "{args:?}");
    }
}
