//! Environment variables, which are read once a process: each case is a child.

use std::process::Command;

/// What a child printed: the backend, the thresholds, or the error of `init`.
fn child(variable: &str, value: &str) -> String {
    let program = std::env::current_exe().unwrap();
    let arguments = ["environment::what_is_in_force", "--exact", "--ignored", "--nocapture"];
    let output = Command::new(program).args(arguments).env(variable, value).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[ignore = "run in a child"]
fn what_is_in_force() {
    match hv_parallel::init() {
        Ok(backend) => println!("backend {backend}, {}", hv_parallel::thresholds()),
        Err(error) => println!("wrong: {error}"),
    }
}

#[test]
fn variables_are_taken_or_refused() {
    assert!(child("HV_BACKEND", "scalar").contains("backend scalar,"));
    assert!(child("HV_BACKEND", "avx3").contains("wrong: "));
    assert!(child("HV_THRESHOLDS", "top_k=8001").contains("top_k=8001"));
    assert!(child("HV_THRESHOLDS", "top_k=often").contains("wrong: "));
}
