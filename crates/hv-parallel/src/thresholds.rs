//! From how much work on the adaptive functions take the pool: values, their text form, and those in force.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{Backend, InitError, defaults};

/// The environment variable that sets thresholds for a process.
const VARIABLE: &str = "HV_THRESHOLDS";

/// The smallest work of each operation that the adaptive functions share among threads.
///
/// Waking a thread takes 5 to 50 microseconds, whatever it then does; the thresholds say how much work that is
/// worth, and so depend on the machine and the kernels. The defaults are measured for each backend (`defaults.rs`
/// says where and when); [`Thresholds::measure`] measures them anew in a fraction of a second. They never change a result. 0 and 1 mean
/// always parallel, [`usize::MAX`] never.
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
    /// Batch similarity, in vectors compared with the query. 2 to 5 ns each, several times that from main memory.
    pub similarity: usize,
    /// Batch bundle, in vectors of all sets together, each set counted as
    /// [`SET_WORK`](Self::SET_WORK) vectors more for its majority. About 3 to 10 ns each.
    pub bundle: usize,
    /// Most similar, in pairs of a query and a vector of memory. 2 to 5 ns each.
    pub nearest: usize,
    /// Top-k, in pairs of a query and a vector of memory, each result asked for counted as
    /// [`RESULT_WORK`](Self::RESULT_WORK) pairs more for its place in a heap. 2 to 5 ns each.
    pub top_k: usize,
}

/// Name and place of each field, for the text form and the values in force.
type Field = (&'static str, fn(&mut Thresholds) -> &mut usize);

const FIELDS: [Field; 5] = [
    ("bind", |t| &mut t.bind),
    ("similarity", |t| &mut t.similarity),
    ("bundle", |t| &mut t.bundle),
    ("nearest", |t| &mut t.nearest),
    ("top_k", |t| &mut t.top_k),
];

impl Thresholds {
    /// What a set's majority costs, in vectors of a bundle.
    pub const SET_WORK: usize = 4;
    /// What a result of top-k costs, in pairs.
    pub const RESULT_WORK: usize = 8;
}

impl Default for Thresholds {
    /// The measured defaults for the backend in use, whatever `HV_THRESHOLDS` says.
    fn default() -> Self {
        // A wrong HV_BACKEND is for `init` or the first kernel to report.
        defaults::measured(hv_simd::init().unwrap_or_else(|_| Backend::best()))
    }
}

impl fmt::Display for Thresholds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut values = *self;
        for (i, (name, field)) in FIELDS.into_iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(f, "{comma}{name}={}", field(&mut values))?;
        }
        Ok(())
    }
}

impl FromStr for Thresholds {
    type Err = ThresholdsError;

    fn from_str(text: &str) -> Result<Self, ThresholdsError> {
        let mut thresholds = Self::default();
        let mut seen = [false; FIELDS.len()];
        for part in text.split(',') {
            let error = |problem| ThresholdsError { part: part.to_owned(), problem };
            let (name, value) = part.split_once('=').ok_or_else(|| error("is not of the form name=number"))?;
            let i = FIELDS.iter().position(|field| field.0 == name.trim());
            let i = i.ok_or_else(|| error("names no threshold"))?;
            if std::mem::replace(&mut seen[i], true) {
                return Err(error("sets a threshold that was set before"));
            }
            *(FIELDS[i].1)(&mut thresholds) =
                value.trim().parse().map_err(|_| error("has no whole number, or one too large, after the ="))?;
        }
        Ok(thresholds)
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
type InForce = [AtomicUsize; FIELDS.len()];

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
    let mut thresholds = match std::env::var_os(VARIABLE) {
        Some(text) if !text.is_empty() => text.to_string_lossy().parse().map_err(InitError::Thresholds)?,
        _ => Thresholds::default(),
    };
    Ok(FIELDS.map(|(_, field)| AtomicUsize::new(*field(&mut thresholds))))
}

/// The thresholds in force: those of `HV_THRESHOLDS` over the defaults, until [`set_thresholds`] changes them.
///
/// # Panics
///
/// If `HV_THRESHOLDS` is malformed. Call [`init`](crate::init) first to get that as an error.
#[must_use]
pub fn thresholds() -> Thresholds {
    let mut thresholds = Thresholds::default();
    for ((_, field), value) in FIELDS.into_iter().zip(in_force()) {
        *field(&mut thresholds) = value.load(Ordering::Relaxed);
    }
    thresholds
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
/// If `HV_THRESHOLDS` is malformed, as [`thresholds`].
pub fn set_thresholds(mut thresholds: Thresholds) {
    for ((_, field), value) in FIELDS.into_iter().zip(in_force()) {
        value.store(*field(&mut thresholds), Ordering::Relaxed);
    }
}

/// How many threads of the current pool work of an operation is worth, from 1, by the operation's threshold.
pub(crate) fn threads_for(work: usize, threshold: fn(&Thresholds) -> usize) -> usize {
    threads_at(work, threshold(&thresholds()), rayon::current_num_threads)
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
