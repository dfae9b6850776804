//! From an effect back to its likely causes.
//!
//! A link from a cause to an effect is `max(0, 2 similarity - 1) × exp(-dt / tau) × (1 - |dvalence| / 2)`: how much
//! more alike the two are than unrelated vectors, fading with the time between, and less where one was good and the other
//! bad. No factor exceeds 1, so a cause further back than `tau ln(1 / threshold)` cannot pass the threshold. The
//! search goes back in time from the effect, and as soon as it has found a link, only a stronger one will do: so the
//! window shrinks while it runs, and most candidates are dismissed by their similarity alone.

use std::time::Duration;

use hv_parallel::hv_simd::simd_hamming;
use hv_parallel::{HV16, Progress};

use super::columns::Columns;
use super::fading::{exp, ln};
use crate::arena::TimeOrder;
use crate::episode::EpisodeId;
use crate::policy_error::{PolicyError, check};
use crate::spans::micros;

/// What counts as a cause.
///
/// ```
/// use std::time::Duration;
/// use hv_memory::CausalPolicy;
///
/// let policy = CausalPolicy::new().tau(Duration::from_secs(60)).threshold(0.2).max_len(4);
/// // Equal contents and valences, a minute apart.
/// assert!((policy.link(0, Duration::from_secs(60), 0.0) - (-1f64).exp()).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CausalPolicy {
    pub(super) tau: Duration,
    pub(super) threshold: f64,
    pub(super) max_len: usize,
}

impl Default for CausalPolicy {
    fn default() -> Self {
        Self { tau: Duration::from_secs(600), threshold: 0.1, max_len: 16 }
    }
}

impl CausalPolicy {
    /// The defaults: a tau of 10 minutes, a threshold of 0.1, and chains of at most 16 links.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The time in which a link fades to 1/e; more than 0. 10 minutes by default.
    #[must_use]
    pub fn tau(mut self, tau: Duration) -> Self {
        self.tau = tau;
        self
    }

    /// The weakest link that is followed; more than 0 and at most 1. 0.1 by default, which among contents of similarity
    /// 0.6 allows a gap of 0.7 tau.
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    /// The most links of a chain. 16 by default.
    #[must_use]
    pub fn max_len(mut self, links: usize) -> Self {
        self.max_len = links;
        self
    }

    /// Checks that every setting is in range.
    ///
    /// # Errors
    ///
    /// If a setting is NaN or out of its range.
    pub fn validate(&self) -> Result<(), PolicyError> {
        check("tau", micros(self.tau), |tau| tau > 0.0, "a span of more than 0")?;
        check("threshold", self.threshold, |t| t > 0.0 && t <= 1.0, "more than 0 and at most 1")
    }

    /// The link from a cause to an effect that comes `dt` later, from 0 to 1. This is its definition.
    #[must_use]
    pub fn link(&self, distance: u32, dt: Duration, dvalence: f64) -> f64 {
        link(distance, micros(dt), dvalence, micros(self.tau))
    }

    /// A time, in microseconds, beyond which no link reaches `floor`: `tau ln(1 / floor)`, and a little more, so that
    /// rounding in `exp` and here excludes nothing.
    fn reach(&self, floor: f64) -> u64 {
        // exp(-746) is 0 in f64. The smallest floors are so coarse that only that excludes.
        let folds = if floor < f64::MIN_POSITIVE { 746.0 } else { -ln(floor) * (1.0 + 1e-12) + 1e-12 };
        // As a cast saturates, this is right for any tau.
        (micros(self.tau) * folds).ceil() as u64
    }
}

/// The link after a time, which fades with `tau`, both in microseconds.
fn link(distance: u32, dt: f64, dvalence: f64, tau: f64) -> f64 {
    above_chance(distance) * exp(-dt / tau) * (1.0 - dvalence.abs() / 2.0)
}

/// `max(0, 2 similarity - 1)`, exact.
fn above_chance(distance: u32) -> f64 {
    (1.0 - f64::from(distance) / 1024.0).max(0.0)
}

/// An effect with its likely causes.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CausalChain {
    /// The episodes in order of time: the first cause, what it led to, and so on to the effect itself.
    pub ids: Vec<EpisodeId>,
    /// `links[i]` leads from `ids[i]` to `ids[i + 1]`: one fewer than there are ids.
    pub links: Vec<f64>,
}

/// Follows the strongest links back from the episode at `effect`.
///
/// At each step the cause is the strictly earlier episode with the strongest link, if that is at least the
/// threshold; on equal links the later one, then the one with the smaller id. An effect without a cause is a chain of
/// itself. A deleted effect is followed like a live one; ask before.
///
/// `order` is the [`TimeOrder`] of `columns`. All arithmetic is in `f64`. `progress` counts links. One that is stopped ends it, and the
/// result is not to be used.
///
/// Cost: for each link one distance to each episode in the time in which a stronger link could lie, at most
/// `tau ln(1 / threshold)`, and a binary search.
///
/// # Errors
///
/// If the policy has a setting that is NaN or out of range.
///
/// # Panics
///
/// If `effect` is no slot of `columns`, or `order` is that of more slots.
pub(crate) fn causal_chain(
    columns: &impl Columns,
    order: &TimeOrder,
    effect: usize,
    policy: &CausalPolicy,
    progress: &Progress,
) -> Result<CausalChain, PolicyError> {
    policy.validate()?;
    progress.start(policy.max_len as u64);
    let mut chain = CausalChain { ids: vec![columns.id(effect)], links: Vec::new() };
    let mut slot = effect;
    while chain.links.len() < policy.max_len
        && let Some(cause) = strongest_cause(columns, order, slot, policy, progress)
    {
        slot = cause.slot;
        chain.ids.push(columns.id(slot));
        chain.links.push(cause.link);
        progress.advance(1);
    }
    chain.ids.reverse();
    chain.links.reverse();
    Ok(chain)
}

struct Cause {
    slot: usize,
    time: i64,
    link: f64,
}

fn strongest_cause(
    columns: &impl Columns,
    order: &TimeOrder,
    effect: usize,
    policy: &CausalPolicy,
    progress: &Progress,
) -> Option<Cause> {
    let (time, valence, vector): (_, _, &HV16) =
        (columns.time(effect), f64::from(columns.valence(effect)), columns.vector(effect));
    let tau = micros(policy.tau);
    let mut best: Option<Cause> = None;
    // The weakest link that would do, and how far back it could lie.
    let mut floor = policy.threshold;
    let mut reach = policy.reach(floor);
    for position in order.positions(|slot| columns.time(slot), ..time).rev() {
        let slot = order.slot(position);
        let cause_time = columns.time(slot);
        let dt = time.abs_diff(cause_time);
        if dt > reach {
            break;
        }
        if progress.is_stopped() {
            return None;
        }
        if columns.is_deleted(slot) {
            continue;
        }
        let distance = simd_hamming(vector, columns.vector(slot));
        // The other factors are at most 1.
        if above_chance(distance) < floor {
            continue;
        }
        let link = link(distance, dt as f64, f64::from(columns.valence(slot)) - valence, tau);
        // Later times come first, and of one time the larger ids.
        let better = best.as_ref().is_none_or(|best| link > best.link || cause_time == best.time);
        if link >= floor && better {
            best = Some(Cause { slot, time: cause_time, link });
            floor = link;
            reach = policy.reach(floor);
        }
    }
    best
}
