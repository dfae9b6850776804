//! A store stays in the folder that was opened and locked, whatever its path comes to mean.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::Path;

use common::{check_all, episode, episodes};
use hv_memory::EpisodicMemory;

const MANY: u64 = 5_000;

/// A closed store of a later generation than that of a new one.
fn other_store(path: &Path) {
    let memory = EpisodicMemory::open(path).unwrap();
    memory.store_batch(&episodes(0..MANY)).unwrap();
    memory.compact().unwrap();
}

/// Every way of writing there is: appending, a new generation with a new index, and appending to that.
fn write_all(memory: &EpisodicMemory) {
    memory.store_batch(&episodes(10..4_200)).unwrap();
    memory.compact().unwrap();
    memory.store(episode(4_200)).unwrap();
    memory.set_metadata(b"a note").unwrap();
    check_all_of(memory);
}

fn check_all_of(memory: &EpisodicMemory) {
    assert_eq!(memory.len(), 4_201);
    assert_eq!(memory.get(hv_memory::EpisodeId(4_200)).unwrap().unwrap().content, episode(4_200).content);
}

#[test]
fn a_change_of_the_working_directory_leaves_the_store_where_it_is() {
    let here = tempfile::tempdir().unwrap();
    let (a, b) = (here.path().join("a"), here.path().join("b"));
    fs::create_dir(&a).unwrap();
    other_store(&b.join("diary"));
    // The only test of this process that has relative paths.
    std::env::set_current_dir(&a).unwrap();
    let memory = EpisodicMemory::open("diary").unwrap();
    memory.store_batch(&episodes(0..10)).unwrap();
    std::env::set_current_dir(&b).unwrap();
    write_all(&memory);
    drop(memory);
    check_all_of(&EpisodicMemory::open(a.join("diary")).unwrap());
    check_all(&EpisodicMemory::open(b.join("diary")).unwrap(), MANY);
}

#[test]
fn a_store_that_takes_the_place_of_an_open_one_is_left_alone() {
    let here = tempfile::tempdir().unwrap();
    let [open, aside, restored] = ["open", "aside", "restored"].map(|name| here.path().join(name));
    other_store(&restored);
    let memory = EpisodicMemory::open(&open).unwrap();
    memory.store_batch(&episodes(0..10)).unwrap();
    fs::rename(&open, &aside).unwrap();
    fs::rename(&restored, &open).unwrap();
    // Another store, so it is free, and goes on next to the first.
    let other = EpisodicMemory::open(&open).unwrap();
    write_all(&memory);
    check_all(&other, MANY);
    drop((memory, other));
    check_all(&EpisodicMemory::open(&open).unwrap(), MANY);
    check_all_of(&EpisodicMemory::open(&aside).unwrap());
}
