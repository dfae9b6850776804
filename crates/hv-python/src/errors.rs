//! The errors of a memory as exceptions of `hv.errors`, with their parts.

use hv_memory::MemoryError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The exception that mirrors an error.
pub fn raised(py: Python<'_>, error: &MemoryError) -> PyErr {
    let parts = PyDict::new(py);
    match named(error, &parts) {
        Ok(name) => exception(py, name, &error.to_string(), &parts),
        Err(other) => other,
    }
}

/// Turns the error of a memory into its exception.
pub fn done<T>(py: Python<'_>, result: Result<T, MemoryError>) -> PyResult<T> {
    result.map_err(|error| raised(py, &error))
}

/// The exception of a memory that was closed.
pub fn closed(py: Python<'_>) -> PyErr {
    exception(py, "ClosedError", "the memory is closed; open it again", &PyDict::new(py))
}

fn exception(py: Python<'_>, name: &str, text: &str, parts: &Bound<'_, PyDict>) -> PyErr {
    let made = py.import("hv.errors").and_then(|errors| errors.getattr(name)?.call((text,), Some(parts)));
    made.map_or_else(|other| other, PyErr::from_value)
}

/// Sets parts of an exception, each under its name.
macro_rules! set {
    ($parts:ident, $($part:ident),+) => {{ $($parts.set_item(stringify!($part), $part)?;)+ }};
}

/// The name of the exception, whose parts go into a dictionary.
fn named(error: &MemoryError, parts: &Bound<'_, PyDict>) -> PyResult<&'static str> {
    use MemoryError as E;
    Ok(match error {
        E::Damaged { path, what } => {
            set!(parts, path, what);
            "DamagedError"
        }
        E::Forked { owner, path } => {
            set!(parts, owner, path);
            "ForkedError"
        }
        E::Full { action, path, needed, .. } => {
            set!(parts, action, path, needed);
            "FullError"
        }
        E::InUse { path, process, reading } => {
            set!(parts, path, process, reading);
            "InUseError"
        }
        E::InvalidLabel { index, what } => {
            set!(parts, index, what);
            "InvalidLabelError"
        }
        E::InvalidPolicy(policy) => {
            let (setting, value, expected) = (policy.setting, policy.value, policy.expected);
            set!(parts, setting, value, expected);
            "InvalidPolicyError"
        }
        E::InvalidQuery { what } => {
            set!(parts, what);
            "InvalidQueryError"
        }
        E::InvalidValence { index, value } => {
            set!(parts, index, value);
            "InvalidValenceError"
        }
        E::Io { action, path, .. } => {
            set!(parts, action, path);
            "IoError"
        }
        E::Malformed { path, line, what } => {
            set!(parts, path, line, what);
            "MalformedError"
        }
        E::MetadataTooLarge { bytes, max } => {
            set!(parts, bytes, max);
            "MetadataTooLargeError"
        }
        E::NewerVersion { path, found, supported } => {
            set!(parts, path, found, supported);
            "NewerVersionError"
        }
        E::NoMoreIds { next_id, max } => {
            set!(parts, next_id, max);
            "NoMoreIdsError"
        }
        E::NotAFolder { path } => {
            set!(parts, path);
            "NotAFolderError"
        }
        E::NotAStore { path, found } => {
            set!(parts, path, found);
            "NotAStoreError"
        }
        E::NotEmpty { next_id, rows } => {
            set!(parts, next_id, rows);
            "NotEmptyError"
        }
        E::NotFound { path } => {
            set!(parts, path);
            "NotFoundError"
        }
        E::OlderVersion { path, found, supported } => {
            set!(parts, path, found, supported);
            "OlderVersionError"
        }
        E::OtherWidth { path, width } => {
            set!(parts, path, width);
            "OtherWidthError"
        }
        E::OutOfMemory { bytes, .. } => {
            set!(parts, bytes);
            "OutOfMemoryError"
        }
        E::PayloadTooLarge { index, bytes, max } => {
            set!(parts, index, bytes, max);
            "PayloadTooLargeError"
        }
        E::ReadOnly { path } => {
            set!(parts, path);
            "ReadOnlyError"
        }
        E::RowTooLarge { part, bytes, max } => {
            set!(parts, part, bytes, max);
            "RowTooLargeError"
        }
        E::Search(_) => "SearchError",
        E::StaleSnapshot { path } => {
            set!(parts, path);
            "StaleSnapshotError"
        }
        E::WrongSearch { expected, found } => {
            set!(parts, expected, found);
            "WrongSearchError"
        }
        _ => "StoreError",
    })
}
