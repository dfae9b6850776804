//! What can be pickled, in bytes.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::arrays::ready;

/// A state in bytes: CBOR, the same on every machine.
pub fn written<'py>(py: Python<'py>, state: &impl Serialize) -> PyResult<Bound<'py, PyBytes>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(state, &mut bytes).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(PyBytes::new(py, &bytes))
}

/// The state of these bytes.
///
/// # Errors
///
/// A `ValueError` where they are none of this type.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> PyResult<T> {
    ready()?;
    let wrong = |error| PyValueError::new_err(format!("the bytes are not what to_bytes of this class gives: {error}"));
    ciborium::from_reader(bytes).map_err(wrong)
}
