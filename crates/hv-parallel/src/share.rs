//! Sharing work among the threads of the current Rayon pool.
//!
//! The work is cut into parts, and every thread takes the next part from one queue until none is left:
//!
//! ```text
//! caller:  take a part; if there was one, wake up to two helpers; work on it, take the next, ...
//! helper:  the same, waking its share of the helpers that are still to be woken
//! ```
//!
//! Two things differ from a parallel iterator, both for work of tens of microseconds. The calling thread works too
//! instead of sleeping while the pool does, so that the work never waits for a helper that wakes late. And parts
//! shrink towards the end, so that all finish together. What is woken is a tree, so that no thread pays for more than
//! two wake-ups, and a helper that finds the queue empty wakes nobody.
//!
//! The call does wait. Helpers borrow what the caller has, and Rayon takes no job back, so that all must have run
//! before it returns. Those that no thread took yet a caller of the pool runs itself. A caller from outside cannot: it
//! waits until the pool comes to them, which is the waking of a thread, or the rest of a long job where all have one. As
//! that is mostly short, and a caller that sleeps must be woken itself, it stays awake for a while.

use std::iter::Peekable;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rayon::Scope;

use crate::room::Room;

/// Runs `worker` on up to `threads` threads, the caller among them, until no part is left.
///
/// Each worker gets an iterator over the parts that fall to it, at least one and in the order of the queue; every
/// part goes to exactly one worker. With one thread or one part the pool is not touched. A panic of a worker is
/// passed on once all have ended.
pub(crate) fn share<P: Send>(
    threads: usize,
    parts: impl Iterator<Item = P> + Send,
    worker: impl Fn(&mut dyn Iterator<Item = P>) + Sync,
) {
    let shared = Shared { queue: Mutex::new(parts.peekable()), worker, helpers: AtomicUsize::new(0) };
    match shared.take() {
        Some((first, true)) if threads > 1 => {
            rayon::in_place_scope(|scope| {
                shared.work_with(scope, first, threads - 1);
                if rayon::current_thread_index().is_none() {
                    shared.wait_awake();
                }
            });
        }
        Some((first, _)) => shared.work(first),
        None => {}
    }
}

/// How long a caller from outside of the pool waits for its helpers before it sleeps: about twice what it takes to wake a
/// thread whose core is idle.
const AWAKE: Duration = Duration::from_micros(50);

/// The first part of that, in which it leaves its core to nobody: to come back takes microseconds, and mostly a helper is
/// through by then.
const SPIN: Duration = Duration::from_micros(10);

struct Shared<I: Iterator, W> {
    queue: Mutex<Peekable<I>>,
    worker: W,
    /// Those that have not ended.
    helpers: AtomicUsize,
}

/// Counts a helper for as long as it lives, a panic or not.
struct Helper<'a>(&'a AtomicUsize);

impl<'a> Helper<'a> {
    fn new(helpers: &'a AtomicUsize) -> Self {
        helpers.fetch_add(1, Ordering::Relaxed);
        Self(helpers)
    }
}

impl Drop for Helper<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<P: Send, I: Iterator<Item = P> + Send, W: Fn(&mut dyn Iterator<Item = P>) + Sync> Shared<I, W> {
    /// The next part, and whether there are more.
    fn take(&self) -> Option<(P, bool)> {
        let mut queue = lock(&self.queue);
        let part = queue.next()?;
        Some((part, queue.peek().is_some()))
    }

    fn work(&self, first: P) {
        let rest = std::iter::from_fn(|| self.take().map(|(part, _)| part));
        (self.worker)(&mut std::iter::once(first).chain(rest));
    }

    /// Works, and wakes two of `helpers` threads to do the same, each with half of the others to wake.
    fn work_with<'s>(&'s self, scope: &Scope<'s>, first: P, helpers: usize) {
        let half = helpers.div_ceil(2);
        for helpers in [half, helpers - half] {
            if helpers > 0 {
                let helper = Helper::new(&self.helpers);
                scope.spawn(move |scope| {
                    let _helper = helper;
                    self.help(scope, helpers - 1);
                });
            }
        }
        self.work(first);
    }

    fn help<'s>(&'s self, scope: &Scope<'s>, helpers: usize) {
        match self.take() {
            Some((first, true)) => self.work_with(scope, first, helpers),
            Some((first, false)) => self.work(first),
            None => {}
        }
    }
}

impl<I: Iterator, W> Shared<I, W> {
    fn wait_awake(&self) {
        let start = Instant::now();
        while self.helpers.load(Ordering::Relaxed) > 0 && start.elapsed() < AWAKE {
            if start.elapsed() < SPIN {
                std::hint::spin_loop();
            } else {
                // A helper may have no core but this one.
                std::thread::yield_now();
            }
        }
    }
}

/// Locks, also after a panic elsewhere: what these locks guard is whole between calls.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The indices `0..len` cut into parts that shrink towards the end: each is one thread's share of what is left, as
/// in guided self-scheduling (Polychronopoulos and Kuck, IEEE Transactions on Computers 36, 1987).
pub(crate) struct Ranges {
    left: Range<usize>,
    divisor: usize,
    grain: usize,
    step: usize,
}

impl Ranges {
    /// Parts for `threads` threads; one part for one thread. But for the last, none is smaller than `grain`, and
    /// those of `step` or more are whole multiples of it.
    pub(crate) fn shrinking(len: usize, grain: usize, step: usize, threads: usize) -> Self {
        Self { left: 0..len, divisor: threads.max(1), grain, step }
    }

    /// Parts of `size`, but for the last.
    pub(crate) fn equal(len: usize, size: usize) -> Self {
        Self { left: 0..len, divisor: usize::MAX, grain: size, step: size }
    }
}

impl Iterator for Ranges {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.left.is_empty() {
            return None;
        }
        let share = self.left.len().div_ceil(self.divisor).max(self.grain);
        let whole = if share < self.step || self.divisor == 1 { share } else { share - share % self.step };
        let part = self.left.start..self.left.start + whole.min(self.left.len());
        self.left.start = part.end;
        Some(part)
    }
}

/// Room for results, cut as [`Ranges`] says: the inputs of a part, and the room for their results.
pub(crate) struct Parts<R> {
    ranges: Ranges,
    left: R,
}

impl<R: Room> Parts<R> {
    pub(crate) fn shrinking(room: R, grain: usize, step: usize, threads: usize) -> Self {
        Self { ranges: Ranges::shrinking(room.len(), grain, step, threads), left: room }
    }

    pub(crate) fn equal(room: R, size: usize) -> Self {
        Self { ranges: Ranges::equal(room.len(), size), left: room }
    }
}

impl<R: Room> Iterator for Parts<R> {
    type Item = (Range<usize>, R);

    fn next(&mut self) -> Option<Self::Item> {
        let range = self.ranges.next()?;
        let part = self.left.cut(range.len());
        Some((range, part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(ranges: Ranges) -> Vec<usize> {
        ranges.map(|range| range.len()).collect()
    }

    #[test]
    fn parts_shrink_in_steps_down_to_the_grain() {
        assert_eq!(sizes(Ranges::shrinking(1_000, 100, 100, 2)), [500, 200, 100, 100, 100]);
        assert_eq!(sizes(Ranges::shrinking(30, 1, 4, 2)), [12, 8, 4, 3, 2, 1]);
        assert_eq!(sizes(Ranges::shrinking(1_003, 100, 100, 1)), [1_003]);
        assert_eq!(sizes(Ranges::shrinking(99, 100, 100, 8)), [99]);
        assert_eq!(sizes(Ranges::shrinking(0, 1, 1, 2)), []);
        assert_eq!(sizes(Ranges::equal(10, 4)), [4, 4, 2]);
        assert_eq!(sizes(Ranges::equal(10, usize::MAX)), [10]);
    }

    #[test]
    fn every_index_is_in_one_part() {
        for (len, grain, step, threads) in [(1, 1, 1, 1), (1_000, 1, 4, 8), (777, 64, 64, 3), (5, 1, 4, 64)] {
            let mut next = 0;
            for range in Ranges::shrinking(len, grain, step, threads) {
                assert!(range.start == next && !range.is_empty());
                next = range.end;
            }
            assert_eq!(next, len);
        }
    }

    /// A caller from outside waits for none that has ended, however it did.
    #[test]
    fn helpers_are_counted_until_they_end() {
        let helpers = AtomicUsize::new(0);
        let counted = || helpers.load(Ordering::Relaxed);
        let helper = Helper::new(&helpers);
        assert_eq!(counted(), 1);
        let panicked = std::panic::catch_unwind(move || {
            let _helper = helper;
            panic!("as a worker may");
        });
        assert!(panicked.is_err() && counted() == 0);
    }

    #[test]
    fn one_part_or_one_thread_stays_with_the_caller() {
        let caller = std::thread::current().id();
        for (threads, parts) in [(8, 1), (1, 100)] {
            share(threads, 0..parts, |parts| {
                assert_eq!(std::thread::current().id(), caller);
                parts.for_each(drop);
            });
        }
    }
}
