//! The kernels, as they are on the device, and how they are started.

use std::sync::Arc;

use cudarc::driver::sys::CUfunction_attribute_enum::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
use cudarc::driver::{
    CudaContext, CudaFunction, CudaModule, CudaSlice, CudaStream, DevicePtr, DeviceRepr, DriverError, LaunchConfig,
    PushKernelArg,
};
use cudarc::nvrtc::Ptx;

use super::failure::failure;
use crate::error::GpuError;

const CUBIN: &[u8] = include_bytes!("../../kernels/search.sm_90.cubin");
const PTX: &str = include_str!("../../kernels/search.ptx");

/// Threads of a block.
const THREADS: u32 = 256;
/// Bytes of two tiles of 128 vectors.
const TILES: u32 = 2 * 128 * 256;

/// A kernel on the device.
pub(super) struct Kernel {
    function: CudaFunction,
    shared: u32,
}

/// The kernels of `search.cu`, which says what each does and takes.
pub(super) struct Kernels {
    pub stream_top_k: Kernel,
    pub select_top_k: Kernel,
    pub scan_few: Kernel,
    pub scan_many: Kernel,
    pub count_distances: Kernel,
    pub write_distances: Kernel,
    pub count_ones: Kernel,
    pub count_bits: Kernel,
}

impl Kernels {
    pub(super) fn load(context: &Arc<CudaContext>, capability: (i32, i32)) -> Result<Self, DriverError> {
        let module = load(context, capability, CUBIN, PTX)?;
        let kernel = |name, shared| Kernel::new(&module, name, shared);
        Ok(Self {
            stream_top_k: kernel("stream_top_k", 0)?,
            select_top_k: kernel("select_top_k", 0)?,
            scan_few: kernel("scan_few", TILES)?,
            scan_many: kernel("scan_many", TILES)?,
            count_distances: kernel("count_distances", TILES)?,
            write_distances: kernel("write_distances", TILES)?,
            count_ones: kernel("count_ones", 0)?,
            count_bits: kernel("count_bits", 0)?,
        })
    }
}

/// Loads what suits the device: machine code for compute capability 9.0, for others what the driver translates.
pub(super) fn load(
    context: &Arc<CudaContext>,
    capability: (i32, i32),
    cubin: &[u8],
    ptx: &str,
) -> Result<Arc<CudaModule>, DriverError> {
    context.load_module(if capability == (9, 0) { Ptx::from_binary(cubin.to_vec()) } else { Ptx::from_src(ptx) })
}

/// What a kernel takes.
pub(super) enum Argument {
    /// Where a buffer of the device begins; null for none.
    At(u64),
    Number(u32),
    Long(u64),
}

impl From<u32> for Argument {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl<T: DeviceRepr> From<&CudaSlice<T>> for Argument {
    fn from(slice: &CudaSlice<T>) -> Self {
        Self::At(slice.device_ptr(slice.stream()).0)
    }
}

impl<'a, T> From<Option<&'a T>> for Argument
where
    Self: From<&'a T>,
{
    fn from(slice: Option<&'a T>) -> Self {
        slice.map_or(Self::At(0), Self::from)
    }
}

impl Kernel {
    /// A kernel of a module, with how many bytes of shared memory a block gets next to what it declares.
    pub(super) fn new(module: &Arc<CudaModule>, name: &str, shared: u32) -> Result<Self, DriverError> {
        let function = module.load_function(name)?;
        if shared > 0 {
            function.set_attribute(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared as i32)?;
        }
        Ok(Self { function, shared })
    }

    /// Starts blocks after all that was asked for before.
    ///
    /// # Safety
    ///
    /// The arguments are the kernel's, in order, and its buffers are as long as it says. They live until the device has done
    /// the work.
    pub(super) unsafe fn start(
        &self,
        stream: &CudaStream,
        (x, y): (u32, u32),
        arguments: &[Argument],
    ) -> Result<(), GpuError> {
        let mut launch = stream.launch_builder(&self.function);
        for argument in arguments {
            match argument {
                Argument::At(long) | Argument::Long(long) => launch.arg(long),
                Argument::Number(number) => launch.arg(number),
            };
        }
        let config = LaunchConfig { grid_dim: (x, y, 1), block_dim: (THREADS, 1, 1), shared_mem_bytes: self.shared };
        // SAFETY: the caller's.
        unsafe { launch.launch(config) }.map(drop).map_err(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_of_two_years_load_the_ptx() {
        let version = PTX.lines().find_map(|line| line.strip_prefix(".version ")).unwrap();
        let (major, minor) = version.trim().split_once('.').unwrap();
        assert!((major.parse::<u32>().unwrap(), minor.parse::<u32>().unwrap()) <= (8, 7), "{version}");
        assert!(PTX.lines().any(|line| line.trim() == ".target sm_80"));
    }

    #[test]
    fn the_machine_code_is_for_an_nvidia_gpu() {
        assert_eq!(CUBIN[..4], *b"\x7fELF");
        assert_eq!(u16::from_le_bytes([CUBIN[18], CUBIN[19]]), 190); // EM_CUDA
    }
}
