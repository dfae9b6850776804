//! Which episodes are remembered together: pairs whose retrievals lie close in time.
//!
//! The obvious way compares all retrievals with each other, and the usual way counts the pairs in a hash table as
//! large as the pairs are many. Here the retrievals lie in order of time, and the episodes are taken one after the
//! other: all retrievals around those of *one* episode are counted in a table with a row for each episode, and only
//! the rows that were touched are read and cleared. So there is nothing to hash, the memory is proportional to
//! the retrievals and the result, and no order depends on anything but the input.
//!
//! Retrievals of the same episode are no pair, so they must cost nothing: a run of them that follow each other is
//! passed in one step. Behind each such step lies a retrieval of another episode, which is a pair, or the end.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use hv_parallel::Progress;

use crate::episode::EpisodeId;
use crate::spans::span;

/// Two episodes that were retrieved close together, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Coactivation {
    /// The older of the two.
    pub a: EpisodeId,
    /// The newer of the two.
    pub b: EpisodeId,
    /// How many pairs of a retrieval of `a` and one of `b` lie within the window.
    pub count: u64,
    /// The mean time between the two of such a pair, to the nanosecond.
    pub mean_dt: Duration,
}

/// The pairs of different episodes that have at least `min_count` pairs of retrievals within `window`.
///
/// `events` are retrievals as `(episode, time in microseconds)`, in any order; times may be any `i64`. Every pair of
/// retrievals of two different episodes counts once if they are at most `window` apart, so also those
/// of one moment. A `min_count` of 0 is as one of 1: pairs that never came together are not listed.
///
/// Ordered by count, the largest first, then by smaller mean, then by `(a, b)`.
///
/// `progress` counts retrievals. One that is stopped ends it, and the result is not to be used.
///
/// Cost: O(R log R + m) for R retrievals with m pairs within the window, and O(p log p) to order the p pairs
/// of episodes found. Allocates in proportion to R and p.
///
/// ```
/// use std::time::Duration;
/// use hv_memory::{EpisodeId, Progress, internal::coactivations};
///
/// let [tea, cake, rain] = [EpisodeId(0), EpisodeId(1), EpisodeId(2)];
/// let events = [(tea, 100), (cake, 100), (tea, 500), (cake, 520), (rain, 9_000)];
/// let pairs = coactivations(&events, Duration::from_micros(50), 2, &Progress::new());
/// assert_eq!((pairs.len(), pairs[0].a, pairs[0].b), (1, tea, cake));
/// assert_eq!((pairs[0].count, pairs[0].mean_dt), (2, Duration::from_micros(10)));
/// ```
///
/// # Panics
///
/// If there are more than 2^32 retrievals, which are 64 GiB of them.
#[must_use]
pub fn coactivations(
    events: &[(EpisodeId, i64)],
    window: Duration,
    min_count: u64,
    progress: &Progress,
) -> Vec<Coactivation> {
    // Times are whole microseconds, and u64 holds the difference of any two.
    let window = u64::try_from(window.as_micros()).unwrap_or(u64::MAX);
    let retrievals = Retrievals::new(events);
    let mut pairs = Pairs::default();
    let mut table = vec![Sum::default(); retrievals.ids.len()];
    let mut touched = Vec::new();
    progress.start(events.len() as u64);
    for of_a in retrievals.by_episode.chunk_by(|x, y| x.0 == y.0) {
        let a = of_a[0].0;
        for &(_, index) in of_a {
            if progress.is_stopped() {
                return Vec::new();
            }
            retrievals.around_others(index as usize, window, |b, dt| {
                // Each pair of episodes is seen from both sides, and counted from that of the older.
                if b > a && table[b as usize].add(dt) {
                    touched.push(b);
                }
            });
        }
        for b in touched.drain(..) {
            let sum = std::mem::take(&mut table[b as usize]);
            if sum.count >= min_count {
                pairs.push(a, b, sum);
            }
        }
        progress.advance(of_a.len() as u64);
    }
    pairs.into_sorted(&retrievals.ids)
}

/// The pairs of retrievals counted so far, and the sum of the times between them.
#[derive(Clone, Copy, Default)]
struct Sum {
    count: u64,
    dt: u128,
}

impl Sum {
    /// Counts a pair, and says whether it is the first.
    fn add(&mut self, dt: u64) -> bool {
        self.count += 1;
        self.dt += u128::from(dt);
        self.count == 1
    }
}

/// Pairs of episodes by their count, the largest first. There are few different counts, and under each lies one
/// number a pair, `mean << 64 | a << 32 | b`, that sorts several times faster than a tuple of the three.
#[derive(Default)]
struct Pairs(BTreeMap<Reverse<u64>, Vec<u128>>);

impl Pairs {
    fn push(&mut self, a: u32, b: u32, sum: Sum) {
        // The bits of floats that are not negative are in the order of the floats.
        let mean = (sum.dt as f64 / sum.count as f64).to_bits();
        let key = u128::from(mean) << 64 | u128::from(a) << 32 | u128::from(b);
        self.0.entry(Reverse(sum.count)).or_default().push(key);
    }

    fn into_sorted(self, ids: &[EpisodeId]) -> Vec<Coactivation> {
        let mut sorted = Vec::with_capacity(self.0.values().map(Vec::len).sum());
        for (Reverse(count), mut keys) in self.0 {
            keys.sort_unstable();
            sorted.extend(keys.into_iter().map(|key| Coactivation {
                a: ids[(key >> 32) as u32 as usize],
                b: ids[key as u32 as usize],
                count,
                mean_dt: span(f64::from_bits((key >> 64) as u64)),
            }));
        }
        sorted
    }
}

/// Retrievals in order of time, with episodes numbered by rank.
struct Retrievals {
    /// The id of each episode, ascending.
    ids: Vec<EpisodeId>,
    /// When, ascending.
    times: Vec<i64>,
    /// Which episode each of `times` is of.
    episodes: Vec<u32>,
    /// For each of `times`, the first and the last index of the run of one episode in which it lies.
    runs: Vec<(u32, u32)>,
    /// The indices in `times` as `(episode, index)`, ascending.
    by_episode: Vec<(u32, u32)>,
}

impl Retrievals {
    fn new(events: &[(EpisodeId, i64)]) -> Self {
        assert!(events.len() as u64 <= 1 << 32, "coactivations of {} retrievals; at most 2^32 fit", events.len());
        let mut by_time: Vec<(i64, EpisodeId)> = events.iter().map(|&(id, time)| (time, id)).collect();
        by_time.sort_unstable();
        let mut by_id: Vec<(EpisodeId, u32)> = by_time.iter().zip(0..=u32::MAX).map(|(&(_, id), i)| (id, i)).collect();
        by_id.sort_unstable();
        let mut retrievals = Self {
            ids: Vec::new(),
            times: by_time.into_iter().map(|(time, _)| time).collect(),
            episodes: vec![0; events.len()],
            runs: Vec::with_capacity(events.len()),
            by_episode: Vec::with_capacity(events.len()),
        };
        for (id, index) in by_id {
            if retrievals.ids.last() != Some(&id) {
                retrievals.ids.push(id);
            }
            let episode = (retrievals.ids.len() - 1) as u32;
            retrievals.episodes[index as usize] = episode;
            retrievals.by_episode.push((episode, index));
        }
        let mut first = 0;
        for run in retrievals.episodes.chunk_by(|x, y| x == y) {
            let last = first + (run.len() - 1) as u32;
            retrievals.runs.resize(last as usize + 1, (first, last));
            first = last.wrapping_add(1);
        }
        retrievals
    }

    /// Calls `visit` with the episode and the time between for each retrieval of another episode at most `window` from
    /// that at `index`.
    fn around_others(&self, index: usize, window: u64, mut visit: impl FnMut(u32, u64)) {
        let (time, episode) = (self.times[index], self.episodes[index]);
        // The difference of any two i64 fits into u64.
        let near = |other: usize| Some(time.abs_diff(self.times[other])).filter(|&dt| dt <= window);
        // One of this episode is passed with all of its run, next to which lies another episode.
        let mut before = index;
        while before > 0
            && let Some(dt) = near(before - 1)
        {
            before -= 1;
            match self.episodes[before] {
                other if other == episode => before = self.runs[before].0 as usize,
                other => visit(other, dt),
            }
        }
        let mut after = index + 1;
        while after < self.times.len()
            && let Some(dt) = near(after)
        {
            match self.episodes[after] {
                other if other == episode => after = self.runs[after].1 as usize,
                other => visit(other, dt),
            }
            after += 1;
        }
    }
}
