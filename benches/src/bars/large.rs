//! Searches over memories beyond the caches, and how they and plain reads scale with threads.

use std::hint::black_box;

use hv_parallel::{HV16, Kernels, parallel_batch_find_most_similar, parallel_batch_find_top_k, simd_batch_find_top_k};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{Row, Scale, Scaling, grouped};
use crate::inputs::{HugeVectors, vectors};
use crate::limits::{L1_VECTORS, read, read_on, xor_popcount};
use crate::paths::{Path, nearest};
use crate::rounds::{Case, Effort, Rounds, Times};

/// Vectors of the largest memory, 244 MiB; the smaller ones are its beginnings.
const MILLION: usize = 1_000_000;

/// Plain reads and ours on more threads are each compared with one thread; less than this apart, they scale alike.
const NOISE: f64 = 0.97;

pub(super) struct Large {
    pub(super) rows: Vec<Row>,
    pub(super) scaling: Vec<Scaling>,
    /// Plain reads of a million vectors on one thread, nanoseconds a vector.
    pub(super) read: f64,
}

/// The batches, as queries and vectors; the first asks for the nearest, the others for the nearest ten.
const BATCHES: [(usize, usize); 3] = [(100, 1_000), (100, 10_000), (1_000, 100_000)];

/// The cases of one number of threads.
struct Cases {
    threads: usize,
    batches: [Case; 3],
    million: Case,
    reads: Vec<Case>,
}

pub(super) fn measure(effort: Effort) -> std::io::Result<Large> {
    let (memory, queries) = (HugeVectors::new(MILLION, 1)?, vectors(1_000, 2));
    let pools: Vec<ThreadPool> = thread_counts().map(pool).collect::<std::io::Result<_>>()?;
    let mut rounds = Rounds::new();
    let limit = xor_popcount(&mut rounds, Kernels::active(), &queries[0], &memory[..L1_VECTORS]);
    let mut cases = vec![one_thread(&mut rounds, &queries, &memory)];
    cases.extend(pools.iter().map(|pool| on_pool(&mut rounds, pool, &queries, &memory)));
    let times = rounds.measure(effort.long());
    let one = &cases[0];
    let mut rows = vec![batch_row(&times, &limit, one), million_row(&times, one)];
    rows.extend(cases.iter().filter(|cases| cases.threads == 2).flat_map(|two| two_thread_rows(&times, one, two)));
    Ok(Large { rows, scaling: scaling(&times, &cases), read: times.median(times.fastest(&one.reads)) })
}

/// 2, 4, 8, ... and all cores.
fn thread_counts() -> impl Iterator<Item = usize> {
    let cores = hv_parallel::parallelism_info().physical_cores;
    let doubling = std::iter::successors(Some(2), |threads| Some(2 * threads)).take_while(move |&n| n < cores);
    doubling.chain((cores > 1).then_some(cores))
}

fn pool(threads: usize) -> std::io::Result<ThreadPool> {
    ThreadPoolBuilder::new().num_threads(threads).build().map_err(std::io::Error::other)
}

fn one_thread<'a>(rounds: &mut Rounds<'a>, queries: &'a [HV16], memory: &'a [HV16]) -> Cases {
    let top_10 = |rounds: &mut Rounds<'a>, q: usize, n: usize| {
        rounds.add(q * n, move || {
            black_box(simd_batch_find_top_k(black_box(&queries[..q]), &memory[..n], 10));
        })
    };
    let [(q, n), second, third] = BATCHES;
    let first = rounds.add(q * n, move || {
        black_box(nearest(Path::Sequential, black_box(&queries[..q]), &memory[..n]));
    });
    Cases {
        threads: 1,
        batches: [first, top_10(rounds, second.0, second.1), top_10(rounds, third.0, third.1)],
        million: top_10(rounds, 1, MILLION),
        reads: read(rounds, Kernels::active(), memory),
    }
}

fn on_pool<'a>(rounds: &mut Rounds<'a>, pool: &'a ThreadPool, queries: &'a [HV16], memory: &'a [HV16]) -> Cases {
    let top_10 = |rounds: &mut Rounds<'a>, q: usize, n: usize| {
        rounds.add(q * n, move || {
            black_box(pool.install(|| parallel_batch_find_top_k(black_box(&queries[..q]), &memory[..n], 10)));
        })
    };
    let [(q, n), second, third] = BATCHES;
    let first = rounds.add(q * n, move || {
        black_box(pool.install(|| parallel_batch_find_most_similar(black_box(&queries[..q]), &memory[..n])));
    });
    Cases {
        threads: pool.current_num_threads(),
        batches: [first, top_10(rounds, second.0, second.1), top_10(rounds, third.0, third.1)],
        million: top_10(rounds, 1, MILLION),
        reads: read_on(rounds, Kernels::active(), pool, memory),
    }
}

fn batch_row(times: &Times, limit: &[Case], one: &Cases) -> Row {
    let limit_ns = times.median(times.fastest(limit));
    Row::new(batch_name(BATCHES[2]), "ns a pair", times.median(one.batches[2]))
        .at_most(Scale::of(times, limit).bar(2.3))
        .limit(limit_ns)
}

fn million_row(times: &Times, one: &Cases) -> Row {
    let share = 100.0 * times.ratio(times.fastest(&one.reads), one.million);
    Row::new("top-10, 1 query x 1,000,000, of plain reads", "%", share).at_least(90.0)
}

fn two_thread_rows(times: &Times, one: &Cases, two: &Cases) -> Vec<Row> {
    let speedup = |work: String, a, b| Row::new(format!("{work}: 2 threads over 1"), "x", times.ratio(a, b));
    let batches = one.batches.into_iter().zip(two.batches).zip(BATCHES);
    let mut rows: Vec<Row> = batches.map(|((a, b), batch)| speedup(batch_name(batch), a, b).at_least(1.85)).collect();
    let reads = times.ratio(times.fastest(&one.reads), times.fastest(&two.reads));
    let million = speedup("top-10, 1 query x 1,000,000".into(), one.million, two.million);
    rows.push(million.at_least(NOISE * reads));
    rows
}

fn batch_name((queries, vectors): (usize, usize)) -> String {
    let search = if (queries, vectors) == BATCHES[0] { "nearest" } else { "top-10" };
    format!("{search}, {} queries x {}", grouped(queries), grouped(vectors))
}

fn scaling(times: &Times, cases: &[Cases]) -> Vec<Scaling> {
    let curve = |work: String, time: &dyn Fn(&Cases) -> f64| Scaling {
        work,
        points: cases.iter().map(|cases| (cases.threads, time(cases))).collect(),
    };
    let batches = BATCHES.into_iter().enumerate();
    let mut curves: Vec<Scaling> =
        batches.map(|(i, batch)| curve(batch_name(batch), &|cases| times.median(cases.batches[i]))).collect();
    curves.push(curve("top-10, 1 query x 1,000,000".into(), &|cases| times.median(cases.million)));
    curves.push(curve("plain reads of 1,000,000".into(), &|cases| times.median(times.fastest(&cases.reads))));
    curves
}
