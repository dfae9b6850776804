//! The commands that look after a store: conditions on a recall, forget, similar, verify.

mod common;

use common::{Place, stderr, stdout};
use hv_encode::NgramEncoder;
use hv_memory::{EpisodicMemory, NewEpisode};
use serde_json::{Value, json};

/// The ids that a recall finds, in order; ten at most unless the flags say otherwise.
fn ids(place: &Place, flags: &[&str], question: &str) -> Vec<u64> {
    let k = if flags.contains(&"-k") { &[][..] } else { &["-k", "10"] };
    let args = [&["recall", "s.hv", "--json", "--all", "--duplicates"], k, flags, &[question]].concat();
    let answer: Value = serde_json::from_str(&place.succeed(&args)).unwrap();
    answer["matches"].as_array().unwrap().iter().map(|found| found["id"].as_u64().unwrap()).collect()
}

/// A store of three equal lines with times 10, 20 and 30 s and valences -1, 0 and 1, next to the five of `a.txt`.
fn with_times() -> Place {
    let place = Place::with_store();
    let memory = EpisodicMemory::open(place.path("s.hv")).unwrap();
    let content = NgramEncoder::default().encode("an old story").unwrap();
    for (line, valence) in [(1, -1.0), (2, 0.0), (3, 1.0)] {
        let payload = format!(r#"{{"source":"old","line":{line},"text":"an old story"}}"#).into_bytes();
        memory
            .store(NewEpisode { content, time: line * 10_000_000, valence, payload, ..NewEpisode::default() })
            .unwrap();
    }
    place
}

#[test]
fn conditions_come_before_the_ranking() {
    let place = with_times();
    let old = "an old story";
    assert_eq!(ids(&place, &[], old)[..3], [5, 6, 7]);
    assert_eq!(ids(&place, &["--before", "2000-01-01"], old), [5, 6, 7]);
    assert_eq!(ids(&place, &["--since", "us:20000000", "--before", "1970-01-01T00:00:30Z"], old), [6]);
    assert_eq!(ids(&place, &["--since", "2000-01-01", "-k", "3"], old).len(), 3);
    assert_eq!(ids(&place, &["--before", "9999-12-31", "-k", "3"], old).len(), 3);
    assert!(ids(&place, &["--since", "9999-12-31", "-k", "3"], old).is_empty());
    assert_eq!(ids(&place, &["--min-valence", "0.5"], old), [7]);
    assert_eq!(ids(&place, &["--max-valence", "-0.5"], old), [5]);
    assert_eq!(ids(&place, &["--min-strength", "1.5"], old), [] as [u64; 0]);
    assert_eq!(ids(&place, &["--exclude", "5,#7", "--before", "2000-01-01"], old), [6]);
    assert_eq!(ids(&place, &["--min-similarity", "0.95", "--miss", "1e-9"], old), [5, 6, 7]);
    assert_eq!(ids(&place, &["--before", "2000-01-01", "-k", "1"], "hello world"), [5]);
    place.fail(&["recall", "s.hv", "--since", "yesterday", "x"], 2, &["'yesterday'", "give a date"]);
    // Digits alone are a year or a date, and no microseconds.
    assert_eq!(ids(&place, &["--before", "2000"], old), [5, 6, 7]);
    assert_eq!(ids(&place, &["--since", "20000101", "-k", "3"], old).len(), 3);
    assert!(ids(&place, &["--since", "9998", "-k", "3"], old).is_empty());
    place.fail(&["recall", "s.hv", "--since", "20000000000", "x"], 2, &["'20000000000'", "us:"]);
    place.fail(&["recall", "s.hv", "--min-valence", "2", "x"], 2, &["from -1 to 1"]);
    place.fail(&["recall", "s.hv", "--miss", "1e-9", "x"], 2, &["--min-similarity"]);
    for bad in ["0.9", "1e-16"] {
        place.fail(&["recall", "s.hv", "--min-similarity", "0.9", "--miss", bad, "x"], 2, &["from 1e-15 to 0.5"]);
    }
    place.fail(&["recall", "s.hv", "--since", "2026-01-31T12:00[Europe/Berlin]", "x"], 2, &["give the offset"]);
}

#[test]
fn forgetting_by_id() {
    let place = Place::with_store();
    let would = place.succeed(&["forget", "s.hv", "--dry-run", "1", "#4", "#1"]);
    assert_eq!(would, "#1  a.txt:2  let there be light\n#4  a.txt:5  hello world\nwould forget 2 episodes\n");
    assert!(place.succeed(&["info", "s.hv"]).contains("episodes   5"), "a dry run changes nothing");
    place.fail(&["forget", "s.hv", "1", "99"], 1, &["s.hv has no episode 99", "nothing was forgotten"]);
    for bad in ["a.txt:2", "-1"] {
        place.fail(&["forget", "s.hv", bad], 2, &[bad, "give the number of an episode", "such as 40 or #40"]);
    }
    assert!(place.succeed(&["forget", "s.hv", "1", "4"]).ends_with("forgot 2 episodes\n"));
    assert_eq!(ids(&place, &[], "let there be light").len(), 3);
    assert!(place.succeed(&["info", "s.hv"]).contains("episodes   3; 2 forgotten ones still take space\n"));
    place.fail(&["forget", "s.hv", "1"], 1, &["no episode 1"]);
    // Ids are never given out again.
    place.succeed(&["index", "s.hv", "--again", "a.txt"]);
    assert_eq!(ids(&place, &["-k", "1"], "let there be light"), [6]);
}

#[test]
fn forgetting_a_file() {
    let place = Place::with_store();
    let many: String = (0..30).map(|i| format!("line {i}\n")).collect();
    place.write("b.txt", many);
    place.succeed(&["index", "s.hv", "b.txt"]);
    let would = place.succeed(&["forget", "s.hv", "--source", "b.txt", "--dry-run"]);
    assert!(would.ends_with("and 20 more\nwould forget 30 episodes\n") && would.lines().count() == 12, "{would}");
    assert!(place.succeed(&["forget", "s.hv", "--source", "b.txt"]).ends_with("forgot 30 episodes\n"));
    assert!(place.succeed(&["info", "s.hv"]).contains("episodes   5"));
    assert!(!place.succeed(&["index", "s.hv", "b.txt"]).contains("before"), "the file is no longer known");
    place.fail(&["forget", "s.hv", "--source", "c.txt"], 1, &["no episode from \"c.txt\""]);
    place.fail(&["forget", "s.hv"], 2, &["give ids or --source FILE"]);
    place.fail(&["forget", "no.hv", "1"], 1, &["there is no store at no.hv"]);
    assert!(!place.path("no.hv").exists());
}

#[test]
fn near_duplicates() {
    let place = Place::with_store();
    place.write("b.txt", "let there be lights\nHello, World!\n");
    place.succeed(&["index", "s.hv", "b.txt"]);
    let found = place.succeed(&["similar", "s.hv", "--min-similarity", "0.8"]);
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines[0], "       #1  a.txt:2  let there be light");
    assert!(lines[1].ends_with("#5  b.txt:1  let there be lights") && lines[1].starts_with("0."), "{found}");
    assert_eq!(lines[3..5], ["       #4  a.txt:5  hello world", "1.000  #6  b.txt:2  Hello, World!"]);
    assert!(lines[6].starts_with("found 2 groups of similarity 0.8 or more in 7 episodes in "), "{found}");
    assert!(place.succeed(&["similar", "s.hv", "--min-similarity", "1"]).contains("found 1 group of"));
    let pairs = place.succeed(&["similar", "s.hv", "--min-similarity", "1", "--pairs"]);
    assert!(pairs.starts_with("1.000  #4  a.txt:5  hello world\n       #6  b.txt:2  Hello, World!\n\nfound 1 pair of"));
    place.fail(&["similar", "s.hv", "--min-similarity", "nan"], 2, &["from 0 to 1"]);
    place.fail(&["similar", "no.hv"], 1, &["there is no store at no.hv"]);
}

/// Each near-duplicate is shown once, under the oldest line that leads to it.
#[test]
fn a_group_of_near_duplicates_is_shown_once() {
    let place = Place::new();
    place.write("a.txt", "the same line again\n".repeat(14) + "another text\nthe same line agein\n");
    place.succeed(&["index", "s.hv", "a.txt"]);
    let found = place.succeed(&["similar", "s.hv", "--min-similarity", "0.7"]);
    let ids: Vec<&str> = found.lines().filter_map(|line| line.split_once('#')?.1.split("  ").next()).collect();
    assert_eq!(ids, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "15"], "{found}");
    assert!(found.contains("found 1 group of similarity 0.7 or more in 16 episodes"), "{found}");
    let json = place.succeed(&["similar", "s.hv", "--min-similarity", "0.7", "--json"]);
    let pairs: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(pairs.len(), 14);
    assert!(pairs.iter().all(|pair| pair["older"]["id"] == 0), "{json}");
    assert_eq!(place.succeed(&["similar", "s.hv", "--min-similarity", "1", "--pairs", "--json"]).lines().count(), 91);
}

#[test]
fn near_duplicates_as_json() {
    let place = Place::with_store();
    place.write("b.txt", "k\tHello, World!\n");
    place.succeed(&["index", "s.hv", "--tsv", "b.txt"]);
    let found = place.succeed(&["similar", "s.hv", "--json"]);
    let pair: Value = serde_json::from_str(found.strip_suffix('\n').unwrap()).unwrap();
    let expected = json!({
        "older": {"id": 4, "source": "a.txt", "line": 5, "text": "hello world"},
        "newer": {"id": 5, "source": "b.txt", "line": 1, "key": "k", "text": "Hello, World!"},
        "similarity": 1.0,
        "distance": 0,
        "z": f64::from(1024.0 / 512f32.sqrt()),
    });
    assert_eq!(pair, expected);
    let all = place.succeed(&["similar", "s.hv", "--json", "--pairs", "--min-similarity", "0"]);
    let pairs: Vec<Value> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(pairs.len(), 6 * 5 / 2);
    assert!(pairs.is_sorted_by_key(|pair| [&pair["older"], &pair["newer"]].map(|of| of["id"].as_u64().unwrap())));
    place.succeed(&["forget", "s.hv", "5"]);
    assert_eq!(place.succeed(&["similar", "s.hv", "--json"]), "", "no pair, no line");
}

/// Pairs are looked for and written by blocks of a thousand lines; they come in the order of all.
#[test]
fn near_duplicates_come_block_by_block() {
    let place = Place::new();
    let line = |i: u64| match i {
        0 | 1_100 | 2_499 => "the same line again\n".to_owned(),
        // Odd multiples, so that no two are equal, and their hexadecimal digits have little in common.
        _ => format!("{:016x} {:016x}\n", i.wrapping_mul(0x9e37_79b9_7f4a_7c15), i.wrapping_mul(0xd1b5_4a32_d192_ed03)),
    };
    place.write("many.txt", (0..2_500).map(line).collect::<String>());
    place.succeed(&["index", "s.hv", "many.txt"]);
    let report = place.succeed(&["similar", "s.hv", "--pairs", "--min-similarity", "1"]);
    let places: Vec<&str> = report.lines().filter_map(|line| line.split_once('#')?.1.split("  ").next()).collect();
    assert_eq!(places, ["0", "1100", "0", "2499", "1100", "2499"], "{report}");
    assert!(report.lines().last().unwrap().starts_with("found 3 pairs of similarity 1 or more in 2,500 episodes in "));
}

#[test]
fn consolidating() {
    let place = with_times();
    place.write("b.txt", "Let there be light!\n");
    place.succeed(&["index", "s.hv", "b.txt"]);
    // Without --half-life nothing goes for its age, however old.
    let dry = place.succeed(&["consolidate", "s.hv", "--capacity", "9", "--dry-run"]);
    assert_eq!(dry, "would keep 9 episodes\n");
    let nothing =
        "kept 9 episodes\nno criteria given, nothing dropped: see --half-life, --floor, --merge and --capacity\n";
    assert_eq!(place.succeed(&["consolidate", "s.hv"]), nothing);
    let flags = ["consolidate", "s.hv", "--half-life", "30", "--merge", "1", "--capacity", "4"];
    let would = place.succeed(&[&flags[..], &["--dry-run"]].concat());
    // The old stories are from 1970. What was stored a moment later is stronger by a hair, and a merged one by more.
    for line in [
        "faded: #5  old:1  an old story",
        "faded: #7  old:3  an old story",
        "merged: #1  a.txt:2  let there be light into #8",
        "over capacity: #0  a.txt:1  the cat sat on the mat",
        "would drop 3: too weak",
        "would drop 1: merged into another",
        "would drop 1: over capacity",
        "would keep 4 episodes",
    ] {
        assert!(would.contains(line), "{line:?} is not in: {would}");
    }
    assert!(place.succeed(&["info", "s.hv"]).contains("episodes   9\n"), "a dry run changes nothing");
    let done = place.succeed(&flags);
    assert_eq!(done, would.replace("would keep", "kept").replace("would drop", "dropped"));
    assert!(place.succeed(&["info", "s.hv"]).contains("episodes   4\n"));
    assert_eq!(ids(&place, &["-k", "1"], "let there be light"), [8]);
    assert_eq!(ids(&place, &["--min-strength", "1.5"], "let there be light"), [8], "the survivor has both strengths");

    let nothing = place.succeed(&["consolidate", "s.hv", "--capacity", "4"]);
    assert_eq!(nothing, "kept 4 episodes\n");
    place.fail(&["consolidate", "s.hv", "--half-life", "0"], 2, &["--half-life", "more than 0"]);
    place.fail(&["consolidate", "no.hv", "--merge", "1"], 1, &["there is no store at no.hv"]);
}

#[test]
fn compacting_drops_what_was_forgotten_and_changes_nothing_else() {
    let place = with_times();
    place.succeed(&["forget", "s.hv", "0", "6"]);
    let before = place.succeed(&["recall", "s.hv", "an old story", "-k", "9", "--all", "--duplicates"]);
    place.succeed(&["compact", "s.hv"]);
    assert!(place.succeed(&["info", "s.hv"]).contains("episodes   6\n"), "none takes space still");
    let matches = |text: &str| text.lines().filter(|line| line.contains('#')).map(str::to_owned).collect::<Vec<_>>();
    let after = place.succeed(&["recall", "s.hv", "an old story", "-k", "9", "--all", "--duplicates"]);
    assert_eq!((matches(&before), matches(&after).len()), (matches(&after), 6));
    place.fail(&["compact", "no.hv"], 1, &["there is no store at no.hv"]);
    assert!(!place.path("no.hv").exists());
}

#[test]
fn compacting_says_what_space_it_gave_back() {
    let place = Place::new();
    place.write("a.txt", (0..5_000).map(|i| format!("line {i}\n")).collect::<String>());
    place.succeed(&["index", "s.hv", "a.txt"]);
    place.succeed(&["forget", "s.hv", "--source", "a.txt"]);
    let report = place.succeed(&["compact", "s.hv"]);
    assert!(report.starts_with("gave back the space of 5,000 forgotten episodes: s.hv takes "), "{report}");
    // What it takes is what hv info says.
    let bytes = |text: &str, before: &str| {
        let size: Vec<&str> = text.split_once(before).unwrap().1.split_whitespace().take(2).collect();
        size.join(" ")
    };
    assert_eq!(bytes(&report, "takes "), bytes(&place.succeed(&["info", "s.hv"]), "bytes "), "{report}");
    assert!(place.succeed(&["compact", "s.hv"]).starts_with("there was no space to give back: "));
}

#[test]
fn an_export_imports_as_the_same_store() {
    let place = with_times();
    place.succeed(&["forget", "s.hv", "6"]);
    let report = place.succeed(&["export", "s.hv", "out"]);
    assert_eq!(report, "exported 7 episodes to out: episodes.jsonl and vectors.bin\n");
    assert_eq!(std::fs::read(place.path("out/vectors.bin")).unwrap().len(), 7 * 256);
    assert_eq!(place.succeed(&["import", "t.hv", "out"]), "imported 7 episodes into t.hv\n");
    let answers = |store| {
        let answer: Value =
            serde_json::from_str(&place.succeed(&["recall", store, "--json", "--all", "old light"])).unwrap();
        answer["matches"].clone()
    };
    assert_eq!(answers("t.hv"), answers("s.hv"));
    place.succeed(&["index", "t.hv", "a.txt"]);

    place.fail(&["export", "s.hv", "out"], 1, &["out", "not empty"]);
    for inside in ["s.hv", "s.hv/out", "s.hv/new/deeper", "out/../s.hv/out"] {
        place.fail(&["export", "s.hv", inside], 1, &[inside, "is in the folder of the store s.hv"]);
    }
    assert!(!place.path("s.hv/out").exists() && !place.path("s.hv/new").exists());
    place.fail(&["import", "s.hv", "out"], 1, &["never used", "use a new store"]);
    place.fail(&["import", "u.hv", "nowhere"], 1, &["nowhere has no episodes.jsonl"]);
    assert!(!place.path("u.hv").exists());
    place.write("out/episodes.jsonl", "{}\n");
    for store in ["v.hv", "new/and/deeper.hv"] {
        place.fail(&["import", store, "out"], 1, &["out/episodes.jsonl", "line 1", "Nothing was imported"]);
        assert!(!place.path(store).exists(), "the folder that it made is gone: {store}");
    }
    std::fs::create_dir(place.path("empty.hv")).unwrap();
    place.fail(&["import", "empty.hv", "out"], 1, &["Nothing was imported"]);
    assert!(place.path("empty.hv").is_dir(), "a folder that was there remains");
    assert_eq!(std::fs::read_dir(place.path("empty.hv")).unwrap().count(), 0, "what it made in there is gone");
    assert!(!place.path("new").exists(), "folders above that it made are gone");
}

#[test]
fn verifying() {
    let place = Place::with_store();
    let sound = place.succeed(&["verify", "s.hv"]);
    assert_eq!(sound, "s.hv is sound: checked every byte of 5 episodes and 0 retrievals\n");
    place.write("b.txt", "another line that says much the same\n".repeat(5_000));
    place.succeed(&["index", "s.hv", "b.txt"]);
    assert!(place.succeed(&["verify", "s.hv"]).starts_with("s.hv is sound: checked every byte of 5,005 episodes "));
    let vectors = std::fs::read_dir(place.path("s.hv")).unwrap().map(|entry| entry.unwrap().path());
    let vectors = vectors.into_iter().find(|path| path.to_string_lossy().contains("vectors-")).unwrap();
    let mut bytes = std::fs::read(&vectors).unwrap();
    bytes[100_000] ^= 1;
    std::fs::write(&vectors, bytes).unwrap();
    let output = place.run(&["verify", "s.hv"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains(vectors.file_name().unwrap().to_str().unwrap()), "{}", stdout(&output));
    assert!(stderr(&output).starts_with("error: s.hv is damaged in 1 place; "), "{}", stderr(&output));
    place.fail(&["recall", "s.hv", "line"], 1, &["is damaged"]);
    place.fail(&["verify", "no.hv"], 1, &["there is no store at no.hv"]);
}
