//! What can go wrong, in words that say what was expected and what to do.

use std::time::Duration;

use hv_parallel::SearchError;

/// Why a device could not do what was asked. There are no partial results.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GpuError {
    /// There is no device, or none is wanted.
    #[error("there is no GPU: {reason}")]
    NoDevice {
        /// What was looked for, and what is missing.
        reason: String,
    },
    /// `HV_GPU` names no device that is there.
    #[error(
        "HV_GPU={value} names no device here: give cuda, vulkan, metal, dx12 or off, or the number of a device; {available}"
    )]
    WrongChoice {
        /// The value of `HV_GPU`.
        value: String,
        /// The devices that are there, in words.
        available: String,
    },
    /// The device could not be opened.
    #[error("{device} cannot be opened: {reason}; update its driver, or choose another device by HV_GPU")]
    Open {
        /// The name of the device.
        device: String,
        /// What its driver says.
        reason: String,
    },
    /// The vectors do not fit on the device.
    #[error(
        "{vectors} more vectors are too many for the device: about {fit} fit, at 256 bytes each; give it fewer, or use several \
         devices (GpuMemory::shards)"
    )]
    TooMany {
        /// The number of vectors that were to be uploaded.
        vectors: usize,
        /// About how many there is room for: to 64 under [`GpuOptions::memory_limit`](crate::GpuOptions::memory_limit), else to
        /// some thousands.
        fit: usize,
    },
    /// The device has no memory left for what a call needs next to the vectors.
    #[error("the device is out of memory: ask fewer queries at once, or leave some of its memory free")]
    OutOfMemory,
    /// Work has taken longer than the time-out.
    #[error("the device has not answered within {0:?}; ask less at once, or allow more time (GpuOptions::timeout)")]
    TimedOut(Duration),
    /// The device was reset, removed or destroyed; what it held is gone.
    #[error("the device was lost: {reason}; open it again and upload the vectors again")]
    Lost {
        /// What its driver says.
        reason: String,
    },
    /// The driver refused something, which is a fault of hv or of the driver.
    #[error("the device failed: {reason}")]
    Failed {
        /// What the driver says.
        reason: String,
    },
    /// A filter has not one bit for each vector.
    #[error("the filter has {bits} bits for {vectors} vectors: give it one bit for each vector")]
    WrongFilter {
        /// The bits of the filter.
        bits: usize,
        /// The number of vectors.
        vectors: usize,
    },
    /// The output has not one element for each vector.
    #[error("the output has {len} elements for {vectors} vectors: give it one for each vector")]
    WrongLength {
        /// The elements of the output.
        len: usize,
        /// The number of vectors.
        vectors: usize,
    },
    /// No devices were given to share the vectors among.
    #[error("no devices were given: give at least one")]
    NoShards,
}

impl From<GpuError> for SearchError {
    fn from(error: GpuError) -> Self {
        match error {
            GpuError::WrongFilter { bits, vectors } => Self::wrong_filter(bits, vectors),
            error => Self::new(error.to_string()).caused_by(error),
        }
    }
}
