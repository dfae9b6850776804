//! What chance alone gives.

use std::sync::OnceLock;

use hv_encode::statistics;
use hv_memory::HV16;
use numpy::{PyArray1, PyArrayMethods};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::pieces::in_pieces;

/// Distances of a piece between two looks for Ctrl-C.
const DISTANCES: usize = 1 << 22;

/// How many standard deviations distances lie above what chance gives, positive where vectors are alike: (1024 - distance) /
/// sqrt(512).
///
/// Args:
///     distances: an int from 0 to 2048, or an array of integers with any shape, such as the distances of a search.
///
/// Returns:
///     A float, or an array of float64 with the same shape. 65535, which searches give for nothing found, is nan.
#[pyfunction]
pub fn z_score<'py>(py: Python<'py>, distances: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static SCORES: OnceLock<Vec<f64>> = OnceLock::new();
    looked_up(py, distances, SCORES.get_or_init(|| table(statistics::z_score)))
}

/// The probability that two unrelated vectors are at these distances or nearer.
///
/// Args:
///     distances: an int from 0 to 2048, or an array of integers with any shape, such as the distances of a search.
///
/// Returns:
///     A float, or an array of float64 with the same shape. 65535, which searches give for nothing found, is nan.
#[pyfunction]
pub fn p_value<'py>(py: Python<'py>, distances: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static VALUES: OnceLock<Vec<f64>> = OnceLock::new();
    looked_up(py, distances, VALUES.get_or_init(|| table(statistics::p_value)))
}

/// What a function gives for each distance.
fn table(of: fn(u16) -> f64) -> Vec<f64> {
    (0..=HV16::DIM as u16).map(of).collect()
}

/// What a table says of distances.
fn looked_up<'py>(py: Python<'py>, distances: &Bound<'py, PyAny>, table: &[f64]) -> PyResult<Bound<'py, PyAny>> {
    let numpy = py.import("numpy")?;
    let array = numpy.call_method1("asarray", (distances,))?;
    let kind: String = array.getattr("dtype")?.getattr("kind")?.extract()?;
    // An empty list is an array of float64.
    if !"iu".contains(&kind) && array.getattr("size")?.extract::<usize>()? > 0 {
        let found = array.getattr("dtype")?;
        return Err(PyTypeError::new_err(format!("distances must be integers, but they are {found}")));
    }
    let flat = array.call_method0("ravel")?.call_method1("astype", ("int64",))?;
    let score = |&distance: &i64| match usize::try_from(distance) {
        Ok(near) if near <= HV16::DIM => Ok(table[near]),
        _ if distance == i64::from(u16::MAX) => Ok(f64::NAN),
        _ => Err(PyValueError::new_err(format!("a distance is {distance}; it must be from 0 to 2048"))),
    };
    let (flat, mut scores) = (flat.cast::<PyArray1<i64>>()?.to_vec()?, Vec::new());
    in_pieces(py, flat.len(), DISTANCES, |piece| {
        for distance in &flat[piece] {
            scores.push(score(distance)?);
        }
        Ok(())
    })?;
    let shape = array.getattr("shape")?;
    if shape.len()? == 0 {
        return scores[0].into_bound_py_any(py);
    }
    PyArray1::from_vec(py, scores).call_method1("reshape", (shape,))
}

/// The expected distance of the nearest of n unrelated vectors; 2048 where there is none.
#[pyfunction]
pub fn expected_nearest(n: u64) -> f64 {
    statistics::expected_nearest(n)
}

/// The largest distance at which at most `rate` of the searches over this many unrelated vectors find anything: what is this near
/// stands out.
///
/// Args:
///     rate: a probability, from 0 to 1.
///     comparisons: how many vectors each search compares.
///
/// Returns:
///     An int from 0 to 2048; None where not even a distance of 0 stands out.
#[pyfunction]
pub fn max_distance_for(rate: f64, comparisons: u64) -> PyResult<Option<u16>> {
    check("rate", rate)?;
    Ok(statistics::max_distance_for(rate, comparisons))
}

/// The expected similarity of a bundle of n unrelated vectors with one of them; 0.5 for n = 0.
#[pyfunction]
pub fn bundle_similarity(n: u64) -> f64 {
    statistics::bundle_similarity(n)
}

/// The probability that the member of a bundle is not the nearest of some items, the others unrelated to the bundle.
///
/// Args:
///     members: how many vectors the bundle has.
///     items: how many vectors may be meant, the member among them.
#[pyfunction]
pub fn clean_up_error(members: u64, items: u64) -> f64 {
    statistics::clean_up_error(members, items)
}

/// The most members that a bundle may have, so that cleaning one of them up against some items fails with at most a probability.
///
/// Args:
///     items: how many vectors may be meant.
///     error: the probability, from 0 to 1.
///
/// Returns:
///     An int; 0 where even a bundle of one fails more often, 2**64 - 1 where no bundle does.
#[pyfunction]
pub fn capacity(py: Python<'_>, items: u64, error: f64) -> PyResult<u64> {
    check("error", error)?;
    Ok(py.detach(|| statistics::capacity(items, error)))
}

/// Checks that a setting is a probability.
fn check(name: &str, probability: f64) -> PyResult<()> {
    if (0.0..=1.0).contains(&probability) {
        return Ok(());
    }
    Err(PyValueError::new_err(format!("{name} is {probability}; it must be a probability, from 0 to 1")))
}
