//! What cargo would publish holds: every crate has the texts of its licences and a README.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_published_crate_has_its_licences_and_a_readme() {
    for entry in std::fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        // Links in the repository; cargo packages what they lead to.
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let [text, ours] = [&folder, &root()].map(|folder| std::fs::read(folder.join(licence)));
            assert_eq!(text.expect(licence), ours.unwrap(), "{}", folder.display());
        }
        let list = ["package", "--list", "--allow-dirty", "--offline"];
        let output = Command::new(env!("CARGO")).args(list).current_dir(&folder).output().unwrap();
        let files = String::from_utf8(output.stdout).unwrap();
        for file in ["LICENSE-MIT", "LICENSE-APACHE", "README.md"] {
            let message = String::from_utf8_lossy(&output.stderr);
            assert!(files.lines().any(|line| line == file), "{} lacks {file}: {files}{message}", folder.display());
        }
    }
}

#[test]
fn every_page_is_in_the_book() {
    let summary = std::fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    for folder in ["", "guide/"] {
        for entry in std::fs::read_dir(root().join("docs").join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let (page, listed) = (name.ends_with(".md"), summary.contains(&format!("({folder}{name})")));
            assert!(!page || name == "SUMMARY.md" || listed, "{folder}{name}");
        }
    }
}
