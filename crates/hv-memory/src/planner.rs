//! How a recall searches: every vector in full, the plane of prefixes first, or picked slots alone.
//!
//! All that this is decided by is here: the figures of each backend, which `cargo xtask tune-thresholds` writes to
//! `planner.txt`, and what follows from them. What is found never depends on it.

use hv_parallel::for_storage::figure;
use hv_parallel::hv_simd::{Backend, active_backend};

use crate::analysis::PlaneCut;
use crate::conditions::Exactness;

/// From where on which way to search is the faster one, on one backend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// Vectors from which on one cue may go through the prefix plane. Finding the cut takes some microseconds.
    pub prefix_vectors: usize,
    /// The same for many cues, whose first try in vain costs a part of a plain scan.
    pub prefix_vectors_of_batch: usize,
    /// The largest share of vectors read in full with which one cue goes through the plane, from 0 to 1.
    pub prefix_share: f64,
    /// The same for many cues, which share the reads of a plain scan.
    pub prefix_share_of_batch: f64,
    /// Of the vectors that one search reads on their own, there is at most one in this many; else it reads all in order.
    pub scattered: usize,
    /// Cues from which on, with distances of at most `left_early`, the plain scan leaves most of every vector out.
    pub many_cues: usize,
    /// See `many_cues`.
    pub left_early: u16,
}

impl Costs {
    /// The measured figures of a backend.
    #[must_use]
    pub fn of(backend: Backend) -> Self {
        match backend {
            Backend::Avx512 => AVX512,
            Backend::Avx2 => AVX2,
            Backend::Sse2 => SSE2,
            Backend::Neon => NEON,
            Backend::Simd128 => SIMD128,
            _ => SCALAR,
        }
    }

    /// Those of the backend in use.
    pub(crate) fn active() -> Self {
        Self::of(active_backend())
    }

    /// Where a search that reads the prefixes first cuts; `None` where the plain scan is as fast.
    pub(crate) fn cut(&self, search: &Search) -> Option<PlaneCut> {
        let Search { vectors, cues, max_distance, exactness } = *search;
        let (least, share) = match cues {
            1 => (self.prefix_vectors, self.prefix_share),
            _ => (self.prefix_vectors_of_batch, self.prefix_share_of_batch),
        };
        // A prefix of an unrelated vector differs in half of its bits, so a cut from there on dismisses too few. Not even
        // to be computed: the cut within a probability is never under the mean, a quarter of the distance.
        let lowest = if exactness == Exactness::Exact { max_distance } else { max_distance / 4 };
        let left_early = cues >= self.many_cues && max_distance <= self.left_early;
        if vectors < least || lowest >= PlaneCut::MEAN_OF_UNRELATED || left_early {
            return None;
        }
        let cut = match exactness {
            Exactness::Exact => PlaneCut::exact(max_distance),
            Exactness::Within(p) => PlaneCut::within(max_distance, p).ok()?,
        };
        (cut.noise_share() <= share).then_some(cut)
    }

    /// The most slots that are read on their own, of all.
    pub(crate) fn most_picked(&self, slots: usize) -> usize {
        slots / self.scattered
    }

    /// If more than one in this many vectors of a piece remain, all of it is read in order.
    #[must_use]
    pub fn worth(cues: usize) -> usize {
        if cues == 1 { WORTH } else { WORTH_OF_BATCH }
    }
}

/// What the way of a search depends on.
#[derive(Clone, Copy)]
pub(crate) struct Search {
    pub vectors: usize,
    pub cues: usize,
    pub max_distance: u16,
    pub exactness: Exactness,
}

/// Questions about times on one state that pass over all of them before one sorts them, which takes as long as some
/// dozens of passes. So next to a writer, whose every step makes another state, no question sorts for itself alone; and of
/// one state, all together take at most about twice the time that they would if their number were known.
pub(crate) const WORTH_SORTING: u32 = 64;

/// See [`Costs::worth`].
const WORTH: usize = 12;

/// The same for many cues. Those that read a piece in order share it.
const WORTH_OF_BATCH: usize = 40;

const AVX512: Costs = of("avx512");
const AVX2: Costs = of("avx2");
const SSE2: Costs = of("sse2");
const NEON: Costs = of("neon");
const SIMD128: Costs = of("simd128");
const SCALAR: Costs = of("scalar");

/// The figures of a backend in `planner.txt`. One that is missing there is an error of the compiler.
const fn of(backend: &str) -> Costs {
    const fn figure_of(backend: &str, name: &str) -> f64 {
        figure(include_str!("planner.txt"), backend, name)
    }
    Costs {
        prefix_vectors: figure_of(backend, "prefix_vectors") as usize,
        prefix_vectors_of_batch: figure_of(backend, "prefix_vectors_of_batch") as usize,
        prefix_share: figure_of(backend, "prefix_share"),
        prefix_share_of_batch: figure_of(backend, "prefix_share_of_batch"),
        scattered: figure_of(backend, "scattered") as usize,
        many_cues: figure_of(backend, "many_cues") as usize,
        left_early: figure_of(backend, "left_early") as u16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plane_is_read_where_few_vectors_remain() {
        let costs = Costs {
            prefix_vectors: 16_384,
            prefix_vectors_of_batch: 32_768,
            prefix_share: 0.07,
            prefix_share_of_batch: 0.018,
            scattered: 8,
            many_cues: 64,
            left_early: 410,
        };
        let search = |vectors, cues, max_distance| Search { vectors, cues, max_distance, exactness: Exactness::Exact };
        let cuts = |search| costs.cut(&search).is_some();
        // Distances of 238 and 231 leave 6 and 1.5 %.
        assert!(cuts(search(100_000, 1, 238)) && !cuts(search(100_000, 1, 239)));
        assert!(cuts(search(100_000, 8, 231)) && !cuts(search(100_000, 8, 232)));
        assert!(!cuts(search(16_383, 1, 100)) && !cuts(search(32_767, 2, 100)));
        assert!(!cuts(search(100_000, 64, 231)), "64 cues leave most of each vector out anyway");
        let within = |p| Search { exactness: Exactness::Within(p), ..search(100_000, 1, 614) };
        assert!(cuts(within(1e-9)) && !cuts(within(2.0)) && !cuts(search(100_000, 1, 614)));
        assert_eq!((costs.most_picked(80), costs.most_picked(7)), (10, 0));
    }

    #[test]
    fn every_backend_has_figures_that_can_be() {
        for &backend in Backend::ALL {
            let costs = Costs::of(backend);
            assert!((0.0..0.5).contains(&costs.prefix_share), "{backend}: {costs:?}");
            assert!((0.0..=costs.prefix_share).contains(&costs.prefix_share_of_batch), "{backend}: {costs:?}");
            assert!(costs.scattered > 0 && costs.many_cues > 1 && costs.left_early < 1_024, "{backend}: {costs:?}");
        }
    }
}
