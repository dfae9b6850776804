//! What consolidation would do: fade, forget, merge, and keep the strongest. Nothing is changed here.
//!
//! In this order:
//!
//! 1. Every strength fades to `strength × 2^(-elapsed / half_life)`, elapsed since it was last updated and never
//!    negative. So what counts is the time, not the number of calls.
//! 2. What is below the floor is dropped.
//! 3. Near-duplicates are merged, if the policy says so; see `merge.rs`.
//! 4. If more than `capacity` remain, the strongest are kept, and of equal ones the newer.

use std::time::Duration;

use hv_parallel::{HV16, Progress};

use super::columns::Columns;
use super::fading::{check_half_life, faded, half_life_micros};
use super::merge::{Merged, merge, pairs_among};
use crate::arena::{Keep, Kept};
use crate::policy_error::{PolicyError, as_written, check};

/// What consolidation keeps.
///
/// ```
/// use std::time::Duration;
/// use hv_memory::ConsolidatePolicy;
///
/// let policy = ConsolidatePolicy::new().half_life(Duration::from_secs(86_400)).merge(0.95).capacity(100_000);
/// assert!(policy.validate().is_ok());
/// let (day, today) = (86_400_000_000, 1_700_000_000_000_000);
/// assert_eq!(policy.faded(1.0, today - day, today), 0.5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConsolidatePolicy {
    pub(super) half_life: Option<Duration>,
    pub(super) floor: f64,
    pub(crate) merge: Option<f32>,
    pub(super) capacity: Option<usize>,
}

impl Default for ConsolidatePolicy {
    fn default() -> Self {
        let month = Duration::from_secs(30 * 86_400);
        Self { half_life: Some(month), floor: 1.0 / 64.0, merge: None, capacity: None }
    }
}

impl ConsolidatePolicy {
    /// The defaults: a half-life of 30 days and a floor of 1/64; nothing is merged, and any number stays.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The time in which a strength halves; more than 0. 30 days by default.
    ///
    /// A strength that was never set since its episode was stored fades from the episode's own time. So a memory of old
    /// dates, or with times that are not microseconds since 1970, needs a `now` on the same clock, or a
    /// [`floor`](Self::floor) of 0: a diary of the last century, consolidated with the defaults and the time of today,
    /// loses every page.
    #[must_use]
    pub fn half_life(mut self, half_life: Duration) -> Self {
        self.half_life = Some(half_life);
        self
    }

    /// Lets no strength fade.
    #[must_use]
    pub fn without_fading(mut self) -> Self {
        self.half_life = None;
        self
    }

    /// Drops episodes that are weaker than this; 0 or more. 1/64 by default, which an episode that is never recollected
    /// reaches after six half-lives, half a year.
    #[must_use]
    pub fn floor(mut self, floor: f64) -> Self {
        self.floor = floor;
        self
    }

    /// Merges episodes that are at least this similar, from 0 to 1: the strongest of them stays, and takes the bundle of
    /// their vectors and the sum of their strengths. Payloads and retrievals of the others are lost. By default none are
    /// merged.
    #[must_use]
    pub fn merge(mut self, min_similarity: f32) -> Self {
        self.merge = Some(min_similarity);
        self
    }

    /// The most episodes to keep. By default as many as there are.
    #[must_use]
    pub fn capacity(mut self, episodes: usize) -> Self {
        self.capacity = Some(episodes);
        self
    }

    /// Checks that every setting is in range.
    ///
    /// # Errors
    ///
    /// If a setting is NaN or out of its range.
    pub fn validate(&self) -> Result<(), PolicyError> {
        check_half_life(self.half_life)?;
        check("floor", self.floor, |floor| floor >= 0.0 && floor.is_finite(), "a finite number, 0 or more")?;
        let merge = self.merge.unwrap_or(1.0);
        check("merge", as_written(merge), |_| (0.0..=1.0).contains(&merge), "a similarity from 0 to 1")
    }

    /// A strength that was last updated at `updated`, as it is at `now`: unchanged where that is not later.
    #[must_use]
    pub fn faded(&self, strength: f64, updated: i64, now: i64) -> f64 {
        faded(strength, updated, now, half_life_micros(self.half_life))
    }
}

/// What consolidation would do to a memory. All lists are in order of slot, which is that of id.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ConsolidationPlan {
    /// The episodes that stay, with their strengths.
    pub kept: Vec<Kept>,
    /// The episodes among them that absorbed others, with their new vectors.
    pub merged: Vec<(usize, HV16)>,
    /// The episodes that were below the floor.
    pub faded: Vec<usize>,
    /// The episodes that were absorbed, each with the one that absorbed it.
    pub absorbed: Vec<(usize, usize)>,
    /// The episodes beyond the capacity. Those which such an episode absorbed are in `absorbed`.
    pub surplus: Vec<usize>,
}

impl ConsolidationPlan {
    /// What stays.
    pub(crate) fn keep(&self) -> Keep<'_> {
        Keep { kept: &self.kept, merged: &self.merged }
    }
}

/// Plans a consolidation of the live episodes at the time `now`.
///
/// Every live slot is in exactly one of `kept`, `faded`, `absorbed` and `surplus`.
///
/// `progress` counts the pairs of episodes settled by merging, which takes nearly all of the time, after every 64
/// survivors; a policy that merges nothing has none. It starts with all of them and with `after`, the work that the
/// caller has left to do.
///
/// Cost: O(n) without merging. With merging, up to n² / 2 distances, in tiles and on the threads of the current Rayon
/// pool where that is worth it, and a copy of the vectors for as long as it takes.
///
/// # Errors
///
/// If the policy has a setting that is NaN or out of range.
pub(crate) fn consolidation_plan(
    columns: &impl Columns,
    policy: &ConsolidatePolicy,
    now: i64,
    after: u64,
    progress: &Progress,
) -> Result<ConsolidationPlan, PolicyError> {
    policy.validate()?;
    let half_life = half_life_micros(policy.half_life);
    let mut plan = ConsolidationPlan { kept: Vec::with_capacity(columns.slots()), ..ConsolidationPlan::default() };
    for slot in (0..columns.slots()).filter(|&slot| !columns.is_deleted(slot)) {
        let updated = columns.updated(slot);
        let strength = faded(columns.strength(slot), updated, now, half_life);
        if strength >= policy.floor {
            plan.kept.push(Kept { slot, strength, updated: updated.max(now) });
        } else {
            plan.faded.push(slot);
        }
    }
    match policy.merge {
        Some(threshold) => {
            progress.start(pairs_among(plan.kept.len()) + after);
            let Merged { kept, merged, absorbed } = merge(columns, threshold, plan.kept, progress);
            plan = ConsolidationPlan { kept, merged, absorbed, ..plan };
        }
        None => progress.start(after),
    }
    if let Some(capacity) = policy.capacity {
        keep_strongest(&mut plan, capacity);
    }
    Ok(plan)
}

/// Moves all but the `capacity` strongest, of equal ones the newest, to the surplus.
fn keep_strongest(plan: &mut ConsolidationPlan, capacity: usize) {
    if plan.kept.len() <= capacity {
        return;
    }
    let rank = |a: &Kept, b: &Kept| b.strength.total_cmp(&a.strength).then(b.slot.cmp(&a.slot));
    // Selecting is O(n); the kept remain in order of slot.
    let first_out = *plan.kept.clone().select_nth_unstable_by(capacity, rank).1;
    let stays = |kept: &Kept| rank(kept, &first_out).is_lt();
    plan.surplus = plan.kept.iter().filter(|kept| !stays(kept)).map(|kept| kept.slot).collect();
    plan.kept.retain(stays);
    let surplus = &plan.surplus;
    plan.merged.retain(|(slot, _)| surplus.binary_search(slot).is_err());
}
