//! NumPy's arrays as vectors, and vectors as arrays.
//!
//! An array is taken as it is where it is C-contiguous and starts at a multiple of 64 bytes, and copied once otherwise.
//! Nothing is padded or converted: what has another type, shape or width is refused.

use std::sync::Arc;

use hv_memory::HV16;
use numpy::ndarray::{ArrayView, ArrayView2, ArrayViewD, Axis, Ix2, IxDyn, Slice};
use numpy::{PyArrayDescrMethods, PyArrayDyn, PyReadonlyArrayDyn, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyMemoryError, PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::arrow;
use crate::kept::Codes;
use crate::pieces::{VECTORS, in_pieces};

/// Vectors that came from Python.
pub struct Vectors<'py> {
    data: Data<'py>,
    /// Whether it was one vector, not rows of them.
    pub single: bool,
}

enum Data<'py> {
    /// C-contiguous and aligned.
    Borrowed(PyReadonlyArrayDyn<'py, u8>),
    Copied(Vec<HV16>),
    Kept(Arc<Vec<HV16>>),
}

impl<'py> Vectors<'py> {
    /// Vectors in rows: an array of shape (n, 256), or [`Codes`].
    ///
    /// # Errors
    ///
    /// A `TypeError` or `ValueError` that calls the value `name` and says what came and what is needed.
    pub fn rows(name: &str, value: &Bound<'py, PyAny>) -> PyResult<Self> {
        let vectors = Self::read(name, value, "(n, 256)")?;
        if vectors.single {
            let what = "its shape is (256,): for one row, index it as array[None, :]";
            return Err(wrong_shape(name, "(n, 256)", what));
        }
        Ok(vectors)
    }

    /// One vector, an array of shape (256,), or rows of them.
    pub fn any(name: &str, value: &Bound<'py, PyAny>) -> PyResult<Self> {
        Self::read(name, value, "(256,) or (n, 256)")
    }

    /// One vector: an array of shape (256,).
    pub fn one(name: &str, value: &Bound<'py, PyAny>) -> PyResult<HV16> {
        let vectors = Self::read(name, value, "(256,)")?;
        match vectors.as_slice() {
            [vector] if vectors.single => Ok(*vector),
            rows => Err(wrong_shape(name, "(256,)", &format!("its shape is ({}, 256)", rows.len()))),
        }
    }

    fn read(name: &str, value: &Bound<'py, PyAny>, needed: &str) -> PyResult<Self> {
        ready()?;
        if let Ok(codes) = value.cast::<Codes>() {
            return Ok(Self { data: Data::Kept(codes.get().vectors()), single: false });
        }
        if let Some(vectors) = arrow::read(name, value)? {
            return Ok(Self { data: Data::Copied(vectors), single: false });
        }
        let array = bytes(name, value, needed)?;
        let single = match array.shape() {
            [HV16::BYTES] => true,
            [_, HV16::BYTES] => false,
            shape => return Err(wrong_shape(name, needed, &format!("its shape is {}", tuple(shape)))),
        };
        let is_plain = array.is_c_contiguous();
        let array: PyReadonlyArrayDyn<'py, u8> = array.extract()?;
        let borrowed = array.as_slice().ok().filter(|_| is_plain);
        if borrowed.is_some_and(|bytes| bytemuck::try_cast_slice::<u8, HV16>(bytes).is_ok()) {
            return Ok(Self { data: Data::Borrowed(array), single });
        }
        let vectors = padded(value.py(), array.as_array())?;
        Ok(Self { data: Data::Copied(vectors), single })
    }

    pub fn as_slice(&self) -> &[HV16] {
        match &self.data {
            // An array that was borrowed is contiguous and aligned, which was seen when it was.
            Data::Borrowed(array) => array.as_slice().map(bytemuck::cast_slice).unwrap_or_default(),
            Data::Copied(vectors) => vectors,
            Data::Kept(vectors) => vectors,
        }
    }

    /// The vectors themselves; copied where the array was not.
    pub fn into_vec(self, py: Python<'_>) -> PyResult<Vec<HV16>> {
        match self.data {
            Data::Copied(vectors) => Ok(vectors),
            _ => {
                let rows = self.as_slice();
                let mut copy = with_room(rows.len())?;
                in_pieces(py, rows.len(), VECTORS, |piece| {
                    copy.extend_from_slice(&rows[piece]);
                    Ok(())
                })?;
                Ok(copy)
            }
        }
    }
}

/// An array of uint8 with any shape.
///
/// # Errors
///
/// A `TypeError` where it is none.
pub fn bytes<'py>(name: &str, value: &Bound<'py, PyAny>, needed: &str) -> PyResult<Bound<'py, PyUntypedArray>> {
    typed::<u8>(name, value, &format!("uint8 with shape {needed}"))
}

/// An array of numbers of type `T`, with any shape.
///
/// # Errors
///
/// A `TypeError` that says what came instead.
pub fn typed<'py, T: numpy::Element>(
    name: &str,
    value: &Bound<'py, PyAny>,
    needed: &str,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    let wrong =
        |what: String| PyTypeError::new_err(format!("{name} must be a NumPy array of {needed}, but it is {what}"));
    let Ok(array) = value.cast::<PyUntypedArray>() else {
        return Err(wrong(format!("a {}", value.get_type().name()?)));
    };
    if !array.dtype().is_equiv_to(&numpy::dtype::<T>(value.py())) {
        return Err(wrong(format!("an array of {}", array.dtype())));
    }
    Ok(array.clone())
}

/// Copies rows of at most 256 bytes, or one, in whatever order they lie. Zeros follow each that is shorter.
pub fn padded(py: Python<'_>, rows: ArrayViewD<'_, u8>) -> PyResult<Vec<HV16>> {
    let rows = two_dimensional(rows)?;
    let mut vectors = with_room(rows.nrows())?;
    in_pieces(py, rows.nrows(), VECTORS, |piece| {
        vectors.extend(rows.slice_axis(Axis(0), Slice::from(piece)).rows().into_iter().map(|row| {
            let mut vector = HV16::ZERO;
            match row.as_slice() {
                Some(bytes) => vector.0[..bytes.len()].copy_from_slice(bytes),
                None => vector.0.iter_mut().zip(row).for_each(|(into, from)| *into = *from),
            }
            vector
        }));
        Ok(())
    })?;
    Ok(vectors)
}

/// Rows, also where there is one alone, of one dimension.
pub fn two_dimensional<T>(rows: ArrayViewD<'_, T>) -> PyResult<ArrayView2<'_, T>> {
    let rows = if rows.ndim() == 1 { rows.insert_axis(Axis(0)) } else { rows };
    rows.into_dimensionality::<Ix2>().map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Room for vectors.
///
/// # Errors
///
/// A `MemoryError` where there is none.
pub fn with_room(n: usize) -> PyResult<Vec<HV16>> {
    let mut vectors = Vec::new();
    let no_room = |_| PyMemoryError::new_err(format!("there is no memory for {n} vectors"));
    vectors.try_reserve_exact(n).map_err(no_room)?;
    Ok(vectors)
}

pub fn wrong_shape(name: &str, needed: &str, what: &str) -> PyErr {
    PyValueError::new_err(format!("{name} must have the shape {needed}, but {what}"))
}

/// A shape as Python writes it.
pub fn tuple(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!("({})", shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// Reads the environment (`HV_BACKEND`, `HV_THRESHOLDS`).
///
/// # Errors
///
/// A `ValueError` where a variable is wrong.
pub fn ready() -> PyResult<()> {
    hv_memory::hv_parallel::init().map(|_| ()).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Keeps what an array shows.
#[pyclass(frozen)]
struct Owner {
    _vectors: Arc<Vec<HV16>>,
}

/// An array of shape (n, 256), aligned to 64 bytes, without a copy.
pub fn to_array<'py>(py: Python<'py>, vectors: Vec<HV16>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let len = vectors.len();
    view(py, Arc::new(vectors), &[len, HV16::BYTES])
}

/// An array of shape (256,), aligned to 64 bytes.
pub fn to_single<'py>(py: Python<'py>, vector: HV16) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    view(py, Arc::new(vec![vector]), &[HV16::BYTES])
}

/// An array that nobody may write to, as others may see the vectors.
pub fn to_shared<'py>(py: Python<'py>, vectors: Arc<Vec<HV16>>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let len = vectors.len();
    let array = view(py, vectors, &[len, HV16::BYTES])?;
    array.call_method("setflags", (false,), None)?;
    Ok(array)
}

#[allow(unsafe_code)]
fn view<'py>(py: Python<'py>, vectors: Arc<Vec<HV16>>, shape: &[usize]) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let owner = Bound::new(py, Owner { _vectors: Arc::clone(&vectors) })?;
    let bytes = ArrayView::from_shape(IxDyn(shape), bytemuck::cast_slice(&vectors));
    let bytes = bytes.map_err(|error| PyValueError::new_err(error.to_string()))?;
    // SAFETY: The array keeps `owner`, which keeps the vectors, and nothing moves or changes them while somebody else has
    // them: `Codes` copies shared vectors before it appends. The vectors of an array that may be written to belong to
    // it alone.
    Ok(unsafe { PyArrayDyn::borrow_from_array(&bytes, owner.into_any()) })
}
