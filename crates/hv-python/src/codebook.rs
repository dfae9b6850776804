//! `Codebook`: vectors with names, and the name that a noisy vector stands for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hv_encode::{CodebookError, Named};
use hv_memory::HV16;
use numpy::PyArrayDyn;
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use crate::arrays::{Vectors, ready, to_array, to_single};
use crate::encoders::ItemMemory;
use crate::pieces::{each_item, in_pieces, look};
use crate::results;

/// Comparisons of a piece between two looks for Ctrl-C, at most.
const PAIRS: usize = 1 << 27;

/// Vectors with names. It cleans a noisy vector up: it tells which of the vectors is meant, or that none is.
///
/// A vector is meant where it is the nearest and stands out: it is nearer than the nearest of as many unrelated vectors would be,
/// but for a rate of false alarms.
///
/// Args:
///     names: a sequence of str, each once.
///     vectors: an array of uint8 with shape (n, 256), Codes, or an ItemMemory, which makes the vector of each name.
///     false_alarms: the probability that an unrelated vector is given a name, from 0 to 1. 1 gives every vector the name of the
///         nearest.
#[pyclass(module = "hv", frozen)]
pub struct Codebook {
    /// Shared with what cleans up, which sees the names of the moment it began.
    names: Mutex<Arc<hv_encode::Codebook>>,
}

// Stubs name it.
const _: () = assert!(hv_encode::Codebook::FALSE_ALARMS == 0.001);

/// What makes a [`Codebook`].
type Settings<'py> = (Vec<String>, Bound<'py, PyArrayDyn<u8>>, f64);

impl Codebook {
    /// The names as they are now.
    pub fn now(&self) -> Arc<hv_encode::Codebook> {
        Arc::clone(&self.lock())
    }

    /// Locked for short whiles only, in which no other thread may fork.
    fn lock(&self) -> MutexGuard<'_, Arc<hv_encode::Codebook>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `Named`, or nothing.
pub fn named<'py>(py: Python<'py>, found: Option<Named<'_>>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let made =
        |found: Named<'_>| results::named(py, ("hv._values", "Named"), (found.name, found.index, found.distance));
    found.map(made).transpose()
}

fn wrong(error: CodebookError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

#[pymethods]
impl Codebook {
    #[new]
    #[pyo3(signature = (names, vectors, false_alarms = 0.001))]
    fn new(py: Python<'_>, names: &Bound<'_, PyAny>, vectors: &Bound<'_, PyAny>, false_alarms: f64) -> PyResult<Self> {
        ready()?;
        if names.is_instance_of::<PyString>() {
            return Err(PyTypeError::new_err("names is one str; give a sequence of them"));
        }
        let mut all: Vec<String> = Vec::new();
        each_item(names, |name| {
            all.push(name.extract()?);
            Ok(())
        })?;
        let codebook = match vectors.cast::<ItemMemory>() {
            Ok(items) => hv_encode::Codebook::from_items(items.get().0, all).map_err(wrong)?,
            Err(_) => {
                let vectors = Vectors::rows("vectors", vectors)?;
                let (rows, mut codebook) = (vectors.as_slice(), hv_encode::Codebook::new());
                if all.len() != rows.len() {
                    let what = format!("there are {} names for {} vectors; give one for each", all.len(), rows.len());
                    return Err(PyValueError::new_err(what));
                }
                for (i, (name, &row)) in all.into_iter().zip(rows).enumerate() {
                    codebook.add(name, row).map_err(wrong)?;
                    look(py, i)?;
                }
                codebook
            }
        };
        let codebook = codebook.with_false_alarms(false_alarms).map_err(wrong)?;
        Ok(Self { names: Mutex::new(Arc::new(codebook)) })
    }

    /// Adds a vector, an array of uint8 with shape (256,), under a name that is not there yet.
    ///
    /// Returns:
    ///     Its index: how many names were there before.
    fn add(&self, name: String, vector: &Bound<'_, PyAny>) -> PyResult<usize> {
        let vector = Vectors::one("vector", vector)?;
        Arc::make_mut(&mut self.lock()).add(name, vector).map_err(wrong)
    }

    /// The name that a vector stands for.
    ///
    /// Args:
    ///     vector: an array of uint8 with shape (256,).
    ///
    /// Returns:
    ///     Named(name, index, distance); None where nothing stands out.
    fn clean_up<'py>(&self, py: Python<'py>, vector: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (vector, names) = (Vectors::one("vector", vector)?, self.now());
        named(py, py.detach(|| names.clean_up(&vector)))
    }

    /// The names that vectors stand for, in parallel.
    ///
    /// Args:
    ///     vectors: an array of uint8 with shape (n, 256), or Codes.
    ///
    /// Returns:
    ///     Nearest(indices, distances, similarities): arrays of int64, uint16 and float64 with shape (n,), of the names' indices; -1, 65535
    ///     and nan where nothing stands out.
    fn clean_up_batch<'py>(&self, py: Python<'py>, vectors: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (vectors, names) = (Vectors::rows("vectors", vectors)?, self.now());
        let (rows, mut all) = (vectors.as_slice(), Vec::new());
        in_pieces(py, rows.len(), (PAIRS / names.len().max(1)).max(1), |piece| {
            let found =
                |named: Named<'_>| (named.index, named.distance, 1.0 - f64::from(named.distance) / HV16::DIM as f64);
            all.extend(names.clean_up_batch(&rows[piece]).into_iter().map(|one| Vec::from_iter(one.map(found))));
            Ok(())
        })?;
        results::nearest(py, &all)
    }

    /// The vector of a name, an array of uint8 with shape (256,). A KeyError where the name is not there.
    fn vector<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
        let vector = self.now().vector(name).copied();
        to_single(py, vector.ok_or_else(|| PyKeyError::new_err(name.to_owned()))?)
    }

    /// The names, in the order of their indices.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.now().names().map(str::to_owned).collect()
    }

    /// The vectors, in the order of their indices: a copy, an array of uint8 with shape (n, 256).
    #[getter]
    fn vectors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
        to_array(py, self.now().vectors().to_vec())
    }

    /// The probability that an unrelated vector is given a name.
    #[getter]
    fn false_alarms(&self) -> f64 {
        self.now().false_alarms()
    }

    /// The largest distance at which a vector is meant; None where not even an equal vector stands out. It falls as names are
    /// added.
    #[getter]
    fn stands_out(&self) -> Option<u16> {
        self.now().stands_out()
    }

    fn __len__(&self) -> usize {
        self.now().len()
    }

    fn __contains__(&self, name: &str) -> bool {
        self.now().vector(name).is_some()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let (a, b) = (self.now(), other.get().now());
            a.vectors() == b.vectors() && a.names().eq(b.names()) && a.false_alarms() == b.false_alarms()
        })
    }

    fn __repr__(&self) -> String {
        format!("<hv.Codebook: {} names>", self.now().len())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, Settings<'py>)> {
        let (py, names) = (slf.py(), slf.get());
        Ok((slf.get_type(), (names.names(), names.vectors(py)?, names.false_alarms())))
    }
}
