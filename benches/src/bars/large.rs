//! Searches over memories beyond the caches, and how they and plain reads scale with threads.

use std::hint::black_box;

use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::hv_simd::{simd_batch_find_most_similar_into, simd_batch_find_top_k};
use hv_parallel::{
    HV16, ParallelismInfo, parallel_batch_find_most_similar, parallel_batch_find_top_k, parallelism_info,
};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::table::{Row, grouped, scaled};
use crate::inputs::{HugeVectors, L1_VECTORS, vectors};
use crate::limits::{read, xor_popcount};
use crate::quiet::Cores;
use crate::rounds::{Case, Effort, Rounds, Times};

/// Vectors of the largest memory, 244 MiB; the smaller ones are its beginnings.
const MILLION: usize = 1_000_000;

/// Plain reads and ours on more threads are each compared with one thread; less than this apart, they scale alike.
const NOISE: f64 = 0.97;

/// The searches, as queries and vectors; the first asks for the nearest, the others for the nearest ten.
const SEARCHES: [(usize, usize); 4] = [(100, 1_000), (100, 10_000), (1_000, 100_000), (1, MILLION)];

/// Vectors of plain reads on one thread; a million are read too.
const READS: [usize; 2] = [10_000, 100_000];

pub(super) struct Large {
    pub(super) rows: Vec<Row>,
    pub(super) scaling: Vec<(String, Vec<(usize, f64)>)>,
    /// Plain reads on one thread: the number of vectors, and nanoseconds per vector.
    pub(super) read: Vec<(usize, f64)>,
}

/// The forms of some work by the number of threads, one thread first. The fastest form counts.
struct Work {
    name: String,
    by_threads: Vec<(usize, Vec<Case>)>,
}

impl Work {
    /// The work on the calling thread and on each pool.
    fn new<'a>(
        name: String,
        pools: &'a [ThreadPool],
        mut forms: impl FnMut(Option<&'a ThreadPool>) -> Vec<Case>,
    ) -> Self {
        let one = (1, forms(None));
        let more = pools.iter().map(|pool| (pool.current_num_threads(), forms(Some(pool))));
        Self { name, by_threads: std::iter::once(one).chain(more).collect() }
    }

    fn one(&self, times: &Times) -> Case {
        times.fastest(&self.by_threads[0].1)
    }

    /// Threads, and the cases of one thread and of these.
    fn pairs<'a>(&'a self, times: &'a Times) -> impl Iterator<Item = (usize, (Case, Case))> + 'a {
        let one = self.one(times);
        self.by_threads.iter().map(move |(threads, forms)| (*threads, (one, times.fastest(forms))))
    }

    fn curve(&self, times: &Times) -> (String, Vec<(usize, f64)>) {
        (self.name.clone(), self.pairs(times).map(|(threads, (one, more))| (threads, times.ratio(one, more))).collect())
    }

    /// How two threads compare with one, where there are two.
    fn two_over_one(&self, times: &Times, bar: f64) -> Option<Row> {
        let (_, cases) = self.pairs(times).find(|(threads, _)| *threads == 2)?;
        Some(Row::ratio(times, format!("{}: 2 threads over 1", self.name), (1.0, "x"), cases).at_least(bar))
    }
}

pub(super) fn measure(effort: Effort) -> std::io::Result<Large> {
    let (memory, queries) = (HugeVectors::new(MILLION, 1)?, vectors(1_000, 2));
    let (memory, queries) = (&memory[..], &queries[..]);
    let pools: Vec<ThreadPool> = thread_counts(&parallelism_info()).map(pool).collect::<std::io::Result<_>>()?;
    let cores = pools.last().map_or(Cores::Caller, Cores::Pool);
    let kernels = Kernels::active();

    let mut rounds = Rounds::on(cores);
    let short = [0, 1].map(|i| search(&mut rounds, &pools, queries, memory, SEARCHES[i]));
    let reads = READS.map(|n| read(&mut rounds, kernels, None, &memory[..n]));
    let short_times = rounds.measure(effort);

    let mut rounds = Rounds::on(cores);
    let limit = xor_popcount(&mut rounds, kernels, &queries[0], &memory[..L1_VECTORS]);
    let [batch, million] = [2, 3].map(|i| search(&mut rounds, &pools, queries, memory, SEARCHES[i]));
    let all = Work::new("plain reads of 1,000,000".into(), &pools, |pool| read(&mut rounds, kernels, pool, memory));
    let times = rounds.measure(effort.long());

    let (count, case) = (times.fastest(&limit), batch.one(&times));
    let row = Row::time(&times, batch.name.clone(), "ns a pair", (case, count));
    let mut rows = vec![row.at_most(scaled(2.3, times.median_with(count, &[case])))];
    let share = (all.one(&times), million.one(&times));
    rows.push(Row::ratio(&times, format!("{}, of plain reads", million.name), (100.0, "%"), share).at_least(90.0));
    rows.extend(short.iter().filter_map(|work| work.two_over_one(&short_times, 1.85)));
    rows.extend(batch.two_over_one(&times, 1.85));
    let reads_of_two = all.pairs(&times).find(|(threads, _)| *threads == 2);
    let bar = reads_of_two.map_or(1.0, |(_, (one, two))| NOISE * times.ratio(one, two));
    rows.extend(million.two_over_one(&times, bar));

    let curves = short.iter().map(|work| work.curve(&short_times));
    let scaling = curves.chain([&batch, &million, &all].map(|work| work.curve(&times))).collect();
    let reads = READS.into_iter().zip(reads).map(|(n, reads)| (n, short_times.median(short_times.fastest(&reads))));
    let read = reads.chain([(MILLION, times.median(all.one(&times)))]).collect();
    Ok(Large { rows, scaling, read })
}

/// 2, 4, 8, ... and all cores that this process may use: `physical_cores` are the machine's, and hardware threads of one
/// core do not scale.
fn thread_counts(info: &ParallelismInfo) -> impl Iterator<Item = usize> + use<> {
    let cores = info.physical_cores.min(info.logical_cores);
    let doubling = std::iter::successors(Some(2), |threads| Some(2 * threads)).take_while(move |&n| n < cores);
    doubling.chain((cores > 1).then_some(cores))
}

fn pool(threads: usize) -> std::io::Result<ThreadPool> {
    ThreadPoolBuilder::new().num_threads(threads).build().map_err(std::io::Error::other)
}

/// A search on the calling thread and on each pool.
fn search<'a>(
    rounds: &mut Rounds<'a>,
    pools: &'a [ThreadPool],
    queries: &'a [HV16],
    memory: &'a [HV16],
    shape: (usize, usize),
) -> Work {
    let (queries, memory) = (&queries[..shape.0], &memory[..shape.1]);
    let (pairs, is_nearest) = (shape.0 * shape.1, shape == SEARCHES[0]);
    let kind = if is_nearest { "nearest" } else { "top-10" };
    let plural = if shape.0 == 1 { "query" } else { "queries" };
    let name = format!("{kind}, {} {plural} x {}", grouped(shape.0), grouped(shape.1));
    Work::new(name, pools, |pool| {
        let sequential = move || match is_nearest {
            true => {
                let mut found = vec![None; queries.len()];
                simd_batch_find_most_similar_into(black_box(queries), memory, &mut found);
                black_box(found);
            }
            false => drop(black_box(simd_batch_find_top_k(black_box(queries), memory, 10))),
        };
        let parallel = move || match is_nearest {
            true => drop(black_box(parallel_batch_find_most_similar(black_box(queries), memory))),
            false => drop(black_box(parallel_batch_find_top_k(black_box(queries), memory, 10))),
        };
        vec![match pool {
            Some(pool) => rounds.add_shared(pool, pairs, parallel),
            None => rounds.add(pairs, sequential),
        }]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_those_of_the_cores_that_this_process_may_use() {
        let counts = |physical, logical| {
            let mut info = parallelism_info();
            (info.physical_cores, info.logical_cores) = (physical, logical);
            thread_counts(&info).collect::<Vec<_>>()
        };
        assert_eq!([counts(2, 1), counts(1, 2), counts(2, 2)], [vec![], vec![], vec![2]]);
        assert_eq!([counts(6, 12), counts(8, 5)], [[2, 4, 6], [2, 4, 5]]);
    }
}
