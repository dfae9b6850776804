//! `parallel_for.rs` on threads that take turns in thousands of orders that a scheduler chooses: each part goes to one worker,
//! and no more threads work at once than were asked for.

#[path = "../src/parallel_for.rs"]
#[allow(dead_code)]
mod parallel_for;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use shuttle::sync::atomic::AtomicUsize;

use crate::parallel_for::{lock, parallel_for};

/// In place of `src/threads.rs`: the pool, a clock, and the locks of shuttle.
mod threads {
    pub use shuttle::sync::atomic::AtomicUsize;
    pub use shuttle::sync::{Mutex, MutexGuard};
    pub use shuttle::thread::yield_now;

    use std::time::Duration;

    use shuttle::rand::Rng;
    use shuttle::sync::Condvar;

    /// Threads of the pool.
    const POOL: usize = 3;

    type Job<'s> = Box<dyn FnOnce(&Scope<'s>) + Send + 's>;

    /// Jobs that any thread of the pool takes. As in Rayon, all have ended when the scope does.
    pub struct Scope<'s> {
        jobs: Mutex<Jobs<'s>>,
        changed: Condvar,
    }

    struct Jobs<'s> {
        waiting: Vec<Job<'s>>,
        unfinished: usize,
        closed: bool,
    }

    impl<'s> Scope<'s> {
        pub fn spawn(&self, job: impl FnOnce(&Scope<'s>) + Send + 's) {
            let mut jobs = self.jobs.lock().unwrap();
            jobs.waiting.push(Box::new(job));
            jobs.unfinished += 1;
            drop(jobs);
            self.changed.notify_all();
        }

        /// Works on jobs, the newest first, until the scope is closed and all have ended.
        fn work(&self) {
            let mut jobs = self.jobs.lock().unwrap();
            while !(jobs.closed && jobs.unfinished == 0) {
                let Some(job) = jobs.waiting.pop() else {
                    jobs = self.changed.wait(jobs).unwrap();
                    continue;
                };
                drop(jobs);
                job(self);
                jobs = self.jobs.lock().unwrap();
                jobs.unfinished -= 1;
                self.changed.notify_all();
            }
        }
    }

    pub fn in_place_scope<'s, R>(f: impl FnOnce(&Scope<'s>) -> R) -> R {
        let jobs = Jobs { waiting: Vec::new(), unfinished: 0, closed: false };
        let scope = Scope { jobs: Mutex::new(jobs), changed: Condvar::new() };
        shuttle::thread::scope(|threads| {
            for _ in 0..POOL {
                threads.spawn(|| scope.work());
            }
            let result = f(&scope);
            scope.jobs.lock().unwrap().closed = true;
            scope.changed.notify_all();
            scope.work();
            result
        })
    }

    /// The caller is of the pool, or not.
    pub fn current_thread_index() -> Option<usize> {
        shuttle::rand::thread_rng().gen_bool(0.5).then_some(0)
    }

    /// A clock that stands still where a waiting caller gives way to others, so that it waits for its helpers.
    pub struct Instant;

    impl Instant {
        pub fn now() -> Self {
            Self
        }

        pub fn elapsed(&self) -> Duration {
            Duration::from_micros(20)
        }
    }
}

/// Shares six parts among a number of threads, and checks who got them.
fn each_part_goes_to_one_worker(threads: usize) {
    const PARTS: usize = 6;
    let taken = Arc::new(threads::Mutex::new(Vec::new()));
    let (working, workers) = (AtomicUsize::new(0), AtomicUsize::new(0));
    parallel_for(threads, 0..PARTS, |parts| {
        workers.fetch_add(1, Ordering::SeqCst);
        let now = working.fetch_add(1, Ordering::SeqCst) + 1;
        assert!(now <= threads, "{now} threads work, and {threads} were asked for");
        let mut last = None;
        for part in parts {
            assert!(last < Some(part), "part {part} came after {last:?}");
            last = Some(part);
            lock(&taken).push(part);
            threads::yield_now();
        }
        assert!(last.is_some(), "a worker without a part");
        working.fetch_sub(1, Ordering::SeqCst);
    });
    assert_eq!(working.load(Ordering::SeqCst), 0, "a worker is still at work");
    assert!((1..=threads).contains(&workers.load(Ordering::SeqCst)));
    let mut taken = std::mem::take(&mut *lock(&taken));
    taken.sort_unstable();
    assert!(taken.iter().copied().eq(0..PARTS), "{taken:?}");
}

#[test]
fn each_part_goes_to_one_worker_in_whatever_order() {
    for threads in 2..=4 {
        shuttle::check_random(move || each_part_goes_to_one_worker(threads), 1_000);
        shuttle::check_pct(move || each_part_goes_to_one_worker(threads), 1_000, 3);
    }
}
