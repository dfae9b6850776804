//! Files that are indexed again, folders, and what is no text.

mod common;

use std::fs;

use common::{Place, stderr, stdout};
use hv_memory::EpisodicMemory;
use serde_json::Value;

/// The episodes of a source, each with its id, line and text, in order of the lines.
fn lines(place: &Place, source: &str) -> Vec<(u64, u64, String)> {
    let memory = EpisodicMemory::open_read_only(place.path("s.hv")).unwrap();
    let snapshot = memory.snapshot();
    let mut lines: Vec<_> = snapshot
        .ids_of_source(source.as_bytes())
        .into_iter()
        .map(|id| {
            let record: Value = serde_json::from_slice(&snapshot.get(id).unwrap().unwrap().payload).unwrap();
            (record["line"].as_u64().unwrap(), id.0, record["text"].as_str().unwrap().to_owned())
        })
        .collect();
    lines.sort();
    lines.into_iter().map(|(line, id, text)| (id, line, text)).collect()
}

/// The number of counted lines, and of episodes.
fn counted(place: &Place) -> (u64, u64) {
    let memory = EpisodicMemory::open_read_only(place.path("s.hv")).unwrap();
    let counted = memory.snapshot().row(b"words").unwrap().unwrap();
    (u64::from_le_bytes(counted.try_into().unwrap()), memory.len() as u64)
}

#[test]
fn a_changed_file_replaces_its_old_version() {
    let place = Place::new();
    place.write("a.txt", "one\ntwo\nthree\nfour\n");
    place.write("b.txt", "five\n");
    place.succeed(&["index", "s.hv", "a.txt", "b.txt"]);
    let before = fs::read(place.path("s.hv/payloads-0")).unwrap();
    let unchanged = place.succeed(&["index", "s.hv", "b.txt", "a.txt"]);
    assert!(
        unchanged.starts_with("note: everything was there already: skipped 2 files without a change: b.txt, a.txt\n")
    );
    assert_eq!(fs::read(place.path("s.hv/payloads-0")).unwrap(), before);

    // However the file is named. Lines that stay where they were keep their episodes.
    place.write("a.txt", "one\n2\nthree\nfour\nmore\n");
    let absolute = place.path("a.txt");
    let report = place.succeed(&["index", "s.hv", "b.txt", absolute.to_str().unwrap()]);
    assert!(report.contains("stored 2 lines from 1 file "), "{report}");
    assert!(report.contains("\nreplaced a.txt: 2 lines new, 1 line gone, 3 lines unchanged\n"), "{report}");
    assert!(report.contains("\nskipped 1 file without a change: b.txt\n"), "{report}");
    let expected = [(0, 1, "one"), (5, 2, "2"), (2, 3, "three"), (3, 4, "four"), (6, 5, "more")];
    assert_eq!(lines(&place, "a.txt"), expected.map(|(id, line, text)| (id, line, text.to_owned())));
    assert_eq!(counted(&place), (6, 6));
    let gone = place.run(&["recall", "s.hv", "two"]);
    assert_eq!(gone.status.code(), Some(3), "a word that is gone is not counted: {}", stdout(&gone));

    // What moved is stored with its new line; an emptied file has no lines.
    place.write("a.txt", "new\none\n");
    place.succeed(&["index", "s.hv", "./a.txt"]);
    assert_eq!(lines(&place, "a.txt").iter().map(|(_, line, _)| *line).collect::<Vec<_>>(), [1, 2]);
    place.write("a.txt", "");
    let report = place.succeed(&["index", "s.hv", "a.txt"]);
    assert!(report.contains("replaced a.txt: 0 lines new, 2 lines gone, 0 lines unchanged"), "{report}");
    assert_eq!((lines(&place, "a.txt"), counted(&place)), (vec![], (1, 1)));
    place.write("a.txt", "one\n");
    assert!(place.succeed(&["index", "s.hv", "a.txt"]).contains("stored 1 line from 1 file"));

    // Twice where that is wanted, and once again after that.
    let again = place.succeed(&["index", "s.hv", "--again", "a.txt"]);
    assert!(again.contains("note: a.txt was indexed into this store before; lines that were stored then"), "{again}");
    assert_eq!(lines(&place, "a.txt").len(), 2);
    assert!(place.succeed(&["index", "s.hv", "a.txt"]).starts_with("note: everything was there already"));
    place.write("a.txt", "one\nmore\n");
    place.succeed(&["index", "s.hv", "a.txt"]);
    assert_eq!(lines(&place, "a.txt").len(), 2);
    assert!(place.succeed(&["verify", "s.hv"]).contains("is sound"));
}

/// Forgotten, read in another way, or two of one name.
#[test]
fn a_file_is_known_by_what_is_in_the_store() {
    let place = Place::new();
    place.write("a.txt", "one\ntwo\n\nthree\n");
    place.succeed(&["index", "s.hv", "a.txt"]);
    for ids in [&["0"][..], &["1", "2"]] {
        assert!(place.succeed(&["index", "s.hv", "a.txt"]).contains("was there already"));
        place.succeed(&[&["forget", "s.hv"], ids].concat());
    }
    // All of it was forgotten.
    let report = place.succeed(&["index", "s.hv", "a.txt"]);
    assert!(report.contains("was there already") && report.contains("left out 3 lines that hv forget"), "{report}");
    place.succeed(&["index", "s.hv", "--again", "a.txt"]);
    let report = place.succeed(&["index", "s.hv", "--by", "paragraph", "a.txt"]);
    assert!(report.contains("replaced a.txt: 1 paragraph new, 2 paragraphs gone, 1 paragraph unchanged"), "{report}");
    assert_eq!(
        lines(&place, "a.txt").iter().map(|(_, line, text)| (*line, text.as_str())).collect::<Vec<_>>(),
        [(1, "one\ntwo"), (4, "three")]
    );
    let report = place.succeed(&["index", "s.hv", "--by", "file", "a.txt"]);
    assert!(report.contains("stored 1 text from 1 file"), "{report}");
    assert_eq!(lines(&place, "a.txt")[0].2, "one\ntwo\n\nthree");
    place.fail(&["index", "s.hv", "--by", "file", "--tsv", "a.txt"], 2, &["--tsv"]);

    fs::create_dir(place.path("in")).unwrap();
    place.write("in/a.txt", "other\n");
    let store = place.path("s.hv");
    let run = |file: &str| {
        place.command(&["index", store.to_str().unwrap(), file]).current_dir(place.path("in")).output().unwrap()
    };
    assert_eq!(run("a.txt").status.code(), Some(0));
    let full = place.path("in/a.txt").canonicalize().unwrap();
    assert_eq!((lines(&place, "a.txt").len(), lines(&place, full.to_str().unwrap()).len()), (1, 1));
}

/// A line that was forgotten by id stays forgotten while its file has it, wherever in it.
#[test]
fn a_forgotten_line_does_not_come_back() {
    let place = Place::new();
    let texts = |source| lines(&place, source).into_iter().map(|(.., text)| text).collect::<Vec<_>>();
    place.write("a.txt", "one\ntwo\ntwo\nthree\n");
    place.write("b.txt", "two\n");
    place.succeed(&["index", "s.hv", "a.txt", "b.txt"]);
    place.succeed(&["forget", "s.hv", "1", "3"]);
    let report = place.succeed(&["index", "s.hv", "a.txt"]);
    assert!(report.contains("was there already") && report.contains("left out 2 lines that hv forget"), "{report}");
    // One of two equal lines, on other lines than before.
    place.write("a.txt", "new\none\ntwo\ntwo\nthree\n");
    let report = place.succeed(&["index", "s.hv", "a.txt"]);
    assert!(
        report.contains("replaced a.txt: 2 lines new, 1 line gone, 1 line unchanged\nleft out 2 lines"),
        "{report}"
    );
    assert_eq!(texts("a.txt"), ["new", "one", "two"]);
    assert_eq!(texts("b.txt"), ["two"], "the line of another file");
    // Without its text in the file it is no longer known; so it is new when it is there again.
    place.write("a.txt", "two\ntwo\n");
    let report = place.succeed(&["index", "s.hv", "a.txt"]);
    assert!(report.contains("left out 1 line that hv forget"), "{report}");
    place.write("a.txt", "two\ntwo\nthree\n");
    place.succeed(&["index", "s.hv", "a.txt"]);
    assert_eq!(texts("a.txt"), ["two", "three"]);
    // All that is left of a file.
    let left = lines(&place, "a.txt").into_iter().map(|(id, ..)| id.to_string()).collect::<Vec<_>>();
    place.succeed(&["forget", "s.hv", &left[0], &left[1]]);
    place.write("a.txt", "two\nthree\n");
    for _ in 0..2 {
        let report = place.succeed(&["index", "s.hv", "a.txt"]);
        assert!(report.contains("left out 2 lines that hv forget"), "{report}");
    }
    assert!(place.succeed(&["index", "s.hv", "--again", "a.txt"]).starts_with("stored 2 lines"));
    assert_eq!((texts("a.txt"), counted(&place)), (vec!["two".to_owned(), "three".to_owned()], (3, 3)));
    place.write("a.txt", "0\ntwo\nthree\n");
    place.succeed(&["index", "s.hv", "a.txt"]);
    assert_eq!(texts("a.txt").len(), 3, "nothing is forgotten any more");
    // A file that is forgotten as a whole is as new.
    place.succeed(&["forget", "s.hv", &lines(&place, "a.txt")[1].0.to_string()]);
    place.succeed(&["forget", "s.hv", "--source", "a.txt"]);
    assert!(place.succeed(&["index", "s.hv", "a.txt"]).starts_with("stored 3 lines from 1 file"));
    assert!(place.succeed(&["verify", "s.hv"]).contains("is sound"));
}

#[test]
fn a_moved_folder_holds_the_same_files() {
    let place = Place::new();
    fs::create_dir(place.path("old")).unwrap();
    place.write("old/a.txt", "one\n");
    let store = place.path("s.hv");
    let index = |folder: &str| {
        let mut command = place.command(&["index", store.to_str().unwrap(), "a.txt"]);
        stdout(&command.current_dir(place.path(folder)).output().unwrap())
    };
    index("old");
    fs::rename(place.path("old"), place.path("new")).unwrap();
    assert!(index("new").contains("was there already"));
    place.write("new/a.txt", "two\n");
    assert!(index("new").contains("replaced a.txt: 1 line new, 1 line gone"));
}

/// hv 0.1 had a list of files in the metadata, and no column of sources.
#[test]
fn a_store_of_0_1_is_brought_up_to_date() {
    let place = Place::new();
    place.write("old.txt", "day and night\nthe light of the world\n");
    let path = place.path("old.txt").canonicalize().unwrap();
    let memory = EpisodicMemory::open(place.path("s.hv")).unwrap();
    let note = serde_json::json!({
        "encoder": {"kind": "letter-ngrams", "n": 3, "seed": 0},
        "files": [{"path": path, "name": "old.txt"}],
    });
    memory.set_metadata(note.to_string().as_bytes()).unwrap();
    for (line, text) in [(1, "day and night"), (2, "gone")] {
        let content = hv_encode::NgramEncoder::new(3, 0).encode(text).unwrap();
        let payload = format!(r#"{{"source":"old.txt","line":{line},"text":"{text}"}}"#).into_bytes();
        memory.store(hv_memory::NewEpisode { content, payload, ..Default::default() }).unwrap();
    }
    drop(memory);
    let report = place.succeed(&["index", "s.hv", "old.txt"]);
    assert!(report.contains("replaced old.txt: 1 line new, 1 line gone, 1 line unchanged"), "{report}");
    assert!(place.succeed(&["index", "s.hv", "old.txt"]).contains("was there already"));
    place.write("old.txt", "night and day\n");
    let report = place.succeed(&["index", "s.hv", "old.txt"]);
    assert!(report.contains("replaced old.txt: 1 line new, 2 lines gone, 0 lines unchanged"), "{report}");
    place.succeed(&["forget", "s.hv", "--source", "old.txt"]);
    assert!(place.succeed(&["index", "s.hv", "old.txt"]).starts_with("stored 1 line from 1 file"));
}

#[test]
fn folders_are_walked() {
    let place = Place::new();
    for folder in ["docs/sub", "docs/.hidden", "docs/out"] {
        fs::create_dir_all(place.path(folder)).unwrap();
    }
    for (file, text) in [
        ("docs/b.txt", "bee"),
        ("docs/sub/a.txt", "ay"),
        ("docs/.hidden/h.txt", "aitch"),
        ("docs/.secret", "secret"),
        ("docs/out/built.txt", "built"),
        ("docs/x.log", "log"),
        (".ignore", "*.log\n"),
        ("docs/.gitignore", "out/\n"),
    ] {
        place.write(file, text);
    }
    place.write("docs/photo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0");
    place.write("docs/noise", [0u8; 99]);
    let report = place.succeed(&["index", "docs/s.hv", "docs"]);
    assert!(report.starts_with("stored 2 lines from 2 files "), "{report}");
    assert!(report.contains("\nskipped 2 files: each is binary (first: docs/noise)\n"), "{report}");
    // The store itself is in the folder now.
    let report = place.succeed(&["index", "docs/s.hv", "docs", "--no-ignore"]);
    assert!(report.starts_with("stored 2 lines from 2 files "), "{report}");
    assert!(report.contains("skipped 2 files without a change: docs/b.txt, docs/sub/a.txt\n"), "{report}");
    assert!(report.contains("\nskipped docs/s.hv: it is a store of hv\n"), "{report}");
    let found = place.succeed(&["recall", "docs/s.hv", "built"]);
    assert!(found.contains("  docs/out/built.txt:1  built"), "{found}");
    assert!(!found.contains("aitch") && !found.contains("secret"), "{found}");
    // What is named is read, hidden or not. A store among the files is none.
    let report = place.succeed(&["index", "docs/s.hv", "docs/.secret", "docs/.hidden", "docs/s.hv"]);
    assert!(report.starts_with("stored 2 lines from 2 files "), "{report}");
    assert!(report.contains("skipped docs/s.hv: it is a store of hv"), "{report}");
}

#[cfg(unix)]
#[test]
fn links_in_folders_are_not_followed() {
    let place = Place::new();
    fs::create_dir(place.path("docs")).unwrap();
    place.write("docs/a.txt", "one\n");
    std::os::unix::fs::symlink("..", place.path("docs/up")).unwrap();
    std::os::unix::fs::symlink("docs", place.path("link")).unwrap();
    let report = place.succeed(&["index", "s.hv", "link"]);
    assert!(report.starts_with("stored 1 line from 1 file "), "{report}");
    assert!(report.contains("skipped link/up: it is a link, or neither a file nor a folder"), "{report}");
    std::os::unix::fs::symlink("gone", place.path("dangling")).unwrap();
    place.fail(&["index", "dangling", "docs"], 1, &["dangling is a link to gone, and nothing is there"]);
    place.fail(&["index", "nope/../st", "docs"], 1, &["cannot make nope/../st: there is no folder nope"]);
    assert!(!place.path("nope").exists() && !place.path("st").exists());
    let _socket = std::os::unix::net::UnixListener::bind(place.path("socket")).unwrap();
    place.fail(&["index", "s.hv", "socket"], 1, &["cannot read socket: it is neither a file, a folder nor a pipe"]);
}

/// What cannot be read in a folder makes one note and the exit code 1. All else is stored.
#[cfg(unix)]
#[test]
fn what_cannot_be_read_in_a_folder() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;

    let place = Place::new();
    let mode = |name: &str, mode| fs::set_permissions(place.path(name), fs::Permissions::from_mode(mode)).unwrap();
    fs::create_dir_all(place.path("docs/closed")).unwrap();
    for name in ["a.txt", "b.txt", "closed/c.txt", "d.txt"] {
        place.write(&format!("docs/{name}"), format!("the text of {name}\n"));
    }
    // Root may read everything, so it lets nobody run a copy of the program that nobody can reach.
    let is_root = fs::metadata(place.path("docs")).unwrap().uid() == 0;
    let copied = std::process::Command::new("cp").arg(env!("CARGO_BIN_EXE_hv")).arg(place.path("program")).status();
    assert!(copied.unwrap().success());
    mode("", 0o777);
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(place.path("program"));
        command.args(args).current_dir(place.path("")).env_remove("HV_STORE").stdin(std::process::Stdio::null());
        if is_root {
            command.uid(65_534).gid(65_534);
        }
        command.output()
    };
    let Ok(output) = run(&["index", "s.hv", "docs/a.txt"]) else {
        eprintln!("NOT TESTED: another user cannot reach the program");
        return;
    };
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for (closed, stored, said) in [
        (
            "docs/d.txt",
            "stored 2 lines from 2 files",
            "error: cannot read docs/d.txt: Permission denied (os error 13); all else was read\n",
        ),
        (
            "docs/closed",
            "note: everything was there already: skipped 2 files",
            "error: cannot read 2 files or folders (first: cannot read docs/closed: Permission denied (os error 13)); \
             all else was read\n",
        ),
    ] {
        mode(closed, 0);
        let output = run(&["index", "s.hv", "docs"]).unwrap();
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(1), said));
        assert!(stdout(&output).starts_with(stored), "{}", stdout(&output));
    }
    for closed in ["docs/a.txt", "docs/b.txt"] {
        mode(closed, 0);
    }
    let output = run(&["index", "t.hv", "docs"]).unwrap();
    common::failed(&output, 1, &["nothing was stored: cannot read 4 files or folders (first: cannot read docs/closed"]);
    assert!(!place.path("t.hv").exists());
    mode("docs/closed", 0o755);
}

/// What is no text is named, with what makes text of it. Where nothing is stored, no store is left.
#[test]
fn what_is_no_text() {
    let place = Place::new();
    let utf_16: Vec<u8> = "\u{feff}let there be light\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    place.write("u t.txt", &utf_16);
    place.write("a.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03");
    place.write("none", "...\n\n");
    place.write("empty", "");
    let iconv = "'u t.txt' | hv index 's t.hv' -";
    place.fail(
        &["index", "s t.hv", "u t.txt"],
        1,
        &["nothing was stored", "text in UTF-16", "iconv -f UTF-16 -t UTF-8", iconv],
    );
    place.fail(&["index", "s.hv", "a.gz"], 1, &["compressed with gzip", "gzip -dc a.gz | hv index s.hv -"]);
    place.fail(
        &["index", "s.hv", "none"],
        1,
        &["nothing was stored", "skipped 2 lines without a letter or digit (first: none:1)"],
    );
    place.fail(&["index", "s.hv", "empty"], 1, &["nothing was stored: the files are empty"]);
    let gz = fs::File::open(place.path("a.gz")).unwrap();
    common::failed(
        &place.command(&["index", "s.hv", "-"]).stdin(gz).output().unwrap(),
        1,
        &["compressed with gzip", "gzip -dc - |"],
    );
    let all = place.run(&["index", "s.hv", "empty", "a.gz", "u t.txt"]);
    assert_eq!((all.status.code(), stdout(&all).as_str()), (Some(1), ""));
    assert!(stderr(&all).contains("gzip -dc") && stderr(&all).contains("iconv"), "{}", stderr(&all));
    let found: Vec<_> = fs::read_dir(place.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(found.len(), 4, "{found:?}");
    // An empty folder stays as it is, and holds nothing to read.
    fs::create_dir(place.path("s.hv")).unwrap();
    place.fail(&["index", "t.hv", "s.hv"], 1, &["nothing was stored: there is no file to read"]);
    place.fail(&["index", "s.hv", "none"], 1, &["nothing was stored"]);
    assert_eq!(fs::read_dir(place.path("s.hv")).unwrap().count(), 0);
    // Next to a text it is a note.
    place.write("a.txt", "one\n");
    let report = place.succeed(&["index", "s.hv", "a.gz", "a.txt"]);
    assert!(
        report.contains("skipped a.gz: it is compressed with gzip; index it with: gzip -dc a.gz | hv index s.hv -\n")
    );
}

#[test]
fn many_files_make_few_notes() {
    let place = Place::new();
    fs::create_dir(place.path("many")).unwrap();
    (0..300).for_each(|i| place.write(&format!("many/{i:03}.txt"), format!("line {i}\n")));
    place.succeed(&["index", "s.hv", "many"]);
    let again = place.succeed(&["index", "s.hv", "many"]);
    assert!(again.contains("skipped 300 files without a change: many/000.txt, ") && again.contains(" and 290 more\n"));
    (0..300).for_each(|i| place.write(&format!("many/{i:03}.txt"), format!("line {}\n", i + 1)));
    let report = place.succeed(&["index", "s.hv", "many"]);
    assert!(report.contains("\nreplaced 290 more files\n") && report.lines().count() == 13, "{report}");
    let twice = place.succeed(&["index", "s.hv", "--again", "many"]);
    assert!(
        twice.contains("note: 300 files were indexed into this store before") && twice.lines().count() == 3,
        "{twice}"
    );
    assert_eq!(counted(&place), (600, 600));
}

#[test]
fn the_first_of_what_was_skipped_is_the_first() {
    let place = Place::new();
    place.write("k.tsv", "k1\tgood\nk2\t\nk3\t   \n\t\n");
    let report = place.succeed(&["index", "s.hv", "--tsv", "k.tsv"]);
    assert!(report.contains("skipped 3 lines without a letter or digit (first: k.tsv:2)"), "{report}");
    let long = place.succeed(&["index", "s.hv", "k.tsv", "--ngram", "3"]);
    assert!(!long.contains("note:"), "{long}");
    let long = place.succeed(&["index", "t.hv", "k.tsv", "--ngram", "99"]);
    assert!(long.contains("note: lines are alike only where 99 letters in a row are equal (--ngram 99)"), "{long}");
}
