//! Searches over vectors that lie in cache, on one thread, next to the xor-popcount limit and the peers.

use std::hint::black_box;

use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::{Backend, HV16};

use super::limits::{REFERENCE_LIMIT_AVX2, Scale};
use super::table::Row;
use crate::inputs::{L1_VECTORS, vectors};
use crate::limits::{read, xor_popcount};
use crate::peers::{self, Peer};
use crate::rounds::{Case, Effort, Rounds, Times};

/// Vectors of the smaller and of the larger memory.
const SIZES: [usize; 2] = [1_000, 10_000];

/// The cases of one table of kernels.
struct Cases {
    limit: Vec<Case>,
    /// Plain reads of the smaller memory.
    reads: Vec<Case>,
    distances: Case,
    nearest_one: Case,
    nearest: Case,
    top_k: Case,
}

impl Cases {
    fn of<'a>(kernels: &'static Kernels, rounds: &mut Rounds<'a>, queries: &'a [HV16], memory: &'a [HV16]) -> Self {
        let small = &memory[..SIZES[0]];
        let (mut distances, mut found) = (vec![0; small.len()], vec![None; queries.len()]);
        Self {
            limit: xor_popcount(rounds, kernels, &queries[0], &memory[..L1_VECTORS]),
            reads: read(rounds, kernels, small),
            distances: rounds.add(small.len(), move || {
                kernels.distances_into(black_box(&queries[0]), small, black_box(&mut distances));
            }),
            nearest_one: rounds.add(small.len(), move || {
                black_box(kernels.find_most_similar(black_box(&queries[0]), small));
            }),
            nearest: rounds.add(queries.len() * small.len(), move || {
                kernels.batch_find_most_similar_into(black_box(queries), small, black_box(&mut found));
            }),
            top_k: rounds.add(queries.len() * memory.len(), move || {
                black_box(kernels.batch_find_top_k(black_box(queries), memory, 10));
            }),
        }
    }
}

/// The cases of a peer: distances and nearest of one query, nearest and top-k of many.
fn peer_cases<'a>(peer: &'a Peer, rounds: &mut Rounds<'a>, queries: &'a [HV16], memory: &'a [HV16]) -> [Case; 4] {
    let small = &memory[..SIZES[0]];
    let buffer = || vec![0; SIZES[1]];
    let (mut a, mut b, mut c, mut d) = (buffer(), buffer(), buffer(), buffer());
    [
        rounds.add(small.len(), move || (peer.distances_into)(black_box(&queries[0]), small, &mut a[..SIZES[0]])),
        rounds.add(small.len(), move || {
            black_box(peer.nearest(black_box(&queries[..1]), small, &mut b[..SIZES[0]]));
        }),
        rounds.add(queries.len() * small.len(), move || {
            black_box(peer.nearest(black_box(queries), small, &mut c[..SIZES[0]]));
        }),
        rounds.add(queries.len() * memory.len(), move || {
            black_box(peer.top_k(black_box(queries), memory, 10, &mut d));
        }),
    ]
}

pub(super) fn measure(effort: Effort) -> Vec<Row> {
    let (memory, queries) = (vectors(SIZES[1], 1), vectors(100, 2));
    let mut rounds = Rounds::new();
    let active = Cases::of(Kernels::active(), &mut rounds, &queries, &memory);
    let avx2 = Kernels::for_backend(Backend::Avx2).map(|kernels| Cases::of(kernels, &mut rounds, &queries, &memory));
    let peers: Vec<_> =
        peers::ALL.iter().map(|peer| (peer.name, peer_cases(peer, &mut rounds, &queries, &memory))).collect();
    let times = rounds.measure(effort);
    let mut rows = active_rows(&times, &active, &peers);
    rows.extend(avx2.iter().flat_map(|avx2| avx2_rows(&times, avx2)));
    rows
}

impl Cases {
    /// What one query is held against: counting bits in L1, or reading the memory, whichever takes longer.
    fn limit_of_one(&self, times: &Times) -> Case {
        let (count, read) = (times.fastest(&self.limit), times.fastest(&self.reads));
        if times.median(count) < times.median(read) { read } else { count }
    }
}

fn active_rows(times: &Times, cases: &Cases, peers: &[(&'static str, [Case; 4])]) -> Vec<Row> {
    let (limit, limit_of_one) = (times.fastest(&cases.limit), cases.limit_of_one(times));
    let row = |work: &str, unit, bar, case, limit, peer_case: usize| {
        let ratios = peers.iter().map(|(name, cases)| (*name, times.ratio(cases[peer_case], case)));
        let scale = Scale::of(times, &cases.limit, case);
        let row = Row::new(work, unit, times.beside(case, &[limit]), times.quiet(&[case, limit]));
        let row = row.at_most(scale.bar(bar)).limit(times.beside(limit, &[case]));
        Row { peers: ratios.collect(), ..row }
    };
    let share = 100.0 * times.ratio(limit, cases.nearest);
    let quiet = times.quiet(&[limit, cases.nearest]);
    let mut rows = vec![
        row("distances, 1 query x 1,000", "ns a vector", 2.5, cases.distances, limit_of_one, 0),
        row("nearest, 1 query x 1,000", "ns a vector", 2.5, cases.nearest_one, limit_of_one, 1),
        row("nearest, 100 queries x 1,000", "ns a pair", 2.2, cases.nearest, limit, 2),
        Row::new("nearest, 100 queries x 1,000, of the limit", "%", share, quiet).at_least(75.0),
        row("top-10, 100 queries x 10,000", "ns a pair", 2.3, cases.top_k, limit, 3),
    ];
    if let Some((name, cases_of_peer)) = peers.first() {
        let against = |work: &str, bar, peer_case: usize, case| {
            let peer = cases_of_peer[peer_case];
            let (ratio, quiet) = (times.ratio(peer, case), times.quiet(&[peer, case]));
            Row::new(format!("{work}, against {name}"), "x", ratio, quiet).at_least(bar)
        };
        rows.push(against("distances, 1 query x 1,000", 1.25, 0, cases.distances));
        rows.push(against("nearest, 1 query x 1,000", 1.25, 1, cases.nearest_one));
        rows.push(against("top-10, 100 queries x 10,000", 2.0, 3, cases.top_k));
    }
    rows
}

/// The bars with AVX2 forced.
fn avx2_rows(times: &Times, avx2: &Cases) -> [Row; 2] {
    let fastest = times.fastest(&avx2.limit);
    let row = |work: &str, unit, bar, case| {
        let limit = times.beside(fastest, &[case]);
        let row = Row::new(work, unit, times.beside(case, &[fastest]), times.quiet(&[case, fastest]));
        row.at_most(bar * limit / REFERENCE_LIMIT_AVX2).limit(limit)
    };
    [
        row("AVX2: distances, 1 query x 1,000", "ns a vector", 5.5, avx2.distances),
        row("AVX2: top-10, 100 queries x 10,000", "ns a pair", 5.0, avx2.top_k),
    ]
}
