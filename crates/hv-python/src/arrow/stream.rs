//! Streams of arrays, which tables and chunked arrays are, by Arrow's C Stream Interface.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;

use arrow_data::ffi::FFI_ArrowArray;
use arrow_schema::ArrowError;
use arrow_schema::ffi::FFI_ArrowSchema;
use hv_memory::HV16;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};

use super::rows::{append, check, schema, shown};

const STREAM: &CStr = c"arrow_array_stream";

/// What a callback returns where it fails: EINVAL.
const FAILED: c_int = 22;

/// The struct of the interface, field by field.
#[repr(C)]
struct Stream {
    get_schema: Option<unsafe extern "C" fn(*mut Stream, *mut FFI_ArrowSchema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut Stream, *mut FFI_ArrowArray) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut Stream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut Stream)>,
    private_data: *mut c_void,
}

// SAFETY: The interface lets any thread use a stream, one at a time. What ours points to, a `Source`, is `Send`.
#[allow(unsafe_code)]
unsafe impl Send for Stream {}

impl Stream {
    /// A stream that is released.
    const RELEASED: Self =
        Self { get_schema: None, get_next: None, get_last_error: None, release: None, private_data: ptr::null_mut() };

    /// What a failed callback says.
    #[allow(unsafe_code)]
    fn error(&mut self, name: &str) -> PyErr {
        let text = self.get_last_error.and_then(|get| {
            // SAFETY: The stream is not released, and the text, if there is one, lives until the next call.
            let text = unsafe { get(self) };
            // SAFETY: It ends with a zero, says the interface.
            (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
        });
        PyValueError::new_err(format!("the stream of {name} failed: {}", text.unwrap_or_default()))
    }
}

impl Drop for Stream {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: A stream that is not released yet is released once.
            unsafe { release(self) };
        }
    }
}

/// The vectors of a stream of arrays, copied; `None` for what is none.
#[allow(unsafe_code)]
pub fn read(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Vec<HV16>>> {
    if !value.hasattr("__arrow_c_stream__")? {
        return Ok(None);
    }
    let capsule: Bound<'_, PyCapsule> = value.call_method0("__arrow_c_stream__")?.extract()?;
    let held = capsule.pointer_checked(Some(STREAM))?.cast::<Stream>();
    // SAFETY: A capsule of this name holds such a struct, says the PyCapsule interface. It is moved out, and what is left is a
    // released one, which the capsule's destructor lets be.
    let mut stream = unsafe { ptr::replace(held.as_ptr(), Stream::RELEASED) };
    let (Some(get_schema), Some(get_next)) = (stream.get_schema, stream.get_next) else {
        return Err(PyValueError::new_err(format!("the stream of {name} was read already; make another one")));
    };
    let mut schema = FFI_ArrowSchema::empty();
    // SAFETY: The stream is not released, and the schema is to be written to.
    if unsafe { get_schema(&mut stream, &mut schema) } != 0 {
        return Err(stream.error(name));
    }
    check(name, &schema)?;
    let mut vectors = Vec::new();
    loop {
        let mut array = FFI_ArrowArray::empty();
        // SAFETY: The stream is not released, and the array is to be written to.
        if unsafe { get_next(&mut stream, &mut array) } != 0 {
            return Err(stream.error(name));
        }
        // So the interface says that there is no more.
        if array.is_released() {
            return Ok(Some(vectors));
        }
        append(name, &array, &mut vectors)?;
        value.py().check_signals()?;
    }
}

/// What a stream of ours gives.
struct Source {
    /// `None` once they were given.
    vectors: Option<Arc<Vec<HV16>>>,
    error: CString,
}

impl Source {
    /// Writes what was made, or keeps the error.
    #[allow(unsafe_code)]
    fn give<T>(&mut self, made: Result<T, ArrowError>, out: *mut T) -> c_int {
        match made {
            Ok(made) => {
                // SAFETY: The caller gives room for one, without anything in it that is to be dropped.
                unsafe { ptr::write(out, made) };
                0
            }
            Err(error) => {
                self.error = CString::new(error.to_string()).unwrap_or_default();
                FAILED
            }
        }
    }
}

/// The capsule of a stream of one array, which shows the vectors without a copy.
pub fn capsule<'py>(py: Python<'py>, vectors: &Arc<Vec<HV16>>) -> PyResult<Bound<'py, PyCapsule>> {
    let source = Box::new(Source { vectors: Some(Arc::clone(vectors)), error: CString::default() });
    let stream = Stream {
        get_schema: Some(get_schema),
        get_next: Some(get_next),
        get_last_error: Some(get_last_error),
        release: Some(release),
        private_data: Box::into_raw(source).cast(),
    };
    PyCapsule::new_with_value(py, stream, STREAM)
}

/// The source of a stream of ours.
///
/// # Safety
///
/// The stream must be one that [`capsule`] has made, and not released; nobody else may use it meanwhile.
#[allow(unsafe_code)]
unsafe fn source<'a>(stream: *mut Stream) -> &'a mut Source {
    // SAFETY: `private_data` is the box of `capsule` until the stream is released.
    unsafe { &mut *(*stream).private_data.cast() }
}

#[allow(unsafe_code)]
unsafe extern "C" fn get_schema(stream: *mut Stream, out: *mut FFI_ArrowSchema) -> c_int {
    // SAFETY: This is a callback of our streams alone, and the interface allows one call at a time.
    unsafe { source(stream) }.give(schema(), out)
}

#[allow(unsafe_code)]
unsafe extern "C" fn get_next(stream: *mut Stream, out: *mut FFI_ArrowArray) -> c_int {
    // SAFETY: As in `get_schema`.
    let source = unsafe { source(stream) };
    let next = source.vectors.take().map_or_else(|| Ok(FFI_ArrowArray::empty()), |vectors| shown(&vectors));
    source.give(next, out)
}

#[allow(unsafe_code)]
unsafe extern "C" fn get_last_error(stream: *mut Stream) -> *const c_char {
    // SAFETY: As in `get_schema`.
    unsafe { source(stream) }.error.as_ptr()
}

#[allow(unsafe_code)]
unsafe extern "C" fn release(stream: *mut Stream) {
    // SAFETY: As in `get_schema`; a stream is released once, and has its box until then.
    unsafe {
        drop(Box::<Source>::from_raw((*stream).private_data.cast()));
        (*stream).release = None;
    }
}
