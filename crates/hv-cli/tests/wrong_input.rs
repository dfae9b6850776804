//! Wrong input: each gives a message of a line or two that says what to do, the right exit code, and loses nothing.

mod common;

use std::fs;

use common::{Place, failed, stderr, stdout};
use hv_memory::{EpisodicMemory, HV16, NewEpisode};

#[test]
fn a_missing_store() {
    let place = Place::new();
    place.fail(&["recall", "no.hv", "words"], 1, &["there is no store at no.hv", "hv index no.hv FILE"]);
    place.fail(&["info", "no.hv"], 1, &["there is no store at no.hv"]);
    assert!(!place.path("no.hv").exists());
}

#[test]
fn a_file_in_place_of_the_store() {
    let place = Place::new();
    place.write("file", "text\n");
    for args in [&["recall", "file", "words"][..], &["info", "file"], &["index", "file", "file"]] {
        place.fail(args, 1, &["file is a file, but a store is a folder"]);
    }
    assert_eq!(fs::read(place.path("file")).unwrap(), b"text\n");
}

#[test]
fn a_folder_that_is_something_else() {
    let place = Place::new();
    fs::create_dir(place.path("photos")).unwrap();
    place.write("photos/cat.jpg", "not really");
    place.write("a.txt", "text\n");
    for args in [&["recall", "photos", "words"][..], &["info", "photos"], &["index", "photos", "a.txt"]] {
        place.fail(args, 1, &["photos is not a store", "cat.jpg"]);
    }
    assert_eq!(fs::read_dir(place.path("photos")).unwrap().count(), 1);
}

#[test]
fn a_store_made_by_a_newer_version() {
    let place = Place::with_store();
    let manifest = fs::read(place.path("s.hv/MANIFEST")).unwrap();
    let mut newer = manifest.clone();
    newer[8] += 1; // the version, a little-endian number after eight bytes of magic
    newer[16..].iter_mut().for_each(|byte| *byte = !*byte); // with another version goes another checksum
    place.write("s.hv/MANIFEST", newer);
    for args in [&["recall", "s.hv", "words", "--all"][..], &["info", "s.hv"], &["index", "s.hv", "a.txt"]] {
        place.fail(args, 1, &["format version", "use a newer program"]);
    }
    fs::write(place.path("s.hv/MANIFEST"), manifest).unwrap();
    assert!(place.succeed(&["info", "s.hv"]).contains("episodes   5"));
}

#[test]
fn a_store_of_another_program() {
    let place = Place::new();
    let memory = EpisodicMemory::open(place.path("other")).unwrap();
    memory
        .store(NewEpisode {
            content: HV16::random(1),
            time: 0,
            valence: 0.0,
            payload: vec![1],
            ..NewEpisode::default()
        })
        .unwrap();
    drop(memory);
    place.write("a.txt", "text\n");
    for args in [&["recall", "other", "words"][..], &["index", "other", "a.txt"]] {
        place.fail(args, 1, &["cannot use other", "not made by hv index"]);
    }
    assert!(place.succeed(&["info", "other"]).contains("not made by hv index"));
}

/// An empty MANIFEST is called one thing, whoever asks.
#[test]
fn an_empty_manifest() {
    let place = Place::with_store();
    place.write("s.hv/MANIFEST", "");
    for args in [
        &["info", "s.hv"][..],
        &["recall", "s.hv", "x"],
        &["list", "s.hv"],
        &["index", "s.hv", "a.txt"],
        &["add", "s.hv", "x"],
        &["export", "s.hv", "out"],
        &["compact", "s.hv"],
    ] {
        place.fail(args, 1, &["s.hv/MANIFEST is damaged: it is not what was written"]);
    }
    let output = place.run(&["verify", "s.hv"]);
    assert_eq!(stdout(&output), "s.hv/MANIFEST: it is not what was written\n");
}

#[test]
fn another_encoder() {
    let place = Place::with_store();
    let made = ["s.hv", "folded-ngrams (n = 3, seed 0)", "into another store"];
    place.fail(&["index", "s.hv", "a.txt", "--ngram", "4"], 1, &made);
    place.fail(&["index", "s.hv", "a.txt", "--seed", "1"], 1, &made);
    place.succeed(&["index", "s.hv", "a.txt", "--ngram", "3", "--seed", "0"]);
    place.succeed(&["index", "t.hv", "a.txt", "--ngram", "4", "--seed", "9"]);
    // Without flags the store's own encoder is used, and so is it by a recall.
    place.succeed(&["index", "t.hv", "--again", "a.txt"]);
    let twice = place.succeed(&["recall", "t.hv", "-k", "2", "--duplicates", "Hello, World!"]);
    assert_eq!(twice.matches("1.000  z").count(), 2, "{twice}");
}

#[test]
fn files_that_cannot_be_read() {
    let place = Place::with_store();
    place.fail(&["index", "new.hv", "a.txt", "no.txt"], 1, &["cannot read no.txt"]);
    place.fail(&["index", "new.hv", "s.hv"], 1, &["nothing was stored", "skipped s.hv: it is a store of hv"]);
    assert!(!place.path("new.hv").exists(), "nothing is made for files that are not there");
    place.fail(&["recall", "s.hv", "--batch", "no.txt"], 1, &["cannot read no.txt"]);
}

#[test]
fn invalid_utf8_is_counted() {
    let place = Place::new();
    place.write("bad.txt", b"good line\nbad \xff line\nbad \xfe\xfe again\nzero \0 byte\n...\n\n");
    let report = place.succeed(&["index", "s.hv", "bad.txt"]);
    assert!(report.contains("stored 3 lines from 1 file"), "{report}");
    assert!(report.contains("replaced invalid UTF-8 by \u{fffd} in 2 lines (first: bad.txt:2)"), "{report}");
    assert!(
        report.contains("skipped 1 line: contains NUL bytes (binary, or UTF-16?); hv reads UTF-8 (first: bad.txt:4)"),
        "{report}"
    );
    assert!(report.contains("skipped 2 lines without a letter or digit (first: bad.txt:5)"), "{report}");
    assert!(place.succeed(&["recall", "s.hv", "-k", "1", "bad line"]).contains("bad.txt:2  bad \u{fffd} line"));

    place.write("questions", b"good lime\n\xff\nb\0d\n");
    let output = place.run(&["recall", "s.hv", "--batch", "questions", "-k", "1"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output).matches("nothing to encode").count(), 2);
    let notes = "note: replaced invalid UTF-8 by \u{fffd} in 1 question\n\
                 note: took 1 question with a zero byte or over 1 MiB as empty\n";
    assert_eq!(stderr(&output), notes);
}

#[test]
fn lines_that_do_not_fit() {
    let place = Place::new();
    place.write(
        "long.tsv",
        format!("a\t{}\nb\tshort\nno tab\n\nc\t{}\n", "x y ".repeat(300_000), "\u{1}z".repeat(200_000)),
    );
    let report = place.succeed(&["index", "s.hv", "--tsv", "long.tsv"]);
    assert!(report.contains("stored 1 line "), "{report}");
    assert!(report.contains("skipped 1 line longer than an episode can hold (1 MiB) (first: long.tsv:1)"), "{report}");
    let escaped = "skipped 1 line longer than an episode can hold (1 MiB) once control characters are escaped";
    assert!(report.contains(&format!("{escaped} (first: long.tsv:5)")), "{report}");
    assert!(
        report.contains("skipped 1 line without a tab between key and text (--tsv) (first: long.tsv:3)"),
        "{report}"
    );
    assert!(report.contains("skipped 1 line without a letter or digit (first: long.tsv:4)"), "{report}");
}

#[test]
fn an_empty_question() {
    let place = Place::with_store();
    for question in ["", " ", "?!"] {
        place.fail(&["recall", "s.hv", question], 1, &["has no letter and no digit", "ask with words"]);
    }
}

#[test]
fn wrong_usage() {
    let place = Place::with_store();
    place.fail(&["recall", "s.hv", "-k", "0", "x"], 2, &["'0'", "-k", "1 or more"]);
    place.fail(&["recall", "s.hv", "-k", "many", "x"], 2, &["'many'", "whole number"]);
    for bad in ["nan", "NaN", "1.5", "-0.1", "inf"] {
        place.fail(&["recall", "s.hv", "--min-similarity", bad, "x"], 2, &[bad, "--min-similarity", "from 0 to 1"]);
    }
    place.fail(&["index", "t.hv", "a.txt", "--ngram", "0"], 2, &["--ngram", "from 1 to 2048"]);
    place.fail(&["index", "t.hv"], 2, &["<FILE>", "usage: hv index"]);
    place.fail(&["recall", "s.hv"], 2, &["<WORDS>", "usage: hv recall"]);
    place.fail(&["recall", "s.hv", "x", "--batch", "a.txt"], 2, &["--batch"]);
    place.fail(&["recal", "s.hv", "x"], 2, &["'recal'", "recall"]);
    place.fail(&["get", "s.hv"], 2, &["give an id or --key KEY"]);
    place.fail(&["get", "s.hv", "1", "--key", "k"], 2, &["--key"]);
    place.fail(&["forget", "s.hv", "1", "--tag", "t"], 1, &["no episode with the tag \"t\""]);
    place.fail(&["add", "s.hv"], 2, &["<TEXT>"]);
    place.fail(&["completions", "tcsh"], 2, &["'tcsh'", "bash"]);
    place.fail(&["man", "recal"], 2, &["no command", "hv --help"]);
    place.fail(&["help", "recal"], 2, &["'recal'"]);
    assert!(!place.path("t.hv").exists());
    let bare = place.run(&[]);
    assert_eq!((bare.status.code(), stdout(&bare).as_str()), (Some(2), ""));
    assert!(stderr(&bare).starts_with("error: a command is missing") && stderr(&bare).contains("hv index notes.hv"));
}

/// What looks like a flag is a number, and the message is about its range.
#[test]
fn negative_numbers() {
    let place = Place::with_store();
    let (index, recall, consolidate) = (["index", "t.hv", "a.txt"], ["recall", "s.hv", "x"], ["consolidate", "s.hv"]);
    let (least, share) = ("0 or more", "from 0 to 1");
    for (command, flag, range) in [
        (&index[..], "--ngram", "from 1 to 2048"),
        (&index, "--seed", least),
        (&recall, "-k", "1 or more"),
        (&recall, "--min-similarity", share),
        (&recall, "--min-strength", least),
        (&recall, "--exclude", "such as 40"),
        (&recall, "--miss", "from 1e-15"),
        (&consolidate, "--half-life", "more than 0"),
        (&consolidate, "--floor", least),
        (&consolidate, "--merge", share),
        (&consolidate, "--capacity", least),
    ] {
        place.fail(&[command, &[flag, "-1"]].concat(), 2, &["'-1'", flag, range]);
    }
}

#[test]
fn wrong_environment() {
    let place = Place::with_store();
    for args in [&["info", "s.hv"][..], &["recall", "s.hv", "x"], &["index", "s.hv", "a.txt"], &["demo"]] {
        failed(
            &place.command(args).env("HV_BACKEND", "avx3").output().unwrap(),
            2,
            &["HV_BACKEND", "\"avx3\"", "scalar"],
        );
        failed(&place.command(args).env("HV_THRESHOLDS", "top_k=often").output().unwrap(), 2, &["HV_THRESHOLDS"]);
    }
    assert!(place.succeed(&["info", "s.hv"]).contains("episodes   5"));
}

#[test]
fn a_second_process_on_the_same_store() {
    let place = Place::with_store();
    let writer = EpisodicMemory::open(place.path("s.hv")).unwrap();
    for args in [&["recall", "s.hv", "words", "--all"][..], &["info", "s.hv"], &["index", "s.hv", "a.txt"]] {
        place.fail(args, 1, &[&format!("s.hv is being written by process {}", std::process::id()), "try again"]);
    }
    drop(writer);
    let _reader = EpisodicMemory::open_read_only(place.path("s.hv")).unwrap();
    place.succeed(&["recall", "s.hv", "words", "--all"]);
    place.fail(&["index", "s.hv", "a.txt"], 1, &["s.hv is being read by another process"]);
}

/// A limit on the size of files stands for a full disk: the write fails, what was stored remains, and works again
/// when there is room.
#[cfg(unix)]
#[test]
fn a_full_disk() {
    let place = Place::new();
    let text: String = (0..20_000u64).map(|i| format!("line {i} of a long file with the number {}\n", i * i)).collect();
    place.write("long.txt", text);
    place.write("short.txt", "a short file\n");
    place.succeed(&["index", "s.hv", "short.txt"]);
    let script = format!("ulimit -f 6000; exec {} index s.hv long.txt", env!("CARGO_BIN_EXE_hv"));
    let output = std::process::Command::new("sh").args(["-c", &script]).current_dir(place.path("")).output().unwrap();
    let (report, message) = (stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.starts_with("error: no room to") && message.lines().count() <= 2, "{message}");
    let stored: usize = report.split_whitespace().nth(1).unwrap().replace(',', "").parse().unwrap();
    assert!(stored < 20_000, "{report}");
    let info = place.succeed(&["info", "s.hv"]).replace(',', "");
    assert!(info.contains(&format!("episodes   {}", stored + 1)), "{report}{info}");
    place.succeed(&["index", "s.hv", "--again", "short.txt"]);
    let twice = place.succeed(&["recall", "s.hv", "a short file", "-k", "2", "--duplicates"]);
    assert_eq!(twice.matches("1.000  z").count(), 2, "{twice}");
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written() {
    let place = Place::with_store();
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    for args in [
        &["recall", "s.hv", "light"][..],
        &["info", "s.hv", "--json"],
        &["list", "s.hv"],
        &["get", "s.hv", "1"],
        &["sources", "s.hv"],
        &["completions", "zsh"],
        &["man"],
        &["--help"],
    ] {
        let output = place.command(args).stdout(full()).output().unwrap();
        failed(&output, 1, &["cannot write the output"]);
    }
}

/// What cannot be said is no reason to end otherwise.
#[cfg(target_os = "linux")]
#[test]
fn messages_that_cannot_be_written() {
    let place = Place::with_store();
    place.write("questions", b"light\n\xff\nb\0d\n");
    for (args, code) in [
        (&["recall", "no.hv", "light"][..], 1),
        (&["recall", "s.hv", "-k", "0", "light"], 2),
        (&["recall", "s.hv", "--batch", "questions"], 0),
    ] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = place.command(args).stderr(full).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}");
    }
}

/// A reader that stops, as `head` does, is no failure.
#[test]
fn a_broken_pipe_is_quiet() {
    let place = Place::with_store();
    place.write("many", "let there be light\n".repeat(2_000));
    place.succeed(&["index", "s.hv", "many"]);
    for args in [
        &["recall", "s.hv", "--batch", "many"][..],
        &["recall", "s.hv", "--batch", "many", "--json"],
        &["list", "s.hv"],
        &["list", "s.hv", "--json"],
        &["similar", "s.hv"],
        &["completions", "bash"],
    ] {
        let mut child = place
            .command(args)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    }
}

/// Names that are not UTF-8 are kept apart, and can be given back as they are shown.
#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    let names = [&b"bad\xff"[..], b"bad\xfe", b"\x1b[31mred"].map(std::ffi::OsStr::from_bytes);
    names.iter().for_each(|name| fs::write(place.path(name), "let there be light\n").unwrap());
    let output = place.command(&["index", "s.hv"]).args(names).output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let found = place.succeed(&["recall", "s.hv", "--duplicates", "light"]);
    for shown in [r"  bad\xff:1  ", r"  bad\xfe:1  ", r"  \x1b[31mred:1  "] {
        assert!(found.contains(shown), "{found}");
    }
    assert!(place.succeed(&["forget", "s.hv", "--source", r"bad\xff"]).ends_with("forgot 1 episode\n"));
    assert!(!place.succeed(&["recall", "s.hv", "--duplicates", "light"]).contains(r"bad\xff"));
}
