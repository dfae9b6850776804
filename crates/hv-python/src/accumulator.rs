//! `Accumulator`: a bundle that can still grow.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hv_memory::HV16;
use hv_memory::hv_parallel::hv_simd::Accumulator as Counts;
use numpy::{PyArray1, PyArrayDyn};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arrays::{Vectors, ready, to_single};
use crate::pieces::{VECTORS, in_pieces};

/// How often each bit was one in the vectors that were added: a bundle that can grow, be weighted and be merged.
#[pyclass(module = "hv", frozen)]
pub struct Accumulator {
    counts: Mutex<Counts>,
}

impl Accumulator {
    /// Locked for short whiles only, in which no other thread may fork.
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Accumulator {
    #[new]
    fn new() -> PyResult<Self> {
        ready()?;
        Ok(Self { counts: Mutex::new(Counts::new()) })
    }

    /// Adds vectors, each `weight` times.
    ///
    /// Args:
    ///     vectors: an array of uint8 with shape (256,) or (n, 256), or Codes.
    ///     weight: from 0 to 2**32 - 1.
    #[pyo3(signature = (vectors, weight = 1))]
    fn add(&self, py: Python<'_>, vectors: &Bound<'_, PyAny>, weight: u32) -> PyResult<()> {
        let vectors = Vectors::any("vectors", vectors)?;
        let rows = vectors.as_slice();
        let mut more = Counts::new();
        in_pieces(py, rows.len(), VECTORS, |piece| {
            match weight {
                1 => more.add_many(&rows[piece]),
                _ => rows[piece].iter().for_each(|row| more.add_weighted(row, weight)),
            }
            Ok(())
        })?;
        self.lock().merge(&more);
        Ok(())
    }

    /// Adds all that another accumulator has counted.
    fn merge(&self, other: &Bound<'_, Self>) {
        let other = other.get().lock().clone();
        self.lock().merge(&other);
    }

    /// The majority of what was added, an array of uint8 with shape (256,); None where nothing was.
    fn majority<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArrayDyn<u8>>>> {
        let majority = self.lock().majority();
        majority.map(|vector| to_single(py, vector)).transpose()
    }

    /// How often each bit was one: an array of uint64 with shape (2048,).
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u64>> {
        let counts = self.lock();
        PyArray1::from_iter(py, (0..HV16::DIM).map(|bit| counts.count(bit)))
    }

    /// The dot product with vectors, where a one is +1 and a zero -1: about 0 for unrelated ones.
    ///
    /// Args:
    ///     vectors: an array of uint8 with shape (256,) or (n, 256), or Codes.
    ///
    /// Returns:
    ///     An int, or an array of int64 with shape (n,).
    fn dot<'py>(&self, py: Python<'py>, vectors: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let vectors = Vectors::any("vectors", vectors)?;
        let counts = self.lock().clone();
        let rows = vectors.as_slice();
        if vectors.single {
            return counts.dot(&rows[0]).into_bound_py_any(py);
        }
        let mut products = Vec::with_capacity(rows.len());
        in_pieces(py, rows.len(), VECTORS, |piece| {
            products.extend(rows[piece].iter().map(|row| counts.dot(row)));
            Ok(())
        })?;
        Ok(PyArray1::from_vec(py, products).into_any())
    }

    /// The length of the counts as a vector, where a one is +1 and a zero -1.
    fn norm(&self) -> f64 {
        self.lock().norm()
    }

    /// The state in bytes, the same on every machine.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.lock().to_bytes())
    }

    /// The accumulator of these bytes.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> PyResult<Self> {
        ready()?;
        let counts = Counts::from_bytes(bytes).map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Self { counts: Mutex::new(counts) })
    }

    /// How many vectors were added, with their weights.
    fn __len__(&self) -> usize {
        usize::try_from(self.lock().len()).unwrap_or(usize::MAX)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get().lock().clone();
            *self.lock() == other
        })
    }

    fn __repr__(&self) -> String {
        format!("<hv.Accumulator: {} vectors>", self.lock().len())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((slf.get_type().getattr("from_bytes")?, (slf.get().to_bytes(slf.py()),)))
    }
}
