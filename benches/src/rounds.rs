//! Interleaved measuring: every case once a round, so that a change of the clock or a neighbour's load meets them
//! all alike, and ratios within a round hold where times do not. Times taken while the core was shared are left out,
//! as far as others remain.

use std::time::{Duration, Instant};

use rayon::ThreadPool;

use crate::quiet::{Cores, Probe};

/// How long to measure: many short slices rather than a few long ones, because on a machine that is shared a slice
/// much shorter than the scheduler's is mostly left alone, and the median passes over those that were not.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Times that each case is measured; the median counts.
    pub rounds: usize,
    /// How long a case is repeated in each round. One run at least.
    pub slice: Duration,
    /// How long a case is tried again in a round until it meets an undisturbed core.
    pub patience: Duration,
    /// Rounds for cases that take milliseconds or seconds a run.
    pub long_rounds: usize,
}

impl Effort {
    /// For a record.
    pub const FULL: Self =
        Self { rounds: 201, slice: Duration::from_micros(200), patience: Duration::from_millis(4), long_rounds: 9 };
    /// For a first look.
    pub const QUICK: Self = Self { rounds: 41, patience: Duration::from_millis(1), long_rounds: 3, ..Self::FULL };

    /// For cases that take milliseconds or seconds a run.
    #[must_use]
    pub fn long(self) -> Self {
        Self { rounds: self.long_rounds, ..self }
    }
}

/// A case of some [`Rounds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case(usize);

/// Runs a case this many times, and returns nanoseconds per run.
type Timed<'a> = Box<dyn FnMut(u32) -> f64 + 'a>;

/// Cases to be measured in turn.
#[derive(Default)]
pub struct Rounds<'a> {
    cases: Vec<(usize, Timed<'a>)>,
    cores: Cores<'a>,
}

impl<'a> Rounds<'a> {
    /// No cases yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No cases yet; these cores must be undisturbed, not that of the calling thread alone.
    #[must_use]
    pub fn on(cores: Cores<'a>) -> Self {
        Self { cases: Vec::new(), cores }
    }

    /// Adds a case whose `run` does `items` items; times are for one item. A run should take 50 ns at least, since
    /// it is a call through a pointer.
    pub fn add(&mut self, items: usize, mut run: impl FnMut() + 'a) -> Case {
        self.push(items, Box::new(move |repeats| time(&mut run, repeats)))
    }

    /// Adds a case that shares its work with the threads of a pool, and is timed after it has run once: that they had
    /// gone to sleep is not its work.
    ///
    /// It runs on the calling thread where the pool is as large as the global one, which is used then, and else on a
    /// thread of the pool; there it may be disturbed by its own arrival, since a system may put the first thread that
    /// is woken onto the core of the one that wakes it.
    pub fn add_shared(&mut self, pool: &'a ThreadPool, items: usize, mut run: impl FnMut() + Send + 'a) -> Case {
        let mut timed = move |repeats| {
            run();
            time(&mut run, repeats)
        };
        if pool.current_num_threads() == rayon::current_num_threads() {
            self.push(items, Box::new(timed))
        } else {
            self.push(items, Box::new(move |repeats| pool.install(|| timed(repeats))))
        }
    }

    fn push(&mut self, items: usize, run: Timed<'a>) -> Case {
        self.cases.push((items, run));
        Case(self.cases.len() - 1)
    }

    /// Measures. Every case runs before, which warms caches and tells how often it fits a slice.
    #[must_use]
    pub fn measure(mut self, effort: Effort) -> Times {
        let repeats: Vec<Repeats> = self.cases.iter_mut().map(|(_, run)| Repeats::of(run, effort)).collect();
        let mut probe = Probe::new(self.cores);
        let mut rounds = Vec::with_capacity(effort.rounds);
        for _ in 0..effort.rounds {
            let mut round = Vec::with_capacity(repeats.len());
            for ((items, run), &repeats) in self.cases.iter_mut().zip(&repeats) {
                let sample = patient(run, repeats, effort.patience, &mut probe);
                round.push(Sample { time: sample.time / *items as f64, ..sample });
            }
            rounds.push(round);
        }
        Times::new(rounds, |sample| probe.is_quiet(sample.probe))
    }
}

/// One time of a case.
#[derive(Clone, Copy, Debug)]
struct Sample {
    /// Nanoseconds.
    time: f64,
    /// The slower of the probes around it.
    probe: f64,
}

/// Times a case until that was undisturbed, or patience has run out: the last time counts.
fn patient(run: &mut Timed<'_>, repeats: Repeats, patience: Duration, probe: &mut Probe<'_>) -> Sample {
    let start = Instant::now();
    if repeats.before > 0 {
        run(repeats.before);
    }
    let mut before = probe.time();
    loop {
        let time = run(repeats.timed);
        let after = probe.time();
        let sample = Sample { time, probe: before.max(after) };
        if probe.is_quiet(sample.probe) || start.elapsed() >= patience {
            return sample;
        }
        before = after;
    }
}

/// How often a case runs in a round.
#[derive(Clone, Copy)]
struct Repeats {
    /// Before it is timed, since the others have taken the caches: a quarter as often. What outlasts the patience of a
    /// round does not.
    before: u32,
    /// As often as fits a slice, and once at least.
    timed: u32,
}

impl Repeats {
    fn of(run: &mut Timed<'_>, effort: Effort) -> Self {
        let [slice, patience] = [effort.slice, effort.patience].map(|time| time.as_nanos() as f64);
        // The first run is slow, so one that may fit more often is timed again.
        let first = run(1);
        let time = if first > 2.0 * slice.max(patience) { first } else { run(1) };
        let timed = (slice / time.max(1.0)).clamp(1.0, 1e8) as u32;
        Self { before: if time <= slice.max(patience) { timed.div_ceil(4) } else { 0 }, timed }
    }
}

/// Nanoseconds a run.
fn time(run: &mut impl FnMut(), repeats: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..repeats {
        run();
    }
    start.elapsed().as_nanos() as f64 / f64::from(repeats)
}

/// Nanoseconds an item, by round and case, and whether the core was undisturbed meanwhile.
#[derive(Clone, Debug)]
pub struct Times(Vec<Vec<(f64, bool)>>);

impl Times {
    /// So many undisturbed rounds are enough to leave the others out.
    pub const ENOUGH: usize = 5;

    fn new(rounds: Vec<Vec<Sample>>, is_quiet: impl Fn(&Sample) -> bool) -> Self {
        let round = |round: Vec<Sample>| round.iter().map(|sample| (sample.time, is_quiet(sample))).collect();
        Self(rounds.into_iter().map(round).collect())
    }

    /// The median over the rounds, in nanoseconds an item.
    #[must_use]
    pub fn median(&self, case: Case) -> f64 {
        self.beside(case, &[])
    }

    /// The median of a case in those rounds that count for it and `others` alike: what to hold against the median of
    /// another case.
    #[must_use]
    pub fn beside(&self, case: Case, others: &[Case]) -> f64 {
        let cases: Vec<Case> = others.iter().copied().chain([case]).collect();
        self.over(&cases, |round| round[case.0].0)
    }

    /// How many times as long `case` took as `other`: the median of the ratios in each round.
    #[must_use]
    pub fn ratio(&self, case: Case, other: Case) -> f64 {
        self.over(&[case, other], |round| round[case.0].0 / round[other.0].0)
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

    /// The share of the rounds in which the core was undisturbed for all of these cases, 0 to 1.
    #[must_use]
    pub fn quiet(&self, cases: &[Case]) -> f64 {
        self.0.iter().filter(|round| is_quiet(round, cases)).count() as f64 / self.0.len() as f64
    }

    /// The median over the rounds that were undisturbed for these cases; over all where those are too few.
    fn over(&self, cases: &[Case], value: impl Fn(&[(f64, bool)]) -> f64) -> f64 {
        let quiet: Vec<f64> = self.0.iter().filter(|round| is_quiet(round, cases)).map(|round| value(round)).collect();
        if quiet.len() >= Self::ENOUGH {
            median(quiet)
        } else {
            median(self.0.iter().map(|round| value(round)).collect())
        }
    }
}

fn is_quiet(round: &[(f64, bool)], cases: &[Case]) -> bool {
    cases.iter().all(|case| round[case.0].1)
}

/// The median: of an even number of values the mean of the two in the middle.
///
/// # Panics
///
/// Of no values.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn medians_and_ratios() {
        let (a, b) = (Case(0), Case(1));
        let rounds = [[1.0, 4.0], [2.0, 6.0], [9.0, 45.0]];
        let times = Times(rounds.iter().map(|round| round.map(|time| (time, true)).to_vec()).collect());
        assert_eq!([times.median(a), times.median(b)], [2.0, 6.0]);
        assert_eq!(times.ratio(b, a), 4.0); // of 4, 3 and 5
        assert_eq!(times.fastest(&[b, a]), a);
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), 2.5);
    }

    #[test]
    fn disturbed_rounds_are_left_out_where_enough_others_remain() {
        let (a, b) = (Case(0), Case(1));
        // Of ten rounds b is undisturbed in the first five, a in all but the last.
        let round = |i: usize| vec![(i as f64, i < 9), (if i < 5 { 1.0 } else { 100.0 }, i < 5)];
        let times = Times((0..10).map(round).collect());
        assert_eq!([times.median(a), times.median(b), times.ratio(b, a)], [4.0, 1.0, 0.5]);
        assert_eq!([times.beside(a, &[b]), times.quiet(&[a]), times.quiet(&[a, b])], [2.0, 0.9, 0.5]);
        let times = Times((1..10).map(round).collect());
        assert_eq!([times.median(b), times.quiet(&[b])], [100.0, 4.0 / 9.0], "four are too few");
    }

    #[test]
    fn short_cases_run_before_each_time_and_on_their_pool() {
        let other = rayon::current_num_threads() + 1;
        let [pool, like_global] =
            [other, other - 1].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
        let calls = AtomicU32::new(0);
        let mut rounds = Rounds::new();
        rounds.add_shared(&pool, 1, || {
            assert!(pool.current_thread_index().is_some());
            calls.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(1));
        });
        // Longer than a slice, so timed once.
        let effort =
            Effort { rounds: 3, slice: Duration::from_nanos(1), patience: Duration::from_secs(1), long_rounds: 1 };
        let repeats = Repeats::of(&mut rounds.cases[0].1, effort);
        assert_eq!((repeats.before, repeats.timed), (1, 1));
        let impatient = Repeats::of(&mut rounds.cases[0].1, Effort { patience: Duration::from_nanos(1), ..effort });
        assert_eq!((impatient.before, impatient.timed), (0, 1));
        let before = calls.load(Ordering::Relaxed);
        patient(&mut rounds.cases[0].1, repeats, Duration::ZERO, &mut Probe::new(Cores::Caller));
        // Before the time and for it, and on the pool before each of these.
        assert_eq!(calls.load(Ordering::Relaxed) - before, 4);
        rounds.add_shared(&like_global, 1, || assert_eq!(rayon::current_thread_index(), None));
        rounds.cases[1].1(1);
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
        let times = rounds.measure(Effort {
            rounds: 3,
            slice: Duration::from_micros(1),
            patience: Duration::ZERO,
            long_rounds: 1,
        });
        assert!(calls.get() >= 5);
        assert_eq!(more.get(), 4); // one to warm up, and one a round
        assert!(times.median(slow) >= 200_000.0);
    }
}
