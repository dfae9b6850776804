//! Exact search over vectors: the nearest, all within a threshold, and similar pairs.

use hv_memory::HV16;
use hv_memory::hv_parallel::for_programs::{TanimotoSearch, TanimotoTopK};
use hv_memory::hv_parallel::for_storage::segments_find_top_k;
use hv_memory::hv_parallel::hv_simd::similarity_of_distance as of_distance;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::Vectors;
use crate::pieces::{in_pieces, pieces};
use crate::results::{self, Found};

/// Queries and pairs of a piece between two looks for Ctrl-C, at most: tenths of a second. Enough queries that what is
/// done once for all of them costs little.
const QUERIES: usize = 1 << 10;
const PAIRS: usize = 1 << 27;

/// Vectors of a piece, at most: 2 GiB.
const MEMORY: usize = 1 << 23;

/// How similarity is measured.
#[derive(Clone, Copy, Debug)]
pub enum Metric {
    Hamming,
    Tanimoto,
}

impl Metric {
    pub fn new(name: &str) -> PyResult<Self> {
        match name {
            "hamming" => Ok(Self::Hamming),
            "tanimoto" => Ok(Self::Tanimoto),
            _ => Err(PyValueError::new_err(format!("metric is {name:?}; it must be \"hamming\" or \"tanimoto\""))),
        }
    }
}

/// The k nearest vectors of `memory` for each query, by similarity, then by lower index. Exact.
///
/// Args:
///     queries: an array of uint8 with shape (q, 256), or Codes.
///     memory: an array of uint8 with shape (n, 256), or Codes.
///     k: how many are wanted.
///     metric: "hamming" or "tanimoto".
///
/// Returns:
///     TopK(indices, distances, similarities): arrays of int64, uint16 and float64 with shape (q, k). Distances are Hamming,
///     similarities the metric's. Where there are fewer than k, the rest of a row is -1, 65535 and nan.
#[pyfunction]
#[pyo3(signature = (queries, memory, k, metric = "hamming"))]
pub fn top_k<'py>(
    py: Python<'py>,
    queries: &Bound<'py, PyAny>,
    memory: &Bound<'py, PyAny>,
    k: usize,
    metric: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let (queries, memory) = (Vectors::rows("queries", queries)?, Vectors::rows("memory", memory)?);
    top_k_of(py, queries.as_slice(), memory.as_slice(), k, metric)
}

/// `top_k` of vectors.
pub fn top_k_of<'py>(
    py: Python<'py>,
    queries: &[HV16],
    memory: &[HV16],
    k: usize,
    metric: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let found = find(py, queries, memory, &Wanted { k, least: None, metric: Metric::new(metric)? })?;
    results::top_k(py, ("hv._values", "TopK"), &found, k)
}

/// The nearest vector of `memory` for each query; the first of equals. Exact.
///
/// Args:
///     queries: an array of uint8 with shape (q, 256), or Codes.
///     memory: an array of uint8 with shape (n, 256), or Codes.
///     metric: "hamming" or "tanimoto".
///
/// Returns:
///     Nearest(indices, distances, similarities): arrays of int64, uint16 and float64 with shape (q,); -1, 65535 and nan
///     where the memory is empty.
#[pyfunction]
#[pyo3(signature = (queries, memory, metric = "hamming"))]
pub fn nearest<'py>(
    py: Python<'py>,
    queries: &Bound<'py, PyAny>,
    memory: &Bound<'py, PyAny>,
    metric: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let (queries, memory) = (Vectors::rows("queries", queries)?, Vectors::rows("memory", memory)?);
    let wanted = Wanted { k: 1, least: None, metric: Metric::new(metric)? };
    results::nearest(py, &find(py, queries.as_slice(), memory.as_slice(), &wanted)?)
}

/// All vectors of `memory` with at least a similarity, for each query, by similarity, then by lower index. Exact.
///
/// Args:
///     queries: an array of uint8 with shape (q, 256), or Codes.
///     memory: an array of uint8 with shape (n, 256), or Codes.
///     min_similarity: the least similarity of the metric. A Hamming distance d is a similarity of 1 - d / 2048.
///     metric: "hamming" or "tanimoto".
///
/// Returns:
///     Within(indptr, indices, distances, similarities, shape), a sparse matrix in compressed rows: the matches of query i
///     are those from indptr[i] to indptr[i + 1]. indptr has shape (q + 1,); shape is (q, n).
#[pyfunction]
#[pyo3(signature = (queries, memory, min_similarity, metric = "hamming"))]
pub fn within<'py>(
    py: Python<'py>,
    queries: &Bound<'py, PyAny>,
    memory: &Bound<'py, PyAny>,
    min_similarity: f64,
    metric: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let (queries, memory) = (Vectors::rows("queries", queries)?, Vectors::rows("memory", memory)?);
    let wanted = Wanted::at_least(min_similarity, Metric::new(metric)?)?;
    let found = find(py, queries.as_slice(), memory.as_slice(), &wanted)?;
    results::within(py, &found, memory.as_slice().len())
}

/// All pairs of vectors with at least a similarity, ordered by their indices. Exact.
///
/// Args:
///     vectors: an array of uint8 with shape (n, 256), or Codes.
///     min_similarity: the least similarity of the metric.
///     metric: "hamming" or "tanimoto".
///
/// Returns:
///     Pairs(indices, distances, similarities): arrays of int64 with shape (p, 2), the lower index first, and of uint16 and
///     float64 with shape (p,).
#[pyfunction]
#[pyo3(signature = (vectors, min_similarity, metric = "hamming"))]
pub fn similar_pairs<'py>(
    py: Python<'py>,
    vectors: &Bound<'py, PyAny>,
    min_similarity: f64,
    metric: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let vectors = Vectors::rows("vectors", vectors)?;
    let vectors = vectors.as_slice();
    let wanted = Wanted::at_least(min_similarity, Metric::new(metric)?)?;
    let mut pairs = Vec::new();
    for rows in pieces(vectors.len(), QUERIES) {
        let first = rows.start;
        // Pairs of two rows of the piece are found twice.
        let found = find(py, &vectors[rows.clone()], &vectors[first..], &wanted)?;
        for (row, matches) in rows.zip(found) {
            let later =
                matches.into_iter().map(|(index, d, s)| (first + index, d, s)).filter(|&(index, ..)| index > row);
            let before = pairs.len();
            pairs.extend(later.map(|found| (row, found)));
            pairs[before..].sort_unstable_by_key(|&(_, (index, ..))| index);
        }
    }
    results::pairs(py, &pairs)
}

/// What of the memory is wanted for each query.
pub struct Wanted {
    k: usize,
    /// The least similarity.
    least: Option<f64>,
    metric: Metric,
}

impl Wanted {
    fn at_least(similarity: f64, metric: Metric) -> PyResult<Self> {
        if similarity.is_nan() {
            return Err(PyValueError::new_err("min_similarity is nan; it must be a number, usually from 0 to 1"));
        }
        Ok(Self { k: usize::MAX, least: Some(similarity), metric })
    }

    /// How far a vector may be to be of use to a query that has these matches.
    fn limit(&self, best: &[(usize, u16)]) -> u16 {
        match best.last() {
            Some(&(_, worst)) if best.len() >= self.k => worst,
            _ => HV16::DIM as u16,
        }
    }
}

/// Searches in pieces, with the interpreter's lock free and Ctrl-C heard after each.
fn find(py: Python<'_>, queries: &[HV16], memory: &[HV16], wanted: &Wanted) -> PyResult<Vec<Vec<Found>>> {
    let mut all = Vec::with_capacity(queries.len());
    for rows in pieces(queries.len(), QUERIES) {
        let rows = &queries[rows];
        all.extend(match wanted.metric {
            Metric::Hamming => by_distance(py, rows, memory, wanted)?,
            Metric::Tanimoto => by_tanimoto(py, rows, memory, wanted)?,
        });
    }
    Ok(all)
}

fn by_distance(py: Python<'_>, queries: &[HV16], memory: &[HV16], wanted: &Wanted) -> PyResult<Vec<Vec<Found>>> {
    let is_admitted = |&distance: &u16| wanted.least.is_none_or(|least| f64::from(of_distance(distance)) >= least);
    let admitted = (0..=HV16::DIM as u16).take_while(is_admitted).count();
    let mut best: Vec<Vec<(usize, u16)>> = vec![Vec::new(); queries.len()];
    let Some(farthest) = admitted.checked_sub(1) else { return Ok(vec![Vec::new(); queries.len()]) };
    in_pieces(py, memory.len(), MEMORY.min(PAIRS / queries.len().max(1)), |part| {
        // What came earlier wins against what is equally far.
        let limit = best.iter().map(|best| wanted.limit(best)).max().unwrap_or(0).min(farthest as u16);
        let found = segments_find_top_k(queries, &[&memory[part.clone()]], wanted.k, limit, |_| true);
        for (best, found) in best.iter_mut().zip(found) {
            best.extend(found.into_iter().map(|(index, distance)| (part.start + index, distance)));
            best.sort_by_key(|&(_, distance)| distance);
            best.truncate(wanted.k);
        }
        Ok(())
    })?;
    let found = |(index, distance)| (index, distance, f64::from(of_distance(distance)));
    Ok(best.into_iter().map(|best| best.into_iter().map(found).collect()).collect())
}

fn by_tanimoto(py: Python<'_>, queries: &[HV16], memory: &[HV16], wanted: &Wanted) -> PyResult<Vec<Vec<Found>>> {
    let new = TanimotoTopK::new(wanted.k, wanted.least.unwrap_or(0.0));
    let mut search = py.detach(|| TanimotoSearch::new(queries, new));
    in_pieces(py, memory.len(), MEMORY.min(PAIRS / queries.len().max(1)), |part| {
        search.extend(&memory[part.clone()], part.start);
        Ok(())
    })?;
    Ok(py.detach(|| search.into_states().into_iter().map(TanimotoTopK::into_sorted).collect()))
}
