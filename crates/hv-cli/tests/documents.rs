//! The commands of README.md and the guide work word for word in a checkout, and print what is shown, but for times.

#![cfg(unix)] // they are written for a shell

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Place, stderr, stdout};
use hv_memory::{EpisodicMemory, HV16, NewEpisode};

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
            if path.extension().is_some_and(|extension| extension == "md") || path.ends_with("LICENSE-APACHE") {
                std::fs::copy(&path, place.path(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    place
}

/// The lines that start with `hv ` in a document's blocks for a shell; of those on a console, which have a prompt, with
/// what is shown as their output.
fn commands(document: &str) -> Vec<(String, Option<String>)> {
    let (mut block, mut commands) = ("", Vec::new());
    for line in document.lines() {
        if let Some(language) = line.strip_prefix("```") {
            block = language;
        } else if block == "sh" && line.starts_with("hv ") {
            commands.push((line.to_owned(), None));
        } else if block == "console" {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((command.to_owned(), Some(String::new()))),
                (None, Some((_, Some(shown)))) => *shown += &format!("{line}\n"),
                (None, _) => panic!("the output of no command: {line}"),
            }
        }
    }
    commands
}

/// The lines, each up to the time that something took.
fn without_times(text: &str) -> Vec<&str> {
    text.lines().map(without_time).collect()
}

fn without_time(line: &str) -> &str {
    let is_time = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    let time = line.match_indices(" in ").find(|(at, found)| is_time(&line[at + found.len()..]));
    time.map_or(line, |(at, _)| &line[..at])
}

#[test]
fn every_command_of_the_documents_works() {
    let program = Path::new(env!("CARGO_BIN_EXE_hv")).parent().unwrap().display().to_string();
    let path = format!("{program}:{}", std::env::var("PATH").unwrap());
    let has_jq = Command::new("jq").arg("--version").output().is_ok();
    for (document, least) in [("README.md", 6), ("docs/guide/program.md", 2)] {
        let commands = commands(&std::fs::read_to_string(root().join(document)).unwrap());
        assert!(commands.len() >= least, "{document}: {commands:?}");
        let place = checkout();
        for (command, shown) in commands {
            if command.contains("| jq ") && !has_jq {
                eprintln!("NOT TESTED, for want of jq: {command}");
                continue;
            }
            let mut shell = Command::new("sh");
            shell.args(["-c", &command]).current_dir(place.path("")).env("PATH", &path);
            let output = shell.env_remove("HV_BACKEND").env_remove("HV_THRESHOLDS").output().unwrap();
            assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{document}: {command}");
            if let Some(shown) = shown {
                assert_eq!(without_times(&shown), without_times(&stdout(&output)), "{document}: {command}");
            }
        }
    }
}

/// The README's example of hv-memory has a key, so that each run replaces the episode of the last one.
#[test]
fn the_example_of_a_memory_runs_any_number_of_times() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let example = readme.split("```").find(|block| block.contains("EpisodicMemory::open(\"diary\")")).unwrap();
    assert!(
        example.contains("let key = Some(\"tea\".into());") && example.contains("content, time, key, payload"),
        "{example}"
    );
    let place = Place::new();
    for _ in 0..7 {
        let memory = EpisodicMemory::open(place.path("diary")).unwrap();
        let (content, time) = (HV16::random(7), 1_700_000_000_000_000);
        let key = Some("tea".into());
        let episode = NewEpisode { content, time, key, payload: b"tea".to_vec(), ..NewEpisode::default() };
        let id = memory.store(episode).unwrap();
        assert_eq!(memory.recall(&content, 5).unwrap()[0].id, id);
    }
}
