//! The lines of the table of bars.

use crate::limits::REFERENCE_LIMIT;
use crate::rounds::{Case, Times};

/// What a figure must not exceed, or must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bar {
    /// A time or a ratio of times.
    AtMost(f64),
    /// A speed-up or a share.
    AtLeast(f64),
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was done.
    pub work: String,
    /// The unit of `measured`, `bar` and `limit`.
    pub unit: &'static str,
    /// The median.
    pub measured: f64,
    /// The bar, scaled to this machine, where there is one.
    pub bar: Option<Bar>,
    /// What this CPU could do at best, where that is known.
    pub limit: Option<f64>,
    /// How many times as long each peer took, by name.
    pub peers: Vec<(&'static str, f64)>,
    /// The share of the rounds in which the core was undisturbed; under [`Times::ENOUGH`] of them, all counted.
    pub quiet: f64,
}

impl Row {
    pub(crate) fn new(work: impl Into<String>, unit: &'static str, measured: f64, quiet: f64) -> Self {
        Self { work: work.into(), unit, measured, bar: None, limit: None, peers: Vec::new(), quiet }
    }

    /// The time of a case next to that of its limit, in the rounds that count for both.
    pub(super) fn time(times: &Times, work: &str, unit: &'static str, (case, limit): (Case, Case)) -> Self {
        let row = Self::new(work, unit, times.median_with(case, &[limit]), times.quiet(&[case, limit]));
        row.limit(times.median_with(limit, &[case]))
    }

    /// How many times as long one case takes as another, times `scale`.
    pub(super) fn ratio(
        times: &Times,
        work: impl Into<String>,
        (scale, unit): (f64, &'static str),
        (case, other): (Case, Case),
    ) -> Self {
        Self::new(work, unit, scale * times.ratio(case, other), times.quiet(&[case, other]))
    }

    pub(crate) fn at_most(self, bar: f64) -> Self {
        Self { bar: Some(Bar::AtMost(bar)), ..self }
    }

    pub(super) fn at_least(self, bar: f64) -> Self {
        Self { bar: Some(Bar::AtLeast(bar)), ..self }
    }

    pub(super) fn limit(self, limit: f64) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// Whether the bar is met; `None` without a bar.
    pub fn is_met(&self) -> Option<bool> {
        self.bar.map(|bar| match bar {
            Bar::AtMost(bar) => self.measured <= bar,
            Bar::AtLeast(bar) => self.measured >= bar,
        })
    }

    /// The share of the limit that was reached, 0 to 1; `None` without a limit.
    pub fn share(&self) -> Option<f64> {
        self.limit.map(|limit| limit / self.measured)
    }
}

/// A bar in the units in which it was set, where the xor-popcount loop takes `limit`.
pub(super) fn scaled(bar: f64, limit: f64) -> f64 {
    bar * limit / REFERENCE_LIMIT
}

/// A number with commas between thousands.
pub fn grouped(n: usize) -> String {
    if n < 1_000 { n.to_string() } else { format!("{},{:03}", grouped(n / 1_000), n % 1_000) }
}

#[cfg(test)]
#[path = "../../tests/units/table.rs"]
mod tests;
