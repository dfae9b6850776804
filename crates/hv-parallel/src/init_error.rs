//! The error of a wrong environment.

use hv_simd::BackendError;

use crate::thresholds::ThresholdsError;

/// What [`init`](fn@crate::init) found wrong in the environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// `HV_BACKEND` names no backend, or one that this CPU lacks.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// `HV_THRESHOLDS` is malformed.
    #[error("HV_THRESHOLDS: {0}")]
    Thresholds(ThresholdsError),
}
