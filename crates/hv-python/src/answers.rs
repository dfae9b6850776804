//! What a memory answers.

use std::slice;

use hv_memory::{
    Applied, CausalChain, Coactivation, Conditions, Consolidation, Damage, Episode, EpisodeId, HV16, Key, Lost, Match,
    Method, Recall, Snapshot, Stats, Verification,
};
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2};
use pyo3::IntoPyObjectExt;
use pyo3::call::PyCallArgs;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arrays::to_single;
use crate::errors::{done, raised};
use crate::pieces::{pieces, stoppable};
use crate::results::{self, Found};

/// Cues of a piece between two looks for Ctrl-C, at least, and the comparisons where more cues take as few.
const CUES: usize = 64;
const COMPARISONS: usize = 1 << 27;

/// A recall of this many episodes takes hundredths of a second, long enough to be worth stopping.
pub const LONG: usize = 1 << 20;

/// An object of `hv.memories`.
fn made<'py>(py: Python<'py>, name: &str, parts: impl PyCallArgs<'py>) -> PyResult<Bound<'py, PyAny>> {
    results::named(py, ("hv.memories", name), parts)
}

fn found(one: Match) -> Found {
    (one.id.0 as usize, one.distance, f64::from(one.similarity()))
}

/// `Matches` with shape (m,) of one cue.
pub fn matches(py: Python<'_>, matches: Vec<Match>) -> PyResult<Bound<'_, PyAny>> {
    let ids: Vec<i64> = matches.iter().map(|one| one.id.0 as i64).collect();
    let distances: Vec<u16> = matches.iter().map(|one| one.distance).collect();
    let similarities: Vec<f64> = matches.iter().map(|one| f64::from(one.similarity())).collect();
    made(py, "Matches", (ids.into_pyarray(py), distances.into_pyarray(py), similarities.into_pyarray(py)))
}

/// `Matches` of one cue, from a snapshot.
pub fn recall<'py>(
    py: Python<'py>,
    snapshot: &Snapshot,
    cue: &HV16,
    k: usize,
    conditions: &Conditions,
) -> PyResult<Bound<'py, PyAny>> {
    let found = recalled(py, snapshot, slice::from_ref(cue), k, conditions)?.pop();
    matches(py, found.map(|recall| recall.matches).unwrap_or_default())
}

/// `Matches` with shape (q, k) of many cues, from a snapshot.
pub fn recall_batch<'py>(
    py: Python<'py>,
    snapshot: &Snapshot,
    cues: &[HV16],
    k: usize,
    conditions: &Conditions,
) -> PyResult<Bound<'py, PyAny>> {
    let recalls = recalled(py, snapshot, cues, k, conditions)?;
    let all: Vec<Vec<Found>> =
        recalls.into_iter().map(|recall| recall.matches.into_iter().map(found).collect()).collect();
    results::top_k(py, ("hv.memories", "Matches"), &all, k)
}

/// What a snapshot recalls for cues. Ctrl-C stops it.
pub fn recalled(
    py: Python<'_>,
    snapshot: &Snapshot,
    cues: &[HV16],
    k: usize,
    conditions: &Conditions,
) -> PyResult<Vec<Recall>> {
    let mut all = Vec::with_capacity(cues.len());
    for piece in pieces(cues.len(), CUES.max(COMPARISONS / snapshot.len().max(1))) {
        let cues = &cues[piece];
        all.extend(if snapshot.len() < LONG {
            let recalls = py.detach(|| snapshot.explain_recall(cues, k, conditions));
            py.check_signals()?;
            done(py, recalls)?
        } else {
            stoppable(py, |progress| snapshot.explain_recall_with(cues, k, conditions, progress), raised)?
        });
    }
    Ok(all)
}

/// `Episode`.
pub fn episode(py: Python<'_>, episode: Episode) -> PyResult<Bound<'_, PyAny>> {
    let key = match &episode.key {
        Some(Key::Number(number)) => number.into_bound_py_any(py)?,
        Some(Key::Text(text)) => text.as_ref().into_bound_py_any(py)?,
        None => py.None().into_bound(py),
    };
    let parts = (
        episode.id.0,
        to_single(py, episode.content)?,
        episode.time,
        episode.valence,
        PyBytes::new(py, &episode.payload),
        key,
        episode.source.map(|source| PyBytes::new(py, &source)),
        episode.tags,
        episode.group,
        episode.strength,
        episode.updated,
    );
    made(py, "Episode", parts)
}

/// `Stats`.
pub fn stats<'py>(py: Python<'py>, stats: &Stats) -> PyResult<Bound<'py, PyAny>> {
    let parts = (
        stats.episodes,
        stats.forgotten,
        stats.next_id,
        stats.retrievals,
        stats.time_span,
        stats.vector_bytes,
        stats.payload_bytes,
        stats.disk_bytes,
    );
    made(py, "Stats", parts)
}

/// `Verification`.
pub fn verification(py: Python<'_>, found: Verification) -> PyResult<Bound<'_, PyAny>> {
    made(py, "Verification", (found.episodes, found.payloads, damage(py, &found.damage)?))
}

/// A list of `Damage`.
pub fn damage<'py>(py: Python<'py>, found: &[Damage]) -> PyResult<Vec<Bound<'py, PyAny>>> {
    found.iter().map(|one| made(py, "Damage", (one.path.display().to_string(), &one.what))).collect()
}

/// `Lost`.
pub fn lost<'py>(py: Python<'py>, lost: &Lost) -> PyResult<Bound<'py, PyAny>> {
    let source = lost.source.as_ref().map(|source| PyBytes::new(py, source));
    made(py, "Lost", (lost.id.0, source, &lost.what, PyBytes::new(py, &lost.payload)))
}

/// `Applied`.
pub fn applied<'py>(py: Python<'py>, applied: &Applied) -> PyResult<Bound<'py, PyAny>> {
    made(py, "Applied", (ids(py, &applied.ids), applied.forgotten))
}

/// `Recall`.
pub fn explained(py: Python<'_>, recall: Recall) -> PyResult<Bound<'_, PyAny>> {
    let method = match recall.method {
        Method::Pruned => "pruned".to_owned(),
        Method::PrunedWithin(probability) => format!("pruned within {probability:e}"),
        Method::Given => "given".to_owned(),
        _ => "scan".to_owned(),
    };
    made(py, "Recall", (matches(py, recall.matches)?, method, recall.read_in_full))
}

/// `Coactivations`.
pub fn coactivations<'py>(py: Python<'py>, found: &[Coactivation]) -> PyResult<Bound<'py, PyAny>> {
    let pairs = pairs(py, found.iter().map(|one| (one.a, one.b)))?;
    let counts = PyArray1::from_iter(py, found.iter().map(|one| one.count as i64));
    let means = PyArray1::from_iter(py, found.iter().map(|one| one.mean_dt.as_secs_f64()));
    made(py, "Coactivations", (pairs, counts, means))
}

/// `CausalChain`.
pub fn chain(py: Python<'_>, chain: CausalChain) -> PyResult<Bound<'_, PyAny>> {
    made(py, "CausalChain", (ids(py, &chain.ids), chain.links.into_pyarray(py)))
}

/// `Consolidation`.
pub fn consolidation(py: Python<'_>, done: Consolidation) -> PyResult<Bound<'_, PyAny>> {
    let absorbed = pairs(py, done.absorbed.iter().copied())?;
    made(py, "Consolidation", (done.kept, ids(py, &done.faded), ids(py, &done.surplus), absorbed))
}

/// Pairs of ids as an array of int64 with shape (m, 2).
fn pairs(py: Python<'_>, pairs: impl Iterator<Item = (EpisodeId, EpisodeId)>) -> PyResult<Bound<'_, PyArray2<i64>>> {
    let flat: Vec<i64> = pairs.flat_map(|(a, b)| [a.0 as i64, b.0 as i64]).collect();
    let rows = Array2::from_shape_vec((flat.len() / 2, 2), flat);
    Ok(rows.map_err(|error| PyValueError::new_err(error.to_string()))?.into_pyarray(py))
}

/// Ids as an array of int64.
pub fn ids<'py>(py: Python<'py>, ids: &[EpisodeId]) -> Bound<'py, PyArray1<i64>> {
    PyArray1::from_iter(py, ids.iter().map(|id| id.0 as i64))
}
