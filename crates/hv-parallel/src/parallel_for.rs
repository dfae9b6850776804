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
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::threads::{AtomicUsize, Instant, Mutex, MutexGuard, Scope, current_thread_index, in_place_scope, yield_now};

/// Runs `worker` on up to `threads` threads, the caller among them, until no part is left.
///
/// Each worker gets an iterator over the parts that fall to it, at least one and in the order of the queue; every
/// part goes to exactly one worker. With one thread or one part the pool is not touched. A panic of a worker is
/// passed on once all have ended.
pub(crate) fn parallel_for<P: Send>(
    threads: usize,
    parts: impl Iterator<Item = P> + Send,
    worker: impl Fn(&mut dyn Iterator<Item = P>) + Sync,
) {
    let queue = WorkQueue { parts: Mutex::new(parts.peekable()), worker, helpers: AtomicUsize::new(0) };
    match queue.take() {
        Some((first, true)) if threads > 1 => {
            in_place_scope(|scope| {
                queue.work_with(scope, first, threads - 1);
                if current_thread_index().is_none() {
                    queue.wait_awake();
                }
            });
        }
        Some((first, _)) => queue.work(first),
        None => {}
    }
}

/// How long a caller from outside of the pool waits for its helpers before it sleeps: about twice what it takes to wake a
/// thread whose core is idle.
const AWAKE: Duration = Duration::from_micros(50);

/// The first part of that, in which it leaves its core to nobody: to come back takes microseconds, and mostly a helper is
/// through by then.
const SPIN: Duration = Duration::from_micros(10);

struct WorkQueue<I: Iterator, W> {
    parts: Mutex<Peekable<I>>,
    worker: W,
    /// Those that have not ended.
    helpers: AtomicUsize,
}

/// Counts a helper for as long as it lives, a panic or not.
pub(crate) struct Helper<'a>(&'a AtomicUsize);

impl<'a> Helper<'a> {
    pub(crate) fn new(helpers: &'a AtomicUsize) -> Self {
        helpers.fetch_add(1, Ordering::Relaxed);
        Self(helpers)
    }
}

impl Drop for Helper<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<P: Send, I: Iterator<Item = P> + Send, W: Fn(&mut dyn Iterator<Item = P>) + Sync> WorkQueue<I, W> {
    /// The next part, and whether there are more.
    fn take(&self) -> Option<(P, bool)> {
        let mut parts = lock(&self.parts);
        let part = parts.next()?;
        Some((part, parts.peek().is_some()))
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

impl<I: Iterator, W> WorkQueue<I, W> {
    fn wait_awake(&self) {
        let start = Instant::now();
        while self.helpers.load(Ordering::Relaxed) > 0 && start.elapsed() < AWAKE {
            if start.elapsed() < SPIN {
                std::hint::spin_loop();
            } else {
                // A helper may have no core but this one.
                yield_now();
            }
        }
    }
}

/// Locks, also after a panic elsewhere: what these locks guard is whole between calls.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
