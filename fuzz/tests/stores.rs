//! The stores that `open_store` changes are those that this makes.
//!
//! `HV_FIXTURE=write` makes new ones. Their ids are random, so inputs of the corpus then lead elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hv_memory::{Changes, Conditions, EpisodeId, EpisodicMemory, HV16, Key, MemoryError, NewEpisode, RecollectPolicy};

/// How many episodes the store with a full block gets.
const BLOCK: u64 = 4_096 + 12;

/// An episode of a number, with all kinds of labels, and payloads in the index and in the file.
fn episode(number: u64) -> NewEpisode {
    let payload = match number % 6 {
        0 => vec![number as u8; 700],
        1 => Vec::new(),
        _ => format!("episode {number}").into_bytes(),
    };
    NewEpisode {
        content: HV16::random(number % 7),
        time: 1_700_000_000_000_000 + number as i64 * if number % 5 == 4 { -1_000 } else { 1_000_000 },
        valence: (number % 9) as f32 / 4.0 - 1.0,
        payload,
        group: (number % 3) as u16,
        source: (!number.is_multiple_of(4))
            .then(|| [b"first", b"other", &b"\xff\xfe"[..]][number as usize % 3].to_vec()),
        key: match number % 12 {
            2 => Some(Key::from(number)),
            7 => Some(Key::from(format!("key {number}"))),
            _ => None,
        },
        tags: if number.is_multiple_of(2) { vec!["even".into(), format!("tag {}", number % 3)] } else { Vec::new() },
    }
}

/// Episodes like those of a block, which take little room in an archive.
fn plain(number: u64) -> NewEpisode {
    let mut episode = episode(number);
    if number % 64 > 8 {
        episode.payload = Vec::new();
        episode.key = None;
    }
    episode
}

fn few(memory: &EpisodicMemory) -> Result<(), MemoryError> {
    memory.store_batch(&(0..20).map(episode).collect::<Vec<_>>())?;
    memory.set_metadata(b"a note")?;
    memory.apply(&Changes::new().put_row("first", "row").put_row([0xff], [0; 5_000]).put_row("", ""))?;
    memory.forget(&[EpisodeId(3), EpisodeId(4)])?;
    memory.compact()?;
    memory.store_batch(&(20..28).map(episode).collect::<Vec<_>>())?;
    later(memory)
}

fn block(memory: &EpisodicMemory) -> Result<(), MemoryError> {
    memory.store_batch(&(0..BLOCK).map(plain).collect::<Vec<_>>())?;
    later(memory)
}

/// Retrievals, an episode that is replaced, and one that is forgotten.
fn later(memory: &EpisodicMemory) -> Result<(), MemoryError> {
    for (cue, now) in [(1, 1_700_000_100_000_000), (2, 1_700_000_200_000_000), (1, 1_700_000_300_000_000)] {
        memory.recollect(&HV16::random(cue), 2, &Conditions::new(), &RecollectPolicy::new(), now)?;
    }
    memory.apply(&Changes::new().store(NewEpisode { key: Some(Key::from(2)), ..episode(5) }).delete_row("none"))?;
    memory.forget(&[EpisodeId(9)]).map(drop)
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

/// Writes the files of a store into an archive, with nothing of this machine in it.
fn pack(store: &Path, name: &str) {
    let file = fs::File::create(Path::new(env!("CARGO_MANIFEST_DIR")).join("stores").join(name)).unwrap();
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(file, flate2::Compression::best()));
    for (name, bytes) in files(store) {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, &*bytes).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
}

#[test]
fn the_stores_hold_what_is_stored_here() {
    type Make = fn(&EpisodicMemory) -> Result<(), MemoryError>;
    for (number, (name, make)) in [("few.tar.gz", few as Make), ("block.tar.gz", block)].into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let here = |name: &str| folder.path().join(name);
        if std::env::var("HV_FIXTURE").is_ok_and(|value| value == "write") {
            let memory = EpisodicMemory::open(here("new")).unwrap();
            make(&memory).unwrap();
            drop(memory);
            pack(&here("new"), name);
            continue;
        }
        fs::create_dir(here("store")).unwrap();
        for (name, bytes) in &hv_fuzz::base(number).files {
            fs::write(here("store").join(name), bytes).unwrap();
        }
        EpisodicMemory::open_read_only(here("store")).unwrap().export(here("found")).unwrap();
        let memory = EpisodicMemory::in_memory();
        make(&memory).unwrap();
        memory.export(here("expected")).unwrap();
        assert!(files(&here("found")) == files(&here("expected")), "{name} holds something else");
    }
}
