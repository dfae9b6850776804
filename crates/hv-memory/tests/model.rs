//! The memory against an obvious model: a vector of episodes, and the reference's top-k.

mod common;

use common::{check_all, episode, episodes, is};
use hv_memory::hv_parallel::hv_simd::hv_core::reference;
use hv_memory::hv_parallel::hv_simd::simd_find_top_k;
use hv_memory::{Durability, EpisodeId, EpisodicMemory, HV16, NewEpisode, Options};
use proptest::prelude::*;
use std::time::Duration;

#[derive(Clone, Debug)]
enum Step {
    Store(u8),
    Batch(u16),
    Metadata(Vec<u8>),
    Recall { cue: u8, k: usize },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<u8>().prop_map(Step::Store),
        2 => (0..700u16).prop_map(Step::Batch),
        1 => prop::collection::vec(any::<u8>(), 0..9).prop_map(Step::Metadata),
        3 => (any::<u8>(), prop_oneof![0..9usize, Just(usize::MAX)]).prop_map(|(cue, k)| Step::Recall { cue, k }),
        1 => Just(Step::Reopen),
    ]
}

/// Few different vectors, so that distances tie.
fn content(seed: u8) -> HV16 {
    HV16::random(u64::from(seed % 8))
}

/// Runs the steps on a memory and on the model; `reopen` closes the memory and opens it again, where it can.
fn run(steps: Vec<Step>, mut memory: EpisodicMemory, reopen: impl Fn(EpisodicMemory) -> EpisodicMemory) {
    let mut model: Vec<NewEpisode> = Vec::new();
    let mut note = Vec::new();
    for step in steps {
        match step {
            Step::Store(seed) => {
                let new = NewEpisode { content: content(seed), ..episode(model.len() as u64) };
                assert_eq!(memory.store(new.clone()).unwrap(), EpisodeId(model.len() as u64));
                model.push(new);
            }
            Step::Batch(count) => {
                let first = model.len() as u64;
                let batch: Vec<NewEpisode> = (first..first + u64::from(count))
                    .map(|number| NewEpisode { content: content(number as u8), ..episode(number) })
                    .collect();
                let ids = memory.store_batch(&batch).unwrap();
                assert!(ids.iter().map(|id| id.0).eq(first..first + u64::from(count)));
                model.extend(batch);
            }
            Step::Metadata(bytes) => {
                memory.set_metadata(&bytes).unwrap();
                note = bytes;
            }
            Step::Recall { cue, k } => {
                let cue = content(cue.wrapping_mul(3)) ^ content(1) ^ content(2);
                let contents: Vec<HV16> = model.iter().map(|episode| episode.content).collect();
                let expected = reference::find_top_k(&cue, &contents, k);
                let found = memory.recall(&cue, k).unwrap();
                assert_eq!(found, memory.recall_batch(&[cue, cue], k).unwrap()[1]);
                let found: Vec<(usize, f32)> = found.iter().map(|m| (m.id.0 as usize, m.similarity())).collect();
                assert_eq!(found, expected);
            }
            Step::Reopen => memory = reopen(memory),
        }
        assert_eq!((memory.len(), memory.is_empty()), (model.len(), model.is_empty()));
        assert_eq!(memory.metadata().unwrap(), note);
    }
    assert!(memory.snapshot().episodes().zip(&model).all(|(stored, given)| is(&stored.unwrap(), given)));
    assert_eq!(memory.snapshot().episodes().count(), model.len());
    assert_eq!(memory.get(EpisodeId(model.len() as u64)).unwrap(), None);
    if let Some(last) = model.last() {
        assert!(is(&memory.get(EpisodeId(model.len() as u64 - 1)).unwrap().unwrap(), last));
        let times = model.iter().map(|episode| episode.time);
        assert_eq!(memory.stats().time_span, Some((times.clone().min().unwrap(), times.max().unwrap())));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn in_memory(steps in prop::collection::vec(step(), 1..24)) {
        run(steps, EpisodicMemory::in_memory(), |memory| memory);
    }

    #[test]
    fn on_disk(steps in prop::collection::vec(step(), 1..24), batched: bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/store");
        let durability = match batched {
            true => Durability::Batched { episodes: 500, delay: Duration::from_secs(3_600) },
            false => Durability::Immediate,
        };
        let open = || Options::new().durability(durability).open(&path).unwrap();
        run(steps, open(), |memory| {
            let (len, note) = (memory.len(), memory.metadata().unwrap());
            drop(memory);
            let reader = EpisodicMemory::open_read_only(&path).unwrap();
            assert_eq!((reader.len(), reader.metadata().unwrap()), (len, note));
            drop(reader);
            open()
        });
    }
}

/// Every kind of chunk, and sizes around each block boundary, stored in several ways.
#[test]
fn blocks_come_back_whole_from_disk() {
    for batches in
        [&[4_095, 1, 1][..], &[4_096], &[4_097], &[1, 4_095, 4_096, 70], &[9_000, 300], &[255, 1, 256, 3_583, 2]]
    {
        let folder = tempfile::tempdir().unwrap();
        let mut len = 0;
        for &batch in batches {
            let memory = EpisodicMemory::open(folder.path()).unwrap();
            check_all(&memory, len);
            memory.store_batch(&episodes(len..len + batch)).unwrap();
            len += batch;
            check_all(&memory, len);
        }
        check_all(&EpisodicMemory::open_read_only(folder.path()).unwrap(), len);
    }
}

#[test]
fn a_large_memory_answers_as_a_flat_array() {
    let memory = EpisodicMemory::in_memory();
    let mut contents: Vec<HV16> = Vec::new();
    for batch in [1usize, 65_535, 300, 4_000, 70_000] {
        let new: Vec<HV16> = (0..batch).map(|i| HV16::random((contents.len() + i) as u64)).collect();
        let new_episode =
            |content| NewEpisode { content, time: 0, valence: 0.0, payload: Vec::new(), ..NewEpisode::default() };
        memory.store_batch(&new.iter().copied().map(new_episode).collect::<Vec<_>>()).unwrap();
        contents.extend(new);
    }
    for seed in [0, 65_535, 139_000, 1 << 40] {
        let cue = HV16::random(seed) ^ HV16([0x11; 256]);
        let found = memory.recall(&cue, 20).unwrap();
        let found: Vec<(usize, f32)> = found.iter().map(|m| (m.id.0 as usize, m.similarity())).collect();
        assert_eq!(found, simd_find_top_k(&cue, &contents, 20));
    }
    let found = memory.recall_batch(&contents[139_000..139_100], 1).unwrap();
    assert!(found.iter().zip(139_000..).all(|(found, id)| (found[0].id.0, found[0].distance) == (id, 0)));
}

#[test]
fn a_snapshot_stays_as_it_was() {
    let memory = EpisodicMemory::in_memory();
    memory.store_batch(&episodes(0..300)).unwrap();
    let snapshot = memory.snapshot();
    let before = snapshot.recall(&HV16::random(5), 400).unwrap();
    memory.store_batch(&episodes(300..9_000)).unwrap();
    memory.set_metadata(b"new").unwrap();
    assert_eq!(snapshot.recall(&HV16::random(5), 400).unwrap(), before);
    assert_eq!((snapshot.len(), snapshot.episodes().count(), snapshot.metadata().unwrap().len()), (300, 300, 0));
    assert_eq!((snapshot.get(EpisodeId(300)).unwrap(), memory.len()), (None, 9_000));
}

#[test]
fn batched_episodes_are_on_disk_after_count_delay_flush_and_drop() {
    let durable = |path: &std::path::Path| {
        // What a crash now would leave, in a folder of its own: the memory holds the lock.
        let copy = tempfile::tempdir().unwrap();
        common::write_files(copy.path(), &common::files(path));
        // A copy taken while a commit is under way is no whole store.
        let memory = EpisodicMemory::open(copy.path()).ok()?;
        check_all(&memory, memory.len() as u64);
        Some(memory.len())
    };
    let open = |path: &std::path::Path, delay| {
        Options::new().durability(Durability::Batched { episodes: 10, delay }).open(path).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let memory = open(folder.path(), Duration::from_secs(3_600));
    for number in 0..9 {
        memory.store(episode(number)).unwrap();
    }
    check_all(&memory, 9);
    assert_eq!(durable(folder.path()), Some(0));
    memory.store(episode(9)).unwrap();
    assert_eq!(durable(folder.path()), Some(10));
    memory.store_batch(&episodes(10..15)).unwrap();
    assert_eq!(durable(folder.path()), Some(10));
    memory.flush().unwrap();
    assert_eq!(durable(folder.path()), Some(15));
    memory.store(episode(15)).unwrap();
    drop(memory);
    assert_eq!(durable(folder.path()), Some(16));

    let memory = open(folder.path(), Duration::from_millis(20));
    memory.store(episode(16)).unwrap();
    let late = std::time::Instant::now() + Duration::from_secs(20);
    while durable(folder.path()) != Some(17) {
        assert!(std::time::Instant::now() < late, "the delay has long passed");
        std::thread::sleep(Duration::from_millis(5));
    }
    check_all(&memory, 17);
}
