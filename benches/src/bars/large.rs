//! Searches over memories beyond the caches, and how they and plain reads scale with threads.

use std::hint::black_box;

use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::{HV16, ParallelismInfo, parallelism_info};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::limits::Scale;
use super::table::{Row, Scaling, grouped};
use crate::inputs::{HugeVectors, L1_VECTORS, vectors};
use crate::limits::{read, read_on, xor_popcount};
use crate::paths::{Path, nearest, top_k};
use crate::quiet::Cores;
use crate::rounds::{Case, Effort, Rounds, Times};

/// Vectors of the largest memory, 244 MiB; the smaller ones are its beginnings.
const MILLION: usize = 1_000_000;

/// Plain reads and ours on more threads are each compared with one thread; less than this apart, they scale alike.
const NOISE: f64 = 0.97;

pub(super) struct Large {
    pub(super) rows: Vec<Row>,
    pub(super) scaling: Vec<Scaling>,
    /// Plain reads on one thread: the number of vectors, and nanoseconds per vector.
    pub(super) read: Vec<(usize, f64)>,
}

/// The batches, as queries and vectors; the first asks for the nearest, the others for the nearest ten.
const BATCHES: [(usize, usize); 3] = [(100, 1_000), (100, 10_000), (1_000, 100_000)];

/// So many of the batches take milliseconds at most.
const SHORT: usize = 2;

/// Vectors of plain reads on one thread, besides those of a million.
const READS: [usize; 2] = [10_000, 100_000];

/// The cases of one number of threads.
struct Cases {
    threads: usize,
    /// Of some of [`BATCHES`].
    batches: Vec<Case>,
    /// One query over a million vectors, and plain reads of them.
    million: Option<(Case, Vec<Case>)>,
}

pub(super) fn measure(effort: Effort) -> std::io::Result<Large> {
    let (memory, queries) = (HugeVectors::new(MILLION, 1)?, vectors(1_000, 2));
    let pools: Vec<ThreadPool> = thread_counts(cores(&parallelism_info())).map(pool).collect::<std::io::Result<_>>()?;
    let pools: Vec<Option<&ThreadPool>> = std::iter::once(None).chain(pools.iter().map(Some)).collect();

    let mut rounds = rounds_on(&pools);
    let of_pool = |pool| cases(&mut rounds, pool, &queries, &memory, &BATCHES[..SHORT], false);
    let short: Vec<Cases> = pools.iter().copied().map(of_pool).collect();
    let reads = READS.map(|n| read(&mut rounds, Kernels::active(), &memory[..n]));
    let short_times = rounds.measure(effort);

    let mut rounds = rounds_on(&pools);
    let limit = xor_popcount(&mut rounds, Kernels::active(), &queries[0], &memory[..L1_VECTORS]);
    let of_pool = |pool| cases(&mut rounds, pool, &queries, &memory, &BATCHES[SHORT..], true);
    let long: Vec<Cases> = pools.iter().copied().map(of_pool).collect();
    let times = rounds.measure(effort.long());

    let mut rows = vec![batch_row(&times, &limit, &long[0])];
    rows.extend(million_row(&times, &long[0]));
    rows.extend(two_thread_rows(&short_times, &short, &BATCHES[..SHORT]));
    rows.extend(two_thread_rows(&times, &long, &BATCHES[SHORT..]));
    let mut scaling = scaling(&short_times, &short, &BATCHES[..SHORT]);
    scaling.extend(self::scaling(&times, &long, &BATCHES[SHORT..]));
    let fastest = |times: &Times, reads: &[Case]| times.median(times.fastest(reads));
    let reads = READS.into_iter().zip(reads.iter().map(|reads| fastest(&short_times, reads)));
    let million = long[0].million.as_ref().map(|(_, reads)| (MILLION, fastest(&times, reads)));
    Ok(Large { rows, scaling, read: reads.chain(million).collect() })
}

fn rounds_on<'a>(pools: &[Option<&'a ThreadPool>]) -> Rounds<'a> {
    Rounds::on(pools.last().copied().flatten().map_or(Cores::Caller, Cores::Pool))
}

/// Cores that this process may use: `physical_cores` are the machine's, and hardware threads of one core do not scale.
fn cores(info: &ParallelismInfo) -> usize {
    info.physical_cores.min(info.logical_cores)
}

/// 2, 4, 8, ... and all cores.
fn thread_counts(cores: usize) -> impl Iterator<Item = usize> {
    let doubling = std::iter::successors(Some(2), |threads| Some(2 * threads)).take_while(move |&n| n < cores);
    doubling.chain((cores > 1).then_some(cores))
}

fn pool(threads: usize) -> std::io::Result<ThreadPool> {
    ThreadPoolBuilder::new().num_threads(threads).build().map_err(std::io::Error::other)
}

/// The cases of a pool, or of the calling thread alone.
fn cases<'a>(
    rounds: &mut Rounds<'a>,
    pool: Option<&'a ThreadPool>,
    queries: &'a [HV16],
    memory: &'a [HV16],
    batches: &[(usize, usize)],
    with_million: bool,
) -> Cases {
    let batches = batches.iter().map(|&batch| search(rounds, pool, queries, memory, batch)).collect();
    let million = with_million.then(|| {
        let reads = match pool {
            Some(pool) => read_on(rounds, Kernels::active(), pool, memory),
            None => read(rounds, Kernels::active(), memory),
        };
        (search(rounds, pool, queries, memory, (1, MILLION)), reads)
    });
    Cases { threads: pool.map_or(1, ThreadPool::current_num_threads), batches, million }
}

fn search<'a>(
    rounds: &mut Rounds<'a>,
    pool: Option<&'a ThreadPool>,
    queries: &'a [HV16],
    memory: &'a [HV16],
    batch: (usize, usize),
) -> Case {
    let (queries, memory) = (&queries[..batch.0], &memory[..batch.1]);
    let path = if pool.is_some() { Path::Parallel } else { Path::Sequential };
    let run = move || match batch == BATCHES[0] {
        true => drop(black_box(nearest(path, black_box(queries), memory))),
        false => drop(black_box(top_k(path, black_box(queries), memory, 10))),
    };
    match pool {
        Some(pool) => rounds.add_shared(pool, batch.0 * batch.1, run),
        None => rounds.add(batch.0 * batch.1, run),
    }
}

fn batch_row(times: &Times, limit: &[Case], one: &Cases) -> Row {
    let (batch, fastest) = (one.batches[0], times.fastest(limit));
    Row::new(batch_name(BATCHES[SHORT]), "ns a pair", times.beside(batch, &[fastest]), times.quiet(&[batch, fastest]))
        .at_most(Scale::of(times, limit, batch).bar(2.3))
        .limit(times.beside(fastest, &[batch]))
}

fn million_row(times: &Times, one: &Cases) -> Option<Row> {
    let (million, reads) = one.million.as_ref()?;
    let read = times.fastest(reads);
    let (share, quiet) = (100.0 * times.ratio(read, *million), times.quiet(&[read, *million]));
    Some(Row::new("top-10, 1 query x 1,000,000, of plain reads", "%", share, quiet).at_least(90.0))
}

/// How two threads compare with one, where there are two.
fn two_thread_rows(times: &Times, cases: &[Cases], batches: &[(usize, usize)]) -> Vec<Row> {
    let (one, Some(two)) = (&cases[0], cases.iter().find(|cases| cases.threads == 2)) else { return Vec::new() };
    let speedup = |work: String, a, b| {
        Row::new(format!("{work}: 2 threads over 1"), "x", times.ratio(a, b), times.quiet(&[a, b]))
    };
    let of_batches = one.batches.iter().zip(&two.batches).zip(batches);
    let mut rows: Vec<Row> =
        of_batches.map(|((&a, &b), batch)| speedup(batch_name(*batch), a, b).at_least(1.85)).collect();
    if let (Some((a, reads_of_one)), Some((b, reads_of_two))) = (&one.million, &two.million) {
        let reads = times.ratio(times.fastest(reads_of_one), times.fastest(reads_of_two));
        rows.push(speedup("top-10, 1 query x 1,000,000".into(), *a, *b).at_least(NOISE * reads));
    }
    rows
}

fn batch_name((queries, vectors): (usize, usize)) -> String {
    let search = if (queries, vectors) == BATCHES[0] { "nearest" } else { "top-10" };
    format!("{search}, {} queries x {}", grouped(queries), grouped(vectors))
}

fn scaling(times: &Times, cases: &[Cases], batches: &[(usize, usize)]) -> Vec<Scaling> {
    // The case of each number of threads, over that of one.
    let curve = |work: String, case: &dyn Fn(&Cases) -> Option<Case>| {
        let one = case(&cases[0])?;
        let point = |cases: &Cases| Some((cases.threads, times.ratio(one, case(cases)?)));
        Some(Scaling { work, points: cases.iter().filter_map(point).collect() })
    };
    let of_batches = batches.iter().enumerate();
    let of_batches = of_batches.map(|(i, batch)| curve(batch_name(*batch), &|cases| Some(cases.batches[i])));
    let million = curve("top-10, 1 query x 1,000,000".into(), &|cases| Some(cases.million.as_ref()?.0));
    let reads = curve("plain reads of 1,000,000".into(), &|cases| Some(times.fastest(&cases.million.as_ref()?.1)));
    of_batches.chain([million, reads]).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_those_of_the_cores_that_this_process_may_use() {
        let counts = |physical, logical| {
            let mut info = parallelism_info();
            (info.physical_cores, info.logical_cores) = (physical, logical);
            thread_counts(cores(&info)).collect::<Vec<_>>()
        };
        assert_eq!([counts(2, 1), counts(1, 2), counts(2, 2)], [vec![], vec![], vec![2]]);
        assert_eq!([counts(6, 12), counts(8, 5)], [[2, 4, 6], [2, 4, 5]]);
    }
}
