//! What `Codes` can do.

use std::sync::Arc;

use numpy::PyArrayDyn;
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::arrays::{Vectors, to_shared};
use crate::arrow;
use crate::kept::Codes;
use crate::search::top_k_of;

#[pymethods]
impl Codes {
    #[new]
    #[pyo3(signature = (array = None))]
    fn new(py: Python<'_>, array: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let vectors = array.map(|array| Vectors::rows("array", array)?.into_vec(py)).transpose()?;
        Ok(Self::from_vec(vectors.unwrap_or_default()))
    }

    /// Adds vectors after the last. Searches that are running, and arrays that were taken before, do not see them.
    ///
    /// Args:
    ///     array: an array of uint8 with shape (n, 256), or Codes.
    fn append(&self, array: &Bound<'_, PyAny>) -> PyResult<()> {
        let more = Vectors::rows("array", array)?;
        let more = more.as_slice();
        let mut vectors = self.lock();
        let vectors = Arc::make_mut(&mut vectors);
        let no_room = |_| PyMemoryError::new_err(format!("there is no memory for {} more vectors", more.len()));
        vectors.try_reserve(more.len()).map_err(no_room)?;
        vectors.extend_from_slice(more);
        Ok(())
    }

    /// The k nearest vectors for each query: see hv.top_k.
    #[pyo3(signature = (queries, k, metric = "hamming"))]
    fn top_k<'py>(
        &self,
        py: Python<'py>,
        queries: &Bound<'py, PyAny>,
        k: usize,
        metric: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let queries = Vectors::rows("queries", queries)?;
        top_k_of(py, queries.as_slice(), &self.vectors(), k, metric)
    }

    /// The vectors as an array of uint8 with shape (n, 256): not a copy, and not to be written to. While it is there, an
    /// append has to copy the vectors.
    #[getter]
    fn array<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
        to_shared(py, self.vectors())
    }

    /// Writes the vectors to a file, an array in NumPy's format with shape (n, 256), which `hv search` reads, too. An older file
    /// is replaced once the new one is whole.
    fn save(&self, py: Python<'_>, path: &Bound<'_, PyAny>) -> PyResult<()> {
        py.import("hv._files")?.call_method1("save", (path, self.array(py)?))?;
        Ok(())
    }

    /// Codes from a file in NumPy's format, an array of uint8 with shape (n, 256).
    #[staticmethod]
    fn load(py: Python<'_>, path: &Bound<'_, PyAny>) -> PyResult<Self> {
        let array = py.import("hv._files")?.call_method1("load", (path,))?;
        Ok(Self::from_vec(Vectors::rows("the array in the file", &array)?.into_vec(py)?))
    }

    /// Arrow's PyCapsule interface: an array of FixedSizeBinary(256), without a copy. No other type can be asked for.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        // The interface lets a producer give what it has, whatever was asked for.
        drop(requested_schema);
        arrow::capsules(py, &self.vectors())
    }

    /// Arrow's PyCapsule interface: a stream with one array of FixedSizeBinary(256), without a copy. No other type can be asked
    /// for.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        arrow::stream::capsule(py, &self.vectors())
    }

    fn __len__(&self) -> usize {
        self.lock().len()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.vectors() == other.get().vectors())
    }

    fn __repr__(&self) -> String {
        format!("<hv.Codes: {} vectors>", self.lock().len())
    }

    /// For numpy.asarray.
    #[pyo3(signature = (dtype = None, copy = None))]
    fn __array__<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let array = self.array(py)?.into_any();
        let array = match dtype {
            Some(dtype) if copy == Some(false) && !array.getattr("dtype")?.eq(dtype)? => {
                return Err(PyValueError::new_err("Codes are an array of uint8; another dtype needs a copy"));
            }
            Some(dtype) => array.call_method1("astype", (dtype, "K", "unsafe", true, false))?,
            None => array,
        };
        if copy == Some(true) { array.call_method0("copy") } else { Ok(array) }
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        Ok((slf.get_type().into_any(), (slf.get().array(slf.py())?.into_any(),)))
    }
}
