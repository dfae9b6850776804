//! The one step from detection to a table.

#[cfg(all(target_arch = "aarch64", target_endian = "little", feature = "std", not(hv_portable)))]
use crate::arch::neon;
use crate::arch::scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128", feature = "std", not(hv_portable)))]
use crate::arch::simd128;
#[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
use crate::arch::{avx2, avx512, sse2};
use crate::backend::Backend;
use crate::kernels::Kernels;

/// The table of `backend`, where this CPU supports it.
#[cfg(feature = "std")]
pub(crate) fn table(backend: Backend) -> Option<&'static Kernels> {
    use std::sync::OnceLock;
    static TABLES: [OnceLock<Kernels>; Backend::ALL.len()] = [const { OnceLock::new() }; Backend::ALL.len()];
    backend.is_supported().then(|| TABLES[backend as usize].get_or_init(|| make(backend)))
}

/// The table of `backend`. Without the standard library nothing asks what the CPU has, and there is one.
#[cfg(not(feature = "std"))]
pub(crate) fn table(backend: Backend) -> Option<&'static Kernels> {
    backend.is_supported().then_some(SCALAR)
}

#[cfg(not(feature = "std"))]
pub(crate) const SCALAR: &Kernels = &scalar::table::table();

/// Makes the table of a backend; of one that this CPU lacks, the plain one's.
#[cfg(feature = "std")]
#[allow(unsafe_code, unused_unsafe)]
fn make(backend: Backend) -> Kernels {
    match backend {
        _ if !backend.is_supported() => scalar::table::table(),
        #[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
        // SAFETY: `is_supported`, above, tests every feature that these functions enable.
        Backend::Sse2 => unsafe { sse2::table::table() },
        #[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
        // SAFETY: as above.
        Backend::Avx2 => unsafe { avx2::table::table() },
        #[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
        // SAFETY: as above.
        Backend::Avx512 => unsafe { avx512::table::table() },
        #[cfg(all(target_arch = "aarch64", target_endian = "little", feature = "std", not(hv_portable)))]
        // SAFETY: as above.
        Backend::Neon => unsafe { neon::table::table() },
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128", feature = "std", not(hv_portable)))]
        // SAFETY: as above.
        Backend::Simd128 => unsafe { simd128::table::table() },
        _ => scalar::table::table(),
    }
}
