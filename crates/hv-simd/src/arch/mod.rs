//! The kernels, one file a backend, and the one step from detection to a table.
//!
//! In a backend's file every function carries the same `#[target_feature]`, so that they call each other, and
//! coerce to the table's plain `fn` pointers, without unsafe code. What remains is the call of each `table`, here,
//! after detection.

#[macro_use]
mod bit_sliced;
#[macro_use]
#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
mod transposed;
#[macro_use]
mod words;
mod scalar;

#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
pub(crate) mod avx2;
#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
mod avx512;
#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
pub(crate) mod sse2;

use std::sync::OnceLock;

use crate::{Backend, Kernels};

/// The table of `backend`, where this CPU supports it.
pub(crate) fn table(backend: Backend) -> Option<&'static Kernels> {
    static TABLES: [OnceLock<Kernels>; Backend::ALL.len()] = [const { OnceLock::new() }; Backend::ALL.len()];
    backend.is_supported().then(|| TABLES[backend as usize].get_or_init(|| make(backend)))
}

/// Makes the table of a backend; of one that this CPU lacks, the plain one's.
#[allow(unsafe_code)]
fn make(backend: Backend) -> Kernels {
    match backend {
        _ if !backend.is_supported() => scalar::table(),
        #[cfg(all(target_arch = "x86_64", not(hv_portable)))]
        // SAFETY: `is_supported`, above, tests every feature that these functions enable.
        Backend::Sse2 => unsafe { sse2::table() },
        #[cfg(all(target_arch = "x86_64", not(hv_portable)))]
        // SAFETY: as above.
        Backend::Avx2 => unsafe { avx2::table() },
        #[cfg(all(target_arch = "x86_64", not(hv_portable)))]
        // SAFETY: as above.
        Backend::Avx512 => unsafe { avx512::table() },
        _ => scalar::table(),
    }
}
