//! Bundles, binds, single operations and the cycle, next to plain reads and copies of the same vectors.

use std::hint::black_box;

use hv_parallel::HV16;
use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::hv_simd::{simd_bind_into, simd_bundle, simd_similarity};

use super::table::{Row, grouped, scaled};
use crate::inputs::L1_VECTORS;
use crate::limits::{MeasuredLimits, read, xor_popcount};
use crate::operations::{Inputs, Path, Work};
use crate::quiet::Cores;
use crate::rounds::{Case, Effort, Rounds};

/// Vectors of a bundle, and its bar in nanoseconds.
const BUNDLES: [(usize, f64); 3] = [(10, 40.0), (101, 300.0), (1_000, 2_800.0)];

/// Vectors of a plain copy: few in L1, and the sizes of batch bind in the suites.
const COPIES: [usize; 5] = [10, 100, 500, 1_000, 5_000];

/// Similarities of a run.
const CALLS: usize = 256;

/// The limits and the rows. `large_reads` are the limits of reading larger memories.
pub(super) fn measure(effort: Effort, large_reads: Vec<(usize, f64)>) -> (MeasuredLimits, Vec<Row>) {
    let (inputs, key) = (Inputs::default(), &HV16::random(2));
    let vectors = &inputs.vectors[..];
    let mut rounds = Rounds::default();
    let limit = xor_popcount(&mut rounds, Kernels::active(), key, &vectors[..L1_VECTORS]);
    let reads = BUNDLES.map(|(n, _)| read(&mut rounds, None, &vectors[..n]));
    let bundles = BUNDLES
        .map(|(n, _)| rounds.add(Cores::Caller, 1, move || _ = black_box(simd_bundle(black_box(&vectors[..n])))));
    let copies = COPIES.map(|n| copy(&mut rounds, &vectors[..n]));
    let (thousand, mut out) = (&vectors[..1_000], vec![HV16::ZERO; 1_000]);
    let bind = rounds.add(Cores::Caller, 1_000, move || simd_bind_into(thousand, black_box(key), black_box(&mut out)));
    let [apart, chained] = similarities(&mut rounds, key, &vectors[..L1_VECTORS]);
    let cycle = rounds.add(Cores::Caller, 1, || inputs.run(black_box(Path::Sequential), Work::Cycle));
    let times = rounds.measure(effort);

    let fastest = |forms: &[Case]| times.median(times.fastest(forms));
    let sizes = BUNDLES.map(|(n, _)| n).into_iter();
    let limits = MeasuredLimits {
        xor_popcount: times.median(limit),
        read: sizes.zip(reads.map(|reads| fastest(&reads))).chain(large_reads).collect(),
        copy: COPIES.into_iter().zip(copies.map(|copy| times.median(copy))).collect(),
    };
    let time = |work: &str, case| Row::time(&times, work, "ns", (case, limit));
    let bar = |bar, case| scaled(bar, times.median_with(limit, &[case]));
    let bundle = |((n, ns), case): ((usize, f64), Case)| {
        let row = time(&format!("bundle of {}", grouped(n)), case);
        row.at_most(bar(ns, case)).limit(n as f64 * limits.read_of(n))
    };
    let mut rows: Vec<Row> = BUNDLES.into_iter().zip(bundles).map(bundle).collect();
    let over_copy = Row::ratio(&times, "bind 1,000 into a slice, over a plain copy", (1.0, "x"), (bind, copies[3]));
    rows.extend([over_copy.at_most(1.1), time("similarity of one pair, call after call", apart)]);
    let row = time("similarity of one pair, each waiting for the last", chained);
    rows.push(Row { limit: None, ..row }.at_most(bar(3.6, chained)));
    let row = time("the cycle, one thread", cycle);
    let row = Row { unit: "us", measured: row.measured / 1e3, ..row };
    rows.push(row.at_most(bar(5.0, cycle)).limit(limits.cycle() / 1e3));
    (limits, rows)
}

fn copy<'a>(rounds: &mut Rounds<'a>, vectors: &'a [HV16]) -> Case {
    let mut out = vec![HV16::ZERO; vectors.len()];
    rounds.add(Cores::Caller, vectors.len(), move || black_box(&mut out[..]).copy_from_slice(black_box(vectors)))
}

/// Calls whose results are summed, and calls that each choose their vector by the last result. They do so by its bits,
/// since a conversion to a whole number would cost the chain several nanoseconds more than a shift and a mask do. The
/// lowest 13 are zero, as a similarity is a multiple of 2^-11.
fn similarities<'a>(rounds: &mut Rounds<'a>, key: &'a HV16, vectors: &'a [HV16]) -> [Case; 2] {
    let apart = rounds.add(Cores::Caller, CALLS, move || {
        let pick = |i| &vectors[i % L1_VECTORS];
        black_box((0..CALLS).map(|i| simd_similarity(black_box(key), pick(i))).sum::<f32>());
    });
    let chained = rounds.add(Cores::Caller, CALLS, move || {
        let next = |i: usize, _| (simd_similarity(black_box(key), &vectors[i]).to_bits() >> 13) as usize % L1_VECTORS;
        black_box((0..CALLS).fold(0, next));
    });
    [apart, chained]
}
