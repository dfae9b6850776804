//! A snapshot of hv-memory that is given a device.

mod common;

use std::sync::Arc;

use common::gpus;
use hv_gpu::{GpuMemory, HV16, Progress};
use hv_memory::{Conditions, EpisodeId, EpisodicMemory, NewEpisode, Snapshot};

fn episodes(count: u64, first: u64) -> Vec<NewEpisode> {
    let episode = |i: u64| NewEpisode { content: HV16::random(i % 900), time: i as i64, ..NewEpisode::default() };
    (first..first + count).map(episode).collect()
}

/// Uploads what a device lacks of a snapshot. Returns how many vectors that was, and the snapshot with the device.
fn given(device: &GpuMemory, snapshot: &Snapshot) -> (u64, Snapshot) {
    let (vectors, progress) = (snapshot.vectors().collect::<Vec<_>>(), Progress::new());
    let search = device.follow(&vectors, &progress).unwrap();
    (progress.all(), snapshot.with_search(Arc::new(search)).unwrap())
}

#[test]
fn a_snapshot_recalls_on_a_device_that_follows_it() {
    let cues = [1, 2, 950].map(HV16::random);
    let conditions = [
        Conditions::new(),
        Conditions::new().time(100..1_500),
        Conditions::new().min_similarity(0.9),
        Conditions::new().exclude([EpisodeId(1), EpisodeId(2)]),
        Conditions::new().ids((0..300).step_by(7).map(EpisodeId)),
    ];
    for gpu in gpus() {
        let memory = EpisodicMemory::in_memory();
        let device = GpuMemory::new(gpu, &[]).unwrap();
        let mut earlier: Option<(Snapshot, Snapshot)> = None;
        for (step, more) in [2_000, 1, 0, 300].into_iter().enumerate() {
            memory.store_batch(&episodes(more, 2_000 * step as u64)).unwrap();
            memory.forget(&[EpisodeId(step as u64), EpisodeId(901)]).unwrap();
            let plain = memory.snapshot();
            let (uploaded, given) = given(&device, &plain);
            assert_eq!(uploaded, more, "only what is new");
            let same = |given: &Snapshot, plain: &Snapshot| {
                for conditions in &conditions {
                    let found = given.recall_batch_where(&cues, 5, conditions).unwrap();
                    assert_eq!(found, plain.recall_batch_where(&cues, 5, conditions).unwrap());
                }
            };
            same(&given, &plain);
            if let Some((earlier_given, earlier)) = &earlier {
                assert!(plain.begins_with(earlier));
                same(earlier_given, earlier);
            }
            earlier = Some((given, plain));
        }
    }
}
