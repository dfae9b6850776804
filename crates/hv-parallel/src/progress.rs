//! How far a long call has come, as a counter that anyone may read, and a way to stop it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far a long call has come.
///
/// Make one, give it to the call, and read it from another thread as often as you like. The call counts and never
/// calls back, so a reader can neither slow it down nor be in its way.
///
/// - [`all`](Self::all) is 0 until the call knows how much work there is.
/// - [`done`](Self::done) never falls while `all` stays the same.
/// - When the call returns without an error, `done` equals `all`.
/// - A call that has to start again, or a second call with the same counter, sets both again: `all` is 0 in between.
///
/// What one unit of work is, the call says: a pair of vectors, for example, or an episode.
///
/// A call that says so can be [stopped](Self::stop).
///
/// ```
/// use hv_parallel::Progress;
///
/// fn long_call(progress: &Progress) {
///     progress.start(1_000);
///     for _ in 0..1_000 {
///         progress.advance(1);
///     }
///     progress.finish();
/// }
///
/// let progress = Progress::new();
/// std::thread::scope(|scope| {
///     let call = scope.spawn(|| long_call(&progress));
///     while !call.is_finished() {
///         println!("{:.0} %", 100.0 * progress.fraction());
///         std::thread::yield_now();
///     }
/// });
/// assert_eq!((progress.done(), progress.all(), progress.fraction()), (1_000, 1_000, 1.0));
/// ```
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    all: AtomicU64,
    stopped: AtomicBool,
}

impl Progress {
    /// A counter that no call has started yet: 0 of 0.
    #[must_use]
    pub const fn new() -> Self {
        Self { done: AtomicU64::new(0), all: AtomicU64::new(0), stopped: AtomicBool::new(false) }
    }

    /// The units of work that are done.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Acquire)
    }

    /// The units of work in total; 0 until the call knows.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.all.load(Ordering::Acquire)
    }

    /// The part that is done, from 0 to 1; 0 while [`all`](Self::all) is 0.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        // `all` first: if the work starts again between the two loads, `done` is that of the new start, or smaller.
        let (all, done) = (self.all(), self.done());
        if all == 0 { 0.0 } else { (done as f64 / all as f64).min(1.0) }
    }

    /// Asks the call to end early, from any thread: it ends with an error after one of its next units of work, unless it is
    /// nearly done. For good: another call with this counter stops at once.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    /// Whether the call was asked to end early.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Starts, or starts again, a work of `all` units. For the call that does the work.
    #[doc(hidden)]
    pub fn start(&self, all: u64) {
        // In this order nobody sees `done` fall under an `all` that stays the same.
        self.all.store(0, Ordering::Release);
        self.done.store(0, Ordering::Release);
        self.all.store(all, Ordering::Release);
    }

    /// Counts `by` more units as done. For the call that does the work, from any of its threads.
    #[doc(hidden)]
    pub fn advance(&self, by: u64) {
        self.done.fetch_add(by, Ordering::AcqRel);
    }

    /// Counts all units as done. For the call that does the work, when its threads have ended.
    #[doc(hidden)]
    pub fn finish(&self) {
        self.done.store(self.all(), Ordering::Release);
    }
}
