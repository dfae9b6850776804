//! What an error of the driver means.

use cudarc::driver::DriverError;
use cudarc::driver::sys::CUresult;

use crate::error::GpuError;

/// The error of ours for one of the driver.
pub(super) fn failure(error: DriverError) -> GpuError {
    let reason = format!("{error:?}");
    match error.0 {
        CUresult::CUDA_ERROR_OUT_OF_MEMORY => GpuError::OutOfMemory,
        // After these a context can only be closed, and so its memory is gone.
        CUresult::CUDA_ERROR_DEINITIALIZED
        | CUresult::CUDA_ERROR_DEVICE_UNAVAILABLE
        | CUresult::CUDA_ERROR_ECC_UNCORRECTABLE
        | CUresult::CUDA_ERROR_ILLEGAL_ADDRESS
        | CUresult::CUDA_ERROR_LAUNCH_TIMEOUT
        | CUresult::CUDA_ERROR_CONTEXT_IS_DESTROYED
        | CUresult::CUDA_ERROR_HARDWARE_STACK_ERROR
        | CUresult::CUDA_ERROR_ILLEGAL_INSTRUCTION
        | CUresult::CUDA_ERROR_MISALIGNED_ADDRESS
        | CUresult::CUDA_ERROR_INVALID_ADDRESS_SPACE
        | CUresult::CUDA_ERROR_INVALID_PC
        | CUresult::CUDA_ERROR_LAUNCH_FAILED
        | CUresult::CUDA_ERROR_SYSTEM_NOT_READY
        | CUresult::CUDA_ERROR_UNKNOWN => GpuError::Lost { reason },
        _ => GpuError::Failed { reason },
    }
}
