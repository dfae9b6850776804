//! From how many queries on tiles are scanned: the two kernels by the number of queries, and the figure that follows.

use std::hint::black_box;

use hv_benches::inputs::vectors;
use hv_benches::operations::Path;
use hv_parallel::hv_simd::HV16;
use hv_parallel::hv_simd::workspace_internals::Kernels;

use super::curve::{Choice, Curve};

/// Vectors to search: 512 KiB, whole tiles of every backend.
const VECTORS: usize = 2048;

/// The name of the curve.
const NAME: &str = "tiles by queries";

/// What the kernels work on.
pub struct Inputs {
    vectors: Vec<HV16>,
    queries: Vec<HV16>,
    /// The kernels that count the bits of each pair, and those that scan tiles.
    counting: Kernels,
    tiles: Kernels,
}

impl Inputs {
    /// For the backend in use.
    pub fn new() -> Self {
        let kernels = Kernels::active();
        Self {
            vectors: vectors(VECTORS, 5),
            queries: vectors(128, 6),
            counting: kernels.with_min_queries(usize::MAX),
            tiles: kernels.with_min_queries(0),
        }
    }
}

/// The two kernels, whose curves cross at the figure. Both run on one thread.
pub fn way(inputs: &Inputs) -> Choice<'_> {
    let run = |path, queries: usize| {
        let kernels = if path == Path::Sequential { &inputs.counting } else { &inputs.tiles };
        black_box(kernels.batch_find_top_k(&inputs.queries[..queries], &inputs.vectors, 10));
    };
    let sizes = [4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128].map(|size| (size, size)).into();
    Choice { name: NAME, unit: "queries", field: None, sizes, run: Box::new(run) }
}

/// The number of queries from which on tiles are faster, by the curve of [`way`] among others.
pub fn min_queries(curves: &[Curve]) -> usize {
    let crossing = curves.iter().find(|curve| curve.name == NAME).and_then(Curve::crossing);
    crossing.map_or(usize::MAX, |(queries, _)| queries.ceil() as usize)
}

/// The present one, of the backend in use.
pub fn present() -> usize {
    Kernels::active().min_queries()
}
