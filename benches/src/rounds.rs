//! Interleaved measuring: every case once a round, so that a change of the clock or a neighbour's load meets them
//! all alike, and ratios within a round hold where times do not.

use std::time::{Duration, Instant};

/// How long to measure: many short slices rather than a few long ones, because on a machine that is shared a slice
/// much shorter than the scheduler's is mostly left alone, and the median passes over those that were not.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Times that each case is measured; the median counts.
    pub rounds: usize,
    /// How long a case is repeated in each round. One run at least.
    pub slice: Duration,
    /// Rounds for cases that take milliseconds or seconds a run.
    pub long_rounds: usize,
}

impl Effort {
    /// For a record.
    pub const FULL: Self = Self { rounds: 201, slice: Duration::from_micros(200), long_rounds: 9 };
    /// For a first look.
    pub const QUICK: Self = Self { rounds: 41, slice: Duration::from_micros(200), long_rounds: 3 };

    /// For cases that take milliseconds or seconds a run.
    #[must_use]
    pub fn long(self) -> Self {
        Self { rounds: self.long_rounds, ..self }
    }
}

/// A case of some [`Rounds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case(usize);

/// Cases to be measured in turn.
#[derive(Default)]
pub struct Rounds<'a> {
    cases: Vec<(usize, Box<dyn FnMut() + 'a>)>,
}

impl<'a> Rounds<'a> {
    /// No cases yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a case whose `run` does `items` items; times are for one item. A run should take 50 ns at least, since
    /// it is a call through a pointer.
    pub fn add(&mut self, items: usize, run: impl FnMut() + 'a) -> Case {
        self.cases.push((items, Box::new(run)));
        Case(self.cases.len() - 1)
    }

    /// Measures. Every case runs before, which warms caches and tells how often it fits a slice.
    #[must_use]
    pub fn measure(mut self, effort: Effort) -> Times {
        let repeats: Vec<u32> = self.cases.iter_mut().map(|(_, run)| repeats(run, effort.slice)).collect();
        let round = |_| {
            let cases = self.cases.iter_mut().zip(&repeats);
            cases.map(|((items, run), &repeats)| time(run, repeats) / *items as f64).collect()
        };
        Times((0..effort.rounds).map(round).collect())
    }
}

/// How often a run fits a slice. The first run is slow, so one that may fit more often is timed again.
fn repeats(run: &mut dyn FnMut(), slice: Duration) -> u32 {
    let slice = slice.as_nanos() as f64;
    if time(run, 1) > 2.0 * slice {
        return 1;
    }
    (slice / time(run, 1).max(1.0)).clamp(1.0, 1e8) as u32
}

/// Nanoseconds a run.
fn time(run: &mut dyn FnMut(), repeats: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..repeats {
        run();
    }
    start.elapsed().as_nanos() as f64 / f64::from(repeats)
}

/// Nanoseconds an item, by round and case.
#[derive(Clone, Debug)]
pub struct Times(Vec<Vec<f64>>);

impl Times {
    /// The median over the rounds, in nanoseconds an item.
    #[must_use]
    pub fn median(&self, case: Case) -> f64 {
        median(self.0.iter().map(|round| round[case.0]))
    }

    /// How many times as long `case` took as `other`: the median of the ratios in each round.
    #[must_use]
    pub fn ratio(&self, case: Case, other: Case) -> f64 {
        median(self.0.iter().map(|round| round[case.0] / round[other.0]))
    }

    /// The case with the least median.
    ///
    /// # Panics
    ///
    /// Of no cases.
    #[must_use]
    pub fn fastest(&self, cases: &[Case]) -> Case {
        let fastest = cases.iter().min_by(|a, b| self.median(**a).total_cmp(&self.median(**b)));
        *fastest.expect("at least one case")
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_ratios() {
        let (a, b) = (Case(0), Case(1));
        let times = Times(vec![vec![1.0, 4.0], vec![2.0, 6.0], vec![9.0, 45.0]]);
        assert_eq!([times.median(a), times.median(b)], [2.0, 6.0]);
        assert_eq!(times.ratio(b, a), 4.0); // of 4, 3 and 5
        assert_eq!(times.fastest(&[b, a]), a);
        assert_eq!(median([4.0, 1.0, 3.0, 2.0].into_iter()), 2.5);
    }

    #[test]
    fn every_case_runs_in_every_round() {
        let (calls, more) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        let mut rounds = Rounds::new();
        rounds.add(1, || calls.set(calls.get() + 1));
        let slow = rounds.add(10, || {
            more.set(more.get() + 1);
            std::thread::sleep(Duration::from_millis(2));
        });
        let times = rounds.measure(Effort { rounds: 3, slice: Duration::from_micros(1), long_rounds: 1 });
        assert!(calls.get() >= 5);
        assert_eq!(more.get(), 4); // one to warm up, and one a round
        assert!(times.median(slow) >= 200_000.0);
    }
}
