//! Bundles, binds, single operations and the cycle, next to plain reads and copies of the same vectors.

use std::hint::black_box;

use hv_parallel::HV16;
use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::hv_simd::{simd_bind_into, simd_bundle, simd_similarity};

use super::limits::{MeasuredLimits, Scale};
use super::table::{Row, grouped};
use crate::inputs::{L1_VECTORS, vectors};
use crate::limits::{read, xor_popcount};
use crate::paths::{Cycle, Path};
use crate::rounds::{Case, Effort, Rounds};

pub(super) struct Small {
    pub(super) rows: Vec<Row>,
    pub(super) limits: MeasuredLimits,
}

/// Vectors of a bundle, its bar in nanoseconds, and the bundles of a run.
const BUNDLES: [(usize, f64, usize); 3] = [(10, 40.0, 16), (101, 300.0, 2), (1_000, 2_800.0, 1)];

/// Vectors of a plain read: the bundles.
const READS: [usize; 3] = [BUNDLES[0].0, BUNDLES[1].0, BUNDLES[2].0];

/// Vectors of a plain copy: few in L1, and the sizes of batch bind in the suites.
const COPIES: [usize; 5] = [10, 100, 500, 1_000, 5_000];

/// Similarities of a run.
const CALLS: usize = 256;

/// `large_reads` are those of larger memories.
pub(super) fn measure(effort: Effort, large_reads: Vec<(usize, f64)>) -> Small {
    let (vectors, key) = (vectors(5_000, 1), HV16::random(2));
    let (mut out, mut cycle) = (vec![HV16::ZERO; 1_000], Cycle::new());
    let thousand = &vectors[..1_000];
    let mut rounds = Rounds::new();
    let limit = xor_popcount(&mut rounds, Kernels::active(), &key, &vectors[..L1_VECTORS]);
    let reads = READS.map(|n| read(&mut rounds, Kernels::active(), &vectors[..n]));
    let bundles = BUNDLES.map(|(n, _, times)| bundle(&mut rounds, &vectors[..n], times));
    let copies = COPIES.map(|n| copy(&mut rounds, &vectors[..n]));
    let bind = rounds.add(thousand.len(), || simd_bind_into(thousand, black_box(&key), black_box(&mut out)));
    let [apart, chained] = similarities(&mut rounds, &key, &vectors[..L1_VECTORS]);
    let cycle = rounds.add(1, || cycle.run(black_box(Path::Sequential)));
    let times = rounds.measure(effort);

    let limits = MeasuredLimits {
        xor_popcount: times.median(times.fastest(&limit)),
        read: READS
            .into_iter()
            .zip(reads.map(|reads| times.median(times.fastest(&reads))))
            .chain(large_reads)
            .collect(),
        copy: COPIES.into_iter().zip(copies.map(|copy| times.median(copy))).collect(),
    };
    let fastest = times.fastest(&limit);
    let time = |work: String, case| Row::new(work, "ns", times.beside(case, &[fastest]), times.quiet(&[case, fastest]));
    let scale = |case| Scale::of(&times, &limit, case);
    let bundle_row = |(&(n, bar, _), case): (&(usize, f64, usize), Case)| {
        let row = time(format!("bundle of {}", grouped(n)), case);
        row.at_most(scale(case).bar(bar)).limit(n as f64 * limits.read_of(n))
    };
    let mut rows: Vec<Row> = BUNDLES.iter().zip(bundles).map(bundle_row).collect();
    let (copy, apart_limit) = (copies[3], times.beside(fastest, &[apart]));
    let (ratio, quiet) = (times.ratio(bind, copy), times.quiet(&[bind, copy]));
    rows.push(Row::new("bind 1,000 into a slice, over a plain copy", "x", ratio, quiet).at_most(1.1));
    let row = time("similarity of one pair, call after call".into(), apart);
    rows.push(row.limit(apart_limit));
    let row = time("similarity of one pair, each waiting for the last".into(), chained);
    rows.push(row.at_most(scale(chained).bar(3.6)));
    let row = time("the cycle, one thread".into(), cycle);
    let row = Row { unit: "us", measured: row.measured / 1e3, ..row };
    rows.push(row.at_most(scale(cycle).bar(5.0)).limit(limits.cycle() / 1e3));
    Small { rows, limits }
}

fn bundle<'a>(rounds: &mut Rounds<'a>, vectors: &'a [HV16], times: usize) -> Case {
    rounds.add(times, move || {
        for _ in 0..times {
            black_box(simd_bundle(black_box(vectors)));
        }
    })
}

fn copy<'a>(rounds: &mut Rounds<'a>, vectors: &'a [HV16]) -> Case {
    let mut out = vec![HV16::ZERO; vectors.len()];
    let times = 100_usize.div_ceil(vectors.len());
    rounds.add(times * vectors.len(), move || {
        for _ in 0..times {
            black_box(&mut out[..]).copy_from_slice(black_box(vectors));
        }
    })
}

/// Calls whose results are summed, and calls that each choose their vector by the last result. They do so by its bits,
/// since a conversion to a whole number would cost the chain several nanoseconds more than a shift and a mask do. The
/// lowest 13 are zero, as a similarity is a multiple of 2^-11.
fn similarities<'a>(rounds: &mut Rounds<'a>, key: &'a HV16, vectors: &'a [HV16]) -> [Case; 2] {
    let apart = rounds.add(CALLS, move || {
        let pick = |i| &vectors[i % L1_VECTORS];
        black_box((0..CALLS).map(|i| simd_similarity(black_box(key), pick(i))).sum::<f32>());
    });
    let chained = rounds.add(CALLS, move || {
        let next = |i: usize, _| (simd_similarity(black_box(key), &vectors[i]).to_bits() >> 13) as usize % L1_VECTORS;
        black_box((0..CALLS).fold(0, next));
    });
    [apart, chained]
}
