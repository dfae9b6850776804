//! The store as the first argument, as `--store`, and as `HV_STORE`.

mod common;

use common::{Place, failed, stderr, stdout};

/// Each command about a store, its words after the store.
const COMMANDS: [(&str, &[&str]); 15] = [
    ("index", &["a.txt"]),
    ("add", &["one more line"]),
    ("recall", &["let there be light", "-k", "1"]),
    ("list", &[]),
    ("get", &["1"]),
    ("sources", &[]),
    ("similar", &[]),
    ("info", &["--json"]),
    ("verify", &[]),
    ("forget", &["0"]),
    ("consolidate", &["--capacity", "3"]),
    ("compact", &[]),
    ("export", &["out"]),
    ("import", &["out"]),
    ("info", &[]),
];

/// Runs all commands in a folder of their own, and returns what each printed without times.
fn answers(run: impl Fn(&Place, &str, &str, &[&str]) -> std::process::Output) -> Vec<String> {
    let place = Place::with_store();
    let mut answers = Vec::new();
    for (command, words) in COMMANDS {
        let store = if command == "import" { "copy.hv" } else { "s.hv" };
        let output = run(&place, store, command, words);
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{command}");
        let text = stdout(&output);
        let lines = text.lines().filter(|line| !line.contains("time")).map(|line| line.split(" in ").next().unwrap());
        answers.push(lines.collect::<Vec<_>>().join("\n"));
    }
    answers
}

#[test]
fn each_way_to_name_a_store_means_the_same() {
    let first = answers(|place, store, command, words| place.run(&[&[command, store], words].concat()));
    let option = answers(|place, store, command, words| place.run(&[&[command, "--store", store], words].concat()));
    let last = answers(|place, store, command, words| {
        place.run(&[&[command], words, &[&format!("--store={store}")[..]]].concat())
    });
    let before = answers(|place, store, command, words| place.run(&[&["--store", store, command], words].concat()));
    let joined = answers(|place, store, command, words| {
        place.run(&[&[&format!("--store={store}")[..], command], words].concat())
    });
    let variable = answers(|place, store, command, words| {
        place.command(&[&[command], words].concat()).env("HV_STORE", store).output().unwrap()
    });
    let over = answers(|place, store, command, words| {
        let args = [&[command, "--store", store], words].concat();
        place.command(&args).env("HV_STORE", "no.hv").output().unwrap()
    });
    for other in [option, last, before, joined, variable, over] {
        assert_eq!(first, other);
    }
}

#[test]
fn what_is_no_store_is_not_taken_for_one() {
    let place = Place::with_store();
    let variable = |args: &[&str]| place.command(args).env("HV_STORE", "s.hv").output().unwrap();
    // With a store by name, every word is one of the question.
    let asked = stdout(&variable(&["recall", "--json", "a.txt", "light"]));
    assert!(asked.starts_with(r#"{"query":"a.txt light""#), "{asked}");
    let asked = stdout(&variable(&["recall", "--json", "--", "--store", "light"]));
    assert!(asked.starts_with(r#"{"query":"--store light""#), "{asked}");
    let asked = place.succeed(&["recall", "s.hv", "--json", "--all", "--", "light", "--store", "x"]);
    assert!(asked.starts_with(r#"{"query":"light --store x""#), "{asked}");
    // An empty variable is none.
    let empty = place.command(&["info", "s.hv"]).env("HV_STORE", "").output().unwrap();
    assert_eq!(empty.status.code(), Some(0));

    failed(&variable(&["recall"]), 2, &["<WORDS>", "usage: hv recall"]);
    failed(&place.run(&["recall", "--store"]), 2, &["--store"]);
    failed(&place.run(&["info", "--store", "s.hv", "t.hv"]), 2, &["'t.hv'"]);
    failed(&place.run(&["info", "--store", "s.hv", "--store", "t.hv"]), 2, &["--store", "multiple"]);
    failed(&place.run(&["info"]), 2, &["<STORE>"]);
    failed(&place.run(&["info", "--store", "no.hv"]), 1, &["there is no store at no.hv"]);
    failed(&place.run(&["demo", "--store", "s.hv"]), 2, &["--store"]);
    failed(&place.run(&["--store"]), 2, &["--store"]);
    // What is advised can be pasted into a shell.
    place.fail(&["info", "my notes"], 1, &["no store at my notes", "hv index 'my notes' FILE"]);
}
