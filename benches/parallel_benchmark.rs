//! Batch operations by path: `cargo bench --bench parallel_benchmark`.
//!
//! `sequential`, `parallel` and `adaptive` each make a new vector of results; the `into` forms write into one made
//! before. No benchmark times a clone of its inputs.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hv_benches::inputs::vectors;
use hv_benches::paths::{self, Cycle, Path};
use hv_parallel::hv_simd::{simd_bind_into, simd_bundle, simd_similarities_into};
use hv_parallel::{HV16, parallel_batch_bind_into, parallel_batch_bundle_into, parallel_batch_similarity_into};

type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// One benchmark of a group, with the items that it handles.
fn bench(group: &mut Group<'_>, name: &str, size: usize, items: usize, mut run: impl FnMut()) {
    group.throughput(Throughput::Elements(items as u64));
    group.bench_function(BenchmarkId::new(name, size), |b| b.iter(&mut run));
}

fn batch_bind(c: &mut Criterion) {
    let (all, key) = (vectors(5_000, 1), HV16::random(2));
    let mut out = vec![HV16::ZERO; all.len()];
    let mut group = c.benchmark_group("batch bind");
    for n in [100, 500, 1_000, 5_000] {
        let (vectors, out) = (&all[..n], &mut out[..n]);
        for path in Path::ALL {
            bench(&mut group, path.name(), n, n, || {
                black_box(paths::bind(path, black_box(vectors), black_box(&key)));
            });
        }
        bench(&mut group, "sequential into", n, n, || {
            simd_bind_into(black_box(vectors), black_box(&key), black_box(out));
        });
        bench(&mut group, "parallel into", n, n, || {
            parallel_batch_bind_into(black_box(vectors), black_box(&key), black_box(out));
        });
    }
}

fn batch_similarity(c: &mut Criterion) {
    let (all, query) = (vectors(5_000, 1), HV16::random(2));
    let mut out = vec![0.0; all.len()];
    let mut group = c.benchmark_group("batch similarity");
    for n in [100, 500, 1_000, 5_000] {
        let (targets, out) = (&all[..n], &mut out[..n]);
        for path in Path::ALL {
            bench(&mut group, path.name(), n, n, || {
                black_box(paths::similarity(path, black_box(&query), black_box(targets)));
            });
        }
        bench(&mut group, "sequential into", n, n, || {
            simd_similarities_into(black_box(&query), black_box(targets), black_box(out));
        });
        bench(&mut group, "parallel into", n, n, || {
            parallel_batch_similarity_into(black_box(&query), black_box(targets), black_box(out));
        });
    }
}

/// Sets of ten; an item is a vector of a set.
fn batch_bundle(c: &mut Criterion) {
    let all = vectors(2_000, 1);
    let all: Vec<&[HV16]> = all.chunks(10).collect();
    let mut out = vec![None; all.len()];
    let mut group = c.benchmark_group("batch bundle of 10");
    for n in [10, 50, 100, 200] {
        let (sets, out) = (&all[..n], &mut out[..n]);
        for path in Path::ALL {
            bench(&mut group, path.name(), n, 10 * n, || {
                black_box(paths::bundle(path, black_box(sets)));
            });
        }
        bench(&mut group, "sequential into", n, 10 * n, || {
            for (out, set) in black_box(&mut *out).iter_mut().zip(black_box(sets)) {
                *out = simd_bundle(set);
            }
        });
        bench(&mut group, "parallel into", n, 10 * n, || {
            parallel_batch_bundle_into(black_box(sets), black_box(out));
        });
    }
}

/// The nearest of 1,000; an item is a pair of query and vector.
fn nearest(c: &mut Criterion) {
    let (memory, all) = (vectors(1_000, 1), vectors(100, 2));
    let mut group = c.benchmark_group("nearest of 1000");
    for n in [10, 50, 100] {
        for path in Path::ALL {
            bench(&mut group, path.name(), n, n * memory.len(), || {
                black_box(paths::nearest(path, black_box(&all[..n]), black_box(&memory)));
            });
        }
    }
}

/// 50 queries over 1,000 by k, and 100 queries over 10,000; an item is a pair.
fn top_k(c: &mut Criterion) {
    let (memory, queries) = (vectors(10_000, 1), vectors(100, 2));
    let shapes =
        [("top-k of 50 x 1000, by k", 50, 1_000, &[1, 5, 10][..]), ("top-k of 100 x 10000, by k", 100, 10_000, &[10])];
    for (name, q, n, ks) in shapes {
        let mut group = c.benchmark_group(name);
        for &k in ks {
            for path in Path::ALL {
                bench(&mut group, path.name(), k, q * n, || {
                    black_box(paths::top_k(path, black_box(&queries[..q]), black_box(&memory[..n]), k));
                });
            }
        }
    }
}

/// Parallel beside sequential for each operation at its published size, one right after the other; the table of
/// `cargo xtask bench` prints the ratio.
fn speedup(c: &mut Criterion) {
    let (memory, queries) = (vectors(10_000, 1), vectors(100, 2));
    let sets: Vec<&[HV16]> = memory[..1_000].chunks(10).collect();
    let (thousand, key) = (&memory[..1_000], &queries[0]);
    let mut group = c.benchmark_group("speedup");
    let mut pair = |name: &str, size: usize, items: usize, run: &mut dyn FnMut(Path)| {
        for path in [Path::Sequential, Path::Parallel] {
            bench(&mut group, &format!("{name}, {}", path.name()), size, items, || run(path));
        }
    };
    pair("batch bind", 1_000, 1_000, &mut |path| drop(black_box(paths::bind(path, black_box(thousand), key))));
    pair("batch similarity", 1_000, 1_000, &mut |path| {
        black_box(paths::similarity(path, black_box(key), thousand));
    });
    pair("batch bundle of 10", 100, 1_000, &mut |path| drop(black_box(paths::bundle(path, black_box(&sets)))));
    pair("nearest of 1000", 100, 100_000, &mut |path| {
        black_box(paths::nearest(path, black_box(&queries), thousand));
    });
    pair("top-10 of 10000", 100, 1_000_000, &mut |path| {
        black_box(paths::top_k(path, black_box(&queries), &memory, 10));
    });
    let mut cycle = Cycle::new();
    pair("cycle", 1, 1, &mut |path| cycle.run(black_box(path)));
}

/// The published cycle: 100 binds, 1,000 similarities, 10 bundles of 10.
fn cycle(c: &mut Criterion) {
    let mut cycle = Cycle::new();
    let mut group = c.benchmark_group("cycle");
    for path in Path::ALL {
        bench(&mut group, path.name(), 1, 1, || cycle.run(black_box(path)));
    }
}

criterion_group! {
    name = suite;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).sample_size(50);
    targets = batch_bind, batch_similarity, batch_bundle, nearest, top_k, speedup, cycle
}
criterion_main!(suite);
