//! What benchmarks need and nobody else: the limits of a device, and random vectors made there.

use crate::error::GpuError;
use crate::gpu::Gpu;
use crate::memory::GpuMemory;

pub use crate::rates::{Rates, random_vector};

/// Measures a device, in some seconds at most.
///
/// # Errors
///
/// Any that a device may give.
pub fn rates(gpu: &Gpu) -> Result<Rates, GpuError> {
    gpu.backend().rates()
}

/// `n` random vectors on a device: number `i` is `random_vector(i)`.
///
/// # Errors
///
/// As [`GpuMemory::new`].
pub fn random_memory(gpu: &Gpu, n: usize) -> Result<GpuMemory, GpuError> {
    GpuMemory::random(gpu, n)
}
