//! The time of both paths of an operation by size, where they cross, and which threshold follows.

use std::fmt;
use std::hint::black_box;

use hv_benches::operations::Path;
use hv_benches::quiet::Cores;
use hv_benches::rounds::{Case, Effort, Rounds};
use hv_parallel::Operation as Field;

use crate::table::Table;

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
#[derive(Clone, Copy, Debug)]
pub struct Point {
    pub size: usize,
    /// The size in the unit of the threshold.
    pub work: usize,
    pub sequential: f64,
    pub parallel: f64,
    /// That path where it was timed, or else the path that a threshold chooses, where one does.
    pub adaptive: Option<f64>,
}

/// Two paths to choose between, by a size.
pub struct Choice<'a> {
    pub name: &'static str,
    pub unit: &'static str,
    pub field: Option<Field>,
    /// The sizes in ascending order, with what each is in the unit of the threshold.
    pub sizes: Vec<(usize, usize)>,
    pub run: Box<dyn Fn(Path, usize) + 'a>,
}

/// Measures choices in turn, at every `step`th of their sizes from the largest down.
pub fn measure(choices: &[Choice<'_>], step: usize, paths: &[Path], effort: Effort) -> Vec<Curve> {
    let mut rounds = Rounds::default();
    let mut cases = Vec::new();
    for Choice { sizes, run, .. } in choices {
        let mut add = |path, size| rounds.add(Cores::All, 1, move || run(black_box(path), size));
        let of_size = |&(size, work)| (size, work, paths.iter().map(|&path| add(path, size)).collect());
        cases.push(sizes.iter().rev().step_by(step).map(of_size).collect());
    }
    let times = rounds.measure(effort);
    let point = |(size, work, cases): &(usize, usize, Vec<Case>)| {
        // In the same rounds, and in seconds.
        let seconds = |path: usize| times.median_with(cases[path], cases) / 1e9;
        let adaptive = (cases.len() > 2).then(|| seconds(2));
        Point { size: *size, work: *work, sequential: seconds(0), parallel: seconds(1), adaptive }
    };
    let curve = |(choice, sizes): (&Choice<'_>, Vec<_>)| {
        let points = sizes.iter().rev().map(point).collect();
        Curve { name: choice.name, unit: choice.unit, field: choice.field, points }
    };
    choices.iter().zip(cases).map(curve).collect()
}

impl Point {
    /// By how much the path that a threshold chooses is over the tolerance, as a share of the better path's time;
    /// 0 where it is within.
    pub fn excess(&self, threshold: usize) -> f64 {
        self.excess_of(if self.work < threshold { self.sequential } else { self.parallel })
    }

    /// Whether the time of the path that was chosen is over the tolerance.
    pub fn is_missed(&self) -> bool {
        self.adaptive.is_some_and(|seconds| self.excess_of(seconds) > 0.0)
    }

    fn excess_of(&self, seconds: f64) -> f64 {
        let better = self.sequential.min(self.parallel);
        ((seconds - TOLERANCE.0 * better - TOLERANCE.1) / better).max(0.0)
    }
}

impl Curve {
    /// With the times of the paths that a threshold chooses, where there are no adaptive functions to time.
    pub fn chosen_by(mut self, threshold: usize) -> Self {
        for p in &mut self.points {
            p.adaptive = Some(if p.work < threshold { p.sequential } else { p.parallel });
        }
        self
    }

    /// Where the path that was chosen is over the tolerance: the curve and the size, and the times.
    pub fn misses(&self) -> Vec<(String, String)> {
        let missed = self.points.iter().filter(|point| point.is_missed());
        let miss = |p: &Point| {
            let [chosen, one, other] = [p.adaptive.unwrap_or(f64::NAN), p.sequential, p.parallel].map(|s| in_us(&s));
            let at = format!("{}, at {} {}", self.name, p.size, self.unit);
            (at, format!("{chosen}, where the two ways take {one} and {other}"))
        };
        missed.map(miss).collect()
    }

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

    /// The work that takes this many seconds on one thread. Time is taken to be linear between sizes, and proportional
    /// to work outside of them.
    fn work_of(&self, seconds: f64) -> f64 {
        let points = self.points.iter().map(|p| (p.work as f64, p.sequential));
        let points: Vec<(f64, f64)> = std::iter::once((0.0, 0.0)).chain(points).collect();
        let (from, to) = match points.iter().position(|p| p.1 >= seconds) {
            Some(after) => (points[after - 1], points[after]),
            None => (points[0], points[points.len() - 1]),
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
        let row = |Point { size, work, sequential, parallel, adaptive }: &Point| {
            let gain = format!("{:.2} x", sequential / parallel);
            let adaptive = adaptive.as_ref().map_or(String::new(), in_us);
            vec![size.to_string(), work.to_string(), in_us(sequential), in_us(parallel), gain, adaptive]
        };
        let header = [self.unit, "work", "sequential", "parallel", "gain", "adaptive"];
        writeln!(f, "{}\n{}", self.name, Table::new(&header, self.points.iter().map(row)))
    }
}

/// Seconds in microseconds.
pub fn in_us(seconds: &f64) -> String {
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
#[path = "../../tests/units/curve.rs"]
mod tests;
