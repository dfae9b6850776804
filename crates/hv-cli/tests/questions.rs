//! Questions as people ask them: by text, with a score, and with "nothing close".

mod common;

use common::{Place, stderr, stdout};
use hv_encode::NgramEncoder;
use hv_memory::{EpisodicMemory, NewEpisode};
use serde_json::Value;

const LINES: &str = "highest lions\nthe light of the world\nwhat is a man that thou art mindful of him\n\
    we talked about the weather\n我能吞下玻璃而不伤身体\n他昨天去了北京\n";

fn place() -> Place {
    let place = Place::new();
    place.write("a.txt", LINES);
    place.succeed(&["index", "s.hv", "a.txt"]);
    place
}

/// The answer in JSON, and the exit code.
fn ask(place: &Place, arguments: &[&str]) -> (Value, Option<i32>) {
    let output = place.run(&[&["recall", "s.hv", "--json"], arguments].concat());
    assert_eq!(stderr(&output), "");
    (serde_json::from_str(stdout(&output).lines().next().unwrap()).unwrap(), output.status.code())
}

fn first(answer: &Value) -> &Value {
    &answer["matches"][0]["line"]
}

#[test]
fn the_line_that_holds_the_words_comes_first() {
    let place = place();
    for (question, line) in
        [("lihgt", 2), ("LIGHT", 2), ("what about the weather", 4), ("玻璃", 5), ("北京", 6), ("mindfull", 3)]
    {
        let (answer, code) = ask(&place, &[question]);
        assert_eq!((first(&answer), code), (&line.into(), Some(0)), "{answer}");
        let score = answer["matches"][0]["score"].as_f64().unwrap();
        assert!(score > 0.3 && score <= 1.0, "{answer}");
    }
    let (answer, _) = ask(&place, &["the light of the world"]);
    assert_eq!(answer["matches"][0]["score"], 1.0);
}

#[test]
fn composed_and_decomposed_text_is_one() {
    let place = Place::new();
    place.write("a.txt", "cafe\u{301} fran\u{e7}ais\nكَتَبَ الولد\n");
    place.succeed(&["index", "s.hv", "a.txt"]);
    for (question, line) in [("café français", 1), ("كتب الولد", 2)] {
        let (answer, _) = ask(&place, &[question]);
        let found = &answer["matches"][0];
        assert_eq!((&found["line"], &found["similarity"], &found["score"]), (&line.into(), &1.0.into(), &1.0.into()));
    }
}

#[test]
fn nothing_close_is_an_answer() {
    let place = place();
    for question in ["xyzzy plugh frotz", "the helicopter", "苹果"] {
        let (answer, code) = ask(&place, &[question]);
        assert_eq!((&answer["matches"], code), (&serde_json::json!([]), Some(3)), "{answer}");
        assert!(answer["nearest"]["score"].is_f64() && answer["nearest"]["id"].is_u64(), "{answer}");
        let (all, code) = ask(&place, &["--all", "-k", "2", question]);
        assert_eq!((all["matches"].as_array().map(Vec::len), code), (Some(2), Some(0)), "{all}");
        assert_eq!((all.get("nearest"), &all["matches"][0]), (None, &answer["nearest"]));
    }
    let output = place.run(&["recall", "s.hv", "xyzzy"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stdout(&output).starts_with("nothing close; nearest: 0.000  0."), "{}", stdout(&output));
    let (none, code) = ask(&place, &["light", "--before", "1980-01-01"]);
    assert_eq!((&none["matches"], &none["nearest"], code), (&serde_json::json!([]), &Value::Null, Some(3)));
    let output = place.run(&["recall", "s.hv", "light", "--before", "1980-01-01"]);
    assert!(stdout(&output).starts_with("nothing close\n"), "{}", stdout(&output));
}

#[test]
fn a_batch_with_nothing_close_exits_with_0() {
    let place = place();
    place.write("questions", "light\nxyzzy\n");
    let text = place.succeed(&["recall", "s.hv", "--batch", "questions"]);
    assert!(text.contains("> xyzzy\nnothing close; nearest: "), "{text}");
    let json = place.succeed(&["recall", "s.hv", "--batch", "questions", "--json"]);
    let answers: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((first(&answers[0]), &answers[1]["matches"]), (&2.into(), &serde_json::json!([])));
    assert!(answers[0].get("nearest").is_none() && answers[1]["nearest"].is_object());
}

#[test]
fn by_similarity_is_the_order_of_the_vectors_without_a_verdict() {
    let place = place();
    let (answer, code) = ask(&place, &["--by", "similarity", "xyzzy"]);
    let found = answer["matches"].as_array().unwrap();
    assert_eq!((found.len(), code), (5, Some(0)));
    assert!(found.iter().all(|found| found.get("score").is_none()), "{answer}");
    let similarity = |found: &Value| found["similarity"].as_f64().unwrap();
    assert!(found.is_sorted_by(|a, b| similarity(a) >= similarity(b)));
}

/// What is absent changes with what is stored and forgotten.
#[test]
fn counts_of_words_follow_the_lines() {
    let place = place();
    let asked = |question: &str| ask(&place, &[question]).1;
    place.write("b.txt", "a helicopter landed\n");
    assert_eq!(asked("the helicopter"), Some(3));
    place.succeed(&["index", "s.hv", "b.txt"]);
    assert_eq!(asked("the helicopter"), Some(0));
    place.succeed(&["compact", "s.hv"]);
    assert_eq!(asked("the helicopter"), Some(0));
    place.succeed(&["forget", "s.hv", "--source", "b.txt"]);
    assert_eq!(asked("the helicopter"), Some(3));
    let count = |place: &Place| {
        let memory = EpisodicMemory::open_read_only(place.path("s.hv")).unwrap();
        let counted = memory.snapshot().row(b"words").unwrap().unwrap();
        (u64::from_le_bytes(counted.try_into().unwrap()), memory.len() as u64)
    };
    assert_eq!(count(&place), (6, 6));
    place.succeed(&["consolidate", "s.hv", "--capacity", "4"]);
    assert_eq!(count(&place), (4, 4));
    place.succeed(&["export", "s.hv", "out"]);
    place.succeed(&["import", "t.hv", "out"]);
    let output = place.run(&["recall", "t.hv", "北京"]);
    assert!(output.status.success() && stdout(&output).contains("他昨天去了北京"), "{}", stdout(&output));
}

/// Another program may change the lines alone; the next step of hv counts again.
#[test]
fn counts_are_mended() {
    let place = place();
    let memory = EpisodicMemory::open(place.path("s.hv")).unwrap();
    memory.forget(&[hv_memory::EpisodeId(0), hv_memory::EpisodeId(1)]).unwrap();
    drop(memory);
    place.succeed(&["compact", "s.hv"]);
    let memory = EpisodicMemory::open_read_only(place.path("s.hv")).unwrap();
    assert_eq!(memory.snapshot().row(b"words").unwrap(), Some(4_u64.to_le_bytes().to_vec()));
    drop(memory);
    assert_eq!(ask(&place, &["light"]).1, Some(3));
}

/// A store of hv 0.1: its metadata name the encoder, and it has no counts of words.
#[test]
fn a_store_of_0_1_keeps_its_encoder_and_answers() {
    let place = Place::new();
    let memory = EpisodicMemory::open(place.path("s.hv")).unwrap();
    memory.set_metadata(br#"{"encoder":{"kind":"letter-ngrams","n":3,"seed":0},"files":[]}"#).unwrap();
    for (line, text) in ["the light of the world", "day and night"].into_iter().enumerate() {
        let content = NgramEncoder::new(3, 0).encode(text).unwrap();
        let payload = format!(r#"{{"source":"old.txt","line":{},"text":"{text}"}}"#, line + 1).into_bytes();
        memory.store(NewEpisode { content, payload, ..NewEpisode::default() }).unwrap();
    }
    drop(memory);
    place.write("new.txt", "grösse und STRASSE\n");
    place.succeed(&["index", "s.hv", "new.txt"]);
    assert!(place.succeed(&["info", "s.hv"]).contains("letter-ngrams (n = 3, seed 0)"));
    for (question, text) in
        [("the light of the wrold", "the light of the world"), ("Grösse und strasse", "grösse und STRASSE")]
    {
        let (answer, code) = ask(&place, &[question]);
        assert_eq!((&answer["matches"][0]["text"], code), (&text.into(), Some(0)));
    }
    assert_eq!(ask(&place, &["xyzzy"]).1, Some(0), "no verdict without counts");
    let memory = EpisodicMemory::open_read_only(place.path("s.hv")).unwrap();
    assert_eq!(memory.snapshot().rows(b"words").count(), 0);
}
