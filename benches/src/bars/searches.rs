//! Searches over vectors that lie in cache, on one thread, next to the xor-popcount limit and the peers.

use std::hint::black_box;

use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::{Backend, HV16};

use super::table::{Row, scaled};
use crate::inputs::{L1_VECTORS, vectors};
use crate::limits::{REFERENCE_LIMIT, REFERENCE_LIMIT_AVX2, read, xor_popcount};
use crate::peers::{self, Peer};
use crate::quiet::Cores;
use crate::rounds::{Case, Effort, Rounds, Times};

/// The searches: the name, the unit, queries and vectors, and the bar.
const SEARCHES: [(&str, &str, (usize, usize), f64); 4] = [
    ("distances, 1 query x 1,000", "ns a vector", (1, 1_000), 2.5),
    ("nearest, 1 query x 1,000", "ns a vector", (1, 1_000), 2.5),
    ("nearest, 100 queries x 1,000", "ns a pair", (100, 1_000), 2.2),
    ("top-10, 100 queries x 10,000", "ns a pair", (100, 10_000), 2.3),
];

/// What is searched.
struct Inputs {
    queries: Vec<HV16>,
    memory: Vec<HV16>,
}

impl Inputs {
    /// Adds each search, run by its index in [`SEARCHES`].
    fn add<'a>(&'a self, rounds: &mut Rounds<'a>, run: impl FnMut(usize, &[HV16], &[HV16]) + Clone + 'a) -> [Case; 4] {
        std::array::from_fn(|i| {
            let (_, _, (q, n), _) = SEARCHES[i];
            let (mut run, queries, memory) = (run.clone(), &self.queries[..q], &self.memory[..n]);
            rounds.add(q * n, move || run(i, black_box(queries), memory))
        })
    }
}

/// The cases of one table of kernels.
struct Cases {
    limit: Case,
    /// Plain reads of the smaller memory.
    reads: Vec<Case>,
    searches: [Case; 4],
}

impl Cases {
    fn of<'a>(kernels: &'static Kernels, rounds: &mut Rounds<'a>, inputs: &'a Inputs) -> Self {
        let limit = xor_popcount(rounds, kernels, &inputs.queries[0], &inputs.memory[..L1_VECTORS]);
        let reads = read(rounds, kernels, None, &inputs.memory[..SEARCHES[0].2.1]);
        let (mut distances, mut found) = (vec![0; SEARCHES[0].2.1], vec![None; inputs.queries.len()]);
        let searches = inputs.add(rounds, move |i, queries, memory| match i {
            0 => kernels.distances_into(&queries[0], memory, black_box(&mut distances)),
            1 => _ = black_box(kernels.find_most_similar(&queries[0], memory)),
            2 => kernels.batch_find_most_similar_into(queries, memory, black_box(&mut found)),
            _ => drop(black_box(kernels.batch_find_top_k(queries, memory, 10))),
        });
        Self { limit, reads, searches }
    }
}

/// The cases of a peer: the same searches.
fn peer_cases<'a>(peer: &'static Peer, rounds: &mut Rounds<'a>, inputs: &'a Inputs) -> [Case; 4] {
    let mut buffer = vec![0; inputs.memory.len()];
    inputs.add(rounds, move |i, queries, memory| {
        let buffer = &mut buffer[..memory.len()];
        match i {
            0 => (peer.distances_into)(&queries[0], memory, buffer),
            1 | 2 => drop(black_box(peer.nearest(queries, memory, buffer))),
            _ => drop(black_box(peer.top_k(queries, memory, 10, buffer))),
        }
    })
}

pub(super) fn measure(effort: Effort) -> Vec<Row> {
    let inputs = Inputs { queries: vectors(100, 2), memory: vectors(10_000, 1) };
    let mut rounds = Rounds::on(Cores::Caller);
    let active = Cases::of(Kernels::active(), &mut rounds, &inputs);
    let avx2 = Kernels::for_backend(Backend::Avx2).map(|kernels| Cases::of(kernels, &mut rounds, &inputs));
    let peers: Vec<_> = peers::ALL.iter().map(|peer| (peer.name, peer_cases(peer, &mut rounds, &inputs))).collect();
    let times = rounds.measure(effort);
    let mut rows = active_rows(&times, &active, &peers);
    rows.extend(avx2.iter().flat_map(|avx2| avx2_rows(&times, avx2)));
    rows
}

fn active_rows(times: &Times, cases: &Cases, peers: &[(&'static str, [Case; 4])]) -> Vec<Row> {
    let (count, read) = (cases.limit, times.fastest(&cases.reads));
    // One query is held against counting bits in L1 or reading the memory, whichever takes longer.
    let limit_of_one = if times.median(count) < times.median(read) { read } else { count };
    let row = |i: usize| {
        let ((work, unit, (queries, _), bar), case) = (SEARCHES[i], cases.searches[i]);
        let limit = if queries == 1 { limit_of_one } else { count };
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
    [(0, 5.5), (3, 5.0)].map(|(i, bar)| {
        let ((work, unit, ..), case) = (SEARCHES[i], avx2.searches[i]);
        let limit = times.median_with(avx2.limit, &[case]) * REFERENCE_LIMIT / REFERENCE_LIMIT_AVX2;
        Row::time(times, &format!("AVX2: {work}"), unit, (case, avx2.limit)).at_most(scaled(bar, limit))
    })
}
