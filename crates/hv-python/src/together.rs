//! Vectors that go together row by row, as the two sides of `bind` do.

use std::fmt::Display;

use hv_memory::HV16;
use numpy::{Element, PyArray1};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::Vectors;
use crate::pieces::look;

/// `N` values of Python whose rows go together. One row goes with every row of the others, as NumPy broadcasts.
pub struct Together<'py, const N: usize> {
    /// `N` of them.
    values: Vec<Vectors<'py>>,
    /// How many rows they are together.
    pub len: usize,
    /// Whether all were single vectors.
    pub single: bool,
}

impl<'py, const N: usize> Together<'py, N> {
    /// Reads values, each with its name.
    ///
    /// # Errors
    ///
    /// If one is no vector and no rows of them, or if two have different numbers of rows, neither of them 1.
    pub fn read(given: [(&str, &Bound<'py, PyAny>); N]) -> PyResult<Self> {
        let mut values = Vec::with_capacity(N);
        let (mut of, mut len) = ("", 1);
        for (name, value) in given {
            let vectors = Vectors::any(name, value)?;
            match vectors.as_slice().len() {
                rows if rows == len || rows == 1 => {}
                rows if len == 1 => (of, len) = (name, rows),
                rows => {
                    return Err(PyValueError::new_err(format!(
                        "{of} has {len} rows and {name} has {rows}; they must have the same number, or one of them a single row"
                    )));
                }
            }
            values.push(vectors);
        }
        let single = values.iter().all(|value| value.single);
        Ok(Self { values, len, single })
    }

    /// The rows, to be taken by their number.
    pub fn rows(&self) -> Rows<'_, N> {
        Rows(std::array::from_fn(|i| self.values[i].as_slice()))
    }
}

/// The rows of [`Together`].
#[derive(Clone, Copy)]
pub struct Rows<'a, const N: usize>([&'a [HV16]; N]);

impl<'a, const N: usize> Rows<'a, N> {
    /// The vectors that go together as number `i`.
    #[inline]
    pub fn at(self, i: usize) -> [&'a HV16; N] {
        // One row is taken again and again.
        self.0.map(|rows| if rows.len() == 1 { &rows[0] } else { &rows[i] })
    }
}

/// What `answer` gives for each row: a value of Python where all are single vectors, else an array with shape (n,).
pub fn each<'py, T: Element + Copy + IntoPyObjectExt<'py>, const N: usize>(
    py: Python<'py>,
    given: [(&str, &Bound<'py, PyAny>); N],
    mut answer: impl FnMut([&HV16; N]) -> T,
) -> PyResult<Bound<'py, PyAny>> {
    let together = Together::read(given)?;
    let (rows, mut all) = (together.rows(), Vec::with_capacity(together.len));
    for i in 0..together.len {
        all.push(answer(rows.at(i)));
        look(py, i)?;
    }
    answers(py, together.single, all)
}

/// A value of Python for single vectors, else an array with shape (n,).
pub fn answers<'py, T: Element + Copy + IntoPyObjectExt<'py>>(
    py: Python<'py>,
    single: bool,
    values: Vec<T>,
) -> PyResult<Bound<'py, PyAny>> {
    if single { values[0].into_bound_py_any(py) } else { Ok(PyArray1::from_vec(py, values).into_any()) }
}

/// Changes a state by each row: by all of them, or, where one is refused or Ctrl-C comes, by none.
pub fn all<'py, S: Clone, E: Display, const N: usize>(
    py: Python<'py>,
    state: &mut S,
    given: [(&str, &Bound<'py, PyAny>); N],
    mut change: impl FnMut(&mut S, [&HV16; N]) -> Result<(), E>,
) -> PyResult<()> {
    let together = Together::read(given)?;
    let (rows, mut changed) = (together.rows(), state.clone());
    for i in 0..together.len {
        change(&mut changed, rows.at(i)).map_err(|error| PyValueError::new_err(error.to_string()))?;
        look(py, i)?;
    }
    *state = changed;
    Ok(())
}

/// Changes a state by each row, and says what came of each; where Ctrl-C comes, nothing is changed.
pub fn told<'py, S: Clone, const N: usize>(
    py: Python<'py>,
    state: &mut S,
    given: [(&str, &Bound<'py, PyAny>); N],
    mut change: impl FnMut(&mut S, [&HV16; N]) -> bool,
) -> PyResult<Bound<'py, PyAny>> {
    let mut changed = state.clone();
    let told = each(py, given, |row| change(&mut changed, row))?;
    *state = changed;
    Ok(told)
}
