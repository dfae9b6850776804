//! An open device.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hv_parallel::HV16;

use crate::backend::{Backend, Vectors};
use crate::choice::{Choice, candidates, choose};
use crate::device::GpuDevice;
use crate::error::GpuError;
use crate::options::GpuOptions;

/// An open device. A clone is the same device.
///
/// ```
/// use hv_gpu::Gpu;
///
/// match Gpu::open() {
///     Ok(gpu) => println!("{}", gpu.device()),
///     Err(error) => println!("{error}"), // an ordinary answer where there is none
/// }
/// ```
#[derive(Clone)]
pub struct Gpu {
    shared: Arc<Shared>,
}

struct Shared {
    device: GpuDevice,
    backend: Arc<dyn Backend>,
    memory_limit: u64,
    /// The bytes that vectors take.
    used: AtomicU64,
}

impl Gpu {
    /// All devices, the best first: by kind, software last, then by interface, CUDA first. Empty where there are none.
    #[must_use]
    pub fn devices() -> Vec<GpuDevice> {
        candidates().into_iter().map(|candidate| candidate.device).collect()
    }

    /// Opens the best device, or the one that the environment variable `HV_GPU` names: the best of an interface (`cuda`,
    /// `vulkan`, `metal`, `dx12`), the index of one in [`devices`](Self::devices), or none (`off`).
    ///
    /// # Errors
    ///
    /// [`NoDevice`](GpuError::NoDevice) where there is none, or `HV_GPU` is `off`. [`WrongChoice`](GpuError::WrongChoice) for
    /// any other `HV_GPU`. [`Open`](GpuError::Open) if the driver refuses.
    pub fn open() -> Result<Self, GpuError> {
        Self::open_with(&GpuOptions::new())
    }

    /// [`open`](Self::open) with options.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(options: &GpuOptions) -> Result<Self, GpuError> {
        let choice = Choice::of_environment();
        if let Choice::Off = choice {
            return Err(GpuError::NoDevice { reason: "HV_GPU is off".to_owned() });
        }
        let candidate = choose(candidates(), &choice)?;
        let backend = (candidate.open)(options)?;
        Ok(Self::new(candidate.device, backend, options))
    }

    /// Opens one of the [`devices`](Self::devices), whatever `HV_GPU` says.
    ///
    /// # Errors
    ///
    /// [`NoDevice`](GpuError::NoDevice) if it is gone, [`Open`](GpuError::Open) if the driver refuses.
    pub fn open_device(device: &GpuDevice, options: &GpuOptions) -> Result<Self, GpuError> {
        let gone = || GpuError::NoDevice { reason: format!("{device} is not there any more") };
        let candidate = candidates().into_iter().find(|candidate| candidate.device == *device).ok_or_else(gone)?;
        let backend = (candidate.open)(options)?;
        Ok(Self::new(candidate.device, backend, options))
    }

    fn new(device: GpuDevice, backend: Arc<dyn Backend>, options: &GpuOptions) -> Self {
        let (memory_limit, used) = (options.memory_limit, AtomicU64::new(0));
        Self { shared: Arc::new(Shared { device, backend, memory_limit, used }) }
    }

    /// The device that is open.
    #[must_use]
    pub fn device(&self) -> &GpuDevice {
        &self.shared.device
    }

    /// Whether it is the same open device.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    pub(crate) fn backend(&self) -> &dyn Backend {
        &*self.shared.backend
    }

    /// The number of vectors that the limit of memory still admits.
    pub(crate) fn left(&self) -> usize {
        let Shared { memory_limit, used, .. } = &*self.shared;
        let bytes = memory_limit.saturating_sub(used.load(Ordering::Relaxed));
        usize::try_from(bytes / HV16::BYTES as u64).unwrap_or(usize::MAX)
    }

    /// Room for vectors, within the limit of memory.
    pub(crate) fn allocate(&self, capacity: usize) -> Result<Allocation, GpuError> {
        let bytes = (capacity * HV16::BYTES) as u64;
        let Shared { backend, memory_limit, used, .. } = &*self.shared;
        let more = |used: u64| used.checked_add(bytes).filter(|sum| sum <= memory_limit);
        if used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_err() {
            return Err(GpuError::OutOfMemory);
        }
        match backend.allocate(capacity) {
            Ok(vectors) => Ok(Allocation { vectors, capacity, gpu: self.clone() }),
            Err(error) => {
                used.fetch_sub(bytes, Ordering::Relaxed);
                Err(error)
            }
        }
    }
}

impl fmt::Debug for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gpu").field(self.device()).finish()
    }
}

/// Room for vectors on a device.
pub(crate) struct Allocation {
    pub vectors: Box<dyn Vectors>,
    pub capacity: usize,
    pub gpu: Gpu,
}

impl Drop for Allocation {
    fn drop(&mut self) {
        self.gpu.shared.used.fetch_sub((self.capacity * HV16::BYTES) as u64, Ordering::Relaxed);
    }
}
