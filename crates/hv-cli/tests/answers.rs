//! What the program answers when all is well: reports, matches, the shape of the JSON.

mod common;

use std::io::Write;
use std::process::Stdio;

use common::{Place, stderr, stdout};
use serde_json::Value;

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The names in an object, in alphabetical order.
fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_misspelt_question_finds_the_line() {
    let place = Place::with_store();
    let answer = place.succeed(&["recall", "s.hv", "-k", "2", "let", "thare", "bee", "lihgt"]);
    let lines: Vec<&str> = answer.lines().collect();
    assert_eq!(lines.len(), 3, "{answer}");
    assert!(
        lines[0].starts_with("0.")
            && lines[0].contains("  z ")
            && lines[0].ends_with("  #1  a.txt:2  let there be light")
    );
    assert!(lines[2].starts_with("searched 5 episodes in ") && lines[2].ends_with('s'), "{answer}");
    assert_eq!(place.succeed(&["recall", "s.hv", "hello"]).lines().count(), 6, "five matches unless told otherwise");
    assert_eq!(place.succeed(&["recall", "s.hv", "hello", "-k", "999"]).lines().count(), 6);
}

#[test]
fn min_similarity_is_inclusive() {
    let place = Place::with_store();
    let exact = place.succeed(&["recall", "s.hv", "--min-similarity", "1", "Day, and night!"]);
    assert!(
        exact.starts_with("1.000  1.000  z 45.3  #3  a.txt:4  day and night\n") && exact.lines().count() == 2,
        "{exact}"
    );
    let none = place.succeed(&["recall", "s.hv", "--min-similarity", "0.99", "--all", "zebra"]);
    assert!(none.starts_with("no match\n"), "{none}");
}

#[test]
fn the_json_has_exactly_the_given_shape() {
    let place = Place::new();
    place.write("a.txt", "one two three\n");
    place.write("b.tsv", "k:1\tfour five\tsix\n");
    place.succeed(&["index", "s.hv", "a.txt"]);
    place.succeed(&["index", "s.hv", "--tsv", "b.tsv"]);
    place.write("questions", "one two three\n\nfour five six\n");
    let answers = json_lines(&place.succeed(&["recall", "s.hv", "--json", "--batch", "questions"]));
    let [one, empty, four] = &answers[..] else { panic!("{answers:?}") };

    assert_eq!(names(one), ["matches", "query", "search_us"]);
    assert_eq!(one["query"], "one two three");
    assert!(one["search_us"].is_u64());
    let [first, second] = &one["matches"].as_array().unwrap()[..] else { panic!("{one}") };
    assert_eq!(names(first), ["distance", "id", "line", "score", "similarity", "source", "text", "z"]);
    let expected = serde_json::json!({
        "id": 0, "source": "a.txt", "line": 1, "text": "one two three", "score": 1.0, "similarity": 1.0, "distance": 0,
        "z": f64::from(1024f32 / 512f32.sqrt()),
    });
    assert_eq!(first, &expected);
    assert_eq!(names(second), ["distance", "id", "key", "line", "score", "similarity", "source", "text", "z"]);
    let distance = second["distance"].as_f64().unwrap();
    assert_eq!(second["similarity"].as_f64().unwrap(), 1.0 - distance / 2048.0);
    assert!((second["z"].as_f64().unwrap() - (1024.0 - distance) / 512f64.sqrt()).abs() < 1e-4);

    assert_eq!(names(empty), ["error", "query", "search_us"]);
    assert_eq!((&empty["query"], empty["error"].as_str().unwrap().is_empty()), (&Value::from(""), false));

    let found = &four["matches"][0];
    assert_eq!((&found["key"], &found["text"], &found["line"]), (&"k:1".into(), &"four five\tsix".into(), &1.into()));
    assert_eq!((&found["id"], &found["source"]), (&1.into(), &"b.tsv".into()));
}

#[test]
fn json_of_a_single_question() {
    let place = Place::with_store();
    let answers = json_lines(&place.succeed(&["recall", "s.hv", "--json", "-k", "1", "hello", "\"world\""]));
    assert_eq!((answers.len(), &answers[0]["query"]), (1, &"hello \"world\"".into()));
    assert_eq!(answers[0]["matches"].as_array().unwrap().len(), 1);
    let empty = json_lines(&place.succeed(&["recall", "s.hv", "--json", ""]));
    assert_eq!(names(&empty[0]), ["error", "query", "search_us"]);
}

/// A batch gives what its questions give alone, in their order.
#[test]
fn a_batch_is_its_questions() {
    let place = Place::with_store();
    let questions = ["light", "the cat", "night and day", "...", "world"];
    place.write("questions", questions.join("\n"));
    for conditions in
        [&["--all"][..], &["--by", "similarity"], &["--all", "--min-similarity", "0.52", "--exclude", "0"]]
    {
        let ask =
            |what: &[&str]| json_lines(&place.succeed(&[&["recall", "s.hv", "--json"], conditions, what].concat()));
        let batch = ask(&["--batch", "questions"]);
        assert_eq!(batch.len(), questions.len());
        for (question, mut answer) in questions.into_iter().zip(batch) {
            let mut alone = ask(&[question]).remove(0);
            for answer in [&mut answer, &mut alone] {
                answer["search_us"] = 0.into();
            }
            assert_eq!(answer, alone);
        }
    }
    let text = place.succeed(&["recall", "s.hv", "-k", "1", "--batch", "questions"]);
    assert!(text.starts_with("> light\n0.") && text.contains("\n\n> the cat\n"), "{text}");
    assert!(text.contains("> ...\nthere is nothing to encode"), "{text}");
    assert!(text.lines().last().unwrap().starts_with("searched 5 episodes for 4 questions in "), "{text}");
}

#[test]
fn indexing_reports_and_says_when_it_was_done_before() {
    let place = Place::new();
    place.write("a.txt", "\u{feff}alpha\r\nbeta\n");
    place.write("b.txt", "gamma");
    let report = place.succeed(&["index", "s.hv", "a.txt", "b.txt"]);
    assert!(report.starts_with("stored 3 lines from 2 files (20 B) in "), "{report}");
    assert!(report.lines().next().unwrap().ends_with(" episodes a second"), "{report}");
    assert!(report.ends_with("s.hv holds 3 episodes; ask it with: hv recall s.hv \"some words\"\n"), "{report}");
    assert!(!report.contains("before"), "{report}");
    let absolute = place.path("a.txt");
    let again = place.succeed(&["index", "s.hv", "--again", absolute.to_str().unwrap()]);
    assert!(again.contains("a.txt was indexed into this store before; lines that were stored then"), "{again}");
    assert!(again.contains("holds 5 episodes"), "{again}");
    let once = place.succeed(&["index", "t.hv", "b.txt", "b.txt"]);
    assert!(once.contains("without a change: b.txt\n") && once.contains("holds 1 episode;"), "{once}");
    let twice = place.succeed(&["index", "t.hv", "--again", "b.txt"]);
    assert!(twice.contains("note: b.txt was indexed") && twice.contains("holds 2 episodes"), "{twice}");
    let alpha = place.succeed(&["recall", "s.hv", "ALPHA", "-k", "1"]);
    assert!(alpha.starts_with("1.000  1.000  z 45.3  #0  a.txt:1  alpha\n"), "{alpha}");
}

/// The note is about lines that were stored, and nothing else.
#[test]
fn a_file_is_known_from_its_first_stored_line_until_it_is_forgotten() {
    let (place, elsewhere) = (Place::new(), Place::new());
    place.write("a.txt", "...\n");
    place.write("b.txt", "beta\n");
    place.succeed(&["index", "s.hv", "b.txt", "a.txt"]);
    place.write("a.txt", "alpha\n");
    assert!(!place.succeed(&["index", "s.hv", "--again", "a.txt"]).contains("before"), "no line of it was stored");
    assert!(place.succeed(&["index", "s.hv", "--again", "a.txt"]).contains("before"));
    let store = place.path("s.hv");
    elsewhere.succeed(&["forget", store.to_str().unwrap(), "--source", "a.txt"]);
    assert!(!place.succeed(&["index", "s.hv", "--again", "a.txt"]).contains("before"), "forgotten from another folder");
}

#[test]
fn standard_input_and_an_empty_file() {
    let place = Place::new();
    let mut child = place
        .command(&["index", "s.hv", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"from a pipe\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    assert!(stdout(&output).contains("stored 1 line from 1 file (12 B)"), "{}", stdout(&output));
    assert!(place.succeed(&["recall", "s.hv", "from a pipe"]).contains("-:1  from a pipe"));

    place.write("empty.txt", "");
    place.fail(&["index", "e.hv", "empty.txt"], 1, &["nothing was stored"]);
    place.write("one.txt", "one\n");
    assert!(place.succeed(&["index", "e.hv", "empty.txt", "one.txt"]).contains("stored 1 line from 2 files (4 B)"));
    place.succeed(&["forget", "e.hv", "0"]);
    assert!(place.succeed(&["recall", "e.hv", "words", "--all"]).starts_with("no match\n"));
    assert!(place.succeed(&["info", "e.hv"]).contains("time span  none"));
}

/// A named pipe has one writer, who must not find its reader gone.
#[cfg(unix)]
#[test]
fn a_named_pipe() {
    let place = Place::new();
    assert!(std::process::Command::new("mkfifo").arg(place.path("pipe")).status().unwrap().success());
    let script = "echo through a pipe > pipe";
    let mut writer = std::process::Command::new("sh").args(["-c", script]).current_dir(place.path("")).spawn().unwrap();
    let report = stdout(&place.run(&["index", "s.hv", "pipe"]));
    let _ = writer.kill(); // where nobody read it, it would wait forever
    writer.wait().unwrap();
    assert!(report.contains("stored 1 line from 1 file (15 B)"), "{report}");
}

#[test]
fn many_lines_over_several_batches_keep_their_numbers() {
    let place = Place::new();
    let text: String = (1..=20_000).map(|i| format!("{}\n", i * 7_919 % 1_000_003)).collect();
    place.write("n.txt", &text);
    assert!(place.succeed(&["index", "s.hv", "n.txt"]).contains("stored 20,000 lines"));
    for line in [1usize, 16_384, 16_385, 20_000] {
        let number = text.lines().nth(line - 1).unwrap();
        let answer = json_lines(&place.succeed(&["recall", "s.hv", "--json", "-k", "1", number])).remove(0);
        let found = &answer["matches"][0];
        assert_eq!((&found["line"], &found["text"], &found["id"]), (&line.into(), &number.into(), &(line - 1).into()));
    }
}

#[test]
fn info_tells_what_is_there() {
    let place = Place::with_store();
    let info = place.succeed(&["info", "s.hv"]);
    let value = |name: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}: {info}"));
        line.trim().to_owned()
    };
    assert_eq!((value("store"), value("episodes")), ("s.hv".into(), "5".into()));
    assert_eq!(value("encoder"), "folded-ngrams (n = 3, seed 0)");
    assert!(value("bytes").contains("on disk; 1.25 KiB of vectors"), "{info}");
    assert!(value("time span").starts_with("20") && value("time span").contains('Z'), "{info}");
    assert_eq!(value("backend"), hv_parallel::hv_simd::active_backend().name());
    assert!(value("cores").contains("physical") && value("cores").contains("threads"), "{info}");
}

#[test]
fn the_demo_works_anywhere() {
    let elsewhere = Place::new();
    // It needs no temporary folder, so that none is left, however it ends.
    let demo = elsewhere.command(&["demo"]).env("TMPDIR", elsewhere.path("missing")).output().unwrap();
    let demo = stdout(&demo);
    assert!(demo.contains("a small built-in text"), "{demo}");
    let checkout = elsewhere.command(&["demo"]).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let checkout = stdout(&checkout);
    assert!(checkout.contains("the text of this checkout"), "{checkout}");
    for (demo, answer) in
        [(demo, "number of differing bits, from 0 to 2,048"), (checkout, "number of differing bits, 0 to")]
    {
        assert!(demo.contains("> hamming distnace") && demo.contains(answer), "{demo}");
        assert!(demo.contains("100 binds, 1,000 similarities, 10 bundles of 10") && demo.contains("63 us"), "{demo}");
        assert!(demo.contains("top-10 of 100 queries over 10,000") && demo.contains("120 ms"), "{demo}");
        assert!(!demo.contains("no match"), "{demo}");
    }
    assert_eq!(std::fs::read_dir(elsewhere.path("")).unwrap().count(), 0, "the demo leaves nothing behind");
}
