//! The lines of the table of bars, and the curves of scaling.

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
    /// The share of the rounds in which the core was undisturbed; under
    /// [`Times::ENOUGH`](crate::rounds::Times::ENOUGH) of them, all counted.
    pub quiet: f64,
}

impl Row {
    pub(super) fn new(work: impl Into<String>, unit: &'static str, measured: f64, quiet: f64) -> Self {
        Self { work: work.into(), unit, measured, bar: None, limit: None, peers: Vec::new(), quiet }
    }

    pub(super) fn at_most(self, bar: f64) -> Self {
        Self { bar: Some(Bar::AtMost(bar)), ..self }
    }

    pub(super) fn at_least(self, bar: f64) -> Self {
        Self { bar: Some(Bar::AtLeast(bar)), ..self }
    }

    pub(super) fn limit(self, limit: f64) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// Whether the bar is met; `None` without a bar.
    #[must_use]
    pub fn is_met(&self) -> Option<bool> {
        self.bar.map(|bar| match bar {
            Bar::AtMost(bar) => self.measured <= bar,
            Bar::AtLeast(bar) => self.measured >= bar,
        })
    }

    /// The share of the limit that was reached, 0 to 1; `None` without a limit.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        self.limit.map(|limit| limit / self.measured)
    }
}

/// How many times as fast some work is, by the number of threads.
#[derive(Clone, Debug)]
pub struct Scaling {
    /// What was done.
    pub work: String,
    /// Pairs of threads and the speed-up over one, 1 for one.
    pub points: Vec<(usize, f64)>,
}

/// A number with commas between thousands.
#[must_use]
pub fn grouped(n: usize) -> String {
    if n < 1_000 { n.to_string() } else { format!("{},{:03}", grouped(n / 1_000), n % 1_000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_met_from_the_right_side() {
        let time = Row::new("a time", "ns", 5.0, 1.0);
        assert_eq!(time.is_met(), None);
        assert_eq!([5.0, 4.9].map(|bar| time.clone().at_most(bar).is_met()), [Some(true), Some(false)]);
        assert_eq!([5.0, 5.1].map(|bar| time.clone().at_least(bar).is_met()), [Some(true), Some(false)]);
        assert_eq!(time.limit(4.0).share(), Some(0.8));
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_005].map(grouped), ["0", "999", "1,000", "1,234,005"]);
    }
}
