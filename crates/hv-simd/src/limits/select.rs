//! The loops of a backend.

use crate::backend::Backend;
use crate::kernels::Kernels;
use crate::limits::loops::Limits;
#[cfg(all(target_arch = "aarch64", target_endian = "little", feature = "std", not(hv_portable)))]
use crate::limits::neon;
use crate::limits::scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128", feature = "std", not(hv_portable)))]
use crate::limits::simd128;
#[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
use crate::limits::{avx2, avx512, sse2};

impl Limits {
    /// The loops of the backend whose table this is; holding it is the proof that the CPU can run them.
    #[must_use]
    #[allow(unsafe_code)]
    pub fn of(kernels: &Kernels) -> Self {
        match kernels.backend() {
            #[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
            // SAFETY: a table exists only where detection found every feature of its backend, and the loops enable
            // no others.
            Backend::Sse2 => unsafe { sse2::limits() },
            #[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
            // SAFETY: as above.
            Backend::Avx2 => unsafe { avx2::limits() },
            #[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
            // SAFETY: as above.
            Backend::Avx512 => unsafe { avx512::limits() },
            #[cfg(all(target_arch = "aarch64", target_endian = "little", feature = "std", not(hv_portable)))]
            // SAFETY: as above.
            Backend::Neon => unsafe { neon::limits() },
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128", feature = "std", not(hv_portable)))]
            Backend::Simd128 => simd128::limits(),
            _ => scalar::limits(),
        }
    }
}
