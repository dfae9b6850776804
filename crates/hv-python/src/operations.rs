//! Operations on vectors: `random`, `bind`, `bundle`, `permute`, and how close two are.

use hv_memory::HV16;
use hv_memory::hv_parallel::for_programs::parallel_counts;
use hv_memory::hv_parallel::hv_simd::{
    Accumulator, simd_bind, simd_hamming, simd_permute, simd_tanimoto, similarity_of_distance as of_distance,
};
use numpy::ndarray::{ArrayView1, Axis, Slice};
use numpy::{PyArrayDyn, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::{self, Vectors, padded, to_array, to_single, tuple, two_dimensional, with_room, wrong_shape};
use crate::pieces::{VECTORS, in_pieces};
use crate::together::{Together, answers};

/// Vectors that all threads count together between two looks for Ctrl-C: 1 GiB.
const COUNTED: usize = 1 << 22;

/// Random vectors: row i is the vector of the seed `seed + i`, the same on every machine.
///
/// Returns:
///     An array of uint8 with shape (n, 256).
#[pyfunction]
#[pyo3(signature = (seed, n))]
pub fn random(py: Python<'_>, seed: u64, n: usize) -> PyResult<Bound<'_, PyArrayDyn<u8>>> {
    arrays::ready()?;
    if n > 0 && seed.checked_add(n as u64 - 1).is_none() {
        let why = format!("the seeds from {seed} on are fewer than {n}: seed + n must be at most 2**64");
        return Err(PyValueError::new_err(why));
    }
    let mut vectors = with_room(n)?;
    in_pieces(py, n, VECTORS, |rows| {
        vectors.extend(rows.map(|i| HV16::random(seed + i as u64)));
        Ok(())
    })?;
    to_array(py, vectors)
}

/// Binds vectors, which is XOR and its own inverse. One row goes with every row of the other, as NumPy broadcasts.
///
/// Args:
///     a, b: arrays of uint8 with shape (n, 256), (1, 256) or (256,).
///
/// Returns:
///     An array of uint8: of shape (256,) where both are, else (n, 256).
#[pyfunction]
pub fn bind<'py>(
    py: Python<'py>,
    a: &Bound<'py, PyAny>,
    b: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let (single, bound) = each_pair(py, a, b, simd_bind)?;
    if single { to_single(py, bound[0]) } else { to_array(py, bound) }
}

/// The Hamming distance: the number of differing bits, 0 to 2,048.
///
/// Args:
///     a, b: arrays of uint8 with shape (n, 256), (1, 256) or (256,). One row goes with every row of the other.
///
/// Returns:
///     An array of uint16 with shape (n,), or an int where both have shape (256,).
#[pyfunction]
pub fn hamming<'py>(py: Python<'py>, a: &Bound<'py, PyAny>, b: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let (single, values) = each_pair(py, a, b, |a, b| simd_hamming(a, b) as u16)?;
    answers(py, single, values)
}

/// The similarity, 1 - distance / 2048: 1 for equal vectors, about 0.5 for unrelated ones. Exact.
///
/// Args:
///     a, b: arrays of uint8 with shape (n, 256), (1, 256) or (256,). One row goes with every row of the other.
///
/// Returns:
///     An array of float64 with shape (n,), or a float where both have shape (256,).
#[pyfunction]
pub fn similarity<'py>(py: Python<'py>, a: &Bound<'py, PyAny>, b: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let (single, values) = each_pair(py, a, b, |a, b| f64::from(of_distance(simd_hamming(a, b) as u16)))?;
    answers(py, single, values)
}

/// The Tanimoto score: the ones that both have over the ones that either has; 1 for two zero vectors.
///
/// Args:
///     a, b: arrays of uint8 with shape (n, 256), (1, 256) or (256,). One row goes with every row of the other.
///
/// Returns:
///     An array of float64 with shape (n,), or a float where both have shape (256,).
#[pyfunction]
pub fn tanimoto<'py>(py: Python<'py>, a: &Bound<'py, PyAny>, b: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let (single, values) = each_pair(py, a, b, simd_tanimoto)?;
    answers(py, single, values)
}

/// Rotates vectors: bit i goes to bit (i + n) % 2048. `-n` undoes it.
///
/// Args:
///     vectors: an array of uint8 with shape (256,) or (n, 256).
///     n: from -2**63 to 2**63 - 1.
///
/// Returns:
///     An array of uint8 with the same shape.
#[pyfunction]
pub fn permute<'py>(py: Python<'py>, vectors: &Bound<'py, PyAny>, n: i64) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let vectors = Vectors::any("vectors", vectors)?;
    let n = n.rem_euclid(HV16::DIM as i64) as i32;
    let rows = vectors.as_slice();
    let mut rotated = with_room(rows.len())?;
    in_pieces(py, rows.len(), VECTORS, |piece| {
        rotated.extend(rows[piece].iter().map(|row| simd_permute(row, n)));
        Ok(())
    })?;
    if vectors.single { to_single(py, rotated[0]) } else { to_array(py, rotated) }
}

/// The bitwise majority of vectors, similar to each. Depends on neither order nor grouping; ties are broken by a fixed rule.
///
/// Args:
///     vectors: an array of uint8 with shape (n, 256), n at least 1.
///
/// Returns:
///     An array of uint8 with shape (256,).
#[pyfunction]
pub fn bundle<'py>(py: Python<'py>, vectors: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let vectors = Vectors::rows("vectors", vectors)?;
    let rows = vectors.as_slice();
    let mut counts = Accumulator::new();
    in_pieces(py, rows.len(), COUNTED, |piece| {
        counts.merge(&parallel_counts(&rows[piece]));
        Ok(())
    })?;
    let nothing = || PyValueError::new_err("there is no majority of no vectors; give at least one row");
    to_single(py, counts.majority().ok_or_else(nothing)?)
}

/// Rows with fewer bytes as vectors: zeros follow.
///
/// Args:
///     array: an array of uint8 with shape (w,) or (n, w), w at most 256.
///
/// Returns:
///     An array of uint8 with shape (256,) or (n, 256).
#[pyfunction]
pub fn pad<'py>(py: Python<'py>, array: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let needed = "(w,) or (n, w), where w is at most 256";
    let untyped = arrays::bytes("array", array, needed)?;
    let single = match *untyped.shape() {
        [w] if w <= HV16::BYTES => true,
        [_, w] if w <= HV16::BYTES => false,
        ref shape => return Err(wrong_shape("array", needed, &format!("its shape is {}", tuple(shape)))),
    };
    let array: PyReadonlyArrayDyn<'py, u8> = array.extract()?;
    let vectors = padded(py, array.as_array())?;
    if single { to_single(py, vectors[0]) } else { to_array(py, vectors) }
}

/// Bits as vectors: bit i of a vector is bit i % 8, least significant first, of byte i // 8.
///
/// The way back is `numpy.unpackbits(vectors, axis=-1, bitorder="little")`.
///
/// Args:
///     array: an array of bool with shape (2048,) or (n, 2048).
///
/// Returns:
///     An array of uint8 with shape (256,) or (n, 256).
#[pyfunction]
pub fn from_bits<'py>(py: Python<'py>, array: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let needed = "(2048,) or (n, 2048)";
    let untyped = arrays::typed::<bool>("array", array, &format!("bool with shape {needed} (array > 0 is one)"))?;
    let single = match untyped.shape() {
        [HV16::DIM] => true,
        [_, HV16::DIM] => false,
        shape => return Err(wrong_shape("array", needed, &format!("its shape is {}", tuple(shape)))),
    };
    let array: PyReadonlyArrayDyn<'py, bool> = array.extract()?;
    let rows = two_dimensional(array.as_array())?;
    let pack = |bits: ArrayView1<'_, bool>| {
        let mut vector = HV16::ZERO;
        bits.iter().enumerate().filter(|&(_, &bit)| bit).for_each(|(i, _)| vector.0[i / 8] |= 1 << (i % 8));
        vector
    };
    let mut packed = with_room(rows.nrows())?;
    in_pieces(py, rows.nrows(), VECTORS, |piece| {
        packed.extend(rows.slice_axis(Axis(0), Slice::from(piece)).rows().into_iter().map(pack));
        Ok(())
    })?;
    if single { to_single(py, packed[0]) } else { to_array(py, packed) }
}

/// What `operation` gives for each row of `a` and of `b`, and whether both were single vectors.
fn each_pair<'py, T: Send>(
    py: Python<'py>,
    a: &Bound<'py, PyAny>,
    b: &Bound<'py, PyAny>,
    operation: impl Fn(&HV16, &HV16) -> T + Sync,
) -> PyResult<(bool, Vec<T>)> {
    let together = Together::read([("a", a), ("b", b)])?;
    let rows = together.rows();
    let mut all = Vec::with_capacity(together.len);
    in_pieces(py, together.len, VECTORS, |piece| {
        all.extend(piece.map(|i| {
            let [a, b] = rows.at(i);
            operation(a, b)
        }));
        Ok(())
    })?;
    Ok((together.single, all))
}
