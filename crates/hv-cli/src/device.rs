//! Where vectors are searched: on the CPU, or on a GPU.

use hv_memory::hv_parallel::for_storage::segments_find_top_k;
use hv_memory::{HV16, Snapshot};

use crate::args::DeviceArg;
use crate::failure::Failure;

/// What searches.
pub enum Device {
    Cpu,
    #[cfg(feature = "gpu")]
    Gpu(hv_gpu::Gpu),
}

impl Device {
    /// Opens the device that was asked for, and says which GPU it is.
    #[cfg(feature = "gpu")]
    pub fn open(device: DeviceArg) -> Result<Self, Failure> {
        if device == DeviceArg::Cpu {
            return Ok(Self::Cpu);
        }
        let gpu = hv_gpu::Gpu::open()?;
        crate::failure::say(format_args!("searching on {}", gpu.device()));
        Ok(Self::Gpu(gpu))
    }

    /// Takes the CPU, which is all that there is.
    #[cfg(not(feature = "gpu"))]
    pub fn open(device: DeviceArg) -> Result<Self, Failure> {
        match device {
            DeviceArg::Cpu => Ok(Self::Cpu),
            DeviceArg::Gpu => Err(Failure::failed(
                "this hv was built without GPUs; build it with them: cargo install --path crates/hv-cli --features gpu, or leave \
                 out --device gpu",
            )),
        }
    }

    /// The snapshot with its recalls on this device, which gets the vectors.
    pub fn of_snapshot(&self, snapshot: Snapshot) -> Result<Snapshot, Failure> {
        match self {
            Self::Cpu => Ok(snapshot),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => {
                let memory = hv_gpu::GpuMemory::new(gpu, &[])?;
                let vectors: Vec<&[HV16]> = snapshot.vectors().collect();
                let search = memory.follow(&vectors, &hv_gpu::Progress::new())?;
                Ok(snapshot.with_search(std::sync::Arc::new(search))?)
            }
        }
    }

    /// For each query the `k` nearest of some codes that are within a distance.
    pub fn find_top_k(
        &self,
        queries: &[HV16],
        codes: &[HV16],
        k: usize,
        max_distance: u16,
    ) -> Result<Vec<Vec<(usize, u16)>>, Failure> {
        match self {
            Self::Cpu => Ok(segments_find_top_k(queries, &[codes], k, max_distance, |_| true)),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => {
                let memory = hv_gpu::GpuMemory::new(gpu, codes)?;
                Ok(memory.find_top_k(queries, k, hv_gpu::Bound::within(max_distance), None)?.to_nested())
            }
        }
    }
}

#[cfg(feature = "gpu")]
impl From<hv_gpu::GpuError> for Failure {
    fn from(error: hv_gpu::GpuError) -> Self {
        Self::failed(error)
    }
}
