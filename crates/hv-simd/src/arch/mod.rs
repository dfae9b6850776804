//! The kernels, one file a backend, and the one step from detection to a table.
//!
//! In a backend's file every function carries the same `#[target_feature]`, so that they call each other, and
//! coerce to the table's plain `fn` pointers, without unsafe code. What remains is the call of each `table`, here,
//! after detection.

#[macro_use]
mod bit_sliced;
mod scalar;
mod words;

use std::sync::OnceLock;

use crate::{Backend, Kernels};

/// The table of `backend`, where this CPU supports it.
pub(crate) fn table(backend: Backend) -> Option<&'static Kernels> {
    static TABLES: [OnceLock<Kernels>; Backend::ALL.len()] = [const { OnceLock::new() }; Backend::ALL.len()];
    backend.is_supported().then(|| TABLES[backend as usize].get_or_init(|| make(backend)))
}

/// Makes the table of a supported backend.
fn make(backend: Backend) -> Kernels {
    debug_assert!(backend.is_supported());
    scalar::table()
}
