//! How far ahead of a scan memory is best fetched: the distances of one query, by how far ahead and from where.

use std::hint::black_box;

use hv_benches::inputs::huge_vectors;
use hv_benches::quiet::Cores;
use hv_benches::rounds::{Effort, Rounds};
use hv_memory::MemoryError;
use hv_parallel::hv_simd::HV16;
use hv_parallel::hv_simd::workspace_internals::Kernels;

use crate::table::Table;

/// Vectors to read: 512 KiB, which an L2 holds, and 256 MiB, which hardly any L3 does.
const SIZES: [usize; 2] = [2_048, 1 << 20];

/// Nanoseconds a vector on one thread, and the time over that where nothing is fetched ahead.
///
/// # Errors
///
/// If there is not enough memory.
pub fn measure(effort: Effort) -> Result<Table, MemoryError> {
    let (query, limits) = (&HV16::random(7), Kernels::active().limits());
    let [small, large] = [huge_vectors(SIZES[0], 8)?, huge_vectors(SIZES[1], 8)?];
    let mut rounds = Rounds::default();
    let cases = limits.distances.map(|(_, distances_into)| {
        [&small[..], &large[..]].map(|vectors| {
            let mut out = vec![0; vectors.len()];
            rounds.add(Cores::Caller, vectors.len(), move || {
                distances_into(black_box(query), black_box(vectors), &mut out)
            })
        })
    });
    let times = rounds.measure(effort);
    let row = |(&(bytes, _), of_bytes): (&(usize, _), &[_; 2])| {
        let note = if bytes == limits.ahead { ", as the kernels do" } else { "" };
        let of_size = (0..SIZES.len()).flat_map(|size| {
            let [case, without] = [of_bytes, &cases[0]].map(|cases| cases[size]);
            [format!("{:.2} ns", times.median(case)), format!("{:.3}", times.ratio(case, without))]
        });
        std::iter::once(format!("{bytes}{note}")).chain(of_size).collect()
    };
    let sizes = SIZES.map(|size| format!("of {size} vectors"));
    let header = ["bytes fetched ahead", &sizes[0], "over none", &sizes[1], "over none"];
    Ok(Table::new(&header, limits.distances.iter().zip(&cases).map(row)))
}
