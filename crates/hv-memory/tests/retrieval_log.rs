//! The log of retrievals stays bounded by what counts, without a compaction.

mod common;

use std::path::Path;

use common::{episodes, files};
use hv_memory::{Conditions, EpisodeId, EpisodicMemory, HV16, Options, RecollectPolicy};

const EPISODES: u64 = 200;

/// Recollects every episode at each of these times, and returns the largest number of records that the log had.
fn recollect_all(memory: &EpisodicMemory, times: std::ops::Range<i64>) -> u64 {
    let (all, policy) = (Conditions::new(), RecollectPolicy::default());
    let mut largest = 0;
    for now in times {
        memory.recollect(&HV16::ZERO, EPISODES as usize, &all, &policy, now).unwrap();
        largest = largest.max(memory.stats().retrievals);
    }
    largest
}

fn log_bytes(folder: &Path) -> Vec<(String, usize)> {
    let files = files(folder).into_iter().filter(|(name, _)| name.starts_with("log-"));
    files.map(|(name, bytes)| (name, bytes.len())).collect()
}

#[test]
fn what_does_not_count_goes_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new().retrievals_kept(2);
    for memory in [options.in_memory(), options.open(folder.path()).unwrap()] {
        memory.store_batch(&episodes(0..EPISODES)).unwrap();
        let early = memory.snapshot();
        let largest = recollect_all(&memory, 0..200);
        // 40,000 were logged; 400 of them count.
        assert!((16_000..=16_384).contains(&largest), "{largest}");
        let snapshot = memory.snapshot();
        recollect_all(&memory, 200..300);
        for id in [0, 7, EPISODES - 1].map(EpisodeId) {
            assert_eq!(early.retrievals(id).unwrap(), [0; 0]);
            assert_eq!(snapshot.retrievals(id).unwrap(), [198, 199]);
            assert_eq!(memory.snapshot().retrievals(id).unwrap(), [298, 299]);
        }
        assert!(memory.verify().unwrap().is_sound());
    }
    let logs = log_bytes(folder.path());
    assert!(matches!(&logs[..], [(name, 0..340_000)] if name != "log-0"), "{logs:?}");
    let memory = options.open(folder.path()).unwrap();
    assert_eq!(memory.snapshot().retrievals(EpisodeId(7)).unwrap(), [298, 299]);
    // A compaction goes on from there.
    memory.compact().unwrap();
    recollect_all(&memory, 300..301);
    drop(memory);
    let memory = options.open_read_only(folder.path()).unwrap();
    assert_eq!(memory.snapshot().retrievals(EpisodeId(7)).unwrap(), [299, 300]);
    assert!(matches!(&log_bytes(folder.path())[..], [(_, 12_000)]), "{:?}", log_bytes(folder.path()));
}

#[test]
fn what_counts_stays() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    memory.store_batch(&episodes(0..EPISODES)).unwrap();
    assert_eq!(recollect_all(&memory, 0..100), 20_000);
    assert!(memory.snapshot().retrievals(EpisodeId(3)).unwrap().into_iter().eq(0..100));
    assert_eq!(log_bytes(folder.path()), [("log-0".to_owned(), 400_000)]);
}
