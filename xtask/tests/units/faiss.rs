use std::process::ExitStatus;

use super::*;

#[test]
fn what_the_script_prints_is_read() {
    let read = |printed: &str| {
        let (status, stdout) = (ExitStatus::default(), printed.into());
        Faiss::of(Ok(Output { status, stdout, stderr: Vec::new() }))
    };
    let faiss = read(r#"{"version": "1.2", "times": {"a": 1.5, "b": 2}}"#).unwrap();
    assert_eq!((faiss.version.as_str(), faiss.times["a"], faiss.times["b"]), ("1.2", 1.5, 2.0));
    for wrong in ["", "{}", r#"{"version": "1.2"}"#, r#"{"version": "1.2", "times": {"a": "1"}}"#] {
        assert!(read(wrong).is_err_and(|why| why.contains("something else")), "{wrong}");
    }
}

#[test]
fn why_there_is_no_time_is_said() {
    let absent = Command::new("no-such-python").output();
    assert!(Faiss::of(absent).is_err_and(|why| why.starts_with("python3 cannot be run")));
    if let Ok(failed) = Command::new("python3").args(["-c", "import no_such_module"]).output() {
        assert!(Faiss::of(Ok(failed)).is_err_and(|why| why.contains("no_such_module")));
    }
}
