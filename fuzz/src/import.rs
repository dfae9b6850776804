//! The import formats.

use std::fs;
use std::path::Path;

use hv_memory::{EpisodicMemory, HV16, MemoryError, NewEpisode};

use crate::folders::{files, temporary};

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
    assert!(exported["vectors.bin"] == files(&given)["vectors.bin"], "the vectors are others");

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
