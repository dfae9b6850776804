//! Searches over memories beyond the caches, and how they and plain reads scale with threads.

use std::error::Error;
use std::hint::black_box;

use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::hv_simd::{simd_batch_find_most_similar_into, simd_batch_find_top_k};
use hv_parallel::{
    HV16, ParallelismInfo, parallel_batch_find_most_similar, parallel_batch_find_top_k, parallelism_info,
};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::table::{Row, scaled};
use crate::inputs::{L1_VECTORS, huge_vectors, vectors};
use crate::limits::{read, xor_popcount};
use crate::quiet::Cores;
use crate::rounds::{Case, Effort, Rounds, Times};

/// Vectors of the largest memory, 244 MiB; the smaller ones are its beginnings.
const MILLION: usize = 1_000_000;

/// Plain reads and ours on more threads are each compared with one thread; less than this apart, they scale alike.
const NOISE: f64 = 0.97;

/// A search on the calling thread, and on the current pool.
type Search = [fn(&[HV16], &[HV16]); 2];

const NEAREST: Search = [
    |queries, memory| {
        let mut found = vec![None; queries.len()];
        simd_batch_find_most_similar_into(queries, memory, &mut found);
        black_box(found);
    },
    |queries, memory| drop(black_box(parallel_batch_find_most_similar(queries, memory))),
];

const TOP_10: Search = [
    |queries, memory| drop(black_box(simd_batch_find_top_k(queries, memory, 10))),
    |queries, memory| drop(black_box(parallel_batch_find_top_k(queries, memory, 10))),
];

/// The searches, with their queries and vectors.
const SEARCHES: [(&str, usize, usize, Search); 4] = [
    ("nearest, 100 queries x 1,000", 100, 1_000, NEAREST),
    ("top-10, 100 queries x 10,000", 100, 10_000, TOP_10),
    ("top-10, 1,000 queries x 100,000", 1_000, 100_000, TOP_10),
    ("top-10, 1 query x 1,000,000", 1, MILLION, TOP_10),
];

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
    name: &'static str,
    by_threads: Vec<(usize, Vec<Case>)>,
}

impl Work {
    /// The work on the calling thread and on each pool.
    fn new<'a>(
        name: &'static str,
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
        (
            self.name.to_owned(),
            self.pairs(times).map(|(threads, (one, more))| (threads, times.ratio(one, more))).collect(),
        )
    }

    /// How two threads compare with one, where there are two.
    fn two_over_one(&self, times: &Times, bar: f64) -> Option<Row> {
        let (_, cases) = self.pairs(times).find(|(threads, _)| *threads == 2)?;
        Some(Row::ratio(times, format!("{}: 2 threads over 1", self.name), (1.0, "x"), cases).at_least(bar))
    }
}

pub(super) fn measure(effort: Effort) -> Result<Large, Box<dyn Error>> {
    let (memory, queries) = (huge_vectors(MILLION, 1)?, vectors(1_000, 2));
    let (memory, queries) = (&memory[..], &queries[..]);
    let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build();
    let pools: Vec<ThreadPool> = thread_counts(&parallelism_info()).map(pool).collect::<Result<_, _>>()?;
    let kernels = Kernels::active();

    let mut rounds = Rounds::on(Cores::All);
    let short = [0, 1].map(|i| search(&mut rounds, &pools, queries, memory, SEARCHES[i]));
    let reads = READS.map(|n| read(&mut rounds, kernels, None, &memory[..n]));
    let short_times = rounds.measure(effort);

    let mut rounds = Rounds::on(Cores::All);
    let limit = xor_popcount(&mut rounds, kernels, &queries[0], &memory[..L1_VECTORS]);
    let [batch, million] = [2, 3].map(|i| search(&mut rounds, &pools, queries, memory, SEARCHES[i]));
    let all = Work::new("plain reads of 1,000,000", &pools, |pool| read(&mut rounds, kernels, pool, memory));
    let times = rounds.measure(effort.long());

    let (count, case) = (limit, batch.one(&times));
    let row = Row::time(&times, batch.name, "ns a pair", (case, count));
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

/// A search on the calling thread and on each pool.
fn search<'a>(
    rounds: &mut Rounds<'a>,
    pools: &'a [ThreadPool],
    queries: &'a [HV16],
    memory: &'a [HV16],
    (name, q, n, [one, all]): (&'static str, usize, usize, Search),
) -> Work {
    let (queries, memory) = (&queries[..q], &memory[..n]);
    Work::new(name, pools, |pool| {
        vec![match pool {
            Some(pool) => rounds.add_shared(pool, q * n, move || all(black_box(queries), memory)),
            None => rounds.add(q * n, move || one(black_box(queries), memory)),
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
