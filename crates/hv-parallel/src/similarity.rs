//! One query, or all vectors, compared with many.

use hv_simd::workspace_internals::Kernels;
use hv_simd::{HV16, simd_similarities_into, similarity_of_distance};

use crate::in_force::threads_for;
use crate::parallel_for::parallel_for;
use crate::parts::Parts;
use crate::pool;
use crate::same_length::same_length;
use crate::thresholds::Operation;

/// Vectors of a part, at least: some hundred nanoseconds of work, and whole cache lines of results.
const GRAIN: usize = 128;

/// Rows of all pairs that are made together, at most: enough that what the kernels do once for all of them is little
/// next to comparing.
const ROWS: usize = 128;

/// The similarities of `query` with every target, in parallel.
#[must_use]
pub fn parallel_batch_similarity(query: &HV16, targets: &[HV16]) -> Vec<f32> {
    let mut out = vec![0.0; targets.len()];
    parallel_batch_similarity_into(query, targets, &mut out);
    out
}

/// [`parallel_batch_similarity`] into a caller's slice.
///
/// # Panics
///
/// If `out` is not as long as `targets`.
pub fn parallel_batch_similarity_into(query: &HV16, targets: &[HV16], out: &mut [f32]) {
    similarity_into(query, targets, out, pool::threads());
}

/// The similarities of `query` with every target; in parallel from
/// [`Thresholds::similarity`](crate::Thresholds::similarity) targets on.
///
/// ```
/// use hv_parallel::{HV16, adaptive_batch_similarity};
///
/// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// let similarities = adaptive_batch_similarity(&memory[7], &memory);
/// assert_eq!((similarities[7], similarities[8] < 0.6), (1.0, true));
/// ```
#[must_use]
pub fn adaptive_batch_similarity(query: &HV16, targets: &[HV16]) -> Vec<f32> {
    let mut out = vec![0.0; targets.len()];
    adaptive_batch_similarity_into(query, targets, &mut out);
    out
}

/// [`adaptive_batch_similarity`] into a caller's slice.
///
/// # Panics
///
/// If `out` is not as long as `targets`.
pub fn adaptive_batch_similarity_into(query: &HV16, targets: &[HV16], out: &mut [f32]) {
    similarity_into(query, targets, out, threads_for(targets.len(), Operation::Similarity));
}

pub(crate) fn similarity_into(query: &HV16, targets: &[HV16], out: &mut [f32], threads: usize) {
    same_length("batch similarity", targets.len(), out.len());
    similarity_parts(query, targets, Parts::shrinking(out, GRAIN, GRAIN, threads), threads);
}

/// The similarities of `query` with every target, in parallel by chunks of `chunk_size` targets; 0 chooses.
///
/// For callers who know their caches better than the automatic choice does; the result is the same.
#[must_use]
pub fn parallel_chunked_similarity(query: &HV16, targets: &[HV16], chunk_size: usize) -> Vec<f32> {
    let mut out = vec![0.0; targets.len()];
    parallel_chunked_similarity_into(query, targets, chunk_size, &mut out);
    out
}

/// [`parallel_chunked_similarity`] into a caller's slice.
///
/// # Panics
///
/// If `out` is not as long as `targets`.
pub fn parallel_chunked_similarity_into(query: &HV16, targets: &[HV16], chunk_size: usize, out: &mut [f32]) {
    if chunk_size == 0 {
        return parallel_batch_similarity_into(query, targets, out);
    }
    same_length("chunked similarity", targets.len(), out.len());
    similarity_parts(query, targets, Parts::equal(out, chunk_size), pool::threads());
}

fn similarity_parts(query: &HV16, targets: &[HV16], parts: Parts<&mut [f32]>, threads: usize) {
    parallel_for(threads, parts, |parts| {
        for (range, out) in parts {
            simd_similarities_into(query, &targets[range], out);
        }
    });
}

/// The similarities of all pairs, row `i` holding the similarities of vector `i` with every vector, itself included.
///
/// Cost: n² distances, and 4 n² bytes; for the few pairs that are alike take
/// [`parallel_find_similar_pairs`](crate::parallel_find_similar_pairs).
///
/// ```
/// use hv_parallel::{HV16, parallel_all_pairs_similarity};
///
/// let rows = parallel_all_pairs_similarity(&[1, 2, 1].map(HV16::random));
/// assert_eq!((rows[0][2], rows[1][1], rows[0][1] < 0.6), (1.0, 1.0, true));
/// ```
#[must_use]
pub fn parallel_all_pairs_similarity(vectors: &[HV16]) -> Vec<Vec<f32>> {
    let mut rows = vec![Vec::new(); vectors.len()];
    let threads = pool::threads();
    let size = vectors.len().div_ceil(threads * 4).min(ROWS);
    parallel_for(threads, Parts::equal(&mut rows[..], size), |parts| {
        for (range, rows) in parts {
            fill_rows(&vectors[range], vectors, rows);
        }
    });
    rows
}

fn fill_rows(queries: &[HV16], vectors: &[HV16], rows: &mut [Vec<f32>]) {
    for row in rows.iter_mut() {
        row.reserve_exact(vectors.len());
    }
    Kernels::active().scan_distances(queries, vectors, &mut |query, _, distances| {
        rows[query].extend(distances.iter().map(|&distance| similarity_of_distance(distance)));
    });
}
