//! `hv repair`: damaged stores and old ones become new ones, and what is lost is said.

mod common;

use std::fs;

use common::{Place, failed, stderr, stdout};
use hv_encode::NgramEncoder;
use hv_memory::{EpisodicMemory, NewEpisode};

/// Changes a file of a store.
fn change(place: &Place, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let path = place.path(format!("s.hv/{name}"));
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// Flips a bit at every occurrence of some bytes.
fn flip(bytes: &mut [u8], what: &[u8]) {
    let found: Vec<usize> = (0..bytes.len() - what.len()).filter(|&at| bytes[at..].starts_with(what)).collect();
    assert!(!found.is_empty());
    found.into_iter().for_each(|at| bytes[at + 1] ^= 1);
}

fn lines(place: &Place, count: usize) {
    let text: String = (0..count).map(|i| format!("line {i} is about {}\n", i * 7_919 % 10_007)).collect();
    place.write("lines.txt", text);
    place.succeed(&["index", "s.hv", "lines.txt"]);
}

#[test]
fn damaged_vectors_are_encoded_again() {
    let place = Place::new();
    lines(&place, 4_200);
    let ask = |store: &str| place.succeed(&["recall", store, "--json", "-k", "3", "about 3918"]);
    let matches = |store: &str| ask(store).split_once("\"matches\"").unwrap().1.to_owned();
    let before = matches("s.hv");
    change(&place, "vectors-0", |bytes| bytes[300_000] ^= 8);
    failed(&place.run(&["recall", "s.hv", "about 3918"]), 1, &["block 0", "checksum"]);
    assert!(stderr(&place.run(&["verify", "s.hv"])).contains("hv repair s.hv NEW"));
    let answer = place.succeed(&["repair", "s.hv", "new.hv"]);
    let answer: Vec<&str> = answer.lines().collect();
    assert!(answer[0].starts_with("damaged: s.hv/vectors-0: block 0"), "{answer:?}");
    assert_eq!(answer[1..], ["saved 4,200 episodes of s.hv in new.hv; encoded 4,096 episodes again"]);
    assert!(place.succeed(&["verify", "new.hv"]).contains("sound"));
    assert_eq!(matches("new.hv"), before);
    // The words are counted, so more lines can be added.
    place.write("more.txt", "one more line about 1\n");
    place.succeed(&["index", "new.hv", "more.txt"]);
}

#[test]
fn lines_that_are_lost_are_listed() {
    let place = Place::new();
    lines(&place, 4_100);
    change(&place, "payloads-0", |bytes| flip(bytes, b"line 17 is about"));
    place.fail(&["export", "s.hv", "out"], 1, &["payload"]);
    let answer = place.succeed(&["repair", "s.hv", "new.hv"]);
    let lost = "lost: #17  lines.txt:18  its payload does not match its checksum; its text reads now: lhne 17 is about";
    assert!(answer.starts_with(lost), "{answer}");
    assert!(answer.ends_with("saved 4,099 episodes of s.hv in new.hv; lost 1 episode\n"), "{answer}");
    assert!(place.succeed(&["verify", "new.hv"]).contains("sound"));
    let memory = EpisodicMemory::open_read_only(place.path("new.hv")).unwrap();
    assert_eq!(
        (memory.len(), memory.snapshot().row(b"words").unwrap()),
        (4_099, Some(4_099_u64.to_le_bytes().to_vec()))
    );
}

#[test]
fn nothing_is_made_where_nothing_can_be_saved() {
    let place = Place::with_store();
    place.fail(&["repair", "s.hv", "s.hv"], 1, &["there already"]);
    place.fail(&["repair", "s.hv", "s.hv/new"], 1, &["within the damaged store"]);
    place.fail(&["repair", "none.hv", "new.hv"], 1, &["there is no store at none.hv"]);
    place.fail(&["repair", "s.hv"], 2, &["NEW"]);
    change(&place, "index.redb", |bytes| bytes.clear());
    place.fail(&["repair", "s.hv", "new.hv"], 1, &["index.redb", "nothing of the store can be saved"]);
    lines(&Place::new(), 1);
    let place = Place::new();
    lines(&place, 4_096);
    fs::remove_file(place.path("s.hv/payloads-0")).unwrap();
    let output = place.run(&["repair", "s.hv", "new.hv"]);
    assert_eq!((output.status.code(), stdout(&output).lines().count()), (Some(1), 1 + 4_096));
    assert!(stderr(&output).contains("nothing of s.hv can be saved"), "{}", stderr(&output));
    assert!(!place.path("new.hv").exists());
}

#[test]
fn the_encoder_is_found_out_where_its_name_is_lost() {
    let place = Place::with_store();
    let lose = || change(&place, "index.redb", |bytes| flip(bytes, b"folded-ngrams"));
    lose();
    place.fail(&["recall", "s.hv", "light"], 1, &["index.redb"]);
    let answer = place.succeed(&["repair", "s.hv", "new.hv"]);
    assert!(answer.contains("the row of the metadata is missing or malformed"), "{answer}");
    assert!(place.succeed(&["recall", "new.hv", "let their be ligth"]).contains("let there be light"));

    fs::remove_dir_all(place.path("s.hv")).unwrap();
    place.succeed(&["index", "s.hv", "--seed", "7", "a.txt"]);
    lose();
    place.fail(&["repair", "s.hv", "other.hv"], 1, &["name of its encoder is lost", "--encode"]);
    let answer = place.succeed(&["repair", "s.hv", "other.hv", "--encode"]);
    assert!(answer.ends_with("saved 5 episodes of s.hv in other.hv; encoded 5 episodes again\n"), "{answer}");
    assert!(place.succeed(&["recall", "other.hv", "let their be ligth"]).contains("let there be light"));
}

#[test]
fn a_store_of_0_1_becomes_one_of_today() {
    let place = Place::new();
    let memory = EpisodicMemory::open(place.path("s.hv")).unwrap();
    memory.set_metadata(br#"{"encoder":{"kind":"letter-ngrams","n":3,"seed":5},"files":[]}"#).unwrap();
    for (line, text) in ["the light of the world", "day and night"].into_iter().enumerate() {
        let content = NgramEncoder::new(3, 5).encode(text).unwrap();
        let payload = format!(r#"{{"source":"old.txt","line":{},"text":"{text}"}}"#, line + 1).into_bytes();
        memory.store(NewEpisode { content, payload, time: 7, ..NewEpisode::default() }).unwrap();
    }
    drop(memory);
    assert_eq!(place.succeed(&["repair", "s.hv", "same.hv"]), "saved 2 episodes of s.hv in same.hv\n");
    assert!(place.succeed(&["info", "same.hv"]).contains("letter-ngrams (n = 3, seed 5)"));
    let answer = place.succeed(&["repair", "same.hv", "new.hv", "--encode"]);
    assert_eq!(answer, "saved 2 episodes of same.hv in new.hv; encoded 2 episodes again\n");
    assert!(place.succeed(&["info", "new.hv"]).contains("folded-ngrams (n = 3, seed 5)"));
    assert!(place.succeed(&["recall", "new.hv", "lihgt"]).contains("the light of the world"), "one word with a typo");
    assert_eq!(place.run(&["recall", "new.hv", "xyzzy"]).status.code(), Some(3), "there is a verdict");
    let memory = EpisodicMemory::open_read_only(place.path("new.hv")).unwrap();
    assert!(memory.snapshot().episodes().all(|episode| episode.unwrap().time == 7));
}

/// What hv has not made is saved as it is.
#[test]
fn a_store_of_another_program_is_saved_too() {
    let place = Place::new();
    let memory = EpisodicMemory::open(place.path("s.hv")).unwrap();
    memory.set_metadata(b"mine").unwrap();
    memory.store(NewEpisode { payload: b"no text".to_vec(), ..NewEpisode::default() }).unwrap();
    drop(memory);
    place.fail(&["repair", "s.hv", "new.hv", "--encode"], 1, &["name no encoder"]);
    assert_eq!(place.succeed(&["repair", "s.hv", "new.hv"]), "saved 1 episode of s.hv in new.hv\n");
    let memory = EpisodicMemory::open_read_only(place.path("new.hv")).unwrap();
    assert_eq!(memory.metadata().unwrap(), b"mine");
}
