//! Searches over vectors that lie in cache, on one thread, next to the xor-popcount limit and the peers.

use std::hint::black_box;

use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::{Backend, HV16};

use super::table::{Row, scaled, scaled_for_avx2};
use crate::inputs::{L1_VECTORS, vectors};
use crate::limits::{read, xor_popcount};
use crate::peers::{self, Peer};
use crate::quiet::Cores;
use crate::rounds::{Case, Effort, Rounds, Times};

/// Vectors of the smaller and of the larger memory.
const SIZES: [usize; 2] = [1_000, 10_000];

/// The searches, in the order of a [`Cases`] and of a peer's cases: the name, the unit, and the bar.
const SEARCHES: [(&str, &str, f64); 4] = [
    ("distances, 1 query x 1,000", "ns a vector", 2.5),
    ("nearest, 1 query x 1,000", "ns a vector", 2.5),
    ("nearest, 100 queries x 1,000", "ns a pair", 2.2),
    ("top-10, 100 queries x 10,000", "ns a pair", 2.3),
];

/// The cases of one table of kernels.
struct Cases {
    limit: Vec<Case>,
    /// Plain reads of the smaller memory.
    reads: Vec<Case>,
    searches: [Case; 4],
}

impl Cases {
    fn of<'a>(kernels: &'static Kernels, rounds: &mut Rounds<'a>, queries: &'a [HV16], memory: &'a [HV16]) -> Self {
        let (small, query) = (&memory[..SIZES[0]], &queries[0]);
        let (mut distances, mut found) = (vec![0; small.len()], vec![None; queries.len()]);
        let limit = xor_popcount(rounds, kernels, query, &memory[..L1_VECTORS]);
        let reads = read(rounds, kernels, None, small);
        let searches = [
            rounds.add(small.len(), move || kernels.distances_into(black_box(query), small, black_box(&mut distances))),
            rounds.add(small.len(), move || _ = black_box(kernels.find_most_similar(black_box(query), small))),
            rounds.add(queries.len() * small.len(), move || {
                kernels.batch_find_most_similar_into(black_box(queries), small, black_box(&mut found));
            }),
            rounds.add(queries.len() * memory.len(), move || {
                drop(black_box(kernels.batch_find_top_k(black_box(queries), memory, 10)));
            }),
        ];
        Self { limit, reads, searches }
    }
}

/// The cases of a peer: the same searches.
fn peer_cases<'a>(peer: &'a Peer, rounds: &mut Rounds<'a>, queries: &'a [HV16], memory: &'a [HV16]) -> [Case; 4] {
    let small = &memory[..SIZES[0]];
    let [mut a, mut b, mut c] = [(); 3].map(|()| vec![0; SIZES[0]]);
    let mut d = vec![0; SIZES[1]];
    [
        rounds.add(small.len(), move || (peer.distances_into)(black_box(&queries[0]), small, &mut a)),
        rounds.add(small.len(), move || drop(black_box(peer.nearest(black_box(&queries[..1]), small, &mut b)))),
        rounds.add(queries.len() * small.len(), move || {
            drop(black_box(peer.nearest(black_box(queries), small, &mut c)));
        }),
        rounds.add(queries.len() * memory.len(), move || {
            drop(black_box(peer.top_k(black_box(queries), memory, 10, &mut d)));
        }),
    ]
}

pub(super) fn measure(effort: Effort) -> Vec<Row> {
    let (memory, queries) = (vectors(SIZES[1], 1), vectors(100, 2));
    let mut rounds = Rounds::on(Cores::Caller);
    let active = Cases::of(Kernels::active(), &mut rounds, &queries, &memory);
    let avx2 = Kernels::for_backend(Backend::Avx2).map(|kernels| Cases::of(kernels, &mut rounds, &queries, &memory));
    let peers: Vec<_> =
        peers::ALL.iter().map(|peer| (peer.name, peer_cases(peer, &mut rounds, &queries, &memory))).collect();
    let times = rounds.measure(effort);
    let mut rows = active_rows(&times, &active, &peers);
    rows.extend(avx2.iter().flat_map(|avx2| avx2_rows(&times, avx2)));
    rows
}

fn active_rows(times: &Times, cases: &Cases, peers: &[(&'static str, [Case; 4])]) -> Vec<Row> {
    let (count, read) = (times.fastest(&cases.limit), times.fastest(&cases.reads));
    // One query is held against counting bits in L1 or reading the memory, whichever takes longer.
    let limit_of_one = if times.median(count) < times.median(read) { read } else { count };
    let row = |i: usize| {
        let ((work, unit, bar), case) = (SEARCHES[i], cases.searches[i]);
        let limit = if i < 2 { limit_of_one } else { count };
        let row = Row::time(times, work, unit, (case, limit)).at_most(scaled(bar, times.median_with(count, &[case])));
        Row { peers: peers.iter().map(|(name, peer)| (*name, times.ratio(peer[i], case))).collect(), ..row }
    };
    let mut rows: Vec<Row> = (0..4).map(row).collect();
    let share = format!("{}, of the limit", SEARCHES[2].0);
    rows.insert(3, Row::ratio(times, share, (100.0, "%"), (count, cases.searches[2])).at_least(75.0));
    for (name, peer) in peers.iter().take(1) {
        for (i, bar) in [(0, 1.25), (1, 1.25), (3, 2.0)] {
            let work = format!("{}, against {name}", SEARCHES[i].0);
            rows.push(Row::ratio(times, work, (1.0, "x"), (peer[i], cases.searches[i])).at_least(bar));
        }
    }
    rows
}

/// The bars with AVX2 forced.
fn avx2_rows(times: &Times, avx2: &Cases) -> [Row; 2] {
    let limit = times.fastest(&avx2.limit);
    [(0, 5.5), (3, 5.0)].map(|(i, bar)| {
        let ((work, unit, _), case) = (SEARCHES[i], avx2.searches[i]);
        let row = Row::time(times, format!("AVX2: {work}"), unit, (case, limit));
        row.at_most(scaled_for_avx2(bar, times.median_with(limit, &[case])))
    })
}
