//! Arrays as the C Data Interface has them: what is copied from them, and what shows vectors.

use std::ptr::NonNull;
use std::sync::Arc;

use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_data::ffi::FFI_ArrowArray;
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, DataType};
use hv_memory::HV16;
use pyo3::exceptions::{PyMemoryError, PyTypeError, PyValueError};
use pyo3::prelude::*;

/// Checks that arrays of a schema hold vectors.
pub fn check(name: &str, schema: &FFI_ArrowSchema) -> PyResult<()> {
    let needed = format!("w:{}", HV16::BYTES);
    let (found, hint) = match schema.format() {
        found if found == needed => return Ok(()),
        "+s" => ("+s", "; of a table, give the column"),
        found => (found, ""),
    };
    Err(PyTypeError::new_err(format!(
        "{name} must be an Arrow array of FixedSizeBinary(256), whose format is {needed}, but its format is {found}{hint}"
    )))
}

/// Copies the rows of an array whose schema was checked.
#[allow(unsafe_code)]
pub fn append(name: &str, array: &FFI_ArrowArray, vectors: &mut Vec<HV16>) -> PyResult<()> {
    if array.num_buffers() != 2 || array.null_count_opt() != Some(0) && !array.buffer(0).is_null() {
        return Err(PyValueError::new_err(format!("{name} may have nulls, which are no vectors; drop them first")));
    }
    let (start, len, before) = (array.offset() * HV16::BYTES, array.len(), vectors.len());
    let no_room = |_| PyMemoryError::new_err(format!("there is no memory for {len} more vectors"));
    vectors.try_reserve(len).map_err(no_room)?;
    vectors.resize(before + len, HV16::ZERO);
    if len > 0 {
        let from = array.buffer(1);
        let into: &mut [u8] = bytemuck::cast_slice_mut(&mut vectors[before..]);
        // SAFETY: Of an array of `FixedSizeBinary(256)`, buffer 1 has 256 bytes for each row from its start on, so `offset + len`
        // rows, and lives as long as `array`. Nobody writes to it, says the interface. The vectors are ours alone.
        unsafe { std::ptr::copy_nonoverlapping(from.add(start), into.as_mut_ptr(), into.len()) };
    }
    Ok(())
}

/// The schema of arrays of vectors.
pub fn schema() -> Result<FFI_ArrowSchema, ArrowError> {
    FFI_ArrowSchema::try_from(&DataType::FixedSizeBinary(HV16::BYTES as i32))
}

/// An array that shows the vectors, without a copy.
#[allow(unsafe_code)]
pub fn shown(vectors: &Arc<Vec<HV16>>) -> Result<FFI_ArrowArray, ArrowError> {
    let bytes: &[u8] = bytemuck::cast_slice(vectors);
    let (start, len) = (NonNull::from(bytes).cast::<u8>(), bytes.len());
    // SAFETY: The buffer keeps the vectors, which nobody changes or moves while somebody else has them.
    let buffer = unsafe { Buffer::from_custom_allocation(start, len, Arc::clone(vectors) as _) };
    let kind = DataType::FixedSizeBinary(HV16::BYTES as i32);
    let data = ArrayData::builder(kind).len(vectors.len()).add_buffer(buffer).build()?;
    Ok(FFI_ArrowArray::new(&data))
}
