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
pub struct Rounds<'a> {
    cases: Vec<(usize, Timed<'a>)>,
    cores: Cores,
}

impl<'a> Rounds<'a> {
    /// No cases yet; these cores must be undisturbed.
    #[must_use]
    pub fn on(cores: Cores) -> Self {
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

    /// Adds a case that takes what `make` makes; only `run` is timed. What it returns is dropped outside of that time.
    pub fn add_made<T, R>(&mut self, make: impl Fn() -> T + 'a, run: impl Fn(T) -> R + 'a) -> Case {
        let once = move || {
            let (made, mut result) = (make(), None);
            let start = Instant::now();
            result.replace(run(made));
            start.elapsed().as_nanos() as f64
        };
        self.push(1, Box::new(move |repeats| (0..repeats).map(|_| once()).sum::<f64>() / f64::from(repeats)))
    }

    fn push(&mut self, items: usize, run: Timed<'a>) -> Case {
        self.cases.push((items, run));
        Case(self.cases.len() - 1)
    }

    /// Measures. Every case runs before, which warms caches and tells how often it fits a slice.
    #[must_use]
    pub fn measure(mut self, effort: Effort) -> Times {
        let repeats: Vec<[u32; 2]> = self.cases.iter_mut().map(|(_, run)| repeats(run, effort)).collect();
        let mut probe = Probe::new(self.cores);
        let mut rounds = Vec::with_capacity(effort.rounds);
        for _ in 0..effort.rounds {
            let cases = self.cases.iter_mut().zip(&repeats);
            rounds.push(Vec::from_iter(cases.map(|((items, run), &repeats)| {
                let (time, probed) = patient(run, repeats, effort.patience, &mut probe);
                (time / *items as f64, probed)
            })));
        }
        let is_quiet = |(time, probed)| (time, probe.is_quiet(probed));
        Times(rounds.into_iter().map(|round| round.into_iter().map(is_quiet).collect()).collect())
    }
}

/// How often a case runs in a round: before it is timed, since the others have taken the caches, and timed. The latter is
/// as often as fits a slice, and once at least; the former a quarter of that, and never where it outlasts the patience of
/// a round.
fn repeats(run: &mut Timed<'_>, effort: Effort) -> [u32; 2] {
    let [slice, patience] = [effort.slice, effort.patience].map(|time| time.as_nanos() as f64);
    // The first run is slow, so one that may fit more often is timed again.
    let first = run(1);
    let time = if first > 2.0 * slice.max(patience) { first } else { run(1) };
    let timed = (slice / time.max(1.0)).clamp(1.0, 1e8) as u32;
    [if time <= slice.max(patience) { timed.div_ceil(4) } else { 0 }, timed]
}

/// Times a case until that was undisturbed, or patience has run out: the last time counts, and the slower of the probes
/// around it.
fn patient(run: &mut Timed<'_>, [before, timed]: [u32; 2], patience: Duration, probe: &mut Probe) -> (f64, f64) {
    let start = Instant::now();
    if before > 0 {
        run(before);
    }
    let mut probed = probe.time();
    loop {
        let (time, after) = (run(timed), probe.time());
        if probe.is_quiet(probed.max(after)) || start.elapsed() >= patience {
            return (time, probed.max(after));
        }
        probed = after;
    }
}

/// Nanoseconds a run.
fn time(run: &mut impl FnMut(), repeats: u32) -> f64 {
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
    #[must_use]
    pub fn median(&self, case: Case) -> f64 {
        self.median_with(case, &[])
    }

    /// The median of a case in those rounds that count for it and `others` alike: what to hold against the median of
    /// another case.
    #[must_use]
    pub fn median_with(&self, case: Case, others: &[Case]) -> f64 {
        let cases: Vec<Case> = others.iter().copied().chain([case]).collect();
        median(self.over(&cases, |round| round[case.0].0))
    }

    /// How many times as long `case` took as `other`: the median of the ratios in each round.
    #[must_use]
    pub fn ratio(&self, case: Case, other: Case) -> f64 {
        median(self.over(&[case, other], |round| round[case.0].0 / round[other.0].0))
    }

    /// Half of the rounds lie within this fraction of the median.
    #[must_use]
    pub fn spread(&self, case: Case) -> f64 {
        let middle = self.median(case);
        median(self.over(&[case], |round| (round[case.0].0 / middle - 1.0).abs()))
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
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn medians_and_ratios() {
        let (a, b) = (Case(0), Case(1));
        let rounds = [[1.0, 4.0], [2.0, 6.0], [9.0, 45.0]];
        let times = Times(rounds.iter().map(|round| round.map(|time| (time, true)).to_vec()).collect());
        assert_eq!([times.median(a), times.median(b)], [2.0, 6.0]);
        assert_eq!([times.ratio(b, a), times.spread(a)], [4.0, 0.5]); // of 4, 3 and 5; of 0.5, 0 and 3.5
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
        assert_eq!([times.median_with(a, &[b]), times.quiet(&[a]), times.quiet(&[a, b])], [2.0, 0.9, 0.5]);
        let times = Times((1..10).map(round).collect());
        assert_eq!([times.median(b), times.quiet(&[b])], [100.0, 4.0 / 9.0], "four are too few");
    }

    #[test]
    fn every_case_runs_before_its_time_and_on_its_pool() {
        let other = rayon::current_num_threads() + 1;
        let [pool, like_global] =
            [other, other - 1].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
        let (calls, made) = (AtomicU32::new(0), AtomicU32::new(0));
        let mut rounds = Rounds::on(Cores::Caller);
        let slow = rounds.add_shared(&pool, 10, || {
            assert!(pool.current_thread_index().is_some());
            calls.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(2));
        });
        rounds.add_shared(&like_global, 1, || assert_eq!(rayon::current_thread_index(), None));
        rounds.add_made(|| made.fetch_add(1, Ordering::Relaxed), drop);
        // Longer than a slice and within the patience, so it runs twice at first, then once before each time and once
        // for it. Each of these follows a run that wakes the pool.
        let hour = Duration::from_secs(3_600);
        let effort = Effort { rounds: 3, slice: Duration::from_nanos(1), patience: hour, long_rounds: 1 };
        let run = &mut rounds.cases[slow.0].1;
        assert_eq!((repeats(run, effort), calls.swap(0, Ordering::Relaxed)), ([1, 1], 4));
        patient(run, [1, 1], Duration::ZERO, &mut Probe::new(Cores::Caller));
        assert_eq!(calls.load(Ordering::Relaxed), 4);
        assert_eq!(repeats(run, Effort { patience: Duration::from_nanos(1), ..effort }), [0, 1]);
        let times = rounds.measure(Effort { patience: Duration::ZERO, ..effort });
        assert!(made.load(Ordering::Relaxed) >= 4, "once at first, and in each of three rounds");
        assert!(times.median(slow) >= 200_000.0, "a tenth of 2 ms, which every run takes at least");
    }
}
