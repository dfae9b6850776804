//! From how much work on the adaptive functions take the pool: the values and their text form.

use std::fmt;
use std::ops::{Index, IndexMut};
use std::str::FromStr;

/// Makes [`Thresholds`] and [`Operation`] of one table: a field, which is also the name in the text form, and its operation.
macro_rules! thresholds {
    ($(#[$of_struct:meta])* pub struct Thresholds { $($(#[$of_field:meta])* $field:ident => $operation:ident,)* }) => {
        $(#[$of_struct])*
        pub struct Thresholds {
            $($(#[$of_field])* pub $field: usize,)*
        }

        /// An operation that has a threshold: `thresholds[Operation::Bind]` is `thresholds.bind`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            $(#[doc = concat!("See [`Thresholds::", stringify!($field), "`].")] $operation,)*
        }

        impl Operation {
            /// All operations, in the order of the text form.
            pub const ALL: &'static [Self] = &[$(Self::$operation),*];

            /// The name of the field and in the text form.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$operation => stringify!($field),)*
                }
            }
        }

        impl Thresholds {
            /// The thresholds that `threshold` gives for each operation.
            #[must_use]
            pub fn from_fn(mut threshold: impl FnMut(Operation) -> usize) -> Self {
                Self { $($field: threshold(Operation::$operation),)* }
            }
        }

        impl Index<Operation> for Thresholds {
            type Output = usize;

            fn index(&self, operation: Operation) -> &usize {
                match operation {
                    $(Operation::$operation => &self.$field,)*
                }
            }
        }

        impl IndexMut<Operation> for Thresholds {
            fn index_mut(&mut self, operation: Operation) -> &mut usize {
                match operation {
                    $(Operation::$operation => &mut self.$field,)*
                }
            }
        }
    };
}

thresholds! {
    /// The smallest work of each operation that the adaptive functions share among threads.
    ///
    /// Waking a thread takes some microseconds where the pool was just used and dozens where it sleeps, whatever it then
    /// does; the thresholds say how much work that is worth, and so depend on the machine and the kernels. The defaults
    /// are measured for each backend (`defaults.txt` says where and when); [`Thresholds::measure`] measures them for
    /// this machine in a fraction of a second. They never change a result. 0 and 1 mean always parallel, [`usize::MAX`] never.
    ///
    /// Work of twice a threshold is given to four threads at most, and so on: each thread gets about half of the
    /// threshold or more, so that a pool of many threads is not woken in full for little.
    ///
    /// A later version may have more fields. So make a value from another one, as in the example.
    ///
    /// As text: `bind=4000,similarity=12000,bundle=4000,nearest=12000,top_k=12000`, in any order; what is left out
    /// keeps its default. `HV_THRESHOLDS` in the environment takes the same form, over the defaults of the backend in use.
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
        bind => Bind,
        /// Batch similarity, in vectors compared with the query. 1 to 5 ns each, several times that from main memory.
        similarity => Similarity,
        /// Batch bundle, in vectors of all sets together, each set counted as
        /// [`SET_WORK`](Thresholds::SET_WORK) vectors more for its majority. About 1 to 10 ns each.
        bundle => Bundle,
        /// Most similar, in pairs of a query and a vector of memory. 1 to 5 ns each.
        nearest => Nearest,
        /// Top-k, in pairs of a query and a vector of memory, each result asked for counted as
        /// [`result_work`](Thresholds::result_work) pairs more for its place in a heap. 1 to 5 ns each.
        top_k => TopK,
    }
}

impl Thresholds {
    /// What a set's majority costs, in vectors of a bundle.
    pub const SET_WORK: usize = 4;

    /// These thresholds, but for those that a text sets.
    pub(crate) fn with(mut self, text: &str) -> Result<Self, ThresholdsError> {
        let mut seen = Vec::new();
        for part in text.split(',') {
            let error = |problem| ThresholdsError { part: part.to_owned(), problem };
            let (name, value) = part.split_once('=').ok_or_else(|| error("is not of the form name=number"))?;
            let known = Operation::ALL.iter().find(|operation| operation.name() == name.trim());
            let &operation = known.ok_or_else(|| error("names no threshold"))?;
            if seen.contains(&operation) {
                return Err(error("sets a threshold that was set before"));
            }
            seen.push(operation);
            self[operation] =
                value.trim().parse().map_err(|_| error("has no whole number, or one too large, after the ="))?;
        }
        Ok(self)
    }
}

impl fmt::Display for Thresholds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, &operation) in Operation::ALL.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(f, "{comma}{}={}", operation.name(), self[operation])?;
        }
        Ok(())
    }
}

/// What the text leaves out keeps its [default](Thresholds::default).
impl FromStr for Thresholds {
    type Err = ThresholdsError;

    fn from_str(text: &str) -> Result<Self, ThresholdsError> {
        Self::default().with(text)
    }
}

/// A text that does not give [`Thresholds`]; its message names the part at fault and the form expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part:?} {problem}; give {} with whole numbers N, and leave out what shall keep its default", form())]
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

/// The text form, with an N for each number.
fn form() -> String {
    let parts: Vec<String> = Operation::ALL.iter().map(|operation| format!("{}=N", operation.name())).collect();
    parts.join(",")
}
