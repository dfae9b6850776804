//! The commands of README.md and the guide work word for word in a checkout.

#![cfg(unix)] // they are written for a shell

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Place, stderr};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder with the texts of the checkout, for the commands to work on.
fn checkout() -> Place {
    let place = Place::new();
    for folder in ["", "docs"] {
        std::fs::create_dir_all(place.path(folder)).unwrap();
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                std::fs::copy(&path, place.path(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    place
}

/// The lines that start with `hv ` in a document's blocks for a shell, a prompt left out.
fn commands(document: &str) -> Vec<String> {
    let (mut shell, mut commands) = (false, Vec::new());
    for line in document.lines() {
        if let Some(language) = line.strip_prefix("```") {
            shell = ["sh", "console"].contains(&language);
        }
        let line = line.strip_prefix("$ ").unwrap_or(line);
        if shell && line.starts_with("hv ") {
            commands.push(line.to_owned());
        }
    }
    commands
}

#[test]
fn every_command_of_the_documents_works() {
    let program = Path::new(env!("CARGO_BIN_EXE_hv")).parent().unwrap().display().to_string();
    let path = format!("{program}:{}", std::env::var("PATH").unwrap());
    let has_jq = Command::new("jq").arg("--version").output().is_ok();
    for (document, least) in [("README.md", 6), ("docs/guide.md", 2)] {
        let commands = commands(&std::fs::read_to_string(root().join(document)).unwrap());
        assert!(commands.len() >= least, "{document}: {commands:?}");
        let place = checkout();
        for command in commands {
            if command.contains("| jq ") && !has_jq {
                eprintln!("NOT TESTED, for want of jq: {command}");
                continue;
            }
            let mut shell = Command::new("sh");
            shell.args(["-c", &command]).current_dir(place.path("")).env("PATH", &path);
            let output = shell.env_remove("HV_BACKEND").env_remove("HV_THRESHOLDS").output().unwrap();
            assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{document}: {command}");
        }
    }
}
