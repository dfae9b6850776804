//! What the program tells of itself: help, manual pages, completions.

mod common;

use common::{Place, failed, stdout};

/// Every command: those that are listed, and those that the last lines name.
fn commands(place: &Place) -> Vec<String> {
    let help = place.succeed(&["--help"]);
    let listed = help.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let commands: Vec<String> =
        listed.chain(["completions", "fingerprints", "man", "help"]).map(str::to_owned).collect();
    assert!(!commands.contains(&String::new()), "what a command does has more than a line: {help}");
    for name in ["index", "add", "recall", "list", "get", "sources", "forget", "demo"] {
        assert!(commands.iter().any(|command| command == name), "{name} is not in: {help}");
    }
    commands
}

#[test]
fn each_help_fits_one_screen_and_starts_with_an_example() {
    let place = Place::new();
    let mut lines = vec![vec![]];
    lines.extend(commands(&place).into_iter().map(|command| vec![command]));
    for command in &lines {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let args = [&words[..], &["--help"]].concat();
        let help = place.succeed(&args);
        let of_variable = stdout(&place.command(&args).env("HV_STORE", "s.hv").output().unwrap());
        for help in [&help, &of_variable] {
            assert!(help.lines().count() <= 24, "{} lines: {help}", help.lines().count());
            assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
            let example = format!("Example: hv {}", words.first().unwrap_or(&"index"));
            assert!(help.starts_with(&example), "{help}");
            assert!(help.lines().nth(1).is_some_and(|line| !line.is_empty()), "{help}");
        }
        assert_eq!(place.succeed(&[&words[..], &["-h"]].concat()), help);
        assert_eq!(place.succeed(&[&["help"], &words[..]].concat()), help);
    }
    assert!(place.succeed(&["help", "--help"]).starts_with("Example: hv help recall\n"));
    assert!(place.succeed(&["--help"]).contains("by spelling, not by meaning"));
    assert!(place.succeed(&["--version"]).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_manual_has_what_the_help_leaves_out() {
    let place = Place::new();
    let page = place.succeed(&["man"]);
    assert!(page.contains(".TH hv 1") && page.contains("HV_STORE=PATH"), "{page}");
    for variable in ["HV_BACKEND=", "HV_THRESHOLDS=", "NO_COLOR="] {
        assert!(page.contains(variable), "{variable}");
    }
    for command in commands(&place) {
        let page = place.succeed(&["man", &command]);
        assert!(page.contains(&format!(".TH hv-{command} 1")), "{page}");
        let is_about_a_store = page.contains("<\\fISTORE\\fR>");
        assert_eq!(page.contains("\\fB\\-\\-store\\fR \\fI<PATH>"), is_about_a_store, "{page}");
    }
    let page = place.succeed(&["man", "recall"]);
    for text in ["\\-\\-miss", "\\-\\-max\\-valence", "\\-\\-before", "says how firmly it is remembered"] {
        assert!(page.contains(text), "{text} is not in: {page}");
    }
}

#[test]
fn completions_for_each_shell() {
    let place = Place::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = place.succeed(&["completions", shell]);
        for word in ["recall", "--min-similarity", "--dry-run"] {
            let option = word.trim_start_matches('-');
            assert!(script.contains(word) || script.contains(&format!("-l {option}")), "{shell}: {word}");
        }
    }
    // Bash has a line with the options of each command.
    let script = place.succeed(&["completions", "bash"]);
    let (with, without): (Vec<&str>, Vec<&str>) = script
        .lines()
        .filter(|line| line.trim_start().starts_with("opts="))
        .partition(|line| line.contains(" --store "));
    assert_eq!(with.len(), 15, "{with:#?}");
    assert!(without.iter().all(|line| !line.contains("STORE")) && without.len() >= 6, "{without:#?}");
    failed(&place.run(&["completions", "tcsh"]), 2, &["'tcsh'", "fish"]);
}
