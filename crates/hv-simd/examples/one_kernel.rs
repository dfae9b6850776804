//! Runs one kernel of the active backend a number of times, and says how long a call took. `docs/tuning.md` has the
//! commands by which two builds are compared.
//!
//! `one_kernel NAME ROUNDS`; without arguments it prints the names.

use std::hint::black_box;
use std::time::Instant;

use hv_simd::workspace_internals::{Kernels, Prefix};
use hv_simd::{Bound, HV16, TopK};

/// What a kernel works on.
struct Inputs {
    kernels: &'static Kernels,
    queries: Vec<HV16>,
    memory: Vec<HV16>,
    prefixes: Vec<Prefix>,
}

/// A kernel, which returns something that depends on all it did.
type Run = fn(&Inputs) -> u64;

const RUNS: &[(&str, Run)] = &[
    ("bind", |x| {
        let mut out = [HV16::ZERO; 100];
        x.kernels.bind_into(&x.memory[..100], &x.queries[0], &mut out);
        u64::from(out[99].0[0])
    }),
    ("permute", |x| u64::from(x.kernels.permute(&x.memory[0], black_box(777)).0[0])),
    ("hamming", |x| u64::from(x.kernels.hamming(&x.memory[0], &x.queries[0]))),
    ("similarity", |x| u64::from(x.kernels.similarity(&x.memory[0], &x.queries[0]).to_bits())),
    ("distances", |x| {
        let mut out = [0; 1_000];
        x.kernels.distances_into(&x.queries[0], &x.memory, &mut out);
        out.iter().map(|&distance| u64::from(distance)).sum()
    }),
    ("nearest of 1,000", |x| nearest(x, 1, 1_000)),
    ("4 x 1,000", |x| nearest(x, 4, 1_000)),
    ("100 x 1,000", |x| nearest(x, 100, 1_000)),
    ("1,000 x 100", |x| {
        let mut bounds = vec![Bound::NONE; 1_000];
        let mut sum = 0;
        x.kernels.scan(&x.memory, &x.queries, 0, &mut bounds, &mut |_, index, distance| {
            sum += index as u64;
            Bound::below(distance)
        });
        sum
    }),
    ("all of 100 x 1,000", |x| {
        let mut sum = 0;
        x.kernels.scan_distances(&x.queries, &x.memory, &mut |_, _, distances| sum += u64::from(distances[0]));
        sum
    }),
    ("prefixes", |x| {
        let mut sum = 0;
        x.kernels.scan_prefixes(&Prefix::of(&x.queries[0]), &x.prefixes, 0, Bound::below(210), &mut |index, _| {
            sum += index as u64;
            Bound::NONE
        });
        sum
    }),
    ("accumulate 3", |x| accumulate(x, 3)),
    ("accumulate 1,000", |x| accumulate(x, 1_000)),
    ("bundle of 3", |x| bundle(x, 3)),
    ("bundle of 10", |x| bundle(x, 10)),
    ("bundle of 15", |x| bundle(x, 15)),
    ("bundle of 100", |x| bundle(x, 100)),
    ("bundle of 1,000", |x| bundle(x, 1_000)),
];

fn nearest(x: &Inputs, queries: usize, vectors: usize) -> u64 {
    let mut nearest = vec![TopK::new(10); queries];
    let mut bounds = vec![Bound::NONE; queries];
    x.kernels.scan_nearest(
        10,
        &x.queries[..queries],
        &x.memory[..vectors],
        0,
        &mut bounds,
        &mut |q, index, distance| nearest[q].offer(distance, index),
    );
    bounds.iter().map(|bound| u64::from(bound.limit())).sum()
}

fn accumulate(x: &Inputs, vectors: usize) -> u64 {
    let mut counters = x.kernels.accumulator();
    counters.add_many(&x.memory[..vectors]);
    counters.majority().map_or(0, |majority| u64::from(majority.0[0]))
}

fn bundle(x: &Inputs, vectors: usize) -> u64 {
    x.kernels.bundle(&x.memory[..vectors]).map_or(0, |majority| u64::from(majority.0[0]))
}

/// A name of its own, by which callgrind counts this alone.
#[inline(never)]
fn measured(run: Run, inputs: &Inputs, rounds: u64) -> u64 {
    (0..rounds).map(|_| run(black_box(inputs))).sum()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, rounds] = &arguments[..] else {
        RUNS.iter().for_each(|(name, _)| println!("{name}"));
        return;
    };
    let found = RUNS.iter().find(|(known, _)| known == name).zip(rounds.parse().ok());
    let Some(((_, run), rounds)) = found else {
        eprintln!("there is no kernel {name:?}, or {rounds:?} is no number; without arguments the names are printed");
        std::process::exit(2);
    };
    let kernels = Kernels::active();
    let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
    let queries = (1_000..1_100).map(HV16::random).collect();
    let prefixes = memory.iter().map(Prefix::of).collect();
    let inputs = Inputs { kernels, queries, memory, prefixes };
    // Tables and rooms are made by the first call.
    measured(*run, &inputs, 1);
    let start = Instant::now();
    let result = measured(*run, &inputs, rounds);
    let each = start.elapsed().as_nanos() as f64 / rounds as f64;
    println!("{name} on {}: {each:.1} ns, result {result}", kernels.backend());
}
