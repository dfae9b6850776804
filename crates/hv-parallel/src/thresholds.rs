//! From how much work on the adaptive functions take the pool: the values and their text form.

use std::fmt;
use std::str::FromStr;

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
pub(crate) const NAMES: [&str; 5] = ["bind", "similarity", "bundle", "nearest", "top_k"];

impl Thresholds {
    /// What a set's majority costs, in vectors of a bundle.
    pub const SET_WORK: usize = 4;

    pub(crate) fn to_array(self) -> [usize; NAMES.len()] {
        let Self { bind, similarity, bundle, nearest, top_k } = self;
        [bind, similarity, bundle, nearest, top_k]
    }

    pub(crate) fn from_array([bind, similarity, bundle, nearest, top_k]: [usize; NAMES.len()]) -> Self {
        Self { bind, similarity, bundle, nearest, top_k }
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
