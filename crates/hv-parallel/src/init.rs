//! Starting up: the environment checked, and what this process computes with.

use std::fmt;

use hv_simd::Backend;

use crate::in_force::try_in_force;
use crate::init_error::InitError;
use crate::pool;

/// Reads `HV_BACKEND` and `HV_THRESHOLDS`. Optional, and cheap ever after; the first call, or the first use of
/// either, decides for the process.
///
/// ```
/// // At the start of a program: a wrong HV_BACKEND or HV_THRESHOLDS becomes an error, and not a panic later.
/// hv_parallel::init()?;
/// # Ok::<(), hv_parallel::InitError>(())
/// ```
///
/// # Errors
///
/// If either variable is wrong. Functions that need it then panic with the same text.
pub fn init() -> Result<Backend, InitError> {
    let backend = hv_simd::init()?;
    try_in_force()?;
    Ok(backend)
}

/// What batches run on; `Display` gives a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParallelismInfo {
    /// Cores of this machine.
    pub physical_cores: usize,
    /// Hardware threads that this process may use: the machine's, less what affinity or a control group denies it.
    pub logical_cores: usize,
    /// Threads of the current Rayon pool: the one that the caller runs in, else the global one.
    pub pool_threads: usize,
    /// The kernels in use.
    pub backend: Backend,
}

/// What batches called from here run on. Starts the global Rayon pool where the caller is in none.
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`].
#[must_use]
pub fn parallelism_info() -> ParallelismInfo {
    ParallelismInfo {
        physical_cores: num_cpus::get_physical(),
        logical_cores: num_cpus::get(),
        pool_threads: pool::threads(),
        backend: hv_simd::active_backend(),
    }
}

impl fmt::Display for ParallelismInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { physical_cores, logical_cores, pool_threads, backend } = self;
        write!(f, "{physical_cores} cores, {logical_cores} hardware threads, pool of {pool_threads}, {backend} kernels")
    }
}
