//! What a search found, as arrays.

use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArrayMethods};
use pyo3::call::PyCallArgs;
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;

/// A vector that was found: its index, its Hamming distance, and its similarity by the metric.
pub type Found = (usize, u16, f64);

/// What fills slots without a result.
const NOTHING: (i64, u16, f64) = (-1, u16::MAX, f64::NAN);

/// Makes a named tuple of a module of the package.
pub fn named<'py>(
    py: Python<'py>,
    (module, name): (&str, &str),
    parts: impl PyCallArgs<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    py.import(module)?.getattr(name)?.call1(parts)
}

/// A named tuple of three arrays with shape (q, k): indices, distances and similarities.
pub fn top_k<'py>(py: Python<'py>, name: (&str, &str), found: &[Vec<Found>], k: usize) -> PyResult<Bound<'py, PyAny>> {
    let no_room = || PyMemoryError::new_err(format!("there is no memory for {} times {k} results", found.len()));
    let slots = found.len().checked_mul(k).filter(|&slots| slots <= isize::MAX as usize / 8).ok_or_else(no_room)?;
    let (mut indices, mut distances, mut similarities) = (Vec::new(), Vec::new(), Vec::new());
    indices.try_reserve_exact(slots).map_err(|_| no_room())?;
    distances.try_reserve_exact(slots).map_err(|_| no_room())?;
    similarities.try_reserve_exact(slots).map_err(|_| no_room())?;
    for matches in found {
        let filled = matches.iter().map(|&(index, distance, similarity)| (index as i64, distance, similarity));
        for (index, distance, similarity) in filled.chain(std::iter::repeat(NOTHING)).take(k) {
            indices.push(index);
            distances.push(distance);
            similarities.push(similarity);
        }
    }
    let shape = [found.len(), k];
    let parts = (
        indices.into_pyarray(py).reshape(shape)?,
        distances.into_pyarray(py).reshape(shape)?,
        similarities.into_pyarray(py).reshape(shape)?,
    );
    named(py, name, parts)
}

/// `Nearest`: arrays with shape (q,).
pub fn nearest<'py>(py: Python<'py>, found: &[Vec<Found>]) -> PyResult<Bound<'py, PyAny>> {
    let best = found.iter().map(|matches| {
        matches.first().map_or(NOTHING, |&(index, distance, similarity)| (index as i64, distance, similarity))
    });
    let (indices, rest): (Vec<_>, Vec<_>) =
        best.map(|(index, distance, similarity)| (index, (distance, similarity))).unzip();
    let (distances, similarities): (Vec<_>, Vec<_>) = rest.into_iter().unzip();
    named(
        py,
        ("hv._values", "Nearest"),
        (indices.into_pyarray(py), distances.into_pyarray(py), similarities.into_pyarray(py)),
    )
}

/// `Within`: where the matches of each query start, and the matches.
pub fn within<'py>(py: Python<'py>, found: &[Vec<Found>], vectors: usize) -> PyResult<Bound<'py, PyAny>> {
    let ends = found.iter().scan(0, |end, matches| {
        *end += matches.len() as i64;
        Some(*end)
    });
    let starts: Vec<i64> = std::iter::once(0).chain(ends).collect();
    let (mut indices, mut distances, mut similarities) = (Vec::new(), Vec::new(), Vec::new());
    for &(index, distance, similarity) in found.iter().flatten() {
        indices.push(index as i64);
        distances.push(distance);
        similarities.push(similarity);
    }
    let arrays = (
        starts.into_pyarray(py),
        indices.into_pyarray(py),
        distances.into_pyarray(py),
        similarities.into_pyarray(py),
        (found.len(), vectors),
    );
    named(py, ("hv._values", "Within"), arrays)
}

/// `Pairs`: the two indices of each pair, how far they are and how similar.
pub fn pairs<'py>(py: Python<'py>, found: &[(usize, Found)]) -> PyResult<Bound<'py, PyAny>> {
    let mut indices = Array2::zeros((found.len(), 2));
    let (mut distances, mut similarities) = (Vec::with_capacity(found.len()), Vec::with_capacity(found.len()));
    for (row, &(first, (second, distance, similarity))) in found.iter().enumerate() {
        indices[[row, 0]] = first as i64;
        indices[[row, 1]] = second as i64;
        distances.push(distance);
        similarities.push(similarity);
    }
    named(
        py,
        ("hv._values", "Pairs"),
        (indices.into_pyarray(py), distances.into_pyarray(py), similarities.into_pyarray(py)),
    )
}
