//! An import while it runs, on a folder that fails.

use std::sync::Arc;

use crate::common::episode;
use crate::disk::{FailingFolder, Plan, Sharing};
use crate::{EpisodicMemory, NewEpisode, Options, Progress};

/// Where a write fails, what was read before it tells how much is held in memory until it is written.
#[test]
fn payloads_go_to_the_folder_as_they_are_read() {
    const EPISODES: u64 = 5_000;
    let export = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::in_memory();
    let large = |number| NewEpisode { payload: vec![b'a'; 1 << 10], ..episode(number) };
    memory.store_batch(&(0..EPISODES).map(large).collect::<Vec<_>>()).unwrap();
    memory.export(export.path()).unwrap();

    let mut read = vec![0];
    for operation in 0.. {
        let folder = FailingFolder::new(Plan::Never);
        let memory = EpisodicMemory::open_folder(Arc::new(folder.clone()), Sharing::Alone, &Options::new()).unwrap();
        folder.set_plan(Plan::FailOnce(operation));
        let progress = Progress::new();
        assert!(memory.import_with(export.path(), &progress).is_err(), "operation {operation}");
        read.push(progress.done());
        if progress.done() == EPISODES {
            break;
        }
    }
    let steps: Vec<u64> = read.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(steps.iter().all(|&step| step < 2_048), "episodes of 1 KiB between two writes: {steps:?}");
}
