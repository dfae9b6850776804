//! Progress callbacks: from nothing to all in steps that never fall, and results as without one.

mod common;

use common::{Random, episode, episodes};
use hv_memory::{ConsolidatePolicy, EpisodeId, EpisodicMemory, HV16, NewEpisode};

/// What a callback was called with.
#[derive(Default)]
struct Calls(Vec<(u64, u64)>);

impl Calls {
    fn note(&mut self) -> impl FnMut(u64, u64) + Send {
        |done, all| self.0.push((done, all))
    }

    /// Checks that they rise from 0 to all, which stays the same, in at least `least` steps. Returns all.
    fn check(&self, least: usize) -> u64 {
        let all = self.0.last().expect("called at least once").1;
        assert!(self.0.is_sorted() && self.0.iter().all(|call| call.1 == all), "{:?}", self.0);
        assert_eq!((self.0[0].0, self.0[self.0.len() - 1].0), (0, all));
        let mut steps = self.0.clone();
        steps.dedup();
        assert!(steps.len() > least, "{} steps to {all}", steps.len());
        all
    }
}

fn pairs(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// Near-duplicates in threes, every fourth forgotten: 3/4 of `n` live.
fn fill(memory: &EpisodicMemory, n: u64) {
    let near = |number: u64| {
        let mut content = HV16::random(number / 3);
        let mut random = Random(number);
        (0..40).for_each(|_| content.set_bit(random.below(2048) as usize, false));
        NewEpisode { content, time: 0, ..episode(number) }
    };
    memory.store_batch(&(0..n).map(near).collect::<Vec<_>>()).unwrap();
    memory.forget(&(0..n).step_by(4).map(EpisodeId).collect::<Vec<_>>()).unwrap();
}

/// Runs a check on a memory of `n` episodes without a folder and with one; it gets another that is equal, too.
fn with_memories(n: u64, check: impl Fn(&EpisodicMemory, &EpisodicMemory)) {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| EpisodicMemory::open(folder.path().join(name)).unwrap();
    for (memory, other) in [(EpisodicMemory::in_memory(), EpisodicMemory::in_memory()), (open("a"), open("b"))] {
        fill(&memory, n);
        fill(&other, n);
        check(&memory, &other);
    }
}

#[test]
fn similar_pairs() {
    for n in [0, 1, 5, 1_000] {
        with_memories(n, |memory, _| {
            let mut calls = Calls::default();
            let found = memory.snapshot().similar_pairs_with_progress(0.9, calls.note()).unwrap();
            // Of many threads, one that finds another reporting goes on.
            assert_eq!(calls.check(0), pairs(n));
            let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
            let mut calls = Calls::default();
            one.install(|| memory.snapshot().similar_pairs_with_progress(0.9, calls.note()).unwrap());
            assert_eq!(calls.check((n / 128) as usize), pairs(n));
            assert_eq!(found, memory.snapshot().similar_pairs(0.9).unwrap());
            assert_eq!(found.is_empty(), n < 5);
            // Where no pair can be found.
            let mut calls = Calls::default();
            assert_eq!(memory.snapshot().similar_pairs_with_progress(1.5, calls.note()).unwrap(), []);
            assert_eq!(calls.check(0), 0);
        });
    }
}

#[test]
fn a_dry_run() {
    let fading = ConsolidatePolicy { capacity: Some(100), ..ConsolidatePolicy::default() };
    let merging = ConsolidatePolicy { merge: Some(0.9), ..fading };
    for n in [0, 1, 8, 1_000] {
        with_memories(n, |memory, _| {
            let snapshot = memory.snapshot();
            let mut calls = Calls::default();
            let planned = snapshot.consolidation_with_progress(&merging, 0, calls.note()).unwrap();
            // A third of the living, two thirds of n, survive; 64 of them at a step.
            assert_eq!(calls.check((n / 3 / 64) as usize), pairs(memory.len() as u64));
            assert_eq!(planned, snapshot.consolidation(&merging, 0).unwrap());
            assert_eq!(planned.absorbed.is_empty(), n < 8);
            let mut calls = Calls::default();
            let planned = snapshot.consolidation_with_progress(&fading, 0, calls.note()).unwrap();
            assert_eq!(planned, snapshot.consolidation(&fading, 0).unwrap());
            assert_eq!(calls.check(0), 0);
        });
    }
}

#[test]
fn consolidating() {
    let fading = ConsolidatePolicy { capacity: Some(6_000), ..ConsolidatePolicy::default() };
    let merging = ConsolidatePolicy { merge: Some(0.9), ..fading };
    for (n, policy) in [(0, fading), (0, merging), (10, merging), (12_000, fading), (12_000, merging)] {
        with_memories(n, |memory, other| {
            let (on_disk, living) = (memory.stats().disk_bytes > 0, memory.len() as u64);
            let mut calls = Calls::default();
            let done = memory.consolidate_with_progress(&policy, 0, calls.note()).unwrap();
            let compared = if policy.merge.is_some() { pairs(living) } else { 0 };
            let merged = done.absorbed.len() > 1;
            assert_eq!(merged, n > 0 && policy.merge.is_some());
            let steps = (n / 3 / 64 * u64::from(merged)) as usize + if on_disk && n > 5_000 { 4 } else { 0 };
            let written = calls.check(steps) - compared;
            // Vectors and payloads, of all where it is not known before what will be left.
            let least = memory.len() as u64 * 256 + memory.stats().payload_bytes;
            assert!(if merged { written > least } else { written == least }, "{written}, {least}");
            assert_eq!(done, other.consolidate(&policy, 0).unwrap());
            assert!(
                memory.snapshot().episodes().map(Result::unwrap).eq(other.snapshot().episodes().map(Result::unwrap))
            );
        });
    }
}

#[test]
fn compacting() {
    for n in [0, 1, 12_000] {
        with_memories(n, |memory, other| {
            let on_disk = memory.stats().disk_bytes > 0;
            let mut calls = Calls::default();
            memory.compact_with_progress(calls.note()).unwrap();
            let bytes = memory.len() as u64 * 256 + memory.stats().payload_bytes;
            assert_eq!(calls.check(if on_disk && n > 5_000 { 6 } else { 0 }), bytes);
            other.compact().unwrap();
            assert!(
                memory.snapshot().episodes().map(Result::unwrap).eq(other.snapshot().episodes().map(Result::unwrap))
            );
        });
    }
}

#[test]
fn a_callback_may_ask_the_memory_that_it_reports_on() {
    let memory = EpisodicMemory::in_memory();
    memory.store_batch(&episodes(0..300)).unwrap();
    let mut asked = 0;
    let policy = ConsolidatePolicy { merge: Some(0.9), ..ConsolidatePolicy::default() };
    let ask = |_, _| asked += memory.recall(&HV16::random(7), 3).unwrap().len();
    memory.consolidate_with_progress(&policy, 0, ask).unwrap();
    assert!(asked >= 9);
}
