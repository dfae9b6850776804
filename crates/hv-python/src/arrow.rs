//! Arrow's arrays of `FixedSizeBinary(256)`, there and back, by the C Data Interface and its capsules.

mod rows;
pub mod stream;

use std::ffi::CStr;
use std::sync::Arc;

use arrow_data::ffi::FFI_ArrowArray;
use arrow_schema::ArrowError;
use arrow_schema::ffi::FFI_ArrowSchema;
use hv_memory::HV16;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};

use rows::{append, check, schema, shown};

const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";

/// The vectors of an array of Arrow, or of a stream of arrays, copied; `None` for what is neither.
///
/// # Errors
///
/// If it holds something else than 256 bytes a row, or nulls.
#[allow(unsafe_code)]
pub fn read(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Vec<HV16>>> {
    if !value.hasattr("__arrow_c_array__")? {
        return stream::read(name, value);
    }
    let capsules = value.call_method0("__arrow_c_array__")?;
    let (schema, array): (Bound<'_, PyCapsule>, Bound<'_, PyCapsule>) = capsules.extract()?;
    let schema = schema.pointer_checked(Some(SCHEMA))?.cast::<FFI_ArrowSchema>();
    let array = array.pointer_checked(Some(ARRAY))?.cast::<FFI_ArrowArray>();
    // SAFETY: A capsule of this name holds such a struct, says the PyCapsule interface. `from_raw` takes it over, and leaves
    // one that is released, which the capsule's destructor lets be.
    let (schema, array) =
        unsafe { (FFI_ArrowSchema::from_raw(schema.as_ptr()), FFI_ArrowArray::from_raw(array.as_ptr())) };
    check(name, &schema)?;
    let mut vectors = Vec::new();
    append(name, &array, &mut vectors)?;
    Ok(Some(vectors))
}

/// The capsules of a schema and an array that show the vectors, without a copy.
pub fn capsules<'py>(
    py: Python<'py>,
    vectors: &Arc<Vec<HV16>>,
) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
    let wrong = |error: ArrowError| PyValueError::new_err(error.to_string());
    let (schema, array) = (schema().map_err(wrong)?, shown(vectors).map_err(wrong)?);
    Ok((PyCapsule::new_with_value(py, schema, SCHEMA)?, PyCapsule::new_with_value(py, array, ARRAY)?))
}
