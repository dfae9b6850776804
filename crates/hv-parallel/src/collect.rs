//! New vectors of results, each part written by the thread that computes it.
//!
//! Safe code cannot hand out parts of memory that nothing was written to yet. Rayon can: its vectors collect from a
//! `ParallelIterator` through a consumer that is split by index. So this is such an iterator, whose parts [`parallel_for`] drives.
//! If one thread wrote the whole result first, that would cost most of what a bind does.

use std::sync::{Mutex, PoisonError};

use rayon::iter::plumbing::{Folder, Reducer, UnindexedConsumer};
use rayon::prelude::*;

use crate::parallel_for::{lock, parallel_for};
use crate::parts::Ranges;

/// `make(i)` for every `i` below `len`, on up to `threads` threads; parts have `grain` indices or more.
pub(crate) fn collect<R: Send>(
    len: usize,
    grain: usize,
    threads: usize,
    make: impl Fn(usize) -> R + Sync + Send,
) -> Vec<R> {
    if threads == 1 {
        return (0..len).map(make).collect();
    }
    Computed { len, grain, threads, make }.collect()
}

struct Computed<F> {
    len: usize,
    grain: usize,
    threads: usize,
    make: F,
}

impl<R: Send, F: Fn(usize) -> R + Sync + Send> ParallelIterator for Computed<F> {
    type Item = R;

    /// By this the vector takes the consumer that is split by index.
    fn opt_len(&self) -> Option<usize> {
        Some(self.len)
    }

    fn drive_unindexed<C: UnindexedConsumer<R>>(self, consumer: C) -> C::Result {
        let (start, rest, _) = consumer.split_at(0);
        let ranges = Ranges::shrinking(self.len, self.grain, self.grain, self.threads);
        let parts = ranges.scan(Some(rest), |rest, range| {
            let (part, after, _) = rest.take()?.split_at(range.len());
            *rest = Some(after);
            Some((range, part))
        });
        let done = Mutex::new(Vec::new());
        parallel_for(self.threads, parts, |parts| {
            for (range, part) in parts {
                let first = range.start;
                let result = part.into_folder().consume_iter(range.map(&self.make)).complete();
                lock(&done).push((first, result));
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_unstable_by_key(|&(first, _)| first);
        let results = done.into_iter().map(|(_, result)| result);
        let reducer = || start.to_reducer();
        results.reduce(|left, right| reducer().reduce(left, right)).unwrap_or_else(|| start.into_folder().complete())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    #[test]
    fn every_result_is_in_its_place() {
        let pool = pool(3);
        for len in [0, 1, 9, 10, 11, 100, 1_001] {
            let expected: Vec<String> = (0..len).map(|i| i.to_string()).collect();
            for threads in 1..5 {
                let make = |i: usize| i.to_string();
                assert_eq!(collect(len, 10, threads, make), expected);
                assert_eq!(pool.install(|| collect(len, 10, threads, make)), expected);
            }
        }
    }

    #[test]
    fn the_caller_and_no_more_threads_than_granted_do_it() {
        let seen = Mutex::new(BTreeSet::new());
        let start = Instant::now();
        let all_came = || lock(&seen).len() == 3 || start.elapsed() > Duration::from_secs(30);
        let make = |_| {
            lock(&seen).insert(rayon::current_thread_index());
            while !all_came() {
                thread::sleep(Duration::from_micros(100));
            }
            thread::sleep(Duration::from_micros(100)); // time for others to come, were there any
        };
        let caller = pool(8).install(|| {
            collect(200, 1, 3, make);
            rayon::current_thread_index()
        });
        let seen = lock(&seen);
        assert!(seen.len() == 3 && seen.contains(&caller), "{seen:?}, called by {caller:?}");
    }

    #[test]
    fn a_panic_is_passed_on() {
        let make = |i: usize| if i == 77 { panic!("no 77") } else { i.to_string() };
        let panic = catch_unwind(AssertUnwindSafe(|| collect(100, 1, 3, make))).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"no 77"));
    }
}
