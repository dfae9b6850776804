//! Tests that run a part of themselves in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hv_memory::EpisodicMemory;

use super::Random;

pub const STORE: &str = "HV_TEST_STORE";
pub const SEED: &str = "HV_TEST_SEED";

/// This binary again, running one of the ignored tests below.
pub fn child(test: &str, store: &Path, seed: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(STORE, store).env(SEED, seed.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

pub fn open_for_child() -> (EpisodicMemory, Random) {
    let memory = EpisodicMemory::open(std::env::var_os(STORE).expect("run by the tests of this file")).unwrap();
    (memory, Random(std::env::var(SEED).unwrap().parse().unwrap()))
}

pub fn say(word: &str, number: usize) {
    // libtest's own words may be on the same line before these.
    println!("\n{word} {number}");
    std::io::stdout().flush().unwrap();
}

/// The words that a child said, until it ends or `until` is among them.
pub fn listen(lines: &mut impl Iterator<Item = std::io::Result<String>>, until: &str) -> Vec<(String, u64)> {
    let mut said = Vec::new();
    for line in lines.map_while(Result::ok) {
        if let Some((word, number)) = line.split_once(' ')
            && let Ok(number) = number.parse()
        {
            said.push((word.to_owned(), number));
            if word == until {
                break;
            }
        }
    }
    said
}

pub fn last(said: &[(String, u64)], word: &str) -> Option<u64> {
    said.iter().rev().find(|(said, _)| said == word).map(|&(_, number)| number)
}

pub fn lines(child: &mut Child) -> impl Iterator<Item = std::io::Result<String>> + use<> {
    BufReader::new(child.stdout.take().unwrap()).lines()
}
