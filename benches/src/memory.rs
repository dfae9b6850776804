//! The suites of the episodic memory, by the number of its episodes.

use std::hint::black_box;
use std::time::Duration;

use hv_memory::internal::coactivations;
use hv_memory::{CausalPolicy, Conditions, ConsolidatePolicy, EpisodeId, EpisodicMemory, HV16, NewEpisode, Progress};

use crate::inputs::{stream, vectors};
use crate::rounds::Effort;
use crate::suites::{Estimate, Suite};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// A second, in the memory's unit.
const SECOND: i64 = 1_000_000;

/// Episodes a second apart, each with a payload of a short line.
fn episodes(contents: &[HV16]) -> Vec<NewEpisode> {
    let episode = |(i, &content): (usize, &HV16)| NewEpisode {
        content,
        time: i as i64 * SECOND,
        payload: vec![b'x'; 64],
        ..NewEpisode::default()
    };
    contents.iter().enumerate().map(episode).collect()
}

/// A memory for each of the sizes.
fn memories(contents: &[HV16]) -> [(usize, EpisodicMemory); 3] {
    SIZES.map(|n| {
        let memory = EpisodicMemory::in_memory();
        memory.store_batch(&episodes(&contents[..n])).expect("episodes within their bounds");
        (n, memory)
    })
}

/// All of them, in few rounds, since they take milliseconds.
pub fn measure(effort: Effort) -> Vec<Estimate> {
    let (batch, contents, cues) = (episodes(&vectors(1_000, 1)), vectors(SIZES[2], 1), vectors(100, 2));
    let (unrelated, stream) = (memories(&contents), memories(&stream(SIZES[2])));
    let mut suite = Suite::default();
    store(&mut suite, &batch);
    unrelated.iter().for_each(|(n, memory)| recall(&mut suite, *n, memory, &contents[n / 2], &cues));
    stream.iter().for_each(|(n, memory)| analyses(&mut suite, *n, memory));
    // Only the window in which a link could pass is looked at, however many episodes there are: so it has no items.
    for (n, memory) in &stream {
        let (policy, last) = (CausalPolicy::default(), EpisodeId(*n as u64 - 1));
        suite.add(("causal chain", "16 links at most", *n), None, move || {
            drop(black_box(memory.snapshot().causal_chain(black_box(last), &policy)));
        });
    }
    suite.measure(effort.fewer(5)).0
}

/// A thousand episodes in one call, in memory and durable; an item is an episode.
fn store<'a>(suite: &mut Suite<'a>, batch: &'a [NewEpisode]) {
    let case = suite.rounds.add_made(EpisodicMemory::in_memory, |memory| {
        memory.store_batch(black_box(batch)).expect("room");
        memory
    });
    suite.name(("store batch", "in memory", batch.len()), Some(batch.len()), case);
    // A store of its own for each call, so that none grows.
    let new = || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        (EpisodicMemory::open(folder.path().join("store")).expect("a new store"), folder)
    };
    let case = suite.rounds.add_made(new, |(memory, folder)| {
        memory.store_batch(black_box(batch)).expect("room");
        (memory, folder)
    });
    suite.name(("store batch", "durable", batch.len()), Some(batch.len()), case);
}

/// The nearest ten, and the nearest where only near ones are wanted; an item is an episode that is compared, or a pair of
/// cue and episode.
fn recall<'a>(suite: &mut Suite<'a>, n: usize, memory: &'a EpisodicMemory, known: &'a HV16, cues: &'a [HV16]) {
    let near = Conditions::new().min_similarity(0.92);
    suite.add(("recall", "one cue", n), Some(n), || drop(black_box(memory.recall(black_box(&cues[0]), 10))));
    suite.add(("recall", "one cue, at least 0.92 similar", n), Some(n), move || {
        drop(black_box(memory.recall_where(black_box(known), 1, &near)));
    });
    suite.add(("recall", "100 cues", n), Some(cues.len() * n), || {
        drop(black_box(memory.recall_batch(black_box(cues), 10)));
    });
}

/// Consolidation without merging, and coactivations with ten later retrievals in each window: an item is an episode or a
/// retrieval.
fn analyses<'a>(suite: &mut Suite<'a>, n: usize, memory: &'a EpisodicMemory) {
    let mut now = n as i64 * SECOND;
    suite.add(("analyses", "consolidate", n), Some(n), move || {
        now += 1; // so that there is something to do
        drop(black_box(memory.consolidate(&ConsolidatePolicy::default(), now)));
    });
    let event = |i: usize| (EpisodeId((i * 7_919 % 1_000) as u64), i as i64 * SECOND);
    let events: Vec<(EpisodeId, i64)> = (0..n).map(event).collect();
    suite.add(("analyses", "coactivations", n), Some(n), move || {
        black_box(coactivations(black_box(&events), Duration::from_secs(10), 2, &Progress::new()));
    });
}
