//! Searches: on one thread next to the CPU's limits and to other libraries, and how they and plain reads scale with threads.

use std::error::Error;
use std::hint::black_box;
use std::iter;

use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::{Backend, HV16, ParallelismInfo, parallelism_info};
use hv_parallel::{parallel_batch_find_most_similar, parallel_batch_find_top_k};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::table::{Row, scaled};
use crate::inputs::{L1_VECTORS, huge_vectors, vectors};
use crate::limits::{REFERENCE_LIMIT, REFERENCE_LIMIT_AVX2, read, xor_popcount};
use crate::peers::{self, Peer};
use crate::quiet::Cores;
use crate::rounds::{Case, Effort, Rounds, Times};

/// Vectors of the largest memory, 244 MiB; the smaller ones are its beginnings.
const MILLION: usize = 1_000_000;

/// Vectors of plain reads on one thread; a million are read too.
const READS: [usize; 2] = [10_000, 100_000];

/// Plain reads and ours on more threads are each compared with one thread; less than this apart, they scale alike.
const NOISE: f64 = 0.97;

#[derive(Clone, Copy)]
enum Find {
    /// The distance to each vector.
    Distances,
    Nearest,
    Top10,
}

struct Search {
    name: &'static str,
    find: Find,
    queries: usize,
    vectors: usize,
    /// Nanoseconds an item.
    bar: f64,
}

/// Searches in cache. From the third on there is work for several threads.
const SHORT: [Search; 4] = [
    Search { name: "distances, 1 query x 1,000", find: Find::Distances, queries: 1, vectors: 1_000, bar: 2.5 },
    Search { name: "nearest, 1 query x 1,000", find: Find::Nearest, queries: 1, vectors: 1_000, bar: 2.5 },
    Search { name: "nearest, 100 queries x 1,000", find: Find::Nearest, queries: 100, vectors: 1_000, bar: 2.2 },
    Search { name: "top-10, 100 queries x 10,000", find: Find::Top10, queries: 100, vectors: 10_000, bar: 2.3 },
];

/// Searches of more than the caches hold. The second is held against plain reads.
const LONG: [Search; 2] = [
    Search { name: "top-10, 1,000 queries x 100,000", find: Find::Top10, queries: 1_000, vectors: 100_000, bar: 2.3 },
    Search { name: "top-10, 1 query x 1,000,000", find: Find::Top10, queries: 1, vectors: MILLION, bar: f64::INFINITY },
];

/// What searches.
#[derive(Clone, Copy)]
enum By<'a> {
    Kernels(&'static Kernels),
    Pool(&'a ThreadPool),
    Peer(&'static Peer),
}

/// The cases of some work by the number of threads, from one on; the fastest form of each counts.
type ByThreads = Vec<(usize, Vec<Case>)>;

/// What is searched.
#[derive(Clone, Copy)]
struct Inputs<'a> {
    queries: &'a [HV16],
    memory: &'a [HV16],
    pools: &'a [ThreadPool],
}

impl<'a> Inputs<'a> {
    fn add(self, rounds: &mut Rounds<'a>, &Search { find, queries, vectors, .. }: &Search, by: By<'a>) -> Case {
        let (asked, memory, items) = (&self.queries[..queries], &self.memory[..vectors], queries * vectors);
        let (mut distances, mut nearest, mut wide) = (vec![0; vectors], vec![None; queries], vec![0; vectors]);
        let run = move || {
            let asked = black_box(asked);
            match (by, find) {
                (By::Kernels(it), Find::Distances) => it.distances_into(&asked[0], memory, black_box(&mut distances)),
                (By::Kernels(it), Find::Nearest) if queries == 1 => {
                    _ = black_box(it.find_most_similar(&asked[0], memory));
                }
                (By::Kernels(it), Find::Nearest) => {
                    it.batch_find_most_similar_into(asked, memory, black_box(&mut nearest))
                }
                (By::Kernels(it), Find::Top10) => drop(black_box(it.batch_find_top_k(asked, memory, 10))),
                (By::Pool(_), Find::Top10) => drop(black_box(parallel_batch_find_top_k(asked, memory, 10))),
                (By::Pool(_), _) => drop(black_box(parallel_batch_find_most_similar(asked, memory))),
                (By::Peer(it), Find::Distances) => (it.distances_into)(&asked[0], memory, black_box(&mut wide)),
                (By::Peer(it), Find::Nearest) => drop(black_box(it.nearest(asked, memory, &mut wide))),
                (By::Peer(it), Find::Top10) => drop(black_box(it.top_k(asked, memory, 10, &mut wide))),
            }
        };
        if let By::Pool(pool) = by { rounds.add_in(pool, items, run) } else { rounds.add(Cores::Caller, items, run) }
    }

    /// What counting the bits of a pair costs.
    fn limit(self, rounds: &mut Rounds<'a>, kernels: &Kernels) -> Case {
        xor_popcount(rounds, kernels, &self.queries[0], &self.memory[..L1_VECTORS])
    }

    /// A search on the calling thread and on each pool.
    fn add_scaling(self, rounds: &mut Rounds<'a>, search: &Search) -> ByThreads {
        self.by_threads(|pool| vec![self.add(rounds, search, pool.map_or(By::Kernels(Kernels::active()), By::Pool))])
    }

    /// Some work on the calling thread and on each pool.
    fn by_threads(self, mut forms: impl FnMut(Option<&'a ThreadPool>) -> Vec<Case>) -> ByThreads {
        let more = self.pools.iter().map(|pool| (pool.current_num_threads(), Some(pool)));
        iter::once((1, None)).chain(more).map(|(threads, pool)| (threads, forms(pool))).collect()
    }
}

/// What was measured of all searches.
#[derive(Default)]
pub(super) struct Searches {
    pub(super) rows: Vec<Row>,
    pub(super) scaling: Vec<(String, Vec<(f64, f64)>)>,
    /// Plain reads on one thread: the number of vectors, and nanoseconds per vector.
    pub(super) read: Vec<(usize, f64)>,
}

pub(super) fn measure(effort: Effort) -> Result<Searches, Box<dyn Error>> {
    let (memory, queries) = (huge_vectors(MILLION, 1)?, vectors(1_000, 2));
    let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build();
    let pools: Vec<ThreadPool> = thread_counts(&parallelism_info()).map(pool).collect::<Result<_, _>>()?;
    let inputs = Inputs { queries: &queries, memory: &memory, pools: &pools };
    let mut searches = Searches::default();
    searches.short(inputs, effort);
    searches.long(inputs, effort.fewer(22));
    Ok(searches)
}

impl Searches {
    fn short(&mut self, inputs: Inputs<'_>, effort: Effort) {
        let mut rounds = Rounds::default();
        let count = inputs.limit(&mut rounds, Kernels::active());
        let thousand = read(&mut rounds, None, &inputs.memory[..SHORT[0].vectors]);
        let reads = READS.map(|n| read(&mut rounds, None, &inputs.memory[..n]));
        let scaling = [2, 3].map(|i| (SHORT[i].name, inputs.add_scaling(&mut rounds, &SHORT[i])));
        let all = |rounds: &mut _, by| SHORT.each_ref().map(|search| inputs.add(rounds, search, by));
        let active = all(&mut rounds, By::Kernels(Kernels::active()));
        let avx2 = Kernels::for_backend(Backend::Avx2);
        let avx2 = avx2.map(|it| (inputs.limit(&mut rounds, it), all(&mut rounds, By::Kernels(it))));
        let peers: Vec<_> = peers::ALL.iter().map(|peer| (peer.name, all(&mut rounds, By::Peer(peer)))).collect();
        let times = rounds.measure(effort);

        self.rows.extend(rows_of_active(&times, (count, times.fastest(&thousand)), active, &peers));
        self.rows.extend(avx2.into_iter().flat_map(|(count, cases)| rows_of_avx2(&times, count, cases)));
        for (name, work) in scaling {
            self.scaling(name, &times, &work, Some(1.85));
        }
        self.read.extend(READS.into_iter().zip(reads).map(|(n, reads)| (n, times.median(times.fastest(&reads)))));
    }

    fn long(&mut self, inputs: Inputs<'_>, effort: Effort) {
        let mut rounds = Rounds::default();
        let count = inputs.limit(&mut rounds, Kernels::active());
        let [batch, million] = LONG.each_ref().map(|search| inputs.add_scaling(&mut rounds, search));
        let all = inputs.by_threads(|pool| read(&mut rounds, pool, inputs.memory));
        let times = rounds.measure(effort);

        let ([Search { name, bar, .. }, of_reads], case) = (LONG, batch[0].1[0]);
        let row = Row::time(&times, name, "ns a pair", (case, count));
        self.rows.push(row.at_most(scaled(bar, times.median_with(count, &[case]))));
        let (reads, name) = (times.fastest(&all[0].1), format!("{}, of plain reads", of_reads.name));
        self.rows.push(Row::ratio(&times, name, (100.0, "%"), (reads, million[0].1[0])).at_least(90.0));
        self.read.push((MILLION, times.median(reads)));

        self.scaling(LONG[0].name, &times, &batch, Some(1.85));
        self.scaling("plain reads of 1,000,000", &times, &all, None);
        let of_two = self.scaling.last().and_then(|(_, curve)| curve.get(1)).map_or(1.0, |(_, faster)| *faster);
        self.scaling(LONG[1].name, &times, &million, Some(NOISE * of_two));
        let ideal = all.iter().map(|(threads, _)| (*threads as f64, *threads as f64)).collect();
        self.scaling.push(("as many times as threads".to_owned(), ideal));
    }

    /// Adds how many times as fast some work is as on one thread. `bar` gives what two must reach, where there are two.
    fn scaling(&mut self, name: &str, times: &Times, work: &ByThreads, bar: Option<f64>) {
        let one = times.fastest(&work[0].1);
        let mut curve = Vec::new();
        for (threads, forms) in work {
            let row = Row::ratio(times, format!("{name}: 2 threads over 1"), (1.0, "x"), (one, times.fastest(forms)));
            curve.push((*threads as f64, row.measured));
            self.rows.extend(bar.filter(|_| *threads == 2).map(|bar| row.at_least(bar)));
        }
        self.scaling.push((name.to_owned(), curve));
    }
}

/// The short searches by the active kernels, and the peers next to them.
fn rows_of_active(
    times: &Times,
    (count, read): (Case, Case),
    cases: [Case; 4],
    peers: &[(&'static str, [Case; 4])],
) -> Vec<Row> {
    // One query is held against counting bits in L1 or reading the memory, whichever takes longer.
    let limit_of_one = if times.median(count) < times.median(read) { read } else { count };
    let row = |i: usize| {
        let (Search { name, queries, bar, .. }, case) = (&SHORT[i], cases[i]);
        let (limit, unit) = if *queries == 1 { (limit_of_one, "ns a vector") } else { (count, "ns a pair") };
        let row = Row::time(times, name, unit, (case, limit)).at_most(scaled(*bar, times.median_with(count, &[case])));
        Row { peers: peers.iter().map(|(name, peer)| (*name, times.ratio(peer[i], case))).collect(), ..row }
    };
    let mut rows: Vec<Row> = (0..4).map(row).collect();
    let share = format!("{}, of the limit", SHORT[2].name);
    rows.insert(3, Row::ratio(times, share, (100.0, "%"), (count, cases[2])).at_least(75.0));
    for (name, peer) in peers.iter().take(1) {
        for (i, bar) in [(0, 1.25), (1, 1.25), (3, 2.0)] {
            let work = format!("{}, against {name}", SHORT[i].name);
            rows.push(Row::ratio(times, work, (1.0, "x"), (peer[i], cases[i])).at_least(bar));
        }
    }
    rows
}

/// The bars with AVX2 forced.
fn rows_of_avx2(times: &Times, count: Case, cases: [Case; 4]) -> [Row; 2] {
    [(0, "ns a vector", 5.5), (3, "ns a pair", 5.0)].map(|(i, unit, bar)| {
        let limit = times.median_with(count, &[cases[i]]) * REFERENCE_LIMIT / REFERENCE_LIMIT_AVX2;
        Row::time(times, &format!("AVX2: {}", SHORT[i].name), unit, (cases[i], count)).at_most(scaled(bar, limit))
    })
}

/// 2, 4, 8, ... and all cores that this process may use: `physical_cores` are the machine's, and hardware threads of one
/// core do not scale.
fn thread_counts(info: &ParallelismInfo) -> impl Iterator<Item = usize> + use<> {
    let cores = info.physical_cores.min(info.logical_cores);
    let doubling = iter::successors(Some(2), |threads| Some(2 * threads)).take_while(move |&n| n < cores);
    doubling.chain((cores > 1).then_some(cores))
}

#[cfg(test)]
#[path = "../../tests/units/searches.rs"]
mod tests;
