//! What hv promises, measured: each piece of work with its bar and the CPU's limit, interleaved by groups of like work.
//!
//! Bars in nanoseconds are those of a machine whose xor-popcount limit is [`REFERENCE_LIMIT`], and scale with the
//! limit that the run measures; ratios and shares hold as they are.

mod adaptive;
mod large;
mod searches;
mod small;

use crate::paths::Cycle;
use crate::rounds::{Case, Effort, Times};

/// Nanoseconds a vector of the AVX-512 xor-popcount loop on the machine that the bars were set for.
pub const REFERENCE_LIMIT: f64 = 1.66;

/// The AVX2 limit of that machine, which the bars for AVX2 scale with: its AVX2 loop takes 16 cycles a vector (measured on
/// Zen 3, whose 256-bit pipes Zen 4 shares), its AVX-512 loop 6. Not the limit of AVX-512, since a CPU that does more of
/// that in a cycle need not do more of AVX2: Zen 5 takes 3 cycles and 17.
pub const REFERENCE_LIMIT_AVX2: f64 = REFERENCE_LIMIT * 16.0 / 6.0;

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
    fn new(work: impl Into<String>, unit: &'static str, measured: f64, quiet: f64) -> Self {
        Self { work: work.into(), unit, measured, bar: None, limit: None, peers: Vec::new(), quiet }
    }

    fn at_most(self, bar: f64) -> Self {
        Self { bar: Some(Bar::AtMost(bar)), ..self }
    }

    fn at_least(self, bar: f64) -> Self {
        Self { bar: Some(Bar::AtLeast(bar)), ..self }
    }

    fn limit(self, limit: f64) -> Self {
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

/// This CPU's limits, in nanoseconds a vector on one thread.
#[derive(Clone, Debug)]
pub struct MeasuredLimits {
    /// The xor-popcount-add loop of the active backend.
    pub xor_popcount: f64,
    /// Plain reads of so many vectors, from few in L1 up to a million in huge pages.
    pub read: Vec<(usize, f64)>,
    /// A plain copy of so many vectors, from few in L1 up.
    pub copy: Vec<(usize, f64)>,
}

impl MeasuredLimits {
    /// Plain reads of a vector, one of `n`.
    #[must_use]
    pub fn read_of(&self, n: usize) -> f64 {
        of_size(&self.read, n)
    }

    /// A plain copy of a vector, one of `n`.
    #[must_use]
    pub fn copy_of(&self, n: usize) -> f64 {
        of_size(&self.copy, n)
    }

    /// The least time a vector of a distance to each of `n`: they are read, and their bits are counted.
    #[must_use]
    pub fn distance_of(&self, n: usize) -> f64 {
        self.xor_popcount.max(self.read_of(n))
    }

    /// The least time of a published cycle on one thread, in nanoseconds: a copy for its binds, distances, and reads
    /// for its bundles, of vectors that the distances have moved out of L1.
    #[must_use]
    pub fn cycle(&self) -> f64 {
        let (binds, n, bundled) = (Cycle::BINDS, Cycle::SIMILARITIES, Cycle::BUNDLES * Cycle::BUNDLES);
        binds as f64 * self.copy_of(binds) + n as f64 * self.distance_of(n) + bundled as f64 * self.read_of(n)
    }
}

/// The time of the least size that is not under `n`, or else of the largest.
fn of_size(times: &[(usize, f64)], n: usize) -> f64 {
    times.iter().find(|(size, _)| n <= *size).or(times.last()).map_or(0.0, |(_, time)| *time)
}

/// All that a run measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The limits.
    pub limits: MeasuredLimits,
    /// The table of bars.
    pub rows: Vec<Row>,
    /// The curves of scaling with threads; plain reads are one of them.
    pub scaling: Vec<Scaling>,
}

/// Measures everything; `progress` is told what comes next.
///
/// Takes a minute or two, a quarter of that with [`Effort::QUICK`], and half a gigabyte of memory.
///
/// # Errors
///
/// If there is not enough memory.
pub fn measure(effort: Effort, progress: &dyn Fn(&str)) -> std::io::Result<Measured> {
    progress("searches in cache, one thread");
    let mut rows = searches::measure(effort);
    progress("searches of 100,000 and a million vectors, and scaling with threads");
    let large = large::measure(effort)?;
    progress("bundles, binds, single operations, the cycle");
    let small = small::measure(effort, large.read);
    progress("adaptive against the better of sequential and parallel");
    let adaptive = adaptive::measure(effort);
    rows.extend(large.rows.into_iter().chain(small.rows).chain([adaptive]));
    Ok(Measured { limits: small.limits, rows, scaling: large.scaling })
}

/// Scales bars with the measured limit of the active backend.
#[derive(Clone, Copy)]
struct Scale(f64);

impl Scale {
    /// By the forms of the active backend's xor-popcount loop, in the rounds that count for `case`.
    fn of(times: &Times, forms: &[Case], case: Case) -> Self {
        Self(times.beside(times.fastest(forms), &[case]))
    }

    /// A bar in the units in which it was set.
    fn bar(self, reference: f64) -> f64 {
        reference * self.0 / REFERENCE_LIMIT
    }
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
    fn bars_scale_with_the_limit() {
        assert_eq!(Scale(REFERENCE_LIMIT).bar(2.5), 2.5);
        assert_eq!(Scale(2.0 * REFERENCE_LIMIT).bar(2.5), 5.0);
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_005].map(grouped), ["0", "999", "1,000", "1,234,005"]);
    }
}
