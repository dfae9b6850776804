//! The episodic memory by the number of its episodes: `cargo bench --bench memory`.
//!
//! How the analyses grow with the memory, fitted, and how they compare with their obvious forms is printed by
//! `cargo run --release --package hv-memory --example scaling`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hv_benches::inputs::{stream, vectors};
use hv_memory::internal::coactivations;
use hv_memory::{CausalPolicy, Conditions, ConsolidatePolicy, EpisodeId, EpisodicMemory, HV16, NewEpisode};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// A second, in the memory's unit.
const SECOND: i64 = 1_000_000;

/// Episodes a second apart, each with a payload of a short line.
fn episodes(contents: &[HV16]) -> Vec<NewEpisode> {
    let episode = |(i, &content): (usize, &HV16)| NewEpisode {
        content,
        time: i as i64 * SECOND,
        valence: 0.0,
        payload: vec![b'x'; 64],
        ..NewEpisode::default()
    };
    contents.iter().enumerate().map(episode).collect()
}

/// A memory that holds episodes of these contents.
fn memory(contents: &[HV16]) -> EpisodicMemory {
    let memory = EpisodicMemory::in_memory();
    memory.store_batch(&episodes(contents)).expect("episodes within their bounds");
    memory
}

/// A thousand episodes in one call, in memory and durable; an item is an episode.
fn store(c: &mut Criterion) {
    let batch = episodes(&vectors(1_000, 1));
    let mut group = c.benchmark_group("store batch");
    group.throughput(Throughput::Elements(batch.len() as u64));
    group.bench_function(BenchmarkId::new("in memory", batch.len()), |b| {
        let store = |memory: EpisodicMemory| {
            memory.store_batch(black_box(&batch)).expect("room");
            memory
        };
        b.iter_batched(EpisodicMemory::in_memory, store, BatchSize::PerIteration);
    });
    // A store of its own for each call, so that none grows; made before the clock starts, removed after it stops.
    let new = || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        (EpisodicMemory::open(folder.path().join("store")).expect("a new store"), folder)
    };
    group.bench_function(BenchmarkId::new("durable", batch.len()), |b| {
        let store = |(memory, folder): (EpisodicMemory, tempfile::TempDir)| {
            memory.store_batch(black_box(&batch)).expect("room");
            (memory, folder)
        };
        b.iter_batched(new, store, BatchSize::PerIteration);
    });
}

/// The nearest ten; an item is an episode that is compared, or a pair of cue and episode.
fn recall(c: &mut Criterion) {
    let (contents, cues) = (vectors(SIZES[2], 1), vectors(100, 2));
    let mut group = c.benchmark_group("recall");
    for n in SIZES {
        let memory = memory(&contents[..n]);
        group.throughput(Throughput::Elements(n as u64));
        group.bench_function(BenchmarkId::new("one cue", n), |b| b.iter(|| memory.recall(black_box(&cues[0]), 10)));
        let near = Conditions::new().min_similarity(0.92);
        group.bench_function(BenchmarkId::new("one cue, at least 0.92 similar", n), |b| {
            b.iter(|| memory.recall_where(black_box(&contents[n / 2]), 1, &near));
        });
        group.throughput(Throughput::Elements((cues.len() * n) as u64));
        group.bench_function(BenchmarkId::new("100 cues", n), |b| b.iter(|| memory.recall_batch(black_box(&cues), 10)));
    }
}

/// Consolidation without merging, and coactivations with ten later retrievals in each window; an item is an episode or
/// a retrieval.
fn analyses(c: &mut Criterion) {
    let contents = stream(SIZES[2]);
    let mut group = c.benchmark_group("analyses");
    for n in SIZES {
        let memory = memory(&contents[..n]);
        group.throughput(Throughput::Elements(n as u64));
        let mut now = n as i64 * SECOND;
        group.bench_function(BenchmarkId::new("consolidate", n), |b| {
            b.iter(|| {
                now += 1; // so that there is something to do
                memory.consolidate(&ConsolidatePolicy::default(), now)
            });
        });
        let events: Vec<(EpisodeId, i64)> =
            (0..n).map(|i| (EpisodeId((i * 7_919 % 1_000) as u64), i as i64 * SECOND)).collect();
        group.bench_function(BenchmarkId::new("coactivations", n), |b| {
            b.iter(|| coactivations(black_box(&events), Duration::from_secs(10), 2));
        });
    }
}

/// Chains from the latest episode back. No items: only the window in which a link could pass is looked at, however many
/// episodes there are.
fn causal_chains(c: &mut Criterion) {
    let contents = stream(SIZES[2]);
    let mut group = c.benchmark_group("causal chain");
    for n in SIZES {
        let (memory, policy) = (memory(&contents[..n]), CausalPolicy::default());
        group.bench_function(BenchmarkId::new("16 links at most", n), |b| {
            b.iter(|| memory.snapshot().causal_chain(black_box(EpisodeId(n as u64 - 1)), &policy));
        });
    }
}

criterion_group! {
    name = suite;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).sample_size(20);
    targets = store, recall, analyses, causal_chains
}
criterion_main!(suite);
