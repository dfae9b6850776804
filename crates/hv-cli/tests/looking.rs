//! Looking at what is in a store, and changing single episodes: add, list, get, sources, and names as conditions.

mod common;

use common::{Place, stdout};
use hv_encode::TextEncoder;
use hv_memory::{EpisodeId, EpisodicMemory, NewEpisode, Options};
use serde_json::{Value, json};

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The ids at the beginning of lines, or after what is said of a match.
fn ids(text: &str) -> Vec<u64> {
    text.lines().filter_map(|line| line.split_once('#')?.1.split_whitespace().next()?.parse().ok()).collect()
}

/// The rows in which the words are counted.
fn words(place: &Place, store: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let memory = Options::new().open_read_only(place.path(store)).unwrap();
    memory.snapshot().rows(b"words").map(Result::unwrap).filter(|(_, row)| !row.is_empty()).collect()
}

#[test]
fn what_is_added_is_found_shown_and_counted() {
    let place = Place::new();
    assert_eq!(place.succeed(&["add", "s.hv", "call", "Ada", "--tag", "todo", "--tag", "phone"]), "stored #0\n");
    place.succeed(&["add", "s.hv", "feed the dog", "--source", "diary", "--key", "dog", "--valence", "0.5"]);
    place.succeed(&["add", "s.hv", "plant a tree", "--time", "1970-01-02"]);
    let shown = place.succeed(&["list", "s.hv"]);
    assert_eq!(shown, "#0  call Ada\n#1  diary  [dog]  feed the dog\n#2  plant a tree\n");
    let all = json_lines(&place.succeed(&["list", "s.hv", "--json"]));
    assert_eq!(all[0]["tags"], json!(["phone", "todo"]));
    assert_eq!((&all[1]["key"], &all[1]["source"], &all[1]["valence"]), (&"dog".into(), &"diary".into(), &json!(0.5)));
    let expected =
        json!({"id": 2, "text": "plant a tree", "time": 86_400_000_000_i64, "valence": 0.0, "strength": 1.0});
    assert_eq!(all[2], expected);
    assert!(all[1]["time"].as_i64().unwrap() > 1_700_000_000_000_000);

    assert_eq!(ids(&place.succeed(&["recall", "s.hv", "tre", "-k", "1"])), [2]);
    assert_eq!(ids(&place.succeed(&["recall", "s.hv", "--min-valence", "0.1", "--all", "tree"])), [1]);
    assert_eq!(ids(&place.succeed(&["recall", "s.hv", "--before", "1971", "--all", "dog"])), [2]);

    // A key that is there is replaced, and the counts of words follow.
    let stored = place.succeed(&["add", "s.hv", "walk the dog", "--key", "dog"]);
    assert_eq!(stored, "stored #3 in place of #1, which had the same key\n");
    let counts_are_of = |store: &str, lines: &str| {
        place.write("same.txt", lines);
        place.succeed(&["index", store, "same.txt"]);
        assert_eq!(words(&place, "s.hv"), words(&place, store));
    };
    counts_are_of("three.hv", "call Ada\nplant a tree\nwalk the dog\n");
    place.succeed(&["forget", "s.hv", "2"]);
    counts_are_of("two.hv", "call Ada\nwalk the dog\n");

    let many: Vec<String> = (0..65).map(|tag| format!("--tag={tag}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    place.fail(&["add", "new.hv", "?!"], 1, &["no letter and no digit"]);
    place.fail(&["add", "new.hv", "x", "--key", &"k".repeat(65)], 2, &["--key", "65 bytes", "at most 64"]);
    place.fail(&["add", "new.hv", "x", "--tag", &"t".repeat(257)], 2, &["--tag", "at most 256"]);
    place.fail(&["add", "new.hv", "x", "--source", &"s".repeat(4_097)], 2, &["--source", "at most 4096"]);
    place.fail(&["add", "new.hv", "x", "--valence", "1.5"], 2, &["from -1 to 1"]);
    place.fail(&["add", "new.hv", "x", "--time", "soon"], 2, &["give a date"]);
    place.fail(&[&["add", "new.hv", "x"], &many[..]].concat(), 2, &["at most 64 tags"]);
    assert!(!place.path("new.hv").exists(), "what cannot be stored makes no store");
}

#[test]
fn every_episode_is_listed_and_got() {
    let place = Place::with_store();
    let text: String = (0..3_000).map(|i| format!("line {i}\n")).collect();
    place.write("many.txt", text);
    place.succeed(&["index", "s.hv", "many.txt"]);
    let listed = place.succeed(&["list", "s.hv"]);
    assert_eq!(listed.lines().count(), 3_005);
    assert!(ids(&listed).into_iter().eq(0..3_005));
    assert!(
        listed.starts_with("#0  a.txt:1  the cat sat on the mat\n")
            && listed.ends_with("#3004  many.txt:3000  line 2999\n")
    );
    assert_eq!(json_lines(&place.succeed(&["list", "s.hv", "--json"])).len(), 3_005);
    assert_eq!(place.succeed(&["get", "s.hv", "3004", "#1"]), "line 2999\nlet there be light\n");
    assert_eq!(place.succeed(&["sources", "s.hv"]), "    5 lines  a.txt\n3,000 lines  many.txt\n");
    let sources = json_lines(&place.succeed(&["sources", "s.hv", "--json"]));
    assert_eq!(sources, [json!({"source": "a.txt", "lines": 5}), json!({"source": "many.txt", "lines": 3_000})]);
    place.succeed(&["forget", "s.hv", "1"]);
    place.fail(&["get", "s.hv", "0", "1"], 1, &["s.hv has no episode 1", "hv list"]);
    place.fail(&["get", "s.hv", "a.txt"], 2, &["'a.txt'", "such as 40"]);
    place.fail(&["list", "no.hv"], 1, &["there is no store at no.hv"]);
    place.fail(&["get", "no.hv", "1"], 1, &["there is no store at no.hv"]);
    place.fail(&["sources", "no.hv"], 1, &["there is no store at no.hv"]);
    assert!(!place.path("no.hv").exists());
}

/// A label may repeat, a key may not; `--key` finds both.
#[test]
fn keys_and_labels() {
    let place = Place::new();
    place.write("k.tsv", "k1\tthe first text\nk2\tthe second text\nk1\tthe third text\n");
    place.succeed(&["index", "s.hv", "--tsv", "k.tsv"]);
    place.succeed(&["add", "s.hv", "the fourth text", "--key", "k1"]);
    assert_eq!(place.succeed(&["get", "s.hv", "--key", "k1"]), "the first text\nthe third text\nthe fourth text\n");
    assert_eq!(json_lines(&place.succeed(&["get", "s.hv", "--key", "k2", "--json"]))[0]["key"], "k2");
    let recall = |flags: &[&str]| {
        let mut found = ids(&place.succeed(&[&["recall", "s.hv", "text", "--all"], flags].concat()));
        found.sort_unstable();
        found
    };
    assert_eq!(recall(&["--key", "k1"]), [0, 2, 3]);
    assert_eq!(recall(&["--key", "k1", "--key", "k2"]), [0, 1, 2, 3]);
    assert_eq!(recall(&["--key", "k1", "--source", "k.tsv"]), [0, 2]);
    assert_eq!(recall(&["--key", "k1", "--by", "similarity", "--exclude", "0"]), [2, 3]);
    place.fail(&["recall", "s.hv", "text", "--key", "k3"], 1, &["no episode with the key \"k3\""]);
    place.fail(&["get", "s.hv", "--key", "k3"], 1, &["no episode with the key \"k3\""]);
    assert!(place.succeed(&["forget", "s.hv", "--key", "k1", "--source", "k.tsv"]).ends_with("forgot 2 episodes\n"));
    assert_eq!(ids(&place.succeed(&["list", "s.hv"])), [1, 3]);
    place.fail(
        &["forget", "s.hv", "--key", "k1", "--source", "k.tsv"],
        1,
        &["meets all of these", "nothing was forgotten"],
    );
    assert!(place.succeed(&["forget", "s.hv", "--key", "k1"]).ends_with("forgot 1 episode\n"));
}

#[test]
fn tags_are_conditions() {
    let place = Place::with_store();
    for (text, tags) in
        [("a red light", &["red", "light"][..]), ("a green light", &["green", "light"]), ("red", &["red"])]
    {
        let tags: Vec<String> = tags.iter().map(|tag| format!("--tag={tag}")).collect();
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        place.succeed(&[&["add", "s.hv", text], &tags[..]].concat());
    }
    let mut found = ids(&place.succeed(&["recall", "s.hv", "light", "--tag", "light"]));
    found.sort_unstable();
    assert_eq!(found, [5, 6]);
    assert_eq!(ids(&place.succeed(&["recall", "s.hv", "light", "--tag", "light", "--tag", "red"])), [5]);
    place.fail(&["recall", "s.hv", "light", "--tag", "blue"], 1, &["no episode with the tag \"blue\""]);
    let would = place.succeed(&["forget", "s.hv", "--tag", "red", "--dry-run"]);
    assert!(would.ends_with("would forget 2 episodes\n"), "{would}");
    place.succeed(&["forget", "s.hv", "--tag", "red", "--tag", "light"]);
    assert_eq!(ids(&place.succeed(&["list", "s.hv"])), [0, 1, 2, 3, 4, 6, 7]);
}

/// Sources are in a column of the store, and in stores of hv 0.1 in the record alone. Both are found by the name as it is
/// shown, also where that is not its bytes.
#[test]
fn sources_of_every_kind() {
    let place = Place::with_store();
    let memory = EpisodicMemory::open(place.path("s.hv")).unwrap();
    let content = TextEncoder::new(3, 0).encode("an old text").unwrap();
    let store = |name: &str, source: Option<&[u8]>, line: u64| {
        let payload = json!({"source": name, "line": line, "text": "an old text"}).to_string().into_bytes();
        let source = source.map(<[u8]>::to_vec);
        memory.store(NewEpisode { content, payload, source, ..NewEpisode::default() }).unwrap()
    };
    store("old.txt", None, 1);
    store("old.txt", Some(b"old.txt"), 2);
    store(r"bad\xff", Some(b"bad\xff"), 1);
    store(r"bad\xfe", Some(b"bad\xfe"), 1);
    store("a\u{202e}b\u{1b}[31m", None, 1);
    drop(memory);
    place.succeed(&["add", "s.hv", "of no source"]);
    let sources = place.succeed(&["sources", "s.hv"]);
    let expected = [
        "5 lines  a.txt",
        r"1 line   a\xe2\x80\xaeb\x1b[31m",
        "1 line   bad\\xfe",
        "1 line   bad\\xff",
        "2 lines  old.txt",
        "1 line   (no source)",
    ];
    assert_eq!(sources.lines().collect::<Vec<_>>(), expected);
    let recall =
        |source: &str| ids(&place.succeed(&["recall", "s.hv", "old text", "--duplicates", "--source", source]));
    assert_eq!(recall("old.txt"), [5, 6]);
    assert_eq!(recall(r"bad\xff"), [7]);
    assert_eq!(recall(r"a\xe2\x80\xaeb\x1b[31m"), [9]);
    assert_eq!(recall("a\u{202e}b\u{1b}[31m"), [9], "as it is, too");
    place.fail(&["recall", "s.hv", "text", "--source", "b.txt"], 1, &["no episode from \"b.txt\"", "hv sources"]);
    #[cfg(unix)]
    {
        let raw = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"bad\xfe");
        let output = place.command(&["forget", "s.hv", "--source"]).arg(raw).output().unwrap();
        assert!(stdout(&output).ends_with("forgot 1 episode\n"), "{}", stdout(&output));
    }
    place.succeed(&["forget", "s.hv", "--source", "old.txt"]);
    assert_eq!(place.succeed(&["list", "s.hv"]).lines().filter(|line| line.contains("old")).count(), 2);
}

/// Nothing that could steer a terminal is written, whatever it is written to.
#[test]
fn what_could_do_harm_is_shown_escaped() {
    let place = Place::new();
    let text = "safe \u{1b}]0;title\u{7} \u{9b}31m \u{202e}drow\u{202c} \u{2066}x\u{2069} \u{200f}y\u{85}z";
    place.succeed(&["add", "s.hv", text, "--source", "na\u{202e}me\u{9b}", "--key", "k\u{1b}", "--tag", "t\u{200e}"]);
    place.succeed(&["add", "s.hv", text]);
    for command in [
        &["list", "s.hv"][..],
        &["list", "s.hv", "--json"],
        &["recall", "s.hv", "safe"],
        &["recall", "s.hv", "safe", "--json"],
        &["get", "s.hv", "0"],
        &["get", "s.hv", "0", "--json"],
        &["sources", "s.hv"],
        &["sources", "s.hv", "--json"],
        &["similar", "s.hv"],
        &["similar", "s.hv", "--json"],
        &["forget", "s.hv", "0", "--dry-run"],
        &["consolidate", "s.hv", "--capacity", "1", "--dry-run"],
    ] {
        let shown = place.succeed(command);
        let harmful = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!shown.contains(harmful), "{command:?}: {shown:?}");
        let escaped = match command {
            // A name is told as it is shown.
            ["sources", .., "--json"] => r"\\xe2\\x80\\xae",
            ["sources", ..] => r"\xe2\x80\xae",
            [.., "--json"] => r"\u202e",
            _ => r"\u{202e}",
        };
        assert!(shown.contains(escaped), "{command:?}: {shown}");
    }
    assert_eq!(json_lines(&place.succeed(&["list", "s.hv", "--json"]))[0]["text"], text);
    let name = "na\u{202e}me\u{1b}.hv";
    place.succeed(&["add", name, text]);
    place.succeed(&["forget", name, "0"]);
    for command in [&["verify", name][..], &["info", name], &["compact", name], &["export", name, "out\u{202e}"]] {
        let shown = place.succeed(command);
        assert!(!shown.contains(['\u{202e}', '\u{1b}']) && shown.contains(r"\xe2\x80\xae"), "{shown}");
    }
    let wrong = place.run(&["recall", "s.hv", "safe", "--source", "\u{202e}\u{1b}"]);
    assert!(!common::stderr(&wrong).contains(['\u{202e}', '\u{1b}']), "{wrong:?}");
}

#[test]
fn recollecting_strengthens_what_is_shown() {
    let place = Place::with_store();
    place.write("more.txt", "let there be light\n");
    place.succeed(&["index", "s.hv", "more.txt"]);
    place.succeed(&["recall", "s.hv", "light"]);
    let state = || {
        let memory = Options::new().open_read_only(place.path("s.hv")).unwrap();
        let strengths: Vec<f64> = memory.snapshot().episodes().map(|episode| episode.unwrap().strength).collect();
        let log: Vec<EpisodeId> = memory.snapshot().retrieval_log().unwrap().into_iter().map(|(id, _)| id).collect();
        (strengths, log)
    };
    assert_eq!(state(), (vec![1.0; 6], vec![]), "a plain recall changes nothing");
    assert_eq!(ids(&place.succeed(&["recall", "s.hv", "light", "-k", "1", "--recollect"])), [1]);
    assert_eq!(state(), (vec![1.0, 1.1, 1.0, 1.0, 1.0, 1.0], vec![EpisodeId(1)]));
    place.run(&["recall", "s.hv", "zebra", "--recollect"]);
    assert_eq!(state().1.len(), 1, "what is not close is not recollected");
    place.write("questions", "light\nhello\n");
    place.succeed(&[
        "recall",
        "s.hv",
        "--batch",
        "questions",
        "-k",
        "2",
        "--duplicates",
        "--by",
        "text",
        "--recollect",
    ]);
    let (strengths, log) = state();
    assert!(log.len() == 5 && log.contains(&EpisodeId(4)) && log.contains(&EpisodeId(5)), "{log:?}");
    assert!((strengths[1] - 1.2).abs() < 1e-9 && (strengths[5] - 1.1).abs() < 1e-9, "{strengths:?}");
    assert_eq!(ids(&place.succeed(&["recall", "s.hv", "light", "--min-strength", "1.15"])), [1]);
}

#[test]
fn lines_around_a_match() {
    let place = Place::new();
    place.write("a.txt", "one\n\ntwo\nthree needle\nfour\nfive\n");
    place.write("b.txt", "six\nseven\n");
    place.succeed(&["index", "s.hv", "b.txt", "a.txt"]);
    let shown = |args: &[&str]| {
        let text = place.succeed(&[&["recall", "s.hv", "needle", "-k", "1"], args].concat());
        text.lines().filter_map(|line| Some(line.split_once('#')?.1.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(shown(&["-C", "1"]), ["3  a.txt:3  two", "4  a.txt:4  three needle", "5  a.txt:5  four"]);
    assert_eq!(shown(&["-C", "9"]).len(), 5);
    assert_eq!(shown(&["-C", "0"]), ["4  a.txt:4  three needle"]);
    let json: Value =
        serde_json::from_str(&place.succeed(&["recall", "s.hv", "needle", "-k", "1", "-C", "2", "--json"])).unwrap();
    let found = &json["matches"][0];
    assert_eq!(found["before"], json!([{"id": 2, "line": 1, "text": "one"}, {"id": 3, "line": 3, "text": "two"}]));
    assert_eq!(found["after"], json!([{"id": 5, "line": 5, "text": "four"}, {"id": 6, "line": 6, "text": "five"}]));
    // Matches are apart, and what has no line number has no lines around it.
    place.succeed(&["add", "s.hv", "a needle", "--source", "a.txt"]);
    let both = place.succeed(&["recall", "s.hv", "needle", "-k", "2", "-C", "1"]);
    assert!(both.lines().filter(|line| *line == "--").count() <= 1 && ids(&both).len() == 4, "{both}");
    place.fail(&["recall", "s.hv", "x", "-C", "-1"], 2, &["-C", "0 or more"]);
}

#[test]
fn one_result_for_each_distinct_text() {
    let place = Place::new();
    // More equal lines than there are candidates in the first step.
    place.write(
        "log.txt",
        "the connection was reset\n".repeat(3_000) + "connection made\nreset the clock\nno match here\n",
    );
    place.succeed(&["index", "s.hv", "log.txt"]);
    for order in ["text", "similarity"] {
        let recall = |flags: &[&str]| {
            let args = [&["recall", "s.hv", "--by", order, "the connection was reset"], flags].concat();
            ids(&place.succeed(&args))
        };
        let found = recall(&["-k", "3"]);
        assert_eq!((found[0], found.len()), (0, 3), "{order}: {found:?}");
        assert!(found[1..].iter().all(|id| *id >= 3_000), "{order}: {found:?}");
        assert_eq!(recall(&["-k", "9"]).len(), 4, "{order}");
        assert_eq!(recall(&["-k", "3", "--duplicates"]), [0, 1, 2], "{order}");
    }
    place.write("questions", "the connection was reset\nclock\n");
    let batch = json_lines(&place.succeed(&["recall", "s.hv", "--batch", "questions", "--json", "-k", "4"]));
    assert_eq!(batch[0]["matches"].as_array().unwrap().len(), 4);
}

#[test]
fn info_and_verify_as_json() {
    let place = Place::with_store();
    place.succeed(&["forget", "s.hv", "0"]);
    let info: Value = serde_json::from_str(&place.succeed(&["info", "s.hv", "--json"])).unwrap();
    assert_eq!((&info["store"], &info["episodes"], &info["forgotten"]), (&"s.hv".into(), &4.into(), &1.into()));
    assert_eq!(info["encoder"], "folded-ngrams (n = 3, seed 0)");
    assert!(info["bytes"].as_u64().unwrap() > info["vector_bytes"].as_u64().unwrap());
    assert!(info["first_time"].as_i64().unwrap() <= info["last_time"].as_i64().unwrap());
    let sound: Value = serde_json::from_str(&place.succeed(&["verify", "s.hv", "--json"])).unwrap();
    assert_eq!((&sound["sound"], &sound["episodes"], &sound["damage"]), (&true.into(), &5.into(), &json!([])));
    place.write("s.hv/payloads-0", "");
    std::fs::remove_file(place.path("s.hv/payloads-0")).unwrap();
    let output = place.run(&["verify", "s.hv", "--json"]);
    let damaged: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!((output.status.code(), &damaged["sound"]), (Some(1), &false.into()));
    assert!(damaged["damage"][0]["path"].as_str().unwrap().ends_with("payloads-0"), "{damaged}");
}
