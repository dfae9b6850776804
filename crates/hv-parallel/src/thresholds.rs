//! From how much work on the adaptive functions take the pool: values, their text form, and those in force.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use hv_simd::active_backend;

use crate::defaults;
use crate::init::InitError;
use crate::one_thread::OneThread;

/// The environment variable that sets thresholds for a process.
const VARIABLE: &str = "HV_THRESHOLDS";

/// The smallest work of each operation that the adaptive functions share among threads.
///
/// Waking a thread takes some microseconds where the pool was just used and dozens where it sleeps, whatever it then
/// does; the thresholds say how much work that is worth, and so depend on the machine and the kernels. The defaults are
/// measured for each backend (`defaults.rs` says where and when); [`Thresholds::measure`] measures them anew in a
/// fraction of a second. They never change a result. 0 and 1 mean always parallel, [`usize::MAX`] never.
///
/// Work of twice a threshold is given to four threads at most, and so on: each thread gets about half of the
/// threshold or more, so that a pool of many threads is not woken in full for little.
///
/// As text: `bind=4000,similarity=12000,bundle=4000,nearest=12000,top_k=12000`, in any order; what is left out
/// keeps its default. `HV_THRESHOLDS` in the environment takes the same form.
///
/// ```
/// use hv_parallel::Thresholds;
///
/// let thresholds: Thresholds = "similarity=20000, top_k=8000".parse()?;
/// assert_eq!(thresholds, Thresholds { similarity: 20_000, top_k: 8_000, ..Thresholds::default() });
/// assert_eq!(thresholds.to_string().parse(), Ok(thresholds));
/// # Ok::<(), hv_parallel::ThresholdsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Thresholds {
    /// Batch bind, in vectors. Some nanoseconds each: a bind is bound by reading and writing 256 bytes, and a
    /// second core helps only as far as it brings cache or bandwidth of its own.
    pub bind: usize,
    /// Batch similarity, in vectors compared with the query. 1 to 5 ns each, several times that from main memory.
    pub similarity: usize,
    /// Batch bundle, in vectors of all sets together, each set counted as
    /// [`SET_WORK`](Self::SET_WORK) vectors more for its majority. About 1 to 10 ns each.
    pub bundle: usize,
    /// Most similar, in pairs of a query and a vector of memory. 1 to 5 ns each.
    pub nearest: usize,
    /// Top-k, in pairs of a query and a vector of memory, each result asked for counted as
    /// [`result_work`](Self::result_work) pairs more for its place in a heap. 1 to 5 ns each.
    pub top_k: usize,
}

/// The operations, in the order of the fields of [`Thresholds`].
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    Bind,
    Similarity,
    Bundle,
    Nearest,
    TopK,
}

/// Their names in the text form.
const NAMES: [&str; 5] = ["bind", "similarity", "bundle", "nearest", "top_k"];

impl Thresholds {
    /// What a set's majority costs, in vectors of a bundle.
    pub const SET_WORK: usize = 4;

    /// What a result of top-k costs, in pairs: some 50 ns for its places in a heap, which are the more pairs the faster the
    /// active kernels compare one.
    ///
    /// # Panics
    ///
    /// If `HV_BACKEND` is wrong, see [`init`](fn@crate::init).
    #[must_use]
    pub fn result_work() -> usize {
        defaults::result_work(active_backend())
    }

    fn to_array(self) -> [usize; NAMES.len()] {
        let Self { bind, similarity, bundle, nearest, top_k } = self;
        [bind, similarity, bundle, nearest, top_k]
    }

    fn from_array([bind, similarity, bundle, nearest, top_k]: [usize; NAMES.len()]) -> Self {
        Self { bind, similarity, bundle, nearest, top_k }
    }
}

impl Default for Thresholds {
    /// The measured defaults for the backend in use, whatever `HV_THRESHOLDS` says.
    ///
    /// # Panics
    ///
    /// If `HV_BACKEND` is wrong, see [`init`](fn@crate::init). So do all that builds on defaults, such as `parse`.
    fn default() -> Self {
        defaults::measured(active_backend())
    }
}

impl fmt::Display for Thresholds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, value)) in NAMES.into_iter().zip(self.to_array()).enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(f, "{comma}{name}={value}")?;
        }
        Ok(())
    }
}

impl FromStr for Thresholds {
    type Err = ThresholdsError;

    fn from_str(text: &str) -> Result<Self, ThresholdsError> {
        let mut values = Self::default().to_array();
        let mut seen = [false; NAMES.len()];
        for part in text.split(',') {
            let error = |problem| ThresholdsError { part: part.to_owned(), problem };
            let (name, value) = part.split_once('=').ok_or_else(|| error("is not of the form name=number"))?;
            let i = NAMES.iter().position(|&known| known == name.trim());
            let i = i.ok_or_else(|| error("names no threshold"))?;
            if std::mem::replace(&mut seen[i], true) {
                return Err(error("sets a threshold that was set before"));
            }
            values[i] =
                value.trim().parse().map_err(|_| error("has no whole number, or one too large, after the ="))?;
        }
        Ok(Self::from_array(values))
    }
}

/// A text that does not give [`Thresholds`]; its message names the part at fault and the form expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{part:?} {problem}; give bind=N,similarity=N,bundle=N,nearest=N,top_k=N with whole numbers N, and leave out \
     what shall keep its default"
)]
pub struct ThresholdsError {
    part: String,
    problem: &'static str,
}

impl ThresholdsError {
    /// The part of the text that is wrong.
    #[must_use]
    pub fn part(&self) -> &str {
        &self.part
    }
}

/// The thresholds in force, one atomic a field: an operation reads only its own.
type InForce = [AtomicUsize; NAMES.len()];

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
    hv_simd::init()?; // the defaults are those of a backend
    let thresholds = match std::env::var_os(VARIABLE) {
        Some(text) if !text.is_empty() => text.to_string_lossy().parse().map_err(InitError::Thresholds)?,
        _ => Thresholds::default(),
    };
    Ok(thresholds.to_array().map(AtomicUsize::new))
}

/// The thresholds in force: those of `HV_THRESHOLDS` over the defaults, until [`set_thresholds`] changes them.
///
/// # Panics
///
/// If `HV_THRESHOLDS` or `HV_BACKEND` is wrong. Call [`init`](fn@crate::init) first to get that as an error.
#[must_use]
pub fn thresholds() -> Thresholds {
    Thresholds::from_array(in_force().each_ref().map(|value| value.load(Ordering::Relaxed)))
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
    for (value, in_force) in thresholds.to_array().into_iter().zip(in_force()) {
        in_force.store(value, Ordering::Relaxed);
    }
}

/// How many threads of the current pool work of an operation is worth, from 1, by the operation's threshold; 1 where
/// this thread is to work alone.
pub(crate) fn threads_for(work: usize, operation: Operation) -> usize {
    if OneThread::lives() {
        return 1;
    }
    let threshold = in_force()[operation as usize].load(Ordering::Relaxed);
    threads_at(work, threshold, rayon::current_num_threads)
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
