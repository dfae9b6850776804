//! Search that reads a quarter of each vector first, and most vectors no further.
//!
//! A segment can have a prefix plane: the first 512 of the 2,048 bits of every vector. A vector whose prefix differs from
//! that of the query in more bits than a cut allows is dismissed; the others are read in full. With a cut at the largest
//! distance asked for, nothing is ever missed.

use std::sync::{Mutex, PoisonError};

use hv_simd::workspace_internals::{Kernels, Prefix};
use hv_simd::{Bound, HV16, TopK, simd_hamming};

use crate::engine::QUERY_BLOCK;
use crate::in_force::threads_for;
use crate::parallel_for::{lock, parallel_for};
use crate::thresholds::Operation;

/// Vectors that are dismissed or read together: their prefixes are 128 KiB.
const PIECE: usize = 2048;

/// After every this many prefixes a piece may be given up, so that little is read in vain where too many vectors remain.
const STEP: usize = 256;

/// This many vectors more than the allowed share may remain at that check, so that chance seldom ends a piece that would
/// have paid.
const SPARE: usize = 12;

/// Pieces that are read in order after one that was given up, before the next try; doubled after each further try in
/// vain. Near vectors may lie together, as things stored at one time do, or be everywhere.
const REST: u32 = 16;

/// Vectors with their prefix plane, which may be missing.
#[derive(Clone, Copy, Debug)]
pub struct WithPrefixes<'a> {
    /// The vectors.
    pub vectors: &'a [HV16],
    /// Their prefixes, one for each vector; or none, and all vectors are read in full.
    pub prefixes: &'a [Prefix],
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

/// The `k` nearest of the vectors that are within `max_distance` and that `keep` accepts, for each query, without
/// those whose prefix differs from the query's in more than `max_prefix_distance` bits.
///
/// A vector is never nearer than its prefix, so with `max_prefix_distance` of `max_distance` this is
/// [`segments_find_top_k`](crate::for_storage::segments_find_top_k). With less, some vectors are missed; each by itself, and which
/// ones depends on nothing else.
///
/// In parallel from [`Thresholds::top_k`](crate::Thresholds::top_k) on, where a prefix counts as a quarter of a vector.
///
/// Cost: a quarter of the reads of the plain search, and the vectors that remain. If more than one in `worth`
/// vectors of a piece of 2,048 remain, all of it is read in order. Many queries pass over each piece of a plane while it is in the cache; but for dozens with a
/// small `max_distance` the plain search is faster.
///
/// # Panics
///
/// If a plane is neither empty nor as long as its vectors.
#[must_use]
pub fn segments_find_pruned(
    queries: &[HV16],
    segments: &[WithPrefixes<'_>],
    k: usize,
    max_distance: u16,
    max_prefix_distance: u16,
    worth: usize,
    keep: impl Fn(usize) -> bool + Sync,
) -> Vec<Pruned> {
    let (work, pieces) = pieces(segments);
    let (limit, prefix_limit) = (Bound::within(max_distance), Bound::within(max_prefix_distance));
    let search = Search { k, limit, prefix_limit, worth, keep };
    let threads = threads_for(queries.len().saturating_mul(work), Operation::TopK);
    let mut found = Vec::with_capacity(queries.len());
    for queries in queries.chunks(QUERY_BLOCK) {
        let merged = Mutex::new(QueryState::all(queries, k));
        parallel_for(threads, pieces.iter(), |parts| {
            let mut worker = Worker { states: QueryState::all(queries, k), ..Worker::default() };
            for &(first, piece) in parts {
                worker.search(&search, first, piece);
            }
            lock(&merged).iter_mut().zip(&worker.states).for_each(|(merged, state)| merged.merge(state));
        });
        let merged = merged.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.extend(merged.into_iter().map(|s| Pruned { found: s.best.into_sorted(), read_in_full: s.read }));
    }
    found
}

/// The work of a query, in vectors, and all of them in pieces, each with the number of its first.
fn pieces<'a>(segments: &[WithPrefixes<'a>]) -> (usize, Vec<(usize, WithPrefixes<'a>)>) {
    let (mut n, mut planed, mut pieces) = (0, 0, Vec::new());
    for segment in segments {
        let (vectors, prefixes) = (segment.vectors.len(), segment.prefixes.len());
        assert!(prefixes == 0 || prefixes == vectors, "a plane of {prefixes} prefixes for {vectors} vectors");
        for start in (0..vectors).step_by(PIECE) {
            let range = start..vectors.min(start + PIECE);
            let prefixes = segment.prefixes.get(range.clone()).unwrap_or_default();
            pieces.push((n + start, WithPrefixes { vectors: &segment.vectors[range], prefixes }));
        }
        n += vectors;
        planed += prefixes;
    }
    // A plane costs a quarter of its vectors.
    (n - planed + planed / 4, pieces)
}

struct Search<F> {
    /// How many each query keeps.
    k: usize,
    /// Only distances that this admits count.
    limit: Bound,
    /// Only vectors whose prefix this admits are read.
    prefix_limit: Bound,
    /// If more than one in this many vectors of a piece remain, all of it is read in order.
    worth: usize,
    keep: F,
}

/// What a query has found so far.
struct QueryState<'a> {
    query: &'a HV16,
    prefix: Prefix,
    best: TopK,
    read: u64,
    /// Pieces until the next try, and after another try in vain.
    rest: u32,
    next_rest: u32,
}

impl<'a> QueryState<'a> {
    fn all(queries: &'a [HV16], k: usize) -> Vec<Self> {
        let new =
            |query| Self { query, prefix: Prefix::of(query), best: TopK::new(k), read: 0, rest: 0, next_rest: REST };
        queries.iter().map(new).collect()
    }

    /// Searches a piece through its plane, or returns `false` where it is to be read in order.
    fn prune<F: Fn(usize) -> bool>(
        &mut self,
        search: &Search<F>,
        first: usize,
        piece: WithPrefixes<'_>,
        remaining: &mut Vec<usize>,
    ) -> bool {
        if piece.prefixes.is_empty() || self.rest > 0 {
            self.rest = self.rest.saturating_sub(1);
            return false;
        }
        let mut bound = self.best.bound().min(search.limit);
        // A vector that is near enough has a prefix that is.
        let prefix_bound = search.prefix_limit.min(bound);
        remaining.clear();
        for (step, prefixes) in piece.prefixes.chunks(STEP).enumerate() {
            let start = step * STEP;
            let most = (start + prefixes.len()) / search.worth + SPARE;
            Kernels::active().scan_prefixes(&self.prefix, prefixes, start, prefix_bound, &mut |i, _| {
                remaining.push(i);
                if remaining.len() > most { Bound::NOTHING } else { prefix_bound }
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
    states: Vec<QueryState<'a>>,
    /// The vectors of a piece that a query has to read in full.
    remaining: Vec<usize>,
    /// The queries that read a piece in order: their indices in `states`, themselves and their bounds.
    indices: Vec<usize>,
    queries: Vec<HV16>,
    bounds: Vec<Bound>,
}

impl Worker<'_> {
    /// Searches a piece whose vectors are numbered from `first`. Pieces come in ascending order.
    fn search<F: Fn(usize) -> bool>(&mut self, search: &Search<F>, first: usize, piece: WithPrefixes<'_>) {
        let Self { states, remaining, indices, queries, bounds } = self;
        indices.clear();
        queries.clear();
        bounds.clear();
        for (index, state) in states.iter_mut().enumerate() {
            if !state.prune(search, first, piece, remaining) {
                state.read += piece.vectors.len() as u64;
                indices.push(index);
                queries.push(*state.query);
                bounds.push(state.best.bound().min(search.limit));
            }
        }
        Kernels::active().scan_nearest(
            search.k,
            queries,
            piece.vectors,
            first,
            bounds,
            &mut |query, index, distance| {
                let QueryState { prefix, best, .. } = &mut states[indices[query]];
                // Also what the plane would have dismissed, so that the result does not depend on the way here.
                let near = search.prefix_limit.admits(prefix_distance(&piece.vectors[index - first], prefix));
                if near && (search.keep)(index) { best.offer(distance, index) } else { best.bound() }.min(search.limit)
            },
        );
    }
}

/// The distance between the prefix of a vector and another prefix. For the few vectors that a scan reports.
fn prefix_distance(v: &HV16, prefix: &Prefix) -> u16 {
    v.0.iter().zip(&prefix.0).map(|(a, b)| (a ^ b).count_ones() as u16).sum()
}
