//! No test is lost: every name in `test_names.txt` is still a test of its crate, or names the test that replaced it.
//!
//! A line is `crate: name`, or `crate: old_name -> crate: new_name` where the test was renamed, moved to another crate,
//! or made part of another test. New tests need no line.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A test: the crate's name and the function's.
type Test = (String, String);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The members of the workspace, and the tests of the fuzzer's: each a name and a folder.
fn members() -> Vec<(String, PathBuf)> {
    let folders = std::fs::read_dir(root().join("crates")).expect("the folder of crates");
    let crates = folders.map(|entry| {
        let entry = entry.expect("an entry");
        (entry.file_name().to_string_lossy().into_owned(), entry.path())
    });
    let others = ["benches", "xtask"].map(|name| (name.to_owned(), root().join(name)));
    let fuzz = ("fuzz".to_owned(), root().join("fuzz/tests"));
    crates.chain(others).chain([fuzz]).collect()
}

/// The names of the functions under `#[test]` in a text. Other attributes and comments may stand between.
fn tests_of(text: &str) -> Vec<String> {
    let (mut names, mut is_test) = (Vec::new(), false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test]") {
            is_test = true;
        }
        if is_test
            && !line.starts_with(['#', '/'])
            && let Some((_, rest)) = line.split_once("fn ")
        {
            names.extend(rest.split(|c: char| c != '_' && !c.is_alphanumeric()).next().map(str::to_owned));
            is_test = false;
        }
    }
    names
}

/// Calls `visit` with the text of each Rust file under a folder.
fn each_file(folder: &Path, visit: &mut impl FnMut(&str)) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            each_file(&path, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            visit(&std::fs::read_to_string(&path).expect("UTF-8"));
        }
    }
}

/// All tests in the sources of the workspace.
fn tests_today() -> BTreeSet<Test> {
    let mut tests = BTreeSet::new();
    for (name, folder) in members() {
        each_file(&folder, &mut |text| tests.extend(tests_of(text).into_iter().map(|test| (name.clone(), test))));
    }
    tests
}

fn test(text: &str) -> Test {
    let (member, name) = text.trim().split_once(": ").unwrap_or_else(|| panic!("not `crate: name`: {text}"));
    (member.to_owned(), name.to_owned())
}

/// What is wrong with a list, given the tests that exist.
fn faults(list: &str, today: &BTreeSet<Test>) -> Vec<String> {
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let fault = |line: &str| match line.split_once(" -> ") {
        Some((_, new)) if !today.contains(&test(new)) => Some(format!("{line}: the replacement is no test")),
        None if !today.contains(&test(line)) => Some(format!("{line}: is gone; write `{line} -> crate: new_name`")),
        _ => None,
    };
    lines.filter_map(fault).collect()
}

#[test]
fn every_listed_test_exists_or_was_replaced() {
    let list = std::fs::read_to_string(root().join("xtask/tests/test_names.txt")).expect("the list");
    let faults = faults(&list, &tests_today());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn tests_are_found_in_every_form() {
    let text = "
#[test]
fn plain() {}
#[test]
#[ignore = \"fn of a child\"]
fn ignored() {}
proptest! {
    #[test]
    /// A comment on fn.
    fn property(seed: u64) {}
}
fn helper() {}
#[cfg(test)]
fn also_a_helper() {}
";
    assert_eq!(tests_of(text), ["plain", "ignored", "property"]);
}

#[test]
fn a_lost_test_is_a_fault() {
    let today = BTreeSet::from([test("a: one"), test("b: two")]);
    assert_eq!(faults("# remark\n\na: one\na: two -> b: two\n", &today), [""; 0]);
    assert_eq!(faults("a: two", &today), ["a: two: is gone; write `a: two -> crate: new_name`"]);
    assert_eq!(faults("a: two -> a: three", &today), ["a: two -> a: three: the replacement is no test"]);
}
