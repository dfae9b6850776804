//! What a memory gives out, written and read again.
#![cfg(feature = "serde")]

mod common;

use std::time::Duration;

use common::{episode, episodes};
use hv_memory::{
    CausalPolicy, Changes, Conditions, ConsolidatePolicy, EpisodeId, EpisodicMemory, HV16, Key, Match, NewEpisode,
    RecollectPolicy,
};
use serde::{Serialize, de::DeserializeOwned};

/// Writes a value as JSON, checks that it is read as it was, and returns the JSON.
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    text
}

/// A memory with something of everything.
fn memory(folder: &std::path::Path) -> EpisodicMemory {
    let memory = EpisodicMemory::open(folder).unwrap();
    memory.store_batch(&episodes(0..20)).unwrap();
    for (seed, key) in [(20, Key::from(7)), (21, Key::from("seven"))] {
        let tags = vec!["b".to_owned(), "a".to_owned()];
        let source = Some(b"\xff.txt".to_vec());
        memory.store(NewEpisode { key: Some(key), tags, source, group: 3, ..episode(seed) }).unwrap();
    }
    for now in 0..3 {
        memory.recollect(&HV16::random(now), 3, &Conditions::new(), &RecollectPolicy::new(), now as i64).unwrap();
    }
    memory
}

#[test]
fn ids_and_matches_are_plain() {
    assert_eq!(round_trip(&EpisodeId(7)), "7");
    assert_eq!(round_trip(&Match::new(EpisodeId(7), 512)), r#"{"id":7,"distance":512}"#);
    assert_eq!(round_trip(&vec![Key::from(7), Key::from("7")]), r#"[7,"7"]"#);
}

/// In a format that people do not read a key says which of both it is.
#[test]
fn keys_in_binary() {
    for key in [Key::from(7), Key::from("7"), Key::from(u64::MAX), Key::from("")] {
        let mut bytes = Vec::new();
        ciborium::into_writer(&key, &mut bytes).unwrap();
        assert_eq!(ciborium::from_reader::<Key, _>(&bytes[..]).unwrap(), key);
    }
}

#[test]
fn everything_that_is_given_out_is_read_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let memory = memory(folder.path());
    let snapshot = memory.snapshot();
    snapshot.episodes().for_each(|episode| drop(round_trip(&episode.unwrap())));
    round_trip(&memory.stats());
    let near = Conditions::new().min_similarity(0.9);
    round_trip(&snapshot.explain_recall(&[HV16::random(3), HV16::random(4)], 5, &near).unwrap());
    round_trip(&snapshot.coactivations(Duration::MAX, 1).unwrap());
    round_trip(&snapshot.causal_chain(EpisodeId(3), &CausalPolicy::new()).unwrap());
    round_trip(&memory.consolidate(&ConsolidatePolicy::new().capacity(10).merge(0.6).floor(0.0), 0).unwrap());
    round_trip(&memory.apply(&Changes::new().forget([EpisodeId(21)]).store(episode(99))).unwrap());
    round_trip(&memory.verify().unwrap());
    drop((memory, snapshot));
    std::fs::write(folder.path().join("MANIFEST"), "something else").unwrap();
    let found = hv_memory::verify(folder.path()).unwrap();
    assert!(!found.is_sound());
    round_trip(&found);
}
