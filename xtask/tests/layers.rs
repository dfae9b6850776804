//! The layers of the workspace, held: who may depend on whom, who prints, and where unsafe code lives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Each library, and the one of ours that it depends on.
const BELOW: [(&str, Option<&str>); 5] = [
    ("hv-core", None),
    ("hv-simd", Some("hv-core")),
    ("hv-parallel", Some("hv-simd")),
    ("hv-memory", Some("hv-parallel")),
    ("hv-encode", Some("hv-parallel")),
];

/// Dependencies that would make a library heavy, and the only libraries that may have them: threads enter at
/// hv-parallel, storage at hv-memory, and no library talks to a terminal.
const HEAVY: [(&str, &[&str]); 5] = [
    ("rayon", &["hv-parallel", "hv-memory", "hv-encode"]),
    ("num_cpus", &["hv-parallel"]),
    ("redb", &["hv-memory"]),
    ("clap", &[]),
    ("indicatif", &[]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The dependencies of every member, those for tests left out: a test may look where it likes, as long as cargo
/// allows it.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let of_package = |package: &Value| {
        let dependencies = package["dependencies"].as_array().expect("a list").iter();
        dependencies.filter(|dependency| dependency["kind"] != "dev").map(name).collect()
    };
    let packages = metadata["packages"].as_array().expect("a list").iter();
    packages.map(|package| (name(package), of_package(package))).collect()
}

#[test]
fn each_library_depends_on_the_one_below_and_on_no_other_of_ours() {
    let dependencies = dependencies();
    for (library, below) in BELOW {
        let ours: Vec<&str> =
            dependencies[library].iter().map(String::as_str).filter(|name| dependencies.contains_key(*name)).collect();
        assert_eq!(ours, below.into_iter().collect::<Vec<_>>(), "{library}");
    }
}

#[test]
fn heavy_dependencies_stay_where_they_are_needed() {
    let dependencies = dependencies();
    for (heavy, allowed) in HEAVY {
        for (library, _) in BELOW {
            assert!(
                allowed.contains(&library) || !dependencies[library].contains(heavy),
                "{library} depends on {heavy}, which only {allowed:?} may"
            );
        }
    }
}

/// Every member that is a library is in the table above: a new one must be given its layer.
#[test]
fn every_library_has_its_layer() {
    let folders = std::fs::read_dir(root().join("crates")).expect("the folder of crates");
    let mut libraries: Vec<String> = folders
        .map(|folder| folder.expect("a folder").path())
        .filter(|folder| folder.join("src/lib.rs").exists())
        .map(|folder| folder.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    libraries.retain(|name| name != "hv-cli");
    libraries.sort();
    let mut expected: Vec<&str> = BELOW.iter().map(|(library, _)| *library).collect();
    expected.sort();
    assert_eq!(libraries, expected);
}

#[test]
fn libraries_do_not_print() {
    for (library, _) in BELOW {
        for (place, line) in code_of(&root().join("crates").join(library).join("src")) {
            for print in ["println!", "print!", "eprintln!", "eprint!", "dbg!"] {
                assert!(!line.contains(print), "{place} prints: {line}");
            }
        }
    }
}

#[test]
fn unsafe_code_lives_in_hv_simd() {
    for member in [
        "crates/hv-core",
        "crates/hv-parallel",
        "crates/hv-memory",
        "crates/hv-encode",
        "crates/hv-cli",
        "benches",
        "xtask",
    ] {
        for (place, line) in code_of(&root().join(member).join("src")) {
            let allows = ["allow", "expect", "warn"].iter().any(|level| line.contains(&format!("{level}(unsafe_code")));
            assert!(!allows, "{place} allows unsafe code, which belongs in hv-simd: {line}");
        }
    }
}

/// The lines of all Rust files under a folder, comments and tests left out, each with its place.
fn code_of(folder: &Path) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            lines.extend(code_of(&path));
        } else if path.to_string_lossy().ends_with(".rs") && !path.to_string_lossy().ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            let code = text.lines().enumerate().take_while(|(_, line)| !line.starts_with("mod tests {"));
            let code = code.filter(|(_, line)| !line.trim_start().starts_with("//"));
            lines.extend(code.map(|(i, line)| (format!("{}:{}", path.display(), i + 1), line.trim().to_owned())));
        }
    }
    lines
}
