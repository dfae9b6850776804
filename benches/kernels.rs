//! Single operations through the table of kernels, inputs in L1: `cargo bench --bench kernels`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hv_benches::inputs::vectors;
use hv_parallel::HV16;
use hv_parallel::hv_simd::{simd_bind, simd_bundle, simd_permute, simd_similarity};

fn pairs(c: &mut Criterion) {
    let (a, b) = (HV16::random(1), HV16::random(2));
    let mut group = c.benchmark_group("single");
    group.throughput(Throughput::Elements(1));
    group.bench_function("bind", |bench| bench.iter(|| simd_bind(black_box(&a), black_box(&b))));
    group.bench_function("similarity", |bench| bench.iter(|| simd_similarity(black_box(&a), black_box(&b))));
}

/// An item is a vector of the set.
fn bundle(c: &mut Criterion) {
    let vectors = vectors(100, 1);
    let mut group = c.benchmark_group("bundle");
    for n in [3, 5, 10, 50, 100] {
        group.throughput(Throughput::Elements(n as u64));
        group.bench_function(BenchmarkId::new("sequential", n), |bench| {
            bench.iter(|| simd_bundle(black_box(&vectors[..n])));
        });
    }
}

fn permute(c: &mut Criterion) {
    let v = HV16::random(1);
    let mut group = c.benchmark_group("permute");
    group.throughput(Throughput::Elements(1));
    for n in [1, 8, 64, 1_000] {
        group.bench_function(BenchmarkId::new("sequential", n), |bench| {
            bench.iter(|| simd_permute(black_box(&v), black_box(n)));
        });
    }
}

criterion_group! {
    name = suite;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).sample_size(50);
    targets = pairs, bundle, permute
}
criterion_main!(suite);
