//! The published cycle, timed here, next to its published times.

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use hv_parallel::for_storage::SequentialScope;
use hv_parallel::{
    HV16, adaptive_batch_bind_into, adaptive_batch_bundle_into, adaptive_batch_find_top_k,
    adaptive_batch_similarity_into,
};

use crate::failure::Failure;
use crate::numbers::micros;

/// How long each figure is measured; the median of what fits is shown.
const MEASURE: Duration = Duration::from_millis(250);

/// Times both pieces of work, on one thread and on all, and writes the table.
pub fn write_table(out: &mut impl Write) -> Result<(), Failure> {
    let vectors: Vec<HV16> = (0..10_100).map(HV16::random).collect();
    let (queries, memory) = vectors.split_at(100);
    let (key, thousand, sets) = (&queries[0], &memory[..1_000], memory[..100].chunks(10).collect::<Vec<_>>());
    let (mut bound, mut similarities, mut bundles) = (vec![HV16::ZERO; 100], vec![0.0; 1_000], vec![None; 10]);
    let cycle = || {
        adaptive_batch_bind_into(&memory[..100], key, black_box(&mut bound));
        adaptive_batch_similarity_into(key, thousand, black_box(&mut similarities));
        adaptive_batch_bundle_into(&sets, black_box(&mut bundles));
    };
    let top_k = || drop(black_box(adaptive_batch_find_top_k(queries, memory, 10)));
    let rows = [
        ("100 binds, 1,000 similarities, 10 bundles of 10", one_and_all(cycle), ["63 us", "7.9 us"]),
        ("top-10 of 100 queries over 10,000", one_and_all(top_k), ["120 ms", "15 ms"]),
    ];
    let machine = hv_parallel::parallelism_info();
    let threads = format!("{} threads", machine.pool_threads);
    writeln!(out, "{:47}  {:>10}{:>12}  {:>10}", "", "here,", "", "published,")?;
    writeln!(out, "{:47}  {:>10}{threads:>12}  {:>10}{:>12}", "", "1 thread", "1 core", "8 cores")?;
    for (name, [one, all], [published_one, published_eight]) in rows {
        writeln!(out, "{name:47}  {one:>10}{all:>12}  {published_one:>10}{published_eight:>12}")?;
    }
    writeln!(out, "on {machine}; with several threads, work too small to share stays on one")?;
    Ok(())
}

/// The median times on this thread alone and on the pool.
fn one_and_all(mut work: impl FnMut()) -> [String; 2] {
    let alone = SequentialScope::enter();
    let one = median(&mut work);
    drop(alone);
    [one, median(work)].map(micros)
}

/// The median time of a call, after one that warms up; at least five are measured.
fn median(mut work: impl FnMut()) -> Duration {
    work();
    let mut times = Vec::new();
    let start = Instant::now();
    while times.len() < 5 || start.elapsed() < MEASURE {
        let start = Instant::now();
        work();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    times[times.len() / 2]
}
