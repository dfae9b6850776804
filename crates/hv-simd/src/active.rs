//! The table in use: which one the user asked for, and the best otherwise.

use crate::arch::tables;
use crate::backend::{Backend, BackendError};
use crate::kernels::Kernels;

/// The environment variable that forces a backend.
#[cfg(feature = "std")]
const VARIABLE: &str = "HV_BACKEND";

impl Kernels {
    /// The table of `backend`, or `None` where this CPU or build does not support it.
    #[must_use]
    pub fn for_backend(backend: Backend) -> Option<&'static Self> {
        tables::table(backend)
    }

    /// The table in use: of `HV_BACKEND` where it is set, else of the best backend.
    ///
    /// # Panics
    ///
    /// If `HV_BACKEND` names no backend, or one that this CPU does not support. Call [`init`](crate::init) first
    /// to get that as an error.
    #[inline]
    #[must_use]
    pub fn active() -> &'static Self {
        match selected() {
            Ok(kernels) => kernels,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Chooses the backend: `HV_BACKEND` where it is set and not empty, else the best. The first call decides for the
/// process; calling it is optional, and cheap ever after.
///
/// ```
/// // At the start of a program: a wrong HV_BACKEND becomes an error, and not a panic later.
/// let backend = hv_simd::init()?;
/// assert!(backend.is_supported());
/// # Ok::<(), hv_simd::BackendError>(())
/// ```
///
/// # Errors
///
/// If `HV_BACKEND` names no backend, or one that this CPU does not support. Functions that need a kernel then
/// panic with the same text.
pub fn init() -> Result<Backend, BackendError> {
    selected().clone().map(Kernels::backend)
}

/// The backend in use.
///
/// # Panics
///
/// As every function that needs a kernel: if `HV_BACKEND` is wrong, see [`init`].
#[must_use]
pub fn active_backend() -> Backend {
    Kernels::active().backend()
}

/// The table in use, or why there is none; decided once.
#[cfg(feature = "std")]
#[inline]
fn selected() -> &'static Result<&'static Kernels, BackendError> {
    static SELECTED: std::sync::OnceLock<Result<&'static Kernels, BackendError>> = std::sync::OnceLock::new();
    SELECTED.get_or_init(select)
}

#[cfg(feature = "std")]
fn select() -> Result<&'static Kernels, BackendError> {
    let backend = match std::env::var_os(VARIABLE) {
        Some(name) if !name.is_empty() => {
            let name = name.to_string_lossy();
            name.parse().map_err(|_| BackendError::UnknownInEnvironment { name: name.into_owned() })?
        }
        _ => Backend::best(),
    };
    Kernels::for_backend(backend).ok_or_else(|| BackendError::Unsupported { backend, best: Backend::best() })
}

/// The only table that there is without the standard library.
#[cfg(not(feature = "std"))]
#[inline]
fn selected() -> &'static Result<&'static Kernels, BackendError> {
    static SELECTED: Result<&'static Kernels, BackendError> = Ok(tables::SCALAR);
    &SELECTED
}
