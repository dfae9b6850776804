use super::*;

#[test]
fn names_that_are_no_files_are_refused() {
    let long = "x".repeat(101);
    assert!(["", "a/b", "..", ".x", "a\\b", &long].iter().all(|name| path(name).is_err()));
    assert!(path("before").is_ok() && path(&long[1..]).is_ok());
    let error = Baseline::read("no-such-results").err().unwrap();
    assert!(error.contains("--save no-such-results"), "{error}");
}
