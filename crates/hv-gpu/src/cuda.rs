//! Devices of NVIDIA, from compute capability 8.0 on, by CUDA.
//!
//! The driver's library is loaded when devices are asked for; nothing of CUDA is needed to build. The kernels are compiled
//! beforehand (`kernels`): for sm_90 to machine code, for all others to PTX, which the driver translates when a device is
//! opened.
#![allow(unsafe_code)] // calls of the driver

mod buffers;
mod device;
mod failure;
mod find;
mod kernels;
mod memory;
mod rates;
mod shared;
mod upload;
mod vectors;

use std::sync::Arc;

use cudarc::driver::{CudaContext, result, sys};

use crate::backend::{Backend, Candidate, Vectors};
use crate::device::{GpuDevice, Interface, Kind};
use crate::error::GpuError;
use crate::rates::Rates;
use device::Device;
use shared::Shared;
use vectors::CudaVectors;

/// The lowest compute capability whose tensor cores can count the ones that two vectors have in common.
const LOWEST: (i32, i32) = (8, 0);

/// All devices that can run the kernels. None where there is no driver.
pub(crate) fn candidates() -> Vec<Candidate> {
    // SAFETY: loads the driver's library, whose code to be run on loading is trusted as the driver is.
    if !unsafe { sys::is_culib_present() } {
        return Vec::new();
    }
    let count = CudaContext::device_count().unwrap_or(0);
    (0..count).filter_map(candidate).collect()
}

fn candidate(ordinal: i32) -> Option<Candidate> {
    let device = result::device::get(ordinal).ok()?;
    let attribute = |attribute| {
        // SAFETY: the device is one that the driver has just named.
        unsafe { result::device::get_attribute(device, attribute) }.ok()
    };
    let major = attribute(sys::CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?;
    let minor = attribute(sys::CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?;
    if (major, minor) < LOWEST {
        return None;
    }
    let name = result::device::get_name(device).ok()?;
    let number = usize::try_from(ordinal).ok()?;
    Some(Candidate {
        device: GpuDevice { name: name.clone(), interface: Interface::Cuda, kind: Kind::Discrete, number },
        open: Box::new(move |options| {
            let device = Device::open(number, (major, minor), options.timeout);
            let device = device.map_err(|error| GpuError::Open { device: name, reason: format!("{error:?}") })?;
            Ok(Arc::new(Cuda(Arc::new(Shared::new(device)))))
        }),
    })
}

/// An open device.
struct Cuda(Arc<Shared>);

impl Backend for Cuda {
    fn max_vectors(&self) -> usize {
        (1 << 32) - (1 << 16)
    }

    fn max_queries(&self) -> usize {
        find::MOST_QUERIES
    }

    fn max_k(&self) -> usize {
        find::MOST_K
    }

    fn allocate(&self, capacity: usize) -> Result<Box<dyn Vectors>, GpuError> {
        Ok(Box::new(CudaVectors::new(&self.0, capacity)?))
    }

    fn rates(&self) -> Result<Rates, GpuError> {
        let _buffers = self.0.lock()?;
        rates::measure(&self.0.device)
    }
}
