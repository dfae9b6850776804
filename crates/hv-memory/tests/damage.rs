//! Damaged files: reported, or without effect. Never a panic, a wrong answer, or a write to a store that is refused.
//!
//! `HV_DAMAGE=500` sets how many bits of each file are flipped, one at a time, and how many places are cut (a tenth).

mod common;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use common::{Random, episode, episodes, files, is, write_files};
use hv_memory::{Conditions, EpisodeId, EpisodicMemory, HV16, Match, MemoryError, RecollectPolicy};

const LEN: u64 = 4_300;

type Files = BTreeMap<String, Vec<u8>>;

/// A store with a full block, an unfinished one, and a note; closed in order, or as a crash leaves it.
fn store(crashed: bool) -> &'static Files {
    static STORES: OnceLock<[Files; 2]> = OnceLock::new();
    &STORES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let memory = EpisodicMemory::open(folder.path()).unwrap();
        memory.store_batch(&episodes(0..LEN - 2)).unwrap();
        memory.set_metadata(b"a note").unwrap();
        memory.store(episode(LEN - 2)).unwrap();
        memory.store(episode(LEN - 1)).unwrap();
        for (number, now) in [(3, 40), (4_200, 41), (3, 42)] {
            let (cue, policy) = (HV16::random(number), RecollectPolicy::default());
            memory.recollect(&cue, 2, &Conditions::new(), &policy, now).unwrap();
        }
        // The reserve has no meaning.
        let without_reserve = |mut files: Files| {
            files.remove("reserve");
            files
        };
        let crashed = files(folder.path());
        drop(memory);
        [files(folder.path()), crashed].map(without_reserve)
    })[usize::from(crashed)]
}

fn recalled(memory: &EpisodicMemory) -> Vec<Match> {
    memory.recall(&(HV16::random(LEN - 1) ^ HV16::random(3) ^ HV16::random(4_100)), 9).unwrap()
}

/// Opens a damaged store both ways. Returns whether anything was reported.
fn examine(damaged: &Files, what: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), damaged);
    let mut reported = false;
    for open in [EpisodicMemory::open_read_only, EpisodicMemory::open] {
        match open(folder.path()) {
            Err(error) => {
                let refused = matches!(
                    error,
                    MemoryError::Damaged { .. }
                        | MemoryError::NotAStore { .. }
                        | MemoryError::NewerVersion { .. }
                        | MemoryError::NotFound { .. }
                );
                assert!(refused, "{what}: {error}");
                assert!(files(folder.path()) == *damaged, "{what}: a refused store was written to");
                reported = true;
            }
            Ok(memory) => reported |= read_all(&memory, what),
        }
    }
    reported
}

/// Checks that what a memory gives out is right; returns whether it refused anything.
fn read_all(memory: &EpisodicMemory, what: &str) -> bool {
    assert_eq!(memory.len() as u64, LEN, "{what}");
    assert_eq!(memory.metadata().unwrap(), b"a note", "{what}");
    assert_eq!(recalled(memory), *expected(), "{what}");
    assert_eq!(memory.snapshot().retrievals(EpisodeId(3)).unwrap(), [40, 42], "{what}");
    let mut reported = false;
    for (number, stored) in memory.snapshot().episodes().enumerate() {
        match stored {
            Ok(stored) => assert!(is(&stored, given(number)), "{what}: episode {number} was given out wrong"),
            Err(error) => {
                assert!(matches!(error, MemoryError::Damaged { .. }), "{what}: {error}");
                reported = true;
            }
        }
    }
    reported
}

fn given(number: usize) -> &'static hv_memory::NewEpisode {
    static GIVEN: OnceLock<Vec<hv_memory::NewEpisode>> = OnceLock::new();
    &GIVEN.get_or_init(|| episodes(0..LEN))[number]
}

fn expected() -> &'static Vec<Match> {
    static EXPECTED: OnceLock<Vec<Match>> = OnceLock::new();
    EXPECTED.get_or_init(|| {
        let memory = EpisodicMemory::in_memory();
        memory.store_batch(&episodes(0..LEN)).unwrap();
        recalled(&memory)
    })
}

fn rounds() -> u64 {
    std::env::var("HV_DAMAGE").map_or(8, |rounds| rounds.parse().expect("HV_DAMAGE is a number"))
}

#[test]
fn sound_stores_are_read_whole() {
    for crashed in [false, true] {
        assert!(!examine(store(crashed), "sound"));
    }
}

#[test]
fn truncated_files() {
    let mut random = Random(1);
    for crashed in [false, true] {
        for (name, bytes) in store(crashed) {
            for round in 0..(rounds() / 10).max(4) {
                let len = match round {
                    0 => 0,
                    1 => bytes.len().saturating_sub(1),
                    _ => random.below(bytes.len() as u64) as usize,
                };
                let mut damaged = store(crashed).clone();
                damaged.insert(name.clone(), bytes[..len].to_vec());
                let reported = examine(&damaged, &format!("{name} cut to {len} bytes"));
                assert!(reported || name == "LOCK", "{name} cut to {len} bytes of {} went unnoticed", bytes.len());
            }
        }
    }
}

#[test]
fn missing_files() {
    for name in store(false).keys() {
        let mut damaged = store(false).clone();
        damaged.remove(name);
        assert!(examine(&damaged, &format!("{name} missing")) || name == "LOCK");
    }
}

#[test]
fn flipped_bits() {
    let mut random = Random(2);
    for crashed in [false, true] {
        for (name, bytes) in store(crashed) {
            for _ in 0..rounds() {
                let (byte, bit) = (random.below(bytes.len() as u64) as usize, random.below(8));
                let mut damaged = store(crashed).clone();
                damaged.get_mut(name).unwrap()[byte] ^= 1 << bit;
                let reported = examine(&damaged, &format!("bit {bit} of byte {byte} of {name}"));
                // Every byte of these is someone's data.
                let all_data = ["MANIFEST", "vectors-0", "payloads-0", "log-0"].contains(&&**name);
                assert!(reported || !all_data, "bit {bit} of byte {byte} of {name} went unnoticed");
            }
        }
    }
}

/// The head of the index decides which of two commits is valid, and redb does not protect it.
#[test]
fn every_bit_of_the_index_head() {
    for crashed in [false, true] {
        for byte in (0..320).step_by(if rounds() < 500 { 23 } else { 1 }) {
            for bit in 0..8 {
                let mut damaged = store(crashed).clone();
                damaged.get_mut("index.redb").unwrap()[byte] ^= 1 << bit;
                examine(&damaged, &format!("bit {bit} of byte {byte} of index.redb"));
            }
        }
    }
}

/// An index from before the last commits looks sound on its own.
#[test]
fn an_older_index() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    memory.store_batch(&episodes(0..10)).unwrap();
    let older = files(folder.path())["index.redb"].clone();
    memory.store_batch(&episodes(10..20)).unwrap();
    drop(memory);
    let mut damaged = files(folder.path());
    damaged.insert("index.redb".into(), older);
    let copy = tempfile::tempdir().unwrap();
    write_files(copy.path(), &damaged);
    let error = EpisodicMemory::open(copy.path()).unwrap_err();
    assert!(error.to_string().contains("it holds commit") && error.to_string().contains("remove LOCK"), "{error}");
    assert!(files(copy.path()) == damaged);
    // What the error says to do with a copy that was restored.
    std::fs::remove_file(copy.path().join("LOCK")).unwrap();
    assert_eq!(EpisodicMemory::open(copy.path()).unwrap().len(), 10);
}

/// A store that is refused does not get the lock file that it lacked.
#[test]
fn a_damaged_store_without_its_lock() {
    for name in ["index.redb", "vectors-0", "log-0"] {
        let mut damaged = store(false).clone();
        damaged.remove("LOCK");
        let bytes = damaged.get_mut(name).unwrap();
        bytes.truncate(bytes.len() / 2);
        assert!(examine(&damaged, &format!("{name} cut, and no LOCK")));
    }
}

/// `verify` reads on after a MANIFEST that is damaged or missing.
#[test]
fn a_damaged_manifest() {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), store(false));
    let verify = || hv_memory::verify(folder.path()).unwrap();
    let sound = verify();
    assert!(sound.is_sound() && sound.episodes == LEN && sound.blocks == 1);
    let manifest = &store(false)["MANIFEST"];
    let flipped = |byte: usize| {
        let mut bytes = manifest.clone();
        bytes[byte] ^= 1 << (byte % 8);
        bytes
    };
    let other = [Vec::new(), vec![0; 20], manifest[..19].to_vec()];
    let missing = None;
    for (number, bytes) in (0..manifest.len()).map(flipped).chain(other).map(Some).chain([missing]).enumerate() {
        match bytes {
            Some(bytes) => std::fs::write(folder.path().join("MANIFEST"), bytes).unwrap(),
            None => std::fs::remove_file(folder.path().join("MANIFEST")).unwrap(),
        }
        let found = verify();
        assert_eq!(found.damage.len(), 1, "{number}: {found:?}");
        assert!(found.damage[0].path.ends_with("MANIFEST"), "{number}: {found:?}");
        assert_eq!((found.episodes, found.payloads), (sound.episodes, sound.payloads), "{number}");
    }
    let error = EpisodicMemory::open(folder.path()).unwrap_err();
    assert!(error.to_string().contains("MANIFEST is damaged: the file is missing"), "{error}");
}
