//! The import formats.

use std::fs;
use std::path::Path;

use hv_memory::{EpisodicMemory, HV16, MemoryError, NewEpisode};

use serde_json::Value;

use crate::folders::{Files, files, temporary};

/// The byte between the parts of an input. UTF-8 never has it, so that all else can be in the text of an export.
const CUT: u8 = 0xff;

/// Imports a folder that the bytes describe: an error that leaves the memory empty, or a memory whose export imports as
/// the same.
///
/// The bytes are `episodes.jsonl`, then a byte 0xFF and the vectors, then a byte 0xFF and `rows.jsonl`. A part that is not
/// there is a file that is not there. A byte of the vectors is the vector of that seed, but the last one is how many more
/// zero bytes `vectors.bin` has.
///
/// # Panics
///
/// If the memory is neither.
pub fn import(data: &[u8]) {
    let folder = temporary();
    let [given, first, second] = ["given", "first", "second"].map(|name| folder.path().join(name));
    fs::create_dir(&given).expect("a folder");
    write_export(&given, data);

    let memory = EpisodicMemory::in_memory();
    let imported = memory.import(&given);
    let store = folder.path().join("store");
    let stored = EpisodicMemory::import_new(&store, &given);
    assert_eq!(imported.is_ok(), stored.is_ok(), "in memory: {imported:?}, in a folder: {stored:?}");
    let Ok(episodes) = imported else {
        assert!((memory.is_empty(), memory.stats().next_id) == (true, 0) && !store.exists());
        assert!(memory.metadata().expect("the note").is_empty() && memory.snapshot().row_count() == 0);
        return;
    };
    assert_eq!(memory.len(), episodes);
    memory.export(&first).expect("what was imported can be exported");
    let exported = files(&first);
    compare(&files(&given), &exported);

    let again = EpisodicMemory::in_memory();
    again.import(&first).expect("an export can be imported");
    again.export(&second).expect("what was imported can be exported");
    assert!(files(&second) == exported, "the export of an import differs");
    let stored = stored.expect("it was imported");
    stored.export(folder.path().join("third")).expect("what was imported can be exported");
    assert!(files(&folder.path().join("third")) == exported, "the export of a store differs");
    assert!(stored.verify().expect("the store can be read").is_sound());

    // And it can be gone on with.
    let next_id = memory.stats().next_id;
    match memory.store(NewEpisode { content: HV16::random(1), ..NewEpisode::default() }) {
        Ok(id) => assert_eq!(id.0, next_id),
        Err(error) => assert!(matches!(error, MemoryError::NoMoreIds { .. }), "{error}"),
    }
}

/// Checks that an export has what was imported, as far as both say it in the same words.
fn compare(given: &Files, exported: &Files) {
    assert!(exported["vectors.bin"] == given["vectors.bin"], "the vectors are others");
    let [given_lines, exported_lines] = [given, exported].map(|files| lines(&files["episodes.jsonl"]));
    assert_eq!(exported_lines.len(), given_lines.len());
    for field in ["next_id", "episodes"] {
        assert_eq!(exported_lines[0][field], given_lines[0][field]);
    }
    for (given, exported) in given_lines.iter().zip(&exported_lines).skip(1) {
        for field in ["id", "time", "updated", "payload", "source", "key"] {
            assert!(given[field].is_null() || given[field] == exported[field], "{field} of {given} is now {exported}");
        }
        assert_eq!(given["strength"].as_f64(), exported["strength"].as_f64());
        assert_eq!(given["valence"].as_f64().map(|v| v as f32), exported["valence"].as_f64().map(|v| v as f32));
        assert_eq!(given["group"].as_u64().unwrap_or(0), exported["group"].as_u64().unwrap_or(0));
    }
    let no_rows = given_lines[0]["version"] == 1 || given_lines[0]["rows"] == 0;
    let rows = if no_rows { Vec::new() } else { lines(&given["rows.jsonl"]) };
    let exported_rows = lines(&exported["rows.jsonl"]);
    assert_eq!(exported_rows.len(), rows.len());
    for (given, exported) in rows.iter().zip(&exported_rows) {
        for field in ["key", "value"] {
            assert!(given[field].is_null() || given[field] == exported[field], "{field} of {given} is now {exported}");
        }
    }
}

/// The lines of a file, each an object.
fn lines(bytes: &[u8]) -> Vec<Value> {
    let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("a line of an export")).collect()
}

/// Writes the files that an input describes.
fn write_export(folder: &Path, data: &[u8]) {
    let mut parts = data.splitn(3, |&byte| byte == CUT);
    let write = |name, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("a file");
    if let Some(lines) = parts.next() {
        write("episodes.jsonl", lines);
    }
    if let Some(vectors) = parts.next() {
        let (more, seeds) = vectors.split_last().map_or((0, &[][..]), |(&more, seeds)| (more, seeds));
        let mut bytes: Vec<u8> = seeds.iter().flat_map(|&seed| HV16::random(u64::from(seed)).0).collect();
        bytes.resize(bytes.len() + usize::from(more), 0);
        write("vectors.bin", &bytes);
    }
    if let Some(rows) = parts.next() {
        write("rows.jsonl", rows);
    }
}
