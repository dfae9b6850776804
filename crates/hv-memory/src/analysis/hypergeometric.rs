//! Where to cut when a search first reads 512 of the 2,048 bits.
//!
//! A vector at distance `D` from a cue differs from it in `D` of 2,048 positions. Over 512 of the positions, its
//! *plane distance*, it differs in at most `D`: so one whose plane distance exceeds `D` can be dismissed, for certain.
//! And if the positions are a random choice among all, the plane distance is hypergeometric, near `D / 4`: so a cut
//! not far above that loses a match only with a probability that can be computed. `docs/retrieval.md` has the
//! derivation and says when the assumption holds.
//!
//! # Numbers
//!
//! The terms of the distribution are computed relative to its largest one, by the ratios of neighbours, outward. All
//! are positive, and the ratios are of integers below 2^53, so that after at most 512 steps of two roundings each, a
//! term is right to within 1,024 × 2^-53 of itself, and with 512 additions a sum to within 2e-13: no cancellation, no
//! logarithms. Terms too small for `f64` become 0, which loses at most 512 × 1e-308 of a probability. `SLACK` is far
//! above both, so a promise is never broken by rounding; a cut could be one too large only where the exact tail lies
//! within 1e-11 of itself below the promise, which would cost a little speed.

use crate::policy_error::{PolicyError, check};

/// The bits of a vector.
const BITS: u64 = 2048;

/// The bits of a vector that are in the plane.
const PLANE_BITS: u64 = 512;

/// The relative error allowed for in a computed tail.
const SLACK: f64 = 1e-11;

/// The cut of a search that first reads the plane of the first 512 bits of each vector.
///
/// ```
/// use hv_memory::internal::PlaneCut;
///
/// // All vectors within a distance of 163 (similarity 0.92), for certain.
/// let exact = PlaneCut::exact(163);
/// assert_eq!(exact.max_plane_distance(), 163);
/// assert!(exact.noise_share() < 1e-16);
///
/// // All within 614 (0.7), each of them with a probability of 1e-9 to be missed.
/// let within = PlaneCut::within(614, 1e-9)?;
/// assert_eq!(within.max_plane_distance(), 208);
/// assert!(within.noise_share() < 2e-5);
/// assert!(PlaneCut::exact(614).noise_share() > 0.99);
/// # Ok::<(), hv_memory::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaneCut {
    max_plane_distance: u16,
    noise_share: f64,
}

impl PlaneCut {
    /// The smallest miss probability that [`within`](Self::within) takes: 1e-15.
    pub const MIN_MISS_PROBABILITY: f64 = 1e-15;
    /// The largest: 0.5.
    pub const MAX_MISS_PROBABILITY: f64 = 0.5;
    /// The plane distance that unrelated vectors have on average: 256.
    pub const MEAN_OF_UNRELATED: u16 = (PLANE_BITS / 2) as u16;

    /// The cut that misses no vector whose distance is at most `max_distance`.
    #[must_use]
    pub fn exact(max_distance: u16) -> Self {
        Self::at(u64::from(max_distance).min(PLANE_BITS))
    }

    /// The smallest cut by which a vector at most `max_distance` away is missed with a probability of at most
    /// `miss_probability`, if differing bits fall evenly over the positions.
    ///
    /// The probability is that of each matching vector by itself, and falls quickly for vectors that are nearer.
    /// The cut grows with the distance and is never above that of [`exact`](Self::exact). Cost: some microseconds.
    ///
    /// # Errors
    ///
    /// If `miss_probability` is NaN, or not from 1e-15 to 0.5; for no misses at all there is [`exact`](Self::exact).
    pub fn within(max_distance: u16, miss_probability: f64) -> Result<Self, PolicyError> {
        let range = Self::MIN_MISS_PROBABILITY..=Self::MAX_MISS_PROBABILITY;
        check("miss_probability", miss_probability, |p| range.contains(&p), "from 1e-15 to 0.5")?;
        let plane = hypergeometric(BITS, u64::from(max_distance).min(BITS), PLANE_BITS);
        Ok(Self::at(plane.upper_cut(miss_probability)))
    }

    fn at(max_plane_distance: u64) -> Self {
        let noise_share = binomial(PLANE_BITS).share_up_to(max_plane_distance);
        Self { max_plane_distance: max_plane_distance as u16, noise_share }
    }

    /// Vectors up to this plane distance have to be read in full, from 0 to 512; those beyond are dismissed.
    #[must_use]
    pub fn max_plane_distance(&self) -> u16 {
        self.max_plane_distance
    }

    /// The share of unrelated vectors that have to be read in full, from 0 to 1: the chance that of 512 fair bits at
    /// most [`max_plane_distance`](Self::max_plane_distance) are ones.
    #[must_use]
    pub fn noise_share(&self) -> f64 {
        self.noise_share
    }
}

/// A distribution over `first..first + terms.len()`, its terms relative to the largest.
struct Distribution {
    first: u64,
    terms: Vec<f64>,
    total: f64,
}

/// How many of `sample` positions, drawn from `all` without replacement, are among `marked` ones.
fn hypergeometric(all: u64, marked: u64, sample: u64) -> Distribution {
    // P(x + 1) / P(x) = (marked - x)(sample - x) / ((x + 1)(unmarked - sample + x + 1))
    let first = (marked + sample).saturating_sub(all);
    Distribution::new(first, marked.min(sample), |x| {
        let more = (marked - x) * (sample - x);
        let fewer = (x + 1) * (all + x + 1 - marked - sample);
        (more as f64, fewer as f64)
    })
}

/// How many of `n` fair coins show heads.
fn binomial(n: u64) -> Distribution {
    Distribution::new(0, n, |x| ((n - x) as f64, (x + 1) as f64))
}

impl Distribution {
    /// The distribution over `first..=last` with `P(x + 1) / P(x) = a / b` for `(a, b) = ratio(x)`; these ratios
    /// fall with x.
    fn new(first: u64, last: u64, ratio: impl Fn(u64) -> (f64, f64)) -> Self {
        let mode = (first..last).find(|&x| ratio(x).0 < ratio(x).1).unwrap_or(last);
        let mut terms = vec![1.0; (last - first + 1) as usize];
        for x in mode..last {
            let (a, b) = ratio(x);
            terms[(x + 1 - first) as usize] = terms[(x - first) as usize] * a / b;
        }
        for x in (first..mode).rev() {
            let (a, b) = ratio(x);
            terms[(x - first) as usize] = terms[(x + 1 - first) as usize] * b / a;
        }
        let total = terms.iter().sum();
        Self { first, terms, total }
    }

    /// The smallest `c` with `P(X > c) <= probability`, for a probability below 1.
    fn upper_cut(&self, probability: f64) -> u64 {
        let most = self.total * probability * (1.0 - SLACK);
        let mut tail = 0.0;
        // From the far end, so that small terms are added first.
        for (i, &term) in self.terms.iter().enumerate().rev() {
            tail += term;
            if tail > most {
                return self.first + i as u64;
            }
        }
        self.first
    }

    /// `P(X <= c)`.
    fn share_up_to(&self, c: u64) -> f64 {
        let below: f64 = (self.first..=c).zip(&self.terms).map(|(_, term)| term).sum();
        below / self.total
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Exact to n = 60, where it is about 2^57.
    fn choose(n: u64, k: u64) -> u128 {
        if k > n { 0 } else { (0..u128::from(k)).fold(1, |c, i| c * (u128::from(n) - i) / (i + 1)) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// Tails and cuts against counting the draws in integers.
        #[test]
        fn hypergeometric_is_counted(all in 1u64..=60, marked in 0u64..=60, sample in 0u64..=60, exponent in -30.0..-0.1f64) {
            let (marked, sample) = (marked % (all + 1), sample % (all + 1));
            let ways = |x: u64| choose(marked, x) * if x <= sample { choose(all - marked, sample - x) } else { 0 };
            let share = |x: u128| x as f64 / choose(all, sample) as f64;
            let up_to = |c: u64| share((0..=c).map(ways).sum());
            let above = |c: u64| share((c + 1..=60).map(ways).sum());
            let distribution = hypergeometric(all, marked, sample);
            for c in distribution.first..=marked.min(sample) {
                prop_assert!((distribution.share_up_to(c) / up_to(c) - 1.0).abs() < 1e-14);
            }
            let probability = exponent.exp2();
            let cut = distribution.upper_cut(probability);
            prop_assert!(above(cut) <= probability);
            // No smaller cut would do, but for one so close that the slack excludes it.
            prop_assert!(cut == distribution.first || above(cut - 1) > probability * (1.0 - 1e-10));
        }

        #[test]
        fn binomial_is_counted(n in 0u64..=60, c in 0u64..=60) {
            let c = c % (n + 1);
            let exact = (0..=c).map(|x| choose(n, x)).sum::<u128>() as f64 / 2f64.powi(n as i32);
            prop_assert!((binomial(n).share_up_to(c) / exact - 1.0).abs() < 1e-14);
        }
    }
}
