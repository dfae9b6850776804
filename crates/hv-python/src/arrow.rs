//! Arrow's arrays of `FixedSizeBinary(256)`, there and back, by the C Data Interface and its capsules.

use std::ffi::CStr;
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_data::ffi::FFI_ArrowArray;
use arrow_schema::DataType;
use arrow_schema::ffi::FFI_ArrowSchema;
use hv_memory::HV16;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};

const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";

/// The vectors of an array of Arrow, copied; `None` for what is none.
///
/// # Errors
///
/// If it holds something else than 256 bytes a row, or nulls.
#[allow(unsafe_code)]
pub fn read(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Vec<HV16>>> {
    if !value.hasattr("__arrow_c_array__")? {
        return Ok(None);
    }
    let capsules = value.call_method0("__arrow_c_array__")?;
    let (schema, array): (Bound<'_, PyCapsule>, Bound<'_, PyCapsule>) = capsules.extract()?;
    let schema = schema.pointer_checked(Some(SCHEMA))?.cast::<FFI_ArrowSchema>();
    let array = array.pointer_checked(Some(ARRAY))?.cast::<FFI_ArrowArray>();
    // SAFETY: A capsule of this name holds such a struct, says the PyCapsule interface. `from_raw` takes it over, and leaves
    // one that is released, which the capsule's destructor lets be.
    let (schema, array) =
        unsafe { (FFI_ArrowSchema::from_raw(schema.as_ptr()), FFI_ArrowArray::from_raw(array.as_ptr())) };
    let needed = format!("w:{}", HV16::BYTES);
    if schema.format() != needed {
        let found = schema.format();
        return Err(PyTypeError::new_err(format!(
            "{name} must be an Arrow array of FixedSizeBinary(256), whose format is {needed}, but its format is {found}"
        )));
    }
    if array.num_buffers() != 2 || array.null_count_opt() != Some(0) && !array.buffer(0).is_null() {
        return Err(PyValueError::new_err(format!("{name} may have nulls, which are no vectors; drop them first")));
    }
    let (start, len) = (array.offset() * HV16::BYTES, array.len());
    let mut vectors = vec![HV16::ZERO; len];
    if len > 0 {
        let from = array.buffer(1);
        let into: &mut [u8] = bytemuck::cast_slice_mut(&mut vectors);
        // SAFETY: Of an array of `FixedSizeBinary(256)`, buffer 1 has 256 bytes for each row from its start on, so `offset + len`
        // rows, and lives as long as `array`. Nobody writes to it, says the interface. The vectors are ours alone.
        unsafe { std::ptr::copy_nonoverlapping(from.add(start), into.as_mut_ptr(), into.len()) };
    }
    Ok(Some(vectors))
}

/// The capsules of a schema and an array that show the vectors, without a copy.
#[allow(unsafe_code)]
pub fn capsules<'py>(
    py: Python<'py>,
    vectors: &Arc<Vec<HV16>>,
) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
    let bytes: &[u8] = bytemuck::cast_slice(vectors);
    let (start, len) = (NonNull::from(bytes).cast::<u8>(), bytes.len());
    // SAFETY: The buffer keeps the vectors, which nobody changes or moves while somebody else has them.
    let buffer = unsafe { Buffer::from_custom_allocation(start, len, Arc::clone(vectors) as _) };
    let kind = DataType::FixedSizeBinary(HV16::BYTES as i32);
    let wrong = |error: arrow_schema::ArrowError| PyValueError::new_err(error.to_string());
    let schema = FFI_ArrowSchema::try_from(&kind).map_err(wrong)?;
    let data = ArrayData::builder(kind).len(vectors.len()).add_buffer(buffer).build().map_err(wrong)?;
    Ok((
        PyCapsule::new_with_value(py, schema, SCHEMA)?,
        PyCapsule::new_with_value(py, FFI_ArrowArray::new(&data), ARRAY)?,
    ))
}
