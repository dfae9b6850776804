//! The time of both paths of an operation by size, where they cross, and which threshold follows.

use std::fmt;
use std::time::Instant;

use hv_benches::paths::Path;
use hv_benches::quiet::Probe;
use hv_benches::rounds::{Times, median};
use hv_parallel::Operation as Field;

use super::effort::Effort;
use super::operations::Operation;

/// How much slower than the better path a choice may be: a tenth and a microsecond.
const TOLERANCE: (f64, f64) = (1.1, 1e-6);

/// Seconds of work on one thread that the pool is woken for, at least. Over less than this the tolerance cannot tell
/// choices apart; nor can a share of it pay for a thread that must first be woken. With 5 us, one query over 4,096 vectors
/// stayed on one thread with AVX-512 for 8 us, where two take 4.
const FLOOR: f64 = 3.5e-6;

/// An operation's times by size, in ascending order.
pub struct Curve {
    pub name: &'static str,
    pub unit: &'static str,
    pub field: Option<Field>,
    pub points: Vec<Point>,
}

/// The medians at one size, in seconds a call.
#[derive(Clone, Copy)]
pub struct Point {
    pub size: usize,
    /// The size in the unit of the threshold.
    pub work: usize,
    pub sequential: f64,
    pub parallel: f64,
    /// Where that path was timed.
    pub adaptive: Option<f64>,
}

/// The timings of an operation at a size, each of one path right after the other.
pub type Timings = Vec<Vec<Timing>>;

/// Seconds a call, and the slower of the probes before and after.
#[derive(Clone, Copy)]
pub struct Timing {
    seconds: f64,
    probe: f64,
}

/// Times that a timing is repeated while another guest has a part of a core.
const TRIES: usize = 4;

/// Adds a round of timings. A timing is some calls in a row, after one that is not timed.
pub fn time(operation: &mut Operation<'_>, size: usize, effort: Effort, probe: &mut Probe<'_>, timings: &mut Timings) {
    let mut time = |path, calls: usize| {
        (operation.run)(path, size, 1);
        let start = Instant::now();
        (operation.run)(path, size, calls);
        start.elapsed().as_secs_f64() / calls as f64
    };
    let calls = |&path| (path, ((effort.timing / time(path, 1)) as usize).clamp(2, 100));
    let calls: Vec<(Path, usize)> = effort.paths.iter().map(calls).collect();
    for _ in 0..effort.repeats {
        timings.push(calls.iter().map(|&(path, calls)| undisturbed(probe, || time(path, calls))).collect());
    }
}

/// Times until that was undisturbed, a few times at most.
fn undisturbed(probe: &mut Probe<'_>, mut time: impl FnMut() -> f64) -> Timing {
    let mut try_once = || {
        let before = probe.time();
        let seconds = time();
        let probed = before.max(probe.time());
        (Timing { seconds, probe: probed }, probe.is_quiet(probed))
    };
    let (mut timing, mut quiet) = try_once();
    for _ in 1..TRIES {
        if !quiet {
            (timing, quiet) = try_once();
        }
    }
    timing
}

/// The median of each path over the timings that were undisturbed for all, or over every one where those are too few.
fn medians(timings: &Timings, is_quiet: impl Fn(f64) -> bool) -> Vec<f64> {
    let all_quiet = |paths: &&Vec<Timing>| paths.iter().all(|timing| is_quiet(timing.probe));
    let mut counted: Vec<&Vec<Timing>> = timings.iter().filter(all_quiet).collect();
    if counted.len() < Times::ENOUGH {
        counted = timings.iter().collect();
    }
    (0..timings[0].len()).map(|path| median(counted.iter().map(|paths| paths[path].seconds).collect())).collect()
}

impl Curve {
    /// The medians of an operation's timings at each of its sizes.
    pub fn new(operation: &Operation<'_>, timings: Vec<Timings>, probe: &Probe<'_>) -> Self {
        let point = |(&size, timings): (&usize, Timings)| {
            let medians = medians(&timings, |time| probe.is_quiet(time));
            let (sequential, parallel, adaptive) = (medians[0], medians[1], medians.get(2).copied());
            Point { size, work: (operation.work)(size), sequential, parallel, adaptive }
        };
        let points = operation.sizes.iter().zip(timings).map(point).collect();
        Self { name: operation.name, unit: operation.unit, field: operation.field, points }
    }
}

impl Point {
    /// By how much the path that a threshold chooses is over the tolerance, as a share of the better path's time;
    /// 0 where it is within.
    pub fn excess(&self, threshold: usize) -> f64 {
        self.excess_of(if self.work < threshold { self.sequential } else { self.parallel })
    }

    /// Whether the adaptive path is over the tolerance.
    pub fn is_missed(&self) -> bool {
        self.adaptive.is_some_and(|seconds| self.excess_of(seconds) > 0.0)
    }

    fn excess_of(&self, seconds: f64) -> f64 {
        let better = self.sequential.min(self.parallel);
        ((seconds - TOLERANCE.0 * better - TOLERANCE.1) / better).max(0.0)
    }
}

impl Curve {
    /// Where the parallel path becomes the faster one, to stay: the work, and the time of either there.
    pub fn crossing(&self) -> Option<(f64, f64)> {
        let lost = self.points.iter().rposition(|p| p.parallel > p.sequential);
        let next = lost.map_or(0, |lost| lost + 1);
        let won = self.points.get(next)?;
        let Some(lost) = lost.map(|lost| self.points[lost]) else { return Some((won.work as f64, won.parallel)) };
        let [loss, gain] = [lost, *won].map(|p| p.sequential - p.parallel);
        let share = loss / (loss - gain);
        let between = |a: f64, b: f64| a + share * (b - a);
        Some((between(lost.work as f64, won.work as f64), between(lost.sequential, won.sequential)))
    }

    /// The work that takes so many seconds on one thread. Time is taken to be linear between sizes, and proportional
    /// to work outside of them.
    fn work_of(&self, seconds: f64) -> f64 {
        let after = self.points.iter().position(|p| p.sequential >= seconds);
        let point = |p: &Point| (p.work as f64, p.sequential);
        let (from, to) = match after {
            Some(after @ 1..) => (point(&self.points[after - 1]), point(&self.points[after])),
            Some(0) => ((0.0, 0.0), point(&self.points[0])),
            None => ((0.0, 0.0), self.points.last().map_or((0.0, seconds), point)),
        };
        from.0 + (to.0 - from.0) * (seconds - from.1) / (to.1 - from.1)
    }

    /// How many times faster the parallel path is at the largest size.
    pub fn final_gain(&self) -> f64 {
        self.points.last().map_or(1.0, |p| p.sequential / p.parallel)
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        write!(f, "{:>12} {:>12} {:>12} {:>12} {:>9}", self.unit, "work", "sequential", "parallel", "gain")?;
        let with_adaptive = self.points.iter().any(|p| p.adaptive.is_some());
        writeln!(f, "{}", if with_adaptive { "     adaptive" } else { "" })?;
        for Point { size, work, sequential, parallel, adaptive } in &self.points {
            let gain = sequential / parallel;
            let [sequential, parallel] = [sequential, parallel].map(in_us);
            let adaptive = adaptive.as_ref().map_or(String::new(), |seconds| format!(" {:>12}", in_us(seconds)));
            writeln!(f, "{size:>12} {work:>12} {sequential:>12} {parallel:>12} {gain:>8.2}x{adaptive}")?;
        }
        match self.crossing() {
            Some((work, seconds)) => writeln!(f, "they cross at a work of {work:.0}, {:.1} us", seconds * 1e6),
            None => writeln!(f, "they do not cross: the parallel path gains nothing"),
        }
    }
}

fn in_us(seconds: &f64) -> String {
    format!("{:.1} us", seconds * 1e6)
}

/// The threshold whose choices are, over all curves and sizes, least over the tolerance: the middle of those that
/// are so alike, so that it holds on either side of the noise. Two digits are kept; the rest would be noise. None is
/// under [`FLOOR`] of work.
pub fn best_threshold(curves: &[&Curve]) -> usize {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let mut works: Vec<usize> = points().map(|p| p.work).chain([usize::MAX]).collect();
    works.sort_unstable();
    works.dedup();
    let excess = |threshold: usize| points().map(|p| p.excess(threshold)).sum::<f64>();
    let least = works.iter().map(|&work| excess(work)).fold(f64::INFINITY, f64::min);
    let best: Vec<usize> = works.into_iter().filter(|&work| excess(work) <= least).collect();
    let floor = curves.iter().map(|curve| curve.work_of(FLOOR) as usize).max().unwrap_or(0);
    match best[..] {
        // Nowhere does the pool gain more than the tolerance.
        [.., usize::MAX] | [] => usize::MAX,
        [first, .., last] => round_down(floor.max((first as f64 * last as f64).sqrt() as usize)),
        [only] => round_down(floor.max(only)),
    }
}

/// Two digits of a number; the rest would be noise.
pub fn round_down(threshold: usize) -> usize {
    let scale = 10usize.pow(threshold.checked_ilog10().unwrap_or(0).saturating_sub(1));
    threshold / scale * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sequential a microsecond for each unit of work, parallel half of that and `price`.
    fn curve(price: f64) -> Curve {
        let point = |size: usize| {
            let sequential = size as f64 * 1e-6;
            Point { size, work: size, sequential, parallel: sequential / 2.0 + price * 1e-6, adaptive: None }
        };
        Curve { name: "test", unit: "units", field: None, points: (1..=200).map(point).collect() }
    }

    #[test]
    fn pairs_of_timings_count_where_both_were_undisturbed() {
        let timing = |seconds, quiet| Timing { seconds, probe: if quiet { 1.0 } else { 2.0 } };
        // Undisturbed for both are the first `n`; of the others the parallel path alone was, and it was slow.
        let timings = |n: usize| -> Timings {
            (0..11).map(|i| vec![timing(if i < n { 1.0 } else { 9.0 }, i < n), timing(i as f64, true)]).collect()
        };
        let is_quiet = |time: f64| time < 1.5;
        assert_eq!(medians(&timings(5), is_quiet), [1.0, 2.0]);
        assert_eq!(medians(&timings(4), is_quiet), [9.0, 5.0], "four are too few, so all count for both");
    }

    #[test]
    fn curves_cross_where_the_times_are_equal() {
        let (work, seconds) = curve(10.25).crossing().unwrap();
        assert!((work - 20.5).abs() < 1e-9 && (seconds - 20.5e-6).abs() < 1e-12, "{work} {seconds}");
        assert!(curve(101.0).crossing().is_none());
        assert_eq!(curve(0.0).crossing().unwrap().0, 1.0);
        assert!((curve(0.0).final_gain() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn the_threshold_is_the_middle_of_those_within_the_tolerance() {
        // One thread may do w <= 1.1 (w/2 + 10) + 1, up to 26; the pool w/2 + 10 <= 1.1 w + 1, from 15 on.
        assert_eq!(best_threshold(&[&curve(10.0)]), 20);
        // Beside it one with a dearer pool: w <= 1.1 (w/2 + 20) + 1 up to 51, and w/2 + 20 <= 1.1 w + 1 from 32 on.
        // No threshold serves both; those from 27 to 32 do least harm.
        assert!((27..=32).contains(&best_threshold(&[&curve(10.0), &curve(20.0)])));
        assert_eq!(best_threshold(&[&curve(1_000.0)]), usize::MAX);
        assert_eq!(best_threshold(&[]), usize::MAX);
    }

    #[test]
    fn no_threshold_is_under_the_floor() {
        assert_eq!(best_threshold(&[&curve(0.0)]), 3);
        let of = |points: [(usize, f64); 3]| {
            let point =
                |(work, sequential)| Point { size: work, work, sequential, parallel: sequential / 9.0, adaptive: None };
            Curve { name: "test", unit: "units", field: None, points: points.map(point).to_vec() }
        };
        let [slow, fast] = [of([(10, 10e-6), (20, 20e-6), (30, 30e-6)]), of([(10, 1e-6), (20, 2e-6), (40, 4e-6)])];
        let between = of([(10, 3e-6), (20, 7e-6), (40, 8e-6)]);
        assert_eq!([&slow, &fast, &between].map(|curve| curve.work_of(FLOOR).round() as usize), [3, 35, 11]);
        assert_eq!(best_threshold(&[&slow, &fast, &between]), 35, "every curve has as much work there");
    }

    #[test]
    fn choices_within_the_tolerance_have_no_excess() {
        let point = Point { size: 1, work: 100, sequential: 20e-6, parallel: 10e-6, adaptive: None };
        assert_eq!(point.excess(100), 0.0);
        assert!((point.excess(101) - 0.8).abs() < 1e-9, "20 against 1.1 * 10 + 1");
    }

    #[test]
    fn adaptive_misses_by_its_own_time() {
        let missed = |adaptive| Point { size: 1, work: 100, sequential: 20e-6, parallel: 10e-6, adaptive }.is_missed();
        // 1.1 * 10 + 1, whichever path a threshold would choose.
        assert_eq!([None, Some(9e-6), Some(11.9e-6), Some(12.1e-6)].map(missed), [false, false, false, true]);
    }

    #[test]
    fn thresholds_keep_two_digits() {
        assert_eq!([0, 7, 99, 123, 4_567].map(round_down), [0, 7, 99, 120, 4_500]);
    }
}
