//! Search that reads a quarter of each vector first, and most vectors no further.
//!
//! Beside each segment lies a plane: the first line, 512 of the 2,048 bits, of every vector. One that differs from
//! the query there in more bits than a cut allows is dismissed; the others are read in full. With a cut at the
//! largest distance asked for, nothing is ever missed.

use std::sync::Mutex;

use hv_simd::{Line, simd_scan_lines};

use crate::share::{lock, share};
use crate::thresholds::threads_for;
use crate::{HV16, TopK, simd_hamming, simd_scan};

/// Vectors that are dismissed or read together: their lines are 256 KiB.
const PIECE: usize = 4096;

/// If more than one in so many vectors of a piece remain, all of it is read in order, which is then faster.
const WORTH: usize = 5;

/// After so many such pieces a thread reads planes no more: these vectors are not strangers to the query.
const PATIENCE: u32 = 3;

/// Vectors, and the plane of their first lines, which may be missing.
#[derive(Clone, Copy, Debug)]
pub struct Planed<'a> {
    /// The vectors.
    pub vectors: &'a [HV16],
    /// Their first lines, as many as there are vectors; or none, and all vectors are read in full.
    pub lines: &'a [Line],
}

/// What a pruned search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// As `(index, distance)`: by distance, then by lower index.
    pub found: Vec<(usize, u16)>,
    /// How many vectors were read in full. With more than one thread this may differ between runs; what was found
    /// does not.
    pub read_in_full: u64,
}

/// The `k` nearest of the vectors that are within `max_distance` and that `keep` accepts, but for those whose first
/// line differs from the query's in more than `max_line_distance` bits.
///
/// A vector is never farther than its line, so with `max_line_distance` of `max_distance` this is
/// [`segments_find_top_k`](crate::segments_find_top_k) of one query. With less, some vectors are missed; each by
/// itself, and which ones depends on nothing else.
///
/// Cost: a quarter of the reads of the plain search, and those of the vectors that remain. Where many do, this goes
/// over to the plain search.
///
/// # Panics
///
/// If a plane is neither empty nor as long as its vectors.
#[must_use]
pub fn segments_find_pruned(
    query: &HV16,
    segments: &[Planed<'_>],
    k: usize,
    max_distance: u16,
    max_line_distance: u16,
    keep: impl Fn(usize) -> bool + Sync,
) -> Pruned {
    let mut n = 0;
    let mut pieces = Vec::new();
    for segment in segments {
        let (vectors, lines) = (segment.vectors.len(), segment.lines.len());
        assert!(lines == 0 || lines == vectors, "a plane of {lines} lines for {vectors} vectors");
        for start in (0..vectors).step_by(PIECE) {
            let range = start..vectors.min(start + PIECE);
            let lines = segment.lines.get(range.clone()).unwrap_or_default();
            pieces.push((n + start, Planed { vectors: &segment.vectors[range], lines }));
        }
        n += vectors;
    }
    let limit = max_distance.saturating_add(1);
    let search = Search { query, line: Line::of(query), limit, line_limit: max_line_distance.saturating_add(1), keep };
    let merged = Mutex::new((TopK::new(k), 0));
    // A plane costs a quarter of the vectors.
    share(threads_for(n / 4, |t| t.top_k), pieces.into_iter(), |parts| {
        let mut worker = Worker { best: TopK::new(k), read: 0, futile: 0, remaining: Vec::new() };
        for (first, piece) in parts {
            worker.search(&search, first, piece);
        }
        let mut merged = lock(&merged);
        merged.0.merge(&worker.best);
        merged.1 += worker.read;
    });
    let (best, read_in_full) = merged.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    Pruned { found: best.into_sorted(), read_in_full }
}

struct Search<'a, F> {
    query: &'a HV16,
    line: Line,
    /// Only distances below this count.
    limit: u16,
    /// Only lines nearer than this are followed.
    line_limit: u16,
    keep: F,
}

struct Worker {
    best: TopK,
    read: u64,
    /// Pieces of which too many vectors remained.
    futile: u32,
    remaining: Vec<usize>,
}

impl Worker {
    /// Searches a piece whose vectors are numbered from `first`. Pieces come in ascending order.
    fn search<F: Fn(usize) -> bool>(&mut self, search: &Search<'_, F>, first: usize, piece: Planed<'_>) {
        let bound = self.best.bound().min(search.limit);
        if piece.lines.is_empty() || self.futile >= PATIENCE || !self.dismiss(search, bound, piece) {
            return self.scan(search, bound, first, piece.vectors);
        }
        self.read += self.remaining.len() as u64;
        let mut bound = bound;
        for &i in &self.remaining {
            let distance = simd_hamming(search.query, &piece.vectors[i]) as u16;
            if distance < bound && (search.keep)(first + i) {
                bound = self.best.offer(distance, first + i).min(search.limit);
            }
        }
    }

    /// Notes which vectors remain, or returns `false` where these are too many.
    fn dismiss<F>(&mut self, search: &Search<'_, F>, bound: u16, piece: Planed<'_>) -> bool {
        let (remaining, most) = (&mut self.remaining, piece.vectors.len() / WORTH);
        remaining.clear();
        // A vector that is near enough has a line that is.
        let line_bound = search.line_limit.min(bound);
        simd_scan_lines(&search.line, piece.lines, 0, line_bound, &mut |i, _| {
            remaining.push(i);
            if remaining.len() > most { 0 } else { line_bound }
        });
        let few = remaining.len() <= most;
        self.futile += u32::from(!few);
        few
    }

    fn scan<F: Fn(usize) -> bool>(&mut self, search: &Search<'_, F>, bound: u16, first: usize, vectors: &[HV16]) {
        self.read += vectors.len() as u64;
        let best = &mut self.best;
        let queries = std::slice::from_ref(search.query);
        simd_scan(queries, vectors, first, &mut [bound], &mut |_, index, distance| {
            // Also what the plane would have dismissed, so that the result does not depend on the way here.
            if line_distance(&vectors[index - first], &search.line) < search.line_limit && (search.keep)(index) {
                best.offer(distance, index)
            } else {
                best.bound()
            }
            .min(search.limit)
        });
    }
}

/// The distance of a vector's first line. For the few vectors that a scan reports.
fn line_distance(v: &HV16, line: &Line) -> u16 {
    v.0.iter().zip(&line.0).map(|(a, b)| (a ^ b).count_ones() as u16).sum()
}
