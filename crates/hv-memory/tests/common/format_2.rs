//! A store that the last program of format 2 made: `fixtures/format-2.tar.gz`.
//!
//! It holds two full blocks and a tail of 108 episodes, with payloads in the file and in the index, retrievals, strengths
//! that changed and episodes that were forgotten. All of it follows from the numbers of the episodes, by the functions
//! below.

use std::collections::BTreeMap;
use std::io::Read;

use hv_memory::{EpisodeId, EpisodicMemory, HV16, NewEpisode};

/// How many episodes were stored: 2 x 4,096 and 108.
pub const STORED: u64 = 8_300;

/// Episode `i` as it was stored.
pub fn given(i: u64) -> NewEpisode {
    NewEpisode {
        content: HV16::random(i % 37),
        time: 1_700_000_000_000_000 + i as i64 * 1_000_000 - if i % 10 == 3 { 60_000_000 } else { 0 },
        valence: (i % 9) as f32 / 4.0 - 1.0,
        payload: match i % 500 {
            7 => vec![(i % 251) as u8; 2_000],
            n if n % 3 == 0 => format!("episode {i}").into_bytes(),
            _ => Vec::new(),
        },
        ..NewEpisode::default()
    }
}

/// Whether episode `i` was forgotten.
fn is_forgotten(i: u64) -> bool {
    i % 97 == 5
}

/// When episode `i` was recollected: the three oldest of each content below 20 were, once.
fn retrieved(i: u64) -> Option<i64> {
    (i < 3 * 37 && i % 37 < 20).then_some(1_700_010_000_000_000 + (i % 37) as i64)
}

/// The files of the store.
pub fn files() -> BTreeMap<String, Vec<u8>> {
    let packed = std::fs::File::open("tests/fixtures/format-2.tar.gz").unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed));
    let mut files = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if entry.header().entry_type().is_file() {
            files.insert(name, bytes);
        }
    }
    files
}

/// Checks that a memory holds what the fixture holds.
pub fn check(memory: &EpisodicMemory) {
    let snapshot = memory.snapshot();
    assert_eq!(memory.len() as u64, (0..STORED).filter(|&i| !is_forgotten(i)).count() as u64);
    assert_eq!(memory.metadata().unwrap(), b"a store of format 2");
    for i in 0..STORED {
        let (id, given) = (EpisodeId(i), given(i));
        let stored = snapshot.get(id).unwrap();
        if is_forgotten(i) {
            assert!(stored.is_none(), "episode {i} was forgotten");
            continue;
        }
        let stored = stored.unwrap_or_else(|| panic!("episode {i} is missing"));
        assert_eq!((stored.content, stored.time, stored.valence), (given.content, given.time, given.valence), "{i}");
        assert_eq!(stored.payload, given.payload, "episode {i}");
        let (strength, updated) = retrieved(i).map_or((1.0, given.time), |now| (1.1, now));
        assert_eq!((stored.strength, stored.updated), (strength, updated), "episode {i}");
    }
    let log = snapshot.retrieval_log().unwrap();
    let expected = (0..20).flat_map(|j| [j, j + 37, j + 74]).filter(|&i| !is_forgotten(i));
    let expected: Vec<(EpisodeId, i64)> = expected.map(|i| (EpisodeId(i), retrieved(i).unwrap())).collect();
    assert_eq!(log, expected);
    let found = memory.recall(&HV16::random(11), 3).unwrap();
    assert_eq!(found.iter().map(|found| (found.id.0, found.distance)).collect::<Vec<_>>(), [(11, 0), (48, 0), (85, 0)]);
}
