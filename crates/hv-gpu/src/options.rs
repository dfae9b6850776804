//! How a device is opened.

use std::time::Duration;

/// The longest wait by default.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How to open a device.
///
/// ```no_run
/// use std::time::Duration;
/// use hv_gpu::{Gpu, GpuOptions};
///
/// let gpu = Gpu::open_with(&GpuOptions::new().timeout(Duration::from_secs(5)).memory_limit(8 << 30))?;
/// # Ok::<(), hv_gpu::GpuError>(())
/// ```
#[derive(Clone, Debug)]
pub struct GpuOptions {
    pub(crate) timeout: Duration,
    pub(crate) memory_limit: u64,
}

impl Default for GpuOptions {
    fn default() -> Self {
        Self { timeout: TIMEOUT, memory_limit: u64::MAX }
    }
}

impl GpuOptions {
    /// The defaults: a time-out of 30 seconds, and all memory of the device.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the longest wait for one step of a call. A device that takes longer is given up: this call and all later ones fail
    /// with [`TimedOut`](crate::GpuError::TimedOut).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Limits the bytes that vectors may take on the device, so that other programs have the rest. Each vector takes 256.
    #[must_use]
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = bytes;
        self
    }
}
