//! The time of both paths of an operation by size, where they cross, and which threshold follows.

use std::fmt;
use std::time::Instant;

use super::operations::{Field, Operation, Path};

/// How much slower than the better path a choice may be: a tenth and a microsecond.
const TOLERANCE: (f64, f64) = (1.1, 1e-6);

/// How long to measure.
#[derive(Clone, Copy)]
pub struct Effort {
    /// Of the sizes of an operation, every so many.
    pub step: usize,
    /// Timings of each path at a size, taken in turn; their median counts.
    repeats: usize,
    /// Seconds that one timing lasts, or two calls.
    timing: f64,
}

impl Effort {
    pub const FULL: Self = Self { step: 1, repeats: 75, timing: 300e-6 };
    pub const QUICK: Self = Self { step: 2, repeats: 9, timing: 150e-6 };
}

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
}

/// Measures an operation at all of its sizes.
pub fn measure(operation: &mut Operation<'_>, effort: Effort, mut done: impl FnMut()) -> Curve {
    let mut point = |&size: &usize| {
        let [sequential, parallel] = medians(effort, |path, calls| (operation.run)(path, size, calls));
        done();
        Point { size, work: (operation.work)(size), sequential, parallel }
    };
    let points = operation.sizes.iter().map(&mut point).collect();
    Curve { name: operation.name, unit: operation.unit, field: operation.field, points }
}

/// Seconds a call of the sequential and of the parallel path: medians over timings taken in turn. A timing is some
/// calls in a row, after one that is not timed.
fn medians(effort: Effort, mut run: impl FnMut(Path, usize)) -> [f64; 2] {
    let mut time = |path, calls: usize| {
        run(path, 1);
        let start = Instant::now();
        run(path, calls);
        start.elapsed().as_secs_f64() / calls as f64
    };
    let calls = Path::BOTH.map(|path| ((effort.timing / time(path, 1)) as usize).clamp(2, 100));
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..effort.repeats {
        for path in Path::BOTH {
            times[path as usize].push(time(path, calls[path as usize]));
        }
    }
    times.map(|mut times| *times.select_nth_unstable_by(effort.repeats / 2, f64::total_cmp).1)
}

impl Point {
    /// By how much the path that a threshold chooses is over the tolerance, as a share of the better path's time;
    /// 0 where it is within.
    pub fn excess(&self, threshold: usize) -> f64 {
        let better = self.sequential.min(self.parallel);
        let chosen = if self.work < threshold { self.sequential } else { self.parallel };
        ((chosen - TOLERANCE.0 * better - TOLERANCE.1) / better).max(0.0)
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

    /// How many times faster the parallel path is at the largest size.
    pub fn final_gain(&self) -> f64 {
        self.points.last().map_or(1.0, |p| p.sequential / p.parallel)
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        writeln!(f, "{:>12} {:>12} {:>12} {:>12} {:>9}", self.unit, "work", "sequential", "parallel", "gain")?;
        for Point { size, work, sequential, parallel } in &self.points {
            let gain = sequential / parallel;
            let [sequential, parallel] = [sequential, parallel].map(|seconds| format!("{:.1} us", seconds * 1e6));
            writeln!(f, "{size:>12} {work:>12} {sequential:>12} {parallel:>12} {gain:>8.2}x")?;
        }
        match self.crossing() {
            Some((work, seconds)) => writeln!(f, "they cross at a work of {work:.0}, {:.1} us", seconds * 1e6),
            None => writeln!(f, "they do not cross: the parallel path gains nothing"),
        }
    }
}

/// The latest threshold whose choices are, over all curves and sizes, least over the tolerance. Two digits are
/// kept; the rest would be noise.
pub fn latest_threshold(curves: &[&Curve]) -> usize {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let mut works: Vec<usize> = points().map(|p| p.work).chain([usize::MAX]).collect();
    works.sort_unstable();
    works.dedup();
    let excess = |threshold: usize| points().map(|p| p.excess(threshold)).sum::<f64>();
    // The last of equals, since `min_by` keeps the first.
    let best = works.iter().rev().copied().min_by(|&a, &b| excess(a).total_cmp(&excess(b)));
    best.map_or(usize::MAX, round_down)
}

fn round_down(threshold: usize) -> usize {
    if threshold == usize::MAX {
        return threshold;
    }
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
            Point { size, work: size, sequential, parallel: sequential / 2.0 + price * 1e-6 }
        };
        Curve { name: "test", unit: "units", field: None, points: (1..=200).map(point).collect() }
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
    fn the_threshold_is_the_latest_within_the_tolerance() {
        // w <= 1.1 (w/2 + 10) + 1 up to w = 26.6, so that 27 must be parallel.
        assert_eq!(latest_threshold(&[&curve(10.0)]), 27);
        // A second operation of the field with a cheaper pool needs it earlier: w <= 1.1 (w/2 + 8) + 1 up to 21.7.
        assert_eq!(latest_threshold(&[&curve(10.0), &curve(8.0)]), 22);
        assert_eq!(latest_threshold(&[&curve(1_000.0)]), usize::MAX);
        assert_eq!(latest_threshold(&[]), usize::MAX);
    }

    #[test]
    fn choices_within_the_tolerance_have_no_excess() {
        let point = Point { size: 1, work: 100, sequential: 20e-6, parallel: 10e-6 };
        assert_eq!(point.excess(100), 0.0);
        assert!((point.excess(101) - 0.8).abs() < 1e-9, "20 against 1.1 * 10 + 1");
    }

    #[test]
    fn thresholds_keep_two_digits() {
        assert_eq!([0, 7, 99, 123, 4_567, usize::MAX].map(round_down), [0, 7, 99, 120, 4_500, usize::MAX]);
    }
}
