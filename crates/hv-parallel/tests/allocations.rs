//! The `_into` forms allocate nothing that grows with the input.

mod common;

use std::alloc::System;

use common::{pool, tied};
use hv_parallel::hv_simd::simd_batch_find_most_similar_into;
use hv_parallel::*;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Far less than any input below, far more than the few jobs that Rayon boxes.
const FEW_BYTES: usize = 1_024;

/// The bytes that `work` allocates, by up to three tries: now and then the pool's queues take a bag of their own.
fn bytes_of(mut work: impl FnMut()) -> usize {
    let mut bytes = || {
        let region = Region::new(ALLOCATOR);
        work();
        region.change().bytes_allocated
    };
    (0..2).map(|_| bytes()).find(|&bytes| bytes < FEW_BYTES).unwrap_or_else(&mut bytes)
}

/// One test, because the count is of the process.
#[test]
fn into_forms_allocate_nothing_that_grows_with_the_input() {
    const N: usize = 20_000;
    let vectors = tied(N);
    let key = vectors[0];
    let sets: Vec<&[HV16]> = vectors.chunks(2).collect();
    let mut bound = vec![HV16::ZERO; N];
    let mut similarities = vec![0.0; N];
    let mut bundles = vec![None; sets.len()];
    let mut nearest = vec![None; N];
    for threads in [1, 3] {
        let pool = pool(threads);
        // Threads allocate as they start, and once for searches with many queries.
        pool.broadcast(|_| simd_batch_find_most_similar_into(&vectors[..128], &vectors[..500], &mut [None; 128]));
        pool.install(|| {
            let measured = [
                ("bind", bytes_of(|| parallel_batch_bind_into(&vectors, &key, &mut bound))),
                ("adaptive bind", bytes_of(|| adaptive_batch_bind_into(&vectors, &key, &mut bound))),
                ("adaptive pairs", bytes_of(|| adaptive_batch_bind_pairs_into(&vectors, &vectors, &mut bound))),
                ("adaptive similarity", bytes_of(|| adaptive_batch_similarity_into(&key, &vectors, &mut similarities))),
                ("adaptive bundle", bytes_of(|| adaptive_batch_bundle_into(&sets, &mut bundles))),
                (
                    "adaptive nearest",
                    bytes_of(|| adaptive_batch_find_most_similar_into(&vectors, &vectors[..20], &mut nearest)),
                ),
                ("bind pairs", bytes_of(|| parallel_batch_bind_pairs_into(&vectors, &vectors, &mut bound))),
                ("similarity", bytes_of(|| parallel_batch_similarity_into(&key, &vectors, &mut similarities))),
                ("chunked", bytes_of(|| parallel_chunked_similarity_into(&key, &vectors, 10, &mut similarities))),
                ("bundle", bytes_of(|| parallel_batch_bundle_into(&sets, &mut bundles))),
                // By queries, by memory, and by queries although the memory is large enough to be split.
                ("nearest", bytes_of(|| parallel_batch_find_most_similar_into(&vectors, &vectors[..20], &mut nearest))),
                (
                    "nearest",
                    bytes_of(|| {
                        parallel_batch_find_most_similar_into(&vectors[..200], &vectors, &mut nearest[..200]);
                    }),
                ),
                (
                    "nearest to many",
                    bytes_of(|| {
                        parallel_batch_find_most_similar_into(
                            &vectors[..4_000],
                            &vectors[..1_200],
                            &mut nearest[..4_000],
                        )
                    }),
                ),
            ];
            for (operation, bytes) in measured {
                assert!(bytes < FEW_BYTES, "{operation} on {threads} threads allocated {bytes} bytes");
            }
        });
    }
}
