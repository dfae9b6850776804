//! The thresholds in force in this process, and how many threads they grant.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::init_error::InitError;
use crate::pool;
use crate::sequential_scope::SequentialScope;
use crate::thresholds::{Operation, Thresholds};

/// The environment variable that sets thresholds for a process.
const VARIABLE: &str = "HV_THRESHOLDS";

/// The thresholds in force, one atomic a field: an operation reads only its own.
type InForce = [AtomicUsize; Operation::ALL.len()];

fn in_force() -> &'static InForce {
    match try_in_force() {
        Ok(values) => values,
        Err(error) => panic!("{error}"),
    }
}

/// The thresholds in force, or why there are none; the environment is read once.
pub(crate) fn try_in_force() -> Result<&'static InForce, InitError> {
    static IN_FORCE: OnceLock<Result<InForce, InitError>> = OnceLock::new();
    IN_FORCE.get_or_init(from_environment).as_ref().map_err(Clone::clone)
}

fn from_environment() -> Result<InForce, InitError> {
    let defaults = Thresholds::for_backend(hv_simd::init()?);
    let thresholds = match std::env::var_os(VARIABLE) {
        Some(text) if !text.is_empty() => defaults.with(&text.to_string_lossy()).map_err(InitError::Thresholds)?,
        _ => defaults,
    };
    Ok(std::array::from_fn(|i| AtomicUsize::new(thresholds[Operation::ALL[i]])))
}

/// The thresholds in force: the defaults with what `HV_THRESHOLDS` sets, until [`set_thresholds`] changes them.
///
/// # Panics
///
/// If `HV_THRESHOLDS` or `HV_BACKEND` is wrong. Call [`init`](fn@crate::init) first to get that as an error.
#[must_use]
pub fn thresholds() -> Thresholds {
    let in_force = in_force();
    Thresholds::from_fn(|operation| in_force[operation as usize].load(Ordering::Relaxed))
}

/// Sets the thresholds of this process, for all threads. It changes how fast the adaptive functions are, never what
/// they return, and so may be called at any time.
///
/// ```
/// use hv_parallel::{Thresholds, set_thresholds, thresholds};
///
/// set_thresholds(Thresholds { bind: usize::MAX, ..thresholds() });   // never bind in parallel
/// # assert_eq!(thresholds().bind, usize::MAX);
/// ```
///
/// # Panics
///
/// As [`thresholds`].
pub fn set_thresholds(thresholds: Thresholds) {
    for (&operation, in_force) in Operation::ALL.iter().zip(in_force()) {
        in_force.store(thresholds[operation], Ordering::Relaxed);
    }
}

/// How many threads of the current pool work of an operation is worth, from 1, by the operation's threshold; 1 where
/// this thread is to work alone.
pub(crate) fn threads_for(work: usize, operation: Operation) -> usize {
    if SequentialScope::lives() {
        return 1;
    }
    let threshold = in_force()[operation as usize].load(Ordering::Relaxed);
    threads_at(work, threshold, pool::threads)
}

/// A pool is asked for its size, and so started, only where the work is worth it.
fn threads_at(work: usize, threshold: usize, pool: impl FnOnce() -> usize) -> usize {
    if work < threshold {
        return 1;
    }
    let half = (threshold / 2).max(1);
    pool().min((work / half).max(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_grow_with_the_work() {
        let threads = |work, threshold| threads_at(work, threshold, || 16);
        assert_eq!([99, 100, 149, 150, 200, 800, 10_000].map(|work| threads(work, 100)), [1, 2, 2, 3, 4, 16, 16]);
        assert_eq!([threads(0, 0), threads(1, 1), threads(5, 1), threads(usize::MAX, 0)], [2, 2, 5, 16]);
        assert_eq!(threads(usize::MAX - 1, usize::MAX), 1);
        assert_eq!(threads_at(10_000, 100, || 1), 1);
    }

    #[test]
    fn little_work_does_not_ask_for_the_pool() {
        assert_eq!(threads_at(99, 100, || panic!("the pool was asked for")), 1);
    }
}
