//! `FloatEncoder`: rows of numbers as codes.

use std::cmp::Ordering;

use half::f16;
use hv_encode::{FloatError, HV16, Stored};
use numpy::{Element, PyArray1, PyArrayDyn, PyReadonlyArrayDyn, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::arrays::{Vectors, ready, to_array, to_single, tuple, wrong_shape};
use crate::pieces::{in_pieces, inputs, stoppable};

/// Numbers of a piece between two looks for Ctrl-C. A row of fewer than 2,048 takes as long as one of 2,048.
const NUMBERS: usize = 1 << 24;

/// Encodes rows of numbers, such as embeddings, as codes whose Hamming distance stands for the angle between them: the signs of
/// a random orthogonal projection to 2,048. The same on every machine.
///
/// Args:
///     dimensions: how many numbers a row has. Rows of 2048 are not projected: their signs are the bits.
///     seed: of the projection.
///     thresholds: what is subtracted first, an array of float64 with shape (dimensions,).
#[pyclass(module = "hv", frozen)]
pub struct FloatEncoder(hv_encode::FloatEncoder);

/// Indices and scores, the best first.
type Best<'py> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<f64>>);

/// Rows of numbers from Python, in C order.
enum Rows<'py> {
    Half(PyReadonlyArrayDyn<'py, f16>),
    Single(PyReadonlyArrayDyn<'py, f32>),
    Double(PyReadonlyArrayDyn<'py, f64>),
}

/// Runs the same code for the numbers of each type.
macro_rules! with_numbers {
    ($rows:expr, $numbers:ident => $work:expr) => {
        match &$rows {
            Rows::Half(array) => with_numbers!(@ array, $numbers => $work),
            Rows::Single(array) => with_numbers!(@ array, $numbers => $work),
            Rows::Double(array) => with_numbers!(@ array, $numbers => $work),
        }
    };
    (@ $array:ident, $numbers:ident => $work:expr) => {{
        let $numbers = $array.as_slice().map_err(|error| PyValueError::new_err(error.to_string()))?;
        $work
    }};
}

/// An array of float16, float32 or float64 in C order, and its shape.
fn rows<'py>(name: &str, value: &Bound<'py, PyAny>) -> PyResult<(Rows<'py>, Vec<usize>)> {
    let py = value.py();
    let what = |what: String| {
        PyTypeError::new_err(format!("{name} must be a NumPy array of float16, float32 or float64, but it is {what}"))
    };
    if !value.is_instance_of::<PyUntypedArray>() {
        return Err(what(format!("a {}", value.get_type().name()?)));
    }
    let array = py.import("numpy")?.call_method1("ascontiguousarray", (value,))?;
    let shape = value.cast::<PyUntypedArray>()?.shape().to_vec();
    let rows = if let Some(array) = typed(&array) {
        Rows::Single(array)
    } else if let Some(array) = typed(&array) {
        Rows::Double(array)
    } else if let Some(array) = typed(&array) {
        Rows::Half(array)
    } else {
        return Err(what(format!("an array of {}", array.getattr("dtype")?)));
    };
    Ok((rows, shape))
}

fn typed<'py, T: Element>(array: &Bound<'py, PyAny>) -> Option<PyReadonlyArrayDyn<'py, T>> {
    array.extract().ok()
}

fn wrong(error: FloatError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

impl FloatEncoder {
    /// Rows of this encoder's length, and whether it is one alone.
    fn rows<'py>(&self, name: &str, value: &Bound<'py, PyAny>) -> PyResult<(Rows<'py>, bool)> {
        let (numbers, shape) = rows(name, value)?;
        let d = self.0.dimensions();
        match shape[..] {
            [len] if len == d => Ok((numbers, true)),
            [_, len] if len == d => Ok((numbers, false)),
            _ => Err(wrong_shape(name, &format!("(n, {d}) or ({d},)"), &format!("its shape is {}", tuple(&shape)))),
        }
    }

    /// Rows between two looks for Ctrl-C.
    fn piece(&self) -> usize {
        inputs(NUMBERS, self.0.dimensions().max(HV16::DIM), 1)
    }

    /// The best k of candidates, in pieces.
    fn rescored<T: Copy + Into<f64> + Sync>(
        &self,
        py: Python<'_>,
        query: &[T],
        candidates: &[usize],
        stored: Stored<'_, T>,
        k: usize,
    ) -> PyResult<Vec<(usize, f64)>> {
        // The query is checked where there are no candidates, too.
        let mut best = self.0.rescore(query, &[], stored, k).map_err(wrong)?;
        in_pieces(py, candidates.len(), self.piece(), |piece| {
            best.extend(self.0.rescore(query, &candidates[piece], stored, k).map_err(wrong)?);
            Ok(())
        })?;
        best.sort_by(|a, b| b.1.partial_cmp(&a.1).unwrap_or(Ordering::Equal).then(a.0.cmp(&b.0)));
        best.truncate(k);
        Ok(best)
    }
}

#[pymethods]
impl FloatEncoder {
    #[new]
    #[pyo3(signature = (dimensions, seed = 0, thresholds = None))]
    fn new(dimensions: usize, seed: u64, thresholds: Option<Vec<f64>>) -> PyResult<Self> {
        ready()?;
        if dimensions == 0 {
            return Err(PyValueError::new_err("dimensions is 0; a row has at least one number"));
        }
        let encoder = hv_encode::FloatEncoder::new(dimensions, seed);
        match thresholds {
            Some(thresholds) if !thresholds.is_empty() => {
                Ok(Self(encoder.with_thresholds(&thresholds).map_err(wrong)?))
            }
            _ => Ok(Self(encoder)),
        }
    }

    /// The codes of rows, in parallel.
    ///
    /// Args:
    ///     rows: an array of float16, float32 or float64 with shape (dimensions,) or (n, dimensions). NaN and infinity are
    ///         errors that name the row.
    ///
    /// Returns:
    ///     An array of uint8 with shape (256,) or (n, 256).
    fn encode<'py>(&self, py: Python<'py>, rows: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
        let (rows, single) = self.rows("rows", rows)?;
        let d = self.0.dimensions();
        let mut codes = Vec::new();
        with_numbers!(rows, numbers => in_pieces(py, numbers.len() / d, self.piece(), |piece| {
            let first = piece.start;
            let encoded = self.0.encode_batch(&numbers[piece.start * d..piece.end * d]);
            codes.extend(encoded.map_err(|error| wrong(counted_from(first, error)))?);
            Ok(())
        })?);
        if single { to_single(py, codes[0]) } else { to_array(py, codes) }
    }

    /// An encoder that first subtracts the mean of these rows, for numbers that lean to one side.
    ///
    /// Args:
    ///     rows: an array of float16, float32 or float64 with shape (n, dimensions).
    fn learn_thresholds(&self, py: Python<'_>, rows: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (rows, _) = self.rows("rows", rows)?;
        if with_numbers!(rows, numbers => numbers.is_empty()) {
            return Err(PyValueError::new_err("there are no rows to learn from; give at least one"));
        }
        let encoder = hv_encode::FloatEncoder::new(self.0.dimensions(), self.0.seed());
        let raised = |_: Python<'_>, error: &FloatError| wrong(error.clone());
        let learnt = with_numbers!(rows, numbers => {
            stoppable(py, |progress| encoder.learn_thresholds_with(numbers, progress), raised)
        });
        Ok(Self(learnt?))
    }

    /// The best k of some candidates, such as the 4 k nearest codes, by the query's numbers.
    ///
    /// Args:
    ///     query: an array of float16, float32 or float64 with shape (dimensions,).
    ///     candidates: indices, an array of int64 with shape (m,).
    ///     k: how many are wanted.
    ///     codes: what the candidates are among, an array of uint8 with shape (n, 256), or Codes.
    ///     rows: instead of codes, what they were made from: an array like the query with shape (n, dimensions).
    ///
    /// Returns:
    ///     (indices, scores): arrays of int64 and float64 with shape (m,), m at most k, the best first. Scores are cosines.
    #[pyo3(signature = (query, candidates, k, *, codes = None, rows = None))]
    fn rescore<'py>(
        &self,
        py: Python<'py>,
        query: &Bound<'py, PyAny>,
        candidates: &Bound<'py, PyAny>,
        k: usize,
        codes: Option<&Bound<'py, PyAny>>,
        rows: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Best<'py>> {
        let (query, is_one) = self.rows("query", query)?;
        if !is_one {
            return Err(wrong_shape("query", &format!("({},)", self.0.dimensions()), "it has two dimensions"));
        }
        // Slots without a result, as searches leave them, are no candidates.
        let candidates: Vec<i64> = candidates.extract()?;
        let candidates: Vec<usize> = candidates.into_iter().filter_map(|index| usize::try_from(index).ok()).collect();
        let among = |n: usize| match candidates.iter().find(|&&index| index >= n) {
            Some(index) => Err(PyIndexError::new_err(format!("candidate {index} is not among the {n} rows"))),
            None => Ok(()),
        };
        let best = match (codes, rows) {
            (Some(codes), None) => {
                let codes = Vectors::rows("codes", codes)?;
                let codes = codes.as_slice();
                among(codes.len())?;
                with_numbers!(query, query => self.rescored(py, query, &candidates, Stored::Codes(codes), k)?)
            }
            (None, Some(rows)) => {
                let (rows, single) = self.rows("rows", rows)?;
                let d = self.0.dimensions();
                if single {
                    return Err(wrong_shape("rows", &format!("(n, {d})"), "it has one dimension"));
                }
                macro_rules! by_rows {
                    ($query:ident, $rows:ident) => {{
                        let unusable = |error: numpy::AsSliceError| PyValueError::new_err(error.to_string());
                        let (query, rows) = ($query.as_slice().map_err(unusable)?, $rows.as_slice().map_err(unusable)?);
                        among(rows.len() / d)?;
                        self.rescored(py, query, &candidates, Stored::Rows(rows), k)?
                    }};
                }
                match (&query, &rows) {
                    (Rows::Half(query), Rows::Half(rows)) => by_rows!(query, rows),
                    (Rows::Single(query), Rows::Single(rows)) => by_rows!(query, rows),
                    (Rows::Double(query), Rows::Double(rows)) => by_rows!(query, rows),
                    _ => return Err(PyTypeError::new_err("query and rows have different dtypes; convert one of them")),
                }
            }
            _ => return Err(PyTypeError::new_err("give codes or rows, and not both")),
        };
        let (indices, scores): (Vec<i64>, Vec<f64>) =
            best.into_iter().map(|(index, score)| (index as i64, score)).unzip();
        Ok((PyArray1::from_vec(py, indices), PyArray1::from_vec(py, scores)))
    }

    #[getter]
    fn dimensions(&self) -> usize {
        self.0.dimensions()
    }

    #[getter]
    fn seed(&self) -> u64 {
        self.0.seed()
    }

    /// What is subtracted first: an array of float64 with shape (dimensions,), or (0,) for nothing.
    #[getter]
    fn thresholds<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, self.0.thresholds())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        let parts = |one: &Self| (one.0.dimensions(), one.0.seed(), one.0.thresholds().to_vec());
        other.cast::<Self>().is_ok_and(|other| parts(self) == parts(other.get()))
    }

    fn __repr__(&self) -> String {
        format!("<hv.FloatEncoder: {} numbers, seed {}>", self.0.dimensions(), self.0.seed())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, (usize, u64, Vec<f64>)) {
        let encoder = &slf.get().0;
        (slf.get_type(), (encoder.dimensions(), encoder.seed(), encoder.thresholds().to_vec()))
    }
}

/// An error about a row of a piece that starts at `first`.
fn counted_from(first: usize, error: FloatError) -> FloatError {
    match error {
        FloatError::NotFinite { row, column, value } => FloatError::NotFinite { row: first + row, column, value },
        other => other,
    }
}
