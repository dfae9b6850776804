//! Search that reads a quarter of each vector first, and most vectors no further.
//!
//! Beside each segment lies a plane: the first line, 512 of the 2,048 bits, of every vector. One that differs from
//! the query there in more bits than a cut allows is dismissed; the others are read in full. With a cut at the
//! largest distance asked for, nothing is ever missed.

use std::sync::{Mutex, PoisonError};

use hv_simd::workspace_internals::{Kernels, Line};
use hv_simd::{Bound, HV16, TopK, simd_hamming};

use crate::engine::QUERY_BLOCK;
use crate::in_force::threads_for;
use crate::share::{lock, share};
use crate::thresholds::Operation;

/// Vectors that are dismissed or read together: their lines are 128 KiB.
const PIECE: usize = 2048;

/// Lines after each of which a piece may be given up, so that little was read in vain where far more remain.
const STEP: usize = 256;

/// So many more than the share may remain at that, so that chance seldom ends it where a little less remain on the
/// whole.
const SPARE: usize = 12;

/// After a piece that was given up, so many are read in order before the next try, and twice as many after each try in
/// vain: near vectors may lie together, as things stored at one time do, or be everywhere.
const REST: u32 = 16;

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

/// The `k` nearest of the vectors that are within `max_distance` and that `keep` accepts, for each query, but for
/// those whose first line differs from the query's in more than `max_line_distance` bits.
///
/// A vector is never nearer than its line, so with `max_line_distance` of `max_distance` this is
/// [`segments_find_top_k`](crate::for_storage::segments_find_top_k). With less, some vectors are missed; each by itself, and which
/// ones depends on nothing else.
///
/// In parallel from [`Thresholds::top_k`](crate::Thresholds::top_k) on, where a line counts as a quarter of a vector.
///
/// Cost: a quarter of the reads of the plain search, and those of the vectors that remain. If more than one in `worth`
/// vectors of a piece of 2,048 remain, all of it is read in order. Many queries pass over each piece of a plane while it is in the cache; but for dozens with a
/// small `max_distance` the plain search is faster.
///
/// # Panics
///
/// If a plane is neither empty nor as long as its vectors.
#[must_use]
pub fn segments_find_pruned(
    queries: &[HV16],
    segments: &[Planed<'_>],
    k: usize,
    max_distance: u16,
    max_line_distance: u16,
    worth: usize,
    keep: impl Fn(usize) -> bool + Sync,
) -> Vec<Pruned> {
    let (work, pieces) = pieces(segments);
    let (limit, line_limit) = (Bound::within(max_distance), Bound::within(max_line_distance));
    let search = Search { k, limit, line_limit, worth, keep };
    let threads = threads_for(queries.len().saturating_mul(work), Operation::TopK);
    let mut found = Vec::with_capacity(queries.len());
    for queries in queries.chunks(QUERY_BLOCK) {
        let merged = Mutex::new(Seeker::all(queries, k));
        share(threads, pieces.iter(), |parts| {
            let mut worker = Worker { seekers: Seeker::all(queries, k), ..Worker::default() };
            for &(first, piece) in parts {
                worker.search(&search, first, piece);
            }
            lock(&merged).iter_mut().zip(&worker.seekers).for_each(|(merged, seeker)| merged.merge(seeker));
        });
        let merged = merged.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.extend(merged.into_iter().map(|s| Pruned { found: s.best.into_sorted(), read_in_full: s.read }));
    }
    found
}

/// The work of a query, in vectors, and all of them in pieces, each with the number of its first.
fn pieces<'a>(segments: &[Planed<'a>]) -> (usize, Vec<(usize, Planed<'a>)>) {
    let (mut n, mut planed, mut pieces) = (0, 0, Vec::new());
    for segment in segments {
        let (vectors, lines) = (segment.vectors.len(), segment.lines.len());
        assert!(lines == 0 || lines == vectors, "a plane of {lines} lines for {vectors} vectors");
        for start in (0..vectors).step_by(PIECE) {
            let range = start..vectors.min(start + PIECE);
            let lines = segment.lines.get(range.clone()).unwrap_or_default();
            pieces.push((n + start, Planed { vectors: &segment.vectors[range], lines }));
        }
        n += vectors;
        planed += lines;
    }
    // A plane costs a quarter of its vectors.
    (n - planed + planed / 4, pieces)
}

struct Search<F> {
    /// How many each query keeps.
    k: usize,
    /// Only distances that this admits count.
    limit: Bound,
    /// Only lines that this admits are followed.
    line_limit: Bound,
    /// If more than one in this many vectors of a piece remain, all of it is read in order.
    worth: usize,
    keep: F,
}

/// A query under way.
struct Seeker<'a> {
    query: &'a HV16,
    line: Line,
    best: TopK,
    read: u64,
    /// The pieces until the next try, and what this is after another in vain.
    rest: u32,
    next_rest: u32,
}

impl<'a> Seeker<'a> {
    fn all(queries: &'a [HV16], k: usize) -> Vec<Self> {
        let new = |query| Self { query, line: Line::of(query), best: TopK::new(k), read: 0, rest: 0, next_rest: REST };
        queries.iter().map(new).collect()
    }

    /// Searches a piece through its plane, or returns `false` where it is to be read in order.
    fn prune<F: Fn(usize) -> bool>(
        &mut self,
        search: &Search<F>,
        first: usize,
        piece: Planed<'_>,
        remaining: &mut Vec<usize>,
    ) -> bool {
        if piece.lines.is_empty() || self.rest > 0 {
            self.rest = self.rest.saturating_sub(1);
            return false;
        }
        let mut bound = self.best.bound().min(search.limit);
        // A vector that is near enough has a line that is.
        let line_bound = search.line_limit.min(bound);
        remaining.clear();
        for (step, lines) in piece.lines.chunks(STEP).enumerate() {
            let start = step * STEP;
            let most = (start + lines.len()) / search.worth + SPARE;
            Kernels::active().scan_lines(&self.line, lines, start, line_bound, &mut |i, _| {
                remaining.push(i);
                if remaining.len() > most { Bound::NOTHING } else { line_bound }
            });
            if remaining.len() > most {
                self.rest = self.next_rest;
                self.next_rest = self.next_rest.saturating_mul(2);
                return false;
            }
        }
        self.next_rest = REST;
        self.read += remaining.len() as u64;
        for &i in &*remaining {
            let distance = simd_hamming(self.query, &piece.vectors[i]) as u16;
            if bound.admits(distance) && (search.keep)(first + i) {
                bound = self.best.offer(distance, first + i).min(search.limit);
            }
        }
        true
    }

    fn merge(&mut self, other: &Self) {
        self.best.merge(&other.best);
        self.read += other.read;
    }
}

/// What a thread needs for some queries.
#[derive(Default)]
struct Worker<'a> {
    seekers: Vec<Seeker<'a>>,
    /// The vectors of a piece that a query has to read in full.
    remaining: Vec<usize>,
    /// The queries that read a piece in order: their places, themselves and their bounds.
    places: Vec<usize>,
    queries: Vec<HV16>,
    bounds: Vec<Bound>,
}

impl Worker<'_> {
    /// Searches a piece whose vectors are numbered from `first`. Pieces come in ascending order.
    fn search<F: Fn(usize) -> bool>(&mut self, search: &Search<F>, first: usize, piece: Planed<'_>) {
        let Self { seekers, remaining, places, queries, bounds } = self;
        places.clear();
        queries.clear();
        bounds.clear();
        for (place, seeker) in seekers.iter_mut().enumerate() {
            if !seeker.prune(search, first, piece, remaining) {
                seeker.read += piece.vectors.len() as u64;
                places.push(place);
                queries.push(*seeker.query);
                bounds.push(seeker.best.bound().min(search.limit));
            }
        }
        Kernels::active().scan_nearest(
            search.k,
            queries,
            piece.vectors,
            first,
            bounds,
            &mut |query, index, distance| {
                let Seeker { line, best, .. } = &mut seekers[places[query]];
                // Also what the plane would have dismissed, so that the result does not depend on the way here.
                let near = search.line_limit.admits(line_distance(&piece.vectors[index - first], line));
                if near && (search.keep)(index) { best.offer(distance, index) } else { best.bound() }.min(search.limit)
            },
        );
    }
}

/// The distance of a vector's first line. For the few vectors that a scan reports.
fn line_distance(v: &HV16, line: &Line) -> u16 {
    v.0.iter().zip(&line.0).map(|(a, b)| (a ^ b).count_ones() as u16).sum()
}
