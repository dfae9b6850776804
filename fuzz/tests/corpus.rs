//! The corpus of each target, as ordinary tests.

use std::fs;
use std::path::Path;

/// Runs a target on each file of its corpus, and says which one it was where that panics.
fn run(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "there is no corpus in {}", folder.display());
    for file in files {
        let data = fs::read(&file).unwrap();
        if let Err(panic) = std::panic::catch_unwind(|| body(&data)) {
            eprintln!("the input was {}", file.display());
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn the_corpus_of_open_store() {
    run("open_store", hv_fuzz::open_store);
}

#[test]
fn the_corpus_of_import() {
    run("import", hv_fuzz::import);
}

#[test]
fn the_corpus_of_thresholds() {
    run("thresholds", hv_fuzz::thresholds);
}

#[test]
fn the_corpus_of_byte_forms() {
    run("byte_forms", hv_fuzz::byte_forms);
}

#[test]
fn the_corpus_of_kernels() {
    run("kernels", hv_fuzz::kernels);
}
