//! The published cycle, timed here, next to its published times.

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use hv_parallel::hv_simd::{simd_batch_find_top_k, simd_bind_into, simd_bundle, simd_similarities_into};
use hv_parallel::{
    HV16, adaptive_batch_bind, adaptive_batch_bundle, adaptive_batch_find_top_k, adaptive_batch_similarity,
};

use crate::failure::Failure;
use crate::numbers::micros;

/// How long each figure is measured; the median of what fits is shown.
const MEASURE: Duration = Duration::from_millis(250);

/// Times both pieces of work and writes the table.
pub fn write_table(out: &mut impl Write) -> Result<(), Failure> {
    let rows = [
        ("100 binds, 1,000 similarities, 10 bundles of 10", cycle(), ["63 us", "7.9 us"]),
        ("top-10 of 100 queries over 10,000", top_k(), ["120 ms", "15 ms"]),
    ];
    let machine = hv_parallel::parallelism_info();
    let threads = format!("{} threads", machine.pool_threads);
    writeln!(out, "{:47}  {:>10}{:>12}  {:>10}", "", "here,", "", "published,")?;
    writeln!(out, "{:47}  {:>10}{threads:>12}  {:>10}{:>12}", "", "1 thread", "1 core", "8 cores")?;
    for (name, times, [published_one, published_eight]) in rows {
        let [one, all] = times.map(micros);
        writeln!(out, "{name:47}  {one:>10}{all:>12}  {published_one:>10}{published_eight:>12}")?;
    }
    writeln!(out, "on {machine}; with several threads, work too small to share stays on one")?;
    Ok(())
}

/// The published cycle, on one thread and on all.
fn cycle() -> [Duration; 2] {
    let (key, vectors) = (HV16::random(0), (1..=1_000).map(HV16::random).collect::<Vec<_>>());
    let (to_bind, sets) = (&vectors[..100], vectors[..100].chunks(10).collect::<Vec<_>>());
    let (mut bound, mut similarities) = (vec![HV16::ZERO; to_bind.len()], vec![0.0; vectors.len()]);
    let one = median(|| {
        simd_bind_into(to_bind, &key, &mut bound);
        simd_similarities_into(&key, &vectors, &mut similarities);
        for set in &sets {
            black_box(simd_bundle(set));
        }
        black_box((&bound, &similarities));
    });
    let all = median(|| {
        black_box(adaptive_batch_bind(to_bind, &key));
        black_box(adaptive_batch_similarity(&key, &vectors));
        black_box(adaptive_batch_bundle(&sets));
    });
    [one, all]
}

fn top_k() -> [Duration; 2] {
    let memory: Vec<HV16> = (0..10_000).map(HV16::random).collect();
    let queries: Vec<HV16> = (20_000..20_100).map(HV16::random).collect();
    let one = median(|| drop(black_box(simd_batch_find_top_k(&queries, &memory, 10))));
    let all = median(|| drop(black_box(adaptive_batch_find_top_k(&queries, &memory, 10))));
    [one, all]
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
