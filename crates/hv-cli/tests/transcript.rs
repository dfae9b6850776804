//! A transcript of every command on a small input: what each prints, and its exit code.
//!
//! `transcript.txt` is the script and the expected answers in one. A line `$ hv ...` is a command, and the lines up to
//! the next one are its answer: standard output as it is, standard error after `! `, at last the exit code. Lines that
//! start with `# ` are remarks. The commands run one after the other in a temporary folder that holds the files of
//! `tests/transcript`.
//!
//! JSON is compared exactly, but for `search_us`. In other text, times, rates, sizes on disk and what describes the
//! machine are masked.
//!
//! After a change that is meant, `HV_GOLDEN=write cargo test -p hv-cli --test transcript` writes the answers of today
//! to `transcript.txt`; look at `git diff` then. A new command is added the same way: write its line without an answer.

mod common;

use std::path::{Path, PathBuf};

use common::{Place, stderr, stdout};

/// A line of the script, with the lines that follow it: a command with its answer, or a remark with none.
struct Step {
    line: String,
    answer: Vec<String>,
}

fn steps(script: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in script.lines() {
        match steps.last_mut() {
            Some(last) if !line.starts_with("$ ") && !line.starts_with("# ") => last.answer.push(line.to_owned()),
            _ => steps.push(Step { line: line.to_owned(), answer: Vec::new() }),
        }
    }
    steps
}

#[test]
fn every_command_answers_as_before() {
    let script = file("transcript.txt");
    let place = Place::new();
    for entry in std::fs::read_dir(file("transcript")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, place.path(path.file_name().unwrap())).unwrap();
    }
    let (mut found, mut differences) = (String::new(), String::new());
    for Step { line, answer: expected } in steps(&std::fs::read_to_string(&script).unwrap()) {
        let answer = line.strip_prefix("$ hv").map(|words| answer(&place, &arguments(words)));
        let answer = answer.unwrap_or_else(|| expected.clone());
        if answer != expected {
            differences += &difference(&line, &expected, &answer);
        }
        found += &format!("{line}\n");
        answer.iter().for_each(|line| found += &format!("{line}\n"));
    }
    if std::env::var("HV_GOLDEN").as_deref() == Ok("write") {
        std::fs::write(script, found).unwrap();
    } else {
        let advice = "if this is meant: HV_GOLDEN=write cargo test -p hv-cli --test transcript";
        assert!(differences.is_empty(), "- expected, + found\n{differences}\n{advice}");
    }
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The words of a command line. Words may stand in double quotes.
fn arguments(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for letter in line.chars() {
        match letter {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    assert!(!quoted, "a quote is not closed: {line}");
    words.extend(word);
    words
}

/// Runs a command. Returns the lines that it printed, masked, and its exit code.
fn answer(place: &Place, arguments: &[String]) -> Vec<String> {
    let output = place.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let (printed, said) = (stdout(&output), stderr(&output));
    let mut lines: Vec<String> = printed.lines().map(masked).collect();
    lines.extend(said.lines().map(|line| format!("! {}", masked(line)).trim_end().to_owned()));
    lines.push(format!("exit code {}", output.status.code().expect("no signal")));
    lines
}

/// The line without what may differ from one run or machine to the next. A masked line also loses its columns, as the
/// width of what is masked may change.
fn masked(line: &str) -> String {
    if line.starts_with('{') {
        return masked_json(line);
    }
    for (start, mask) in [("time span  20", "TIMES"), ("backend", "NAME"), ("cores", "NUMBERS")] {
        if line.starts_with(start) {
            return format!("{} {mask}", line.split("  ").next().unwrap_or_default());
        }
    }
    if line.contains(" hardware threads, pool of ") {
        return "on MACHINE".to_owned();
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let (mut masked, mut next) = (Vec::new(), 0);
    while next < words.len() {
        let (mask, length) = mask(&words[..next], &words[next..]);
        masked.push(mask);
        next += length;
    }
    if masked == words { line.to_owned() } else { masked.join(" ") }
}

/// What stands for the first words of `rest`, and how many they are. `before` are the words before it.
fn mask(before: &[&str], rest: &[&str]) -> (String, usize) {
    let is_number = rest[0].starts_with(|first: char| first.is_ascii_digit());
    let Some(next) = rest.get(1).filter(|_| is_number) else { return (rest[0].to_owned(), 1) };
    let unit = next.trim_end_matches([':', ',', ';']);
    let end = &next[unit.len()..];
    let is_on_disk = rest.get(2) == Some(&"on") || before.ends_with(&["took"]);
    match (unit, &rest[1..]) {
        ("us" | "ms" | "s", _) => (format!("TIME{end}"), 2),
        ("B" | "KiB" | "MiB", _) if is_on_disk => (format!("SIZE{end}"), 2),
        ("episodes", ["episodes", "a", "second", ..]) => ("RATE".to_owned(), 1),
        ("threads", _) => ("N".to_owned(), 1),
        _ => (rest[0].to_owned(), 1),
    }
}

/// The line with `search_us` set to 0.
fn masked_json(line: &str) -> String {
    const NAME: &str = "\"search_us\":";
    let Some((before, after)) = line.split_once(NAME) else { return line.to_owned() };
    format!("{before}{NAME}0{}", after.trim_start_matches(|digit: char| digit.is_ascii_digit()))
}

/// A command whose answer differs, with the lines from the first to the last that differ.
fn difference(command: &str, expected: &[String], found: &[String]) -> String {
    let alike = |pairs: &mut dyn Iterator<Item = (&String, &String)>| pairs.take_while(|(a, b)| a == b).count();
    let first = alike(&mut expected.iter().zip(found));
    let last = alike(&mut expected[first..].iter().rev().zip(found[first..].iter().rev()));
    let lines = |sign: &str, lines: &[String]| {
        lines[first..lines.len() - last].iter().map(|line| format!("  {sign} {line}\n")).collect::<String>()
    };
    format!("\n{command}\n{}{}", lines("-", expected), lines("+", found))
}

#[test]
fn what_differs_between_runs_is_masked() {
    for (line, expected) in [
        ("searched 5 episodes in 42.7 us", "searched 5 episodes in TIME"),
        ("stored 3 (20 B) in 0.01 s: 29,616 episodes a second", "stored 3 (20 B) in TIME: RATE episodes a second"),
        ("5 questions in 1 ms: 42.7 us each", "5 questions in TIME: TIME each"),
        ("done: s.hv takes 1.25 KiB on disk, and took 3 MiB", "done: s.hv takes SIZE on disk, and took SIZE"),
        ("bytes   1 B on disk; 2 B of vectors", "bytes SIZE on disk; 2 B of vectors"),
        ("  0.696  z 17.7  #73  a.txt:89  text", "  0.696  z 17.7  #73  a.txt:89  text"),
        (r#"{"query":"in 3 s","search_us":17,"matches":[]}"#, r#"{"query":"in 3 s","search_us":0,"matches":[]}"#),
        ("backend    avx2", "backend NAME"),
    ] {
        assert_eq!(masked(line), expected);
    }
}

#[test]
fn a_difference_shows_the_lines_that_differ() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(difference("$ hv x", &lines("a\nb\nc"), &lines("a\nd\ne\nc")), "\n$ hv x\n  - b\n  + d\n  + e\n");
    assert_eq!(difference("$ hv x", &lines("a\na"), &lines("a")), "\n$ hv x\n  - a\n");
    assert_eq!(arguments(r#" recall "a b" "" c"#), ["recall", "a b", "", "c"]);
}
