//! Exports with labels and rows that break a rule: refused whole, and nothing is left of them.

mod common;

use std::collections::BTreeMap;

use common::files;
use hv_memory::{
    Changes, EpisodicMemory, HV16, Key, MAX_SOURCE_BYTES, MAX_TAG_BYTES, MAX_TAGS, MemoryError, NewEpisode,
};

type Files = BTreeMap<String, Vec<u8>>;

/// An export of three episodes with labels, and three rows.
fn export() -> Files {
    let memory = EpisodicMemory::in_memory();
    let new = |i: u64, key: Key| NewEpisode {
        content: HV16::random(i),
        group: 40 + i as u16,
        source: Some(b"source".to_vec()),
        key: Some(key),
        tags: vec!["b".into(), "a".into()],
        payload: vec![0xff; 600],
        ..NewEpisode::default()
    };
    let rows = Changes::new().put_row("row 1", "one").put_row("row 2", [0xff]).put_row([0xff], "");
    let changes = rows.store(new(0, 7.into())).store(new(1, "7".into())).store(new(2, "key".into()));
    memory.apply(&changes).unwrap();
    let folder = tempfile::tempdir().unwrap();
    memory.export(folder.path()).unwrap();
    files(folder.path())
}

/// An export in which a text was replaced, which is there.
fn replaced(name: &str, from: &str, to: &str) -> Files {
    let mut files = export();
    let text = String::from_utf8(files[name].clone()).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    files.insert(name.into(), text.replacen(from, to, 1).into_bytes());
    files
}

/// Imports into both kinds of memory, which are as before, and take the sound export then. Returns one of the errors.
fn refused(broken: &Files) -> MemoryError {
    let folder = tempfile::tempdir().unwrap();
    let [bad, good, store] = ["bad", "good", "store"].map(|name| folder.path().join(name));
    common::write_files(&bad, broken);
    common::write_files(&good, &export());
    let mut last = None;
    for memory in [EpisodicMemory::in_memory(), EpisodicMemory::open(&store).unwrap()] {
        let names = || files(&store).into_keys().collect::<Vec<_>>();
        let before = names();
        last = Some(memory.import(&bad).unwrap_err());
        let snapshot = memory.snapshot();
        assert_eq!((memory.len(), memory.stats().next_id, snapshot.row_count()), (0, 0, 0), "{last:?}");
        assert_eq!((snapshot.id_of_key(&Key::from(7)), snapshot.sources(), snapshot.tags()), (None, vec![], vec![]));
        assert_eq!(snapshot.rows(b"").count(), 0);
        assert_eq!(names(), before, "{last:?}");
        assert_eq!(memory.import(&good).unwrap(), 3, "{last:?}");
        assert_eq!(memory.snapshot().row(b"row 2").unwrap(), Some(vec![0xff]));
        drop(memory);
    }
    let memory = EpisodicMemory::open(&store).unwrap();
    assert!(memory.verify().unwrap().is_sound());
    assert_eq!((memory.len(), memory.snapshot().row_count()), (3, 3));
    last.unwrap()
}

#[test]
fn labels_that_break_rules() {
    let long = |len: usize| format!("\"{}\"", "x".repeat(len));
    let many = format!("[{}]", vec!["\"a\""; MAX_TAGS + 1].join(","));
    let bad = |name: &str, from: &str, to: &str| (format!("\"{name}\":{from}"), format!("\"{name}\":{to}"));
    let cases = [
        (bad("key", "\"7\"", "7"), "line 3: an episode before has the same key"),
        (bad("key", "\"key\"", "\"7\""), "line 4: an episode before has the same key"),
        (bad("key", "7", "-7"), "line 2: key must be"),
        (bad("key", "7", "7.5"), "line 2: key must be"),
        (bad("key", "7", "[7]"), "line 2: key must be"),
        (bad("key", "\"7\"", "true"), "line 3: key must be"),
        (bad("key", "\"7\"", &long(Key::MAX_BYTES + 1)), "line 3: its key has 65 bytes, the limit is 64"),
        (bad("group", "40", "65536"), "line 2: group must be"),
        (bad("group", "41", "-1"), "line 3: group must be"),
        (bad("group", "41", "1.5"), "line 3: group must be"),
        (bad("group", "41", "\"1\""), "line 3: group must be"),
        (bad("source", "\"source\"", &long(MAX_SOURCE_BYTES + 1)), "line 2: its source has 4097 bytes"),
        (bad("source", "\"source\"", "7"), "line 2: one of source and source_hex must be text"),
        (bad("source", "\"source\"", "\"source\",\"source_hex\":\"00\""), "line 2: one of source"),
        (("\"source\":\"source\"".into(), "\"source_hex\":\"0\"".into()), "line 2: one of source"),
        (("\"source\":\"source\"".into(), "\"source_hex\":\"0g\"".into()), "line 2: one of source"),
        (bad("tags", "[\"a\",\"b\"]", "[\"a\",7]"), "line 2: tags must be an array of texts"),
        (bad("tags", "[\"a\",\"b\"]", "\"a\""), "line 2: tags must be an array of texts"),
        (bad("tags", "[\"a\",\"b\"]", "{}"), "line 2: tags must be an array of texts"),
        (bad("tags", "[\"a\",\"b\"]", &many), "line 2: it has 65 tags, the limit is 64"),
        (bad("tags", "[\"a\",\"b\"]", &format!("[{}]", long(MAX_TAG_BYTES + 1))), "line 2: a tag of it has 257 bytes"),
    ];
    for ((from, to), expected) in cases {
        let error = refused(&replaced("episodes.jsonl", &from, &to));
        assert!(matches!(error, MemoryError::Malformed { .. }), "{from} to {to}: {error}");
        assert!(error.to_string().contains(expected), "{from} to {to}: {error}");
    }
}

#[test]
fn rows_that_break_rules() {
    let long = |len: usize| format!("\"{}\"", "x".repeat(len));
    let bad = |name: &str, from: &str, to: &str| (format!("\"{name}\":{from}"), format!("\"{name}\":{to}"));
    let cases = [
        (bad("key", "\"row 2\"", "\"row 0\""), "line 2: the keys of rows must ascend"),
        (bad("key", "\"row 2\"", "\"row 1\""), "line 2: the keys of rows must ascend"),
        (bad("key", "\"row 1\"", &long(Changes::MAX_ROW_KEY + 1)), "line 1: key or key_hex, of up to 1024 bytes"),
        (bad("value", "\"one\"", &long(Changes::MAX_ROW_VALUE + 1)), "line 1: value or value_hex, of up to 1048576"),
        (bad("value_hex", "\"ff\"", "\"fg\""), "line 2: value or value_hex"),
        (bad("value_hex", "\"ff\"", "\"f\""), "line 2: value or value_hex"),
        (bad("value", "\"one\"", "1"), "line 1: value or value_hex"),
        (("\"value\":\"one\"".into(), "\"other\":\"one\"".into()), "line 1: value or value_hex"),
        (bad("value", "\"one\"", "\"one\",\"value_hex\":\"00\""), "line 1: value or value_hex"),
        (("{".into(), "".into()), "line 1"),
        (("{".into(), "\n{".into()), "line 1: the line is empty"),
    ];
    for ((from, to), expected) in cases {
        let error = refused(&replaced("rows.jsonl", &from, &to));
        assert!(matches!(error, MemoryError::Malformed { .. }), "{from} to {to}: {error}");
        assert!(error.to_string().contains(expected), "{from} to {to}: {error}");
    }
}

#[test]
fn rows_that_are_not_as_many_as_it_says() {
    for (count, expected) in [
        ("4", "3 rows, but episodes.jsonl says 4"),
        ("2", "3 rows, but episodes.jsonl says 2"),
        ("0", "3 rows, but episodes.jsonl says 0"),
        ("-1", "line 1: rows must be a whole number"),
        ("null", "line 1: rows must be a whole number"),
    ] {
        let error = refused(&replaced("episodes.jsonl", "\"rows\":3", &format!("\"rows\":{count}")));
        assert!(matches!(error, MemoryError::Malformed { .. }), "{count}: {error}");
        assert!(error.to_string().contains(expected), "{count}: {error}");
    }
    let mut missing = export();
    missing.remove("rows.jsonl");
    let error = refused(&missing);
    assert!(matches!(error, MemoryError::Io { .. }) && error.to_string().contains("rows.jsonl"), "{error}");
}

/// An export that names no rows need not have the file, and one of version 1 has neither labels nor rows.
#[test]
fn a_file_of_rows_that_is_not_needed() {
    for (from, to) in [("\"rows\":3", "\"rows\":0"), ("\"version\":2", "\"version\":1")] {
        let mut export = replaced("episodes.jsonl", from, to);
        export.remove("rows.jsonl");
        let folder = tempfile::tempdir().unwrap();
        common::write_files(folder.path(), &export);
        let memory = EpisodicMemory::in_memory();
        assert_eq!(memory.import(folder.path()).unwrap(), 3);
        assert_eq!(memory.snapshot().row_count(), 0);
    }
}
