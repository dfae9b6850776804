//! How a search is split among threads: by memory or by queries, and into which parts.

use std::ops::Range;

use hv_simd::workspace_internals::Kernels;

use crate::parts::Ranges;

/// Minimum number of vectors in a part of the memory.
const MEMORY_GRAIN: usize = 256;

/// The same where each thread has at least this many: the kernels prepare the queries again for each part.
const MEMORY_PART: usize = 512;

/// Vectors that each thread must have for each result wanted, or the split is by queries: with this many, filling and
/// merging the results of every thread costs less than tables that every thread makes (docs/tuning.md).
const VECTORS_PER_RESULT: usize = 32;

/// Queries for each thread from which on the split is by queries, whatever the memory.
const QUERIES_PER_THREAD: usize = 512;

pub(crate) fn splits_by_memory(kernels: &Kernels, queries: usize, vectors: usize, k: usize, threads: usize) -> bool {
    if threads == 1 || queries >= threads.saturating_mul(QUERIES_PER_THREAD) {
        return false;
    }
    let by_memory = kernels.scan_cost(queries, largest_part_of_memory(vectors, kernels.tile(queries), threads));
    let by_queries = kernels.scan_cost(queries.div_ceil(threads), vectors);
    // About equal costs are not: by memory it is read once, and one thread's bounds serve all.
    let is_cheap = by_memory <= by_queries.saturating_add(by_queries / 16);
    let finds_little = k.min(vectors).saturating_mul(VECTORS_PER_RESULT) <= vectors / threads;
    queries < threads || is_cheap && finds_little
}

/// The vectors of the thread that gets most: whole tiles of the kernels, since a part of one costs as much.
fn largest_part_of_memory(vectors: usize, tile: usize, threads: usize) -> usize {
    let tiles = vectors.div_ceil(tile).div_ceil(threads);
    tiles.max(MEMORY_GRAIN.div_ceil(tile)) * tile
}

/// A memory cut into parts of whole tiles.
pub(crate) fn parts_of_memory(
    vectors: usize,
    tile: usize,
    threads: usize,
) -> impl Iterator<Item = Range<usize>> + Send {
    let grain = largest_part_of_memory(vectors, tile, threads).min(MEMORY_PART.next_multiple_of(tile));
    let tiles = Ranges::shrinking(vectors.div_ceil(tile), grain / tile, 1, threads);
    tiles.map(move |tiles| tiles.start * tile..vectors.min(tiles.end * tile))
}

#[cfg(test)]
mod tests;
