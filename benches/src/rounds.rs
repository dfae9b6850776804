//! The timer: every case once a round, so that a change of the clock or another process meets them all alike, and ratios
//! within a round hold where times do not. Times taken while the core was shared are left out, where others remain.

use std::time::{Duration, Instant};

use rayon::ThreadPool;

use crate::quiet::{Cores, Probe};

/// How long to measure: many short slices rather than a few long ones. On a shared machine a slice much shorter than the
/// scheduler's is mostly left alone, and the median passes over those that were not.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Times that each case is measured; the median counts.
    pub rounds: usize,
    /// How long a case is repeated in each round. One run at least.
    pub slice: Duration,
    /// How long a case is tried again in a round until it meets an undisturbed core.
    pub patience: Duration,
}

impl Effort {
    /// For a record.
    pub const FULL: Self = Self { rounds: 201, slice: Duration::from_micros(200), patience: Duration::from_millis(4) };
    /// For a first look.
    pub const QUICK: Self = Self { rounds: 41, patience: Duration::from_millis(1), ..Self::FULL };

    /// One round in `share`, and three at least: for cases that take milliseconds or seconds a run.
    pub fn fewer(self, share: usize) -> Self {
        Self { rounds: (self.rounds / share).max(3), ..self }
    }
}

/// A case of some [`Rounds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case(usize);

/// What a case does.
struct Work<'a> {
    cores: Cores,
    items: usize,
    /// Runs this many times, and returns nanoseconds per run.
    run: Box<dyn FnMut(u32) -> f64 + 'a>,
}

/// Cases to be measured in turn.
#[derive(Default)]
pub struct Rounds<'a>(Vec<Work<'a>>);

impl<'a> Rounds<'a> {
    /// Adds a case whose `run` does `items` items on these cores; times are for one item. A run may be as short as an
    /// operation: the loop over runs is compiled with it.
    ///
    /// What runs on all cores is timed after it has run once: that the threads of the pool had gone to sleep is not its
    /// work.
    pub fn add(&mut self, cores: Cores, items: usize, mut run: impl FnMut() + 'a) -> Case {
        self.push(cores, items, move |repeats| time(cores, &mut run, repeats))
    }

    /// Adds a case that shares its work with the threads of a pool.
    ///
    /// It runs on the calling thread where the pool is as large as the global one, which is used then, and else on a
    /// thread of the pool; there it may be disturbed by its own arrival, since a system may put the first thread that
    /// is woken onto the core of the one that wakes it.
    pub fn add_in(&mut self, pool: &'a ThreadPool, items: usize, mut run: impl FnMut() + Send + 'a) -> Case {
        if pool.current_num_threads() == rayon::current_num_threads() {
            return self.add(Cores::All, items, run);
        }
        self.push(Cores::All, items, move |repeats| pool.install(|| time(Cores::All, &mut run, repeats)))
    }

    /// Adds a case that takes what `make` makes; only `run` is timed. What it returns is dropped outside of that time.
    pub fn add_made<T, R>(&mut self, make: impl Fn() -> T + 'a, run: impl Fn(T) -> R + 'a) -> Case {
        let once = move || {
            let (made, mut result) = (make(), None);
            let start = Instant::now();
            result.replace(run(made));
            start.elapsed().as_nanos() as f64
        };
        self.push(Cores::All, 1, move |repeats| (0..repeats).map(|_| once()).sum::<f64>() / f64::from(repeats))
    }

    fn push(&mut self, cores: Cores, items: usize, run: impl FnMut(u32) -> f64 + 'a) -> Case {
        self.0.push(Work { cores, items, run: Box::new(run) });
        Case(self.0.len() - 1)
    }

    /// Measures. Every case runs before, which warms caches and tells how often it fits a slice.
    pub fn measure(mut self, effort: Effort) -> Times {
        let repeats: Vec<[u32; 2]> = self.0.iter_mut().map(|work| work.repeats(effort)).collect();
        let mut probes = [Cores::Caller, Cores::All].map(Probe::new);
        let mut round = |_| -> Vec<(f64, f64)> {
            let cases = self.0.iter_mut().zip(&repeats);
            cases
                .map(|(work, &repeats)| work.time(repeats, effort.patience, &mut probes[work.cores as usize]))
                .collect()
        };
        let rounds: Vec<_> = (0..effort.rounds).map(&mut round).collect();
        let quiet = |(work, (time, probed)): (&Work<'_>, _)| (time, probes[work.cores as usize].is_quiet(probed));
        Times(rounds.into_iter().map(|round| self.0.iter().zip(round).map(quiet).collect()).collect())
    }
}

impl Work<'_> {
    /// How often it runs in a round: before it is timed, since the others have taken the caches, and timed. The latter is
    /// as often as fits a slice, and once at least; the former a quarter of that, and never where it outlasts the
    /// patience of a round.
    fn repeats(&mut self, effort: Effort) -> [u32; 2] {
        let [slice, patience] = [effort.slice, effort.patience].map(|time| time.as_nanos() as f64);
        // The first run is slow, so one that may fit more often is timed again.
        let first = (self.run)(1);
        let time = if first > 2.0 * slice.max(patience) { first } else { (self.run)(1) };
        let timed = (slice / time.max(1.0)).clamp(1.0, 1e8) as u32;
        [if time <= slice.max(patience) { timed.div_ceil(4) } else { 0 }, timed]
    }

    /// Nanoseconds an item, measured until that was undisturbed or patience has run out: the last time counts, and the
    /// slower of the probes around it.
    fn time(&mut self, [before, timed]: [u32; 2], patience: Duration, probe: &mut Probe) -> (f64, f64) {
        let start = Instant::now();
        if before > 0 {
            (self.run)(before);
        }
        let mut probed = probe.time();
        loop {
            let (time, after) = ((self.run)(timed) / self.items as f64, probe.time());
            if probe.is_quiet(probed.max(after)) || start.elapsed() >= patience {
                return (time, probed.max(after));
            }
            probed = after;
        }
    }
}

/// Nanoseconds a run.
fn time(cores: Cores, run: &mut impl FnMut(), repeats: u32) -> f64 {
    if matches!(cores, Cores::All) {
        run();
    }
    let start = Instant::now();
    (0..repeats).for_each(|_| run());
    start.elapsed().as_nanos() as f64 / f64::from(repeats)
}

/// Nanoseconds an item, by round and case, and whether the core was undisturbed meanwhile.
#[derive(Clone, Debug)]
pub struct Times(Vec<Vec<(f64, bool)>>);

impl Times {
    /// This many undisturbed rounds are enough to leave the others out.
    pub const ENOUGH: usize = 5;

    /// The median over the rounds, in nanoseconds an item.
    pub fn median(&self, case: Case) -> f64 {
        self.median_with(case, &[])
    }

    /// The median of a case in those rounds that count for it and `others` alike: what to hold against the median of
    /// another case.
    pub fn median_with(&self, case: Case, others: &[Case]) -> f64 {
        let cases: Vec<Case> = others.iter().copied().chain([case]).collect();
        median(self.over(&cases, |round| round[case.0].0))
    }

    /// How many times as long `case` took as `other`: the median of the ratios in each round.
    pub fn ratio(&self, case: Case, other: Case) -> f64 {
        median(self.over(&[case, other], |round| round[case.0].0 / round[other.0].0))
    }

    /// Half of the rounds lie within this fraction of the median.
    pub fn spread(&self, case: Case) -> f64 {
        let middle = self.median(case);
        median(self.over(&[case], |round| (round[case.0].0 / middle - 1.0).abs()))
    }

    /// The case with the least median.
    ///
    /// # Panics
    ///
    /// Of no cases.
    pub fn fastest(&self, cases: &[Case]) -> Case {
        let fastest = cases.iter().min_by(|a, b| self.median(**a).total_cmp(&self.median(**b)));
        *fastest.expect("at least one case")
    }

    /// The share of the rounds in which the core was undisturbed for all of these cases, 0 to 1.
    pub fn quiet(&self, cases: &[Case]) -> f64 {
        self.0.iter().filter(|round| is_quiet(round, cases)).count() as f64 / self.0.len() as f64
    }

    /// A value of each round that was undisturbed for these cases; of all where those are too few.
    fn over(&self, cases: &[Case], value: impl Fn(&[(f64, bool)]) -> f64) -> Vec<f64> {
        let quiet: Vec<f64> = self.0.iter().filter(|round| is_quiet(round, cases)).map(|round| value(round)).collect();
        if quiet.len() >= Self::ENOUGH { quiet } else { self.0.iter().map(|round| value(round)).collect() }
    }
}

fn is_quiet(round: &[(f64, bool)], cases: &[Case]) -> bool {
    cases.iter().all(|case| round[case.0].1)
}

/// The median: of an even number of values the mean of the two in the middle. Not a number where there are none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

#[cfg(test)]
#[path = "../tests/units/rounds.rs"]
mod tests;
