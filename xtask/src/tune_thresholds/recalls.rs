//! The ways of a recall, and the figures that follow: what the planner of hv-memory chooses between, and hv-simd's kernels for
//! few queries and for many, which scan tiles.
//!
//! As the operations of hv-parallel have two paths, so has each of these: `Path::Sequential` is the way that is better at
//! small sizes, `Path::Parallel` the one that is better at large ones. All of it runs on one thread.

use std::hint::black_box;

use hv_benches::inputs::vectors;
use hv_benches::operations::Path;
use hv_memory::internal::{Costs, PlaneCut};
use hv_parallel::HV16;
use hv_parallel::for_storage::{SequentialScope, WithPrefixes, segments_find_pruned, segments_find_top_k};
use hv_parallel::hv_simd::workspace_internals::{Kernels, Prefix};

use super::curve::{Choice, Curve, round_down};

/// Vectors to search: 16 MiB, as a segment of hv-memory has.
const VECTORS: usize = 1 << 16;

/// Vectors to scan by the kernels for few queries and for many: 512 KiB, whole tiles of every backend.
const TILES: usize = 2_048;

/// Cues of a small batch: so few that on no backend the plain scan leaves most of each vector out.
const CUES: usize = 4;

/// Cues of a batch that the plain scan serves best, if they ask for near vectors.
const MANY: usize = 64;

/// A distance at which the plane dismisses nearly all vectors: a similarity of 0.92.
const NEAR: u16 = 163;

/// The largest distance with which the plane is tried within a probability of a miss.
const FAR: usize = 700;

/// Plane distances below the mean of unrelated vectors, from which the share that the plane leaves follows.
const MEAN: usize = PlaneCut::MEAN_OF_UNRELATED as usize;

/// What the ways work on.
pub struct Inputs {
    vectors: Vec<HV16>,
    prefixes: Vec<Prefix>,
    cues: Vec<HV16>,
    /// The kernels that count the bits of each pair, and those that scan tiles.
    counting: Kernels,
    tiles: Kernels,
}

impl Inputs {
    pub fn new() -> Self {
        let (vectors, cues) = (vectors(VECTORS, 3), vectors(2 * MANY, 4));
        let [counting, tiles] = [usize::MAX, 0].map(|queries| Kernels::active().with_min_queries(queries));
        Self { prefixes: vectors.iter().map(Prefix::of).collect(), vectors, cues, counting, tiles }
    }

    /// Every vector in full.
    fn scan(&self, cues: usize, n: usize, max_distance: u16) {
        let _alone = SequentialScope::enter();
        black_box(segments_find_top_k(&self.cues[..cues], &[&self.vectors[..n]], 10, max_distance, |_| true));
    }

    /// The plane first.
    fn prune(&self, cues: usize, n: usize, max_distance: u16, cut: u16) {
        let _alone = SequentialScope::enter();
        let segment = WithPrefixes { vectors: &self.vectors[..n], prefixes: &self.prefixes[..n] };
        let worth = Costs::worth(cues);
        black_box(segments_find_pruned(&self.cues[..cues], &[segment], 10, max_distance, cut, worth, |_| true));
    }

    /// One vector in `n` on its own.
    fn pick(&self, n: usize) {
        let _alone = SequentialScope::enter();
        let picked: Vec<&[HV16]> = self.vectors.chunks(n).map(|chunk| &chunk[..1]).collect();
        black_box(segments_find_top_k(&self.cues[..1], &picked, 10, u16::MAX, |_| true));
    }

    /// All vectors; one in `n` counts.
    fn filter(&self, n: usize) {
        let _alone = SequentialScope::enter();
        black_box(segments_find_top_k(&self.cues[..1], &[&self.vectors], 10, u16::MAX, |i| i % n == 0));
    }
}

/// The ways whose crossings give the figures, in the order of [`costs`], [`min_queries`] and [`thresholds`].
pub fn all(inputs: &Inputs) -> Vec<Choice<'_>> {
    let near = PlaneCut::exact(NEAR).max_plane_distance();
    let cut = |below: usize| PlaneCut::exact((MEAN - below) as u16).max_plane_distance();
    let (cuts, sizes) = ((8..=40).step_by(2), (12..=16).map(|bits| 1 << bits));
    let by_cut = |name, cues| {
        let run = move |path, below| match path {
            Path::Sequential => inputs.scan(cues, VECTORS, cut(below)),
            _ => inputs.prune(cues, VECTORS, cut(below), cut(below)),
        };
        way(name, "below 256", cuts.clone(), run)
    };
    let by_size = |name, cues| {
        let run = move |path, n| match path {
            Path::Sequential => inputs.scan(cues, n, NEAR),
            _ => inputs.prune(cues, n, NEAR, near),
        };
        way(name, "vectors", sizes.clone(), run)
    };
    let picked = |path, n| if path == Path::Sequential { inputs.filter(n) } else { inputs.pick(n) };
    let by_cues = move |path, cues| match path {
        Path::Sequential => inputs.prune(cues, VECTORS, NEAR, near),
        _ => inputs.scan(cues, VECTORS, NEAR),
    };
    let by_distance = |path, nearer: usize| {
        let distance = (FAR - nearer) as u16;
        // Within the range, so there is a cut.
        let cut = PlaneCut::within(distance, 1e-9).unwrap_or_else(|_| PlaneCut::exact(distance));
        match path {
            Path::Sequential => inputs.prune(MANY, VECTORS, distance, cut.max_plane_distance()),
            _ => inputs.scan(MANY, VECTORS, distance),
        }
    };
    let by_tiles = |path, queries: usize| {
        let kernels = if path == Path::Sequential { &inputs.counting } else { &inputs.tiles };
        black_box(kernels.batch_find_top_k(&inputs.cues[..queries], &inputs.vectors[..TILES], 10));
    };
    let queries = [4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128];
    vec![
        by_cut("plane by cut, one cue", 1),
        by_cut("plane by cut, 4 cues", CUES),
        by_size("plane by size, one cue", 1),
        by_size("plane by size, 4 cues", CUES),
        way("picked slots, one in", "vectors", [2, 3, 4, 6, 8, 12, 16, 32], picked),
        way("scan by cues, near", "cues", [2, 4, 8, 16, 32, 64, 128], by_cues),
        way("scan by distance, 64 cues", "below 700", (0..=500).step_by(50), by_distance),
        way("tiles by queries", "queries", queries, by_tiles),
    ]
}

fn way<'a>(
    name: &'static str,
    unit: &'static str,
    sizes: impl IntoIterator<Item = usize>,
    run: impl Fn(Path, usize) + 'a,
) -> Choice<'a> {
    Choice { name, unit, field: None, sizes: sizes.into_iter().map(|size| (size, size)).collect(), run: Box::new(run) }
}

/// The figures of the planner that follow from the curves of [`all`].
pub fn costs(curves: &[Curve]) -> Costs {
    let crossing = |i: usize| curves[i].crossing().map(|(size, _)| size);
    let vectors = |i| crossing(i).map_or(usize::MAX, |size| round_down(size as usize));
    let share = |i, cues| crossing(i).map_or(0.0, |below| two_digits(share_at(below.ceil() as usize)).min(most(cues)));
    Costs {
        prefix_share: share(0, 1),
        prefix_share_of_batch: share(1, CUES),
        prefix_vectors: vectors(2),
        prefix_vectors_of_batch: vectors(3),
        scattered: crossing(4).map_or(usize::MAX, |ratio| ratio.ceil() as usize),
        many_cues: vectors(5),
        left_early: crossing(6).map_or(0, |nearer| round_down(FAR - nearer.ceil() as usize) as u16),
    }
}

/// From how many queries on tiles are faster, by the last curve of [`all`].
pub fn min_queries(curves: &[Curve]) -> usize {
    curves[7].crossing().map_or(usize::MAX, |(queries, _)| queries.ceil() as usize)
}

/// The sizes at which figures change the way, in the order of [`all`].
pub fn thresholds(costs: &Costs, min_queries: usize) -> [usize; 8] {
    let below = |share: f64| (0..=MEAN).find(|&below| share_at(below) <= share).unwrap_or(usize::MAX);
    [
        below(costs.prefix_share),
        below(costs.prefix_share_of_batch),
        costs.prefix_vectors,
        costs.prefix_vectors_of_batch,
        costs.scattered,
        costs.many_cues,
        FAR.saturating_sub(costs.left_early.into()),
        min_queries,
    ]
}

/// The share of unrelated vectors that a cut this far below the mean leaves.
fn share_at(below: usize) -> f64 {
    PlaneCut::exact(MEAN.saturating_sub(below) as u16).noise_share()
}

/// The largest share with which the plane is of use: where more remain, pieces are read in order all the same.
fn most(cues: usize) -> f64 {
    (1_000.0 / Costs::worth(cues) as f64).floor() / 1_000.0
}

/// Two digits of a share, rounded up, so that the cut that it was measured at is within it.
fn two_digits(share: f64) -> f64 {
    let exponent = share.log10().floor() as i32 - 1;
    let digits = (share / 10f64.powi(exponent)).ceil();
    format!("{digits}e{exponent}").parse().unwrap_or(share)
}

#[cfg(test)]
#[path = "../../tests/units/recalls.rs"]
mod tests;
