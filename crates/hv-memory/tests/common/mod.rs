//! What the tests share: episodes that can be made again from their number, and folders to copy and compare.
#![allow(dead_code)]

pub mod format_2;
pub mod history;
pub mod processes;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hv_memory::{Episode, EpisodicMemory, HV16, NewEpisode};
use proptest::prelude::ProptestConfig;

/// A small generator, so that a test needs no more than a seed.
pub struct Random(pub u64);

impl Random {
    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        // splitmix64, by Sebastiano Vigna
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % bound
    }
}

/// Episode `number` of every test: all of it follows from the number. Most payloads are small, a few large.
pub fn episode(number: u64) -> NewEpisode {
    let mut random = Random(number);
    let size = match random.below(50) {
        0 => random.below(30_000),
        1..10 => 500 + random.below(30),
        10..20 => 0,
        _ => random.below(60),
    };
    let payload = (0..size).map(|_| random.below(256) as u8).collect();
    let time = random.below(1 << 50) as i64 - (1 << 49);
    let valence = random.below(2_001) as f32 / 1_000.0 - 1.0;
    let source = number % 3;
    NewEpisode {
        content: HV16::random(number),
        time,
        valence,
        payload,
        group: if number < 100 { 0 } else { random.below(4) as u16 },
        source: (source > 0).then(|| format!("source {source}").into_bytes()),
        key: None,
        tags: if number % 5 == 4 { vec![format!("tag {}", number % 2), "five".into()] } else { Vec::new() },
    }
}

pub fn episodes(numbers: std::ops::Range<u64>) -> Vec<NewEpisode> {
    numbers.map(episode).collect()
}

/// Whether a stored episode is the one that was given, its key apart.
pub fn is(stored: &Episode, given: &NewEpisode) -> bool {
    let mut tags = given.tags.clone();
    tags.sort();
    (stored.content, stored.time, stored.valence, &stored.payload)
        == (given.content, given.time, given.valence, &given.payload)
        && (stored.group, &stored.source, &stored.tags) == (given.group, &given.source, &tags)
}

/// Checks that the memory holds the episodes `0..len`, each under its number as id.
pub fn check_all(memory: &EpisodicMemory, len: u64) {
    assert_eq!(memory.len() as u64, len);
    let mut expected = 0;
    for stored in memory.snapshot().episodes() {
        let stored = stored.unwrap();
        assert_eq!(stored.id.0, expected);
        assert!(is(&stored, &episode(expected)), "episode {expected} is not what was stored");
        assert_eq!(stored.strength, 1.0);
        expected += 1;
    }
    assert_eq!(expected, len);
}

/// All files of a folder with their bytes.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// Makes a folder of the given files.
pub fn write_files(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    fs::create_dir_all(folder).unwrap();
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

/// How many histories of each kind: fewer than proptest's own default, since each makes stores.
pub fn cases() -> ProptestConfig {
    let given = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: given.unwrap_or(24), ..ProptestConfig::default() }
}
