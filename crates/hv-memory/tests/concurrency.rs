//! Readers next to a writer: each sees one consistent state, whatever is stored, forgotten and consolidated.
//!
//! `HV_STRESS=60` sets the seconds.

mod common;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::Random;
use hv_memory::{
    Conditions, ConsolidatePolicy, EpisodeId, EpisodicMemory, HV16, NewEpisode, RecollectPolicy, Snapshot,
};

/// Episodes come and go in groups of this many, which share a payload.
const GROUP: u64 = 16;

fn group(number: u64) -> Vec<NewEpisode> {
    let new = |i| NewEpisode {
        content: HV16::random(number * GROUP + i),
        time: number as i64,
        valence: 0.0,
        // Some are in the index, some in the payload file.
        payload: number.to_le_bytes().repeat(if number.is_multiple_of(2) { 2 } else { 100 }),
        ..NewEpisode::default()
    };
    (0..GROUP).map(new).collect()
}

/// What holds of every state: whole groups, ascending ids, and everything found is what it is said to be.
fn check(snapshot: &Snapshot, random: &mut Random) {
    let mut groups: HashMap<i64, u64> = HashMap::new();
    let (mut last, mut count) = (None, 0);
    for episode in snapshot.episodes() {
        let episode = episode.unwrap();
        assert!(last < Some(episode.id) && episode.content == HV16::random(episode.id.0));
        assert_eq!(episode.payload[..8], (episode.time as u64).to_le_bytes());
        *groups.entry(episode.time).or_default() += 1;
        (last, count) = (Some(episode.id), count + 1);
    }
    assert_eq!(count, snapshot.len());
    assert!(groups.values().all(|&count| count == GROUP), "a group in part");
    let cue = HV16::random(random.below(2_000));
    let found = snapshot.recall(&cue, 50).unwrap();
    assert_eq!(found.len(), snapshot.len().min(50));
    assert!(found.windows(2).all(|pair| (pair[0].distance, pair[0].id) < (pair[1].distance, pair[1].id)));
    for found in found {
        let episode = snapshot.get(found.id).unwrap().expect("what is found is there");
        assert_eq!(u32::from(found.distance), hv_memory::hv_parallel::hv_simd::simd_hamming(&cue, &episode.content));
    }
    for (id, _) in snapshot.retrieval_log().unwrap() {
        assert!(snapshot.get(id).unwrap().is_some());
    }
}

fn write(memory: &EpisodicMemory, random: &mut Random, until: Instant) {
    let mut live: Vec<u64> = Vec::new();
    let mut next = 0;
    let policy = ConsolidatePolicy::new().without_fading().floor(0.0);
    while Instant::now() < until {
        match random.below(10) {
            0..6 => {
                let ids = memory.store_batch(&group(next)).unwrap();
                assert_eq!(ids[0].0, next * GROUP, "an id was given out twice");
                live.push(next);
                next += 1;
            }
            6 => {
                let (cue, policy) = (HV16::random(random.below(2_000)), RecollectPolicy::default());
                memory.recollect(&cue, 3, &Conditions::new(), &policy, next as i64).unwrap();
            }
            7 => memory.compact().unwrap(),
            8 => {
                assert!(memory.consolidate(&policy, 0).unwrap().faded.is_empty());
            }
            _ if live.len() > 20 => {
                let gone: Vec<u64> =
                    (0..8).map(|_| live.swap_remove(random.below(live.len() as u64) as usize)).collect();
                let ids = gone.iter().flat_map(|group| group * GROUP..(group + 1) * GROUP).map(EpisodeId);
                assert_eq!(memory.forget(&ids.collect::<Vec<_>>()).unwrap() as u64, 8 * GROUP);
            }
            _ => {}
        }
    }
}

/// Compiles only if it is so.
#[test]
fn a_memory_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<EpisodicMemory>();
    shared::<Snapshot>();
}

/// What a snapshot says and writes is of its moment.
#[test]
fn a_snapshot_counts_and_exports_what_it_holds() {
    let memory = EpisodicMemory::in_memory();
    memory.store_batch(&group(0)).unwrap();
    let (before, snapshot) = (memory.stats(), memory.snapshot());
    memory.store_batch(&group(7)).unwrap();
    memory.forget(&[EpisodeId(3)]).unwrap();
    assert_eq!(snapshot.stats(), before);
    assert_ne!(memory.stats(), before);
    let folder = tempfile::tempdir().unwrap();
    snapshot.export(folder.path()).unwrap();
    let copy = EpisodicMemory::in_memory();
    assert_eq!(copy.import(folder.path()).unwrap() as u64, GROUP);
    assert!(copy.snapshot().episodes().map(Result::unwrap).eq(snapshot.episodes().map(Result::unwrap)));
}

#[test]
fn readers_see_one_consistent_state() {
    let seconds = std::env::var("HV_STRESS").map_or(2, |seconds| seconds.parse().expect("a number of seconds"));
    let folder = tempfile::tempdir().unwrap();
    for memory in [EpisodicMemory::in_memory(), EpisodicMemory::open(folder.path()).unwrap()] {
        let until = Instant::now() + Duration::from_secs(seconds) / 2;
        let (done, checks) = (AtomicBool::new(false), AtomicU64::new(0));
        thread::scope(|scope| {
            for seed in 0..3 {
                let (memory, done, checks) = (&memory, &done, &checks);
                scope.spawn(move || {
                    let mut random = Random(seed);
                    let mut old = memory.snapshot();
                    while !done.load(Ordering::Relaxed) {
                        check(&memory.snapshot(), &mut random);
                        // One from before still says what it did.
                        check(&old, &mut random);
                        if random.below(4) == 0 {
                            old = memory.snapshot();
                        }
                        checks.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            write(&memory, &mut Random(9), until);
            done.store(true, Ordering::Relaxed);
        });
        assert!(checks.into_inner() > 3 && !memory.is_empty());
    }
}
