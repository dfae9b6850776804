//! Memory of the device and of the host that calls use one after the other.

use cudarc::driver::{CudaSlice, DeviceRepr, ValidAsZeroBits};

use super::device::Device;
use super::failure::failure;
use super::upload::Staging;
use crate::error::GpuError;

/// What calls need next to the vectors. Each grows to what was once needed, and stays.
#[derive(Default)]
pub(super) struct Buffers {
    pub queries: Buffer<u8>,
    pub query_ones: Buffer<u16>,
    pub bounds: Buffer<u64>,
    pub filter: Buffer<u32>,
    pub lists: Buffer<u64>,
    pub counts: Buffer<u32>,
    pub overflowed: Buffer<u32>,
    pub best: Buffer<u64>,
    pub distances: Buffer<u16>,
    pub staging: Option<Staging>,
}

/// Memory of the device.
pub(super) struct Buffer<T>(Option<CudaSlice<T>>);

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: DeviceRepr + ValidAsZeroBits> Buffer<T> {
    /// Room for at least `len` values. What is in it is not said.
    pub(super) fn room(&mut self, device: &Device, len: usize) -> Result<&mut CudaSlice<T>, GpuError> {
        if self.0.as_ref().is_none_or(|slice| slice.len() < len) {
            self.0 = None; // frees it before
            self.0 = Some(device.stream.alloc_zeros(len.next_power_of_two()).map_err(failure)?);
        }
        self.0.as_mut().ok_or(GpuError::OutOfMemory)
    }

    /// `len` zeros, and maybe more after them.
    pub(super) fn zeros(&mut self, device: &Device, len: usize) -> Result<&mut CudaSlice<T>, GpuError> {
        let slice = self.room(device, len)?;
        device.stream.memset_zeros(&mut slice.slice_mut(..len)).map_err(failure)?;
        Ok(slice)
    }

    /// A copy of what the host has.
    pub(super) fn upload(&mut self, device: &Device, values: &[T]) -> Result<&mut CudaSlice<T>, GpuError> {
        let slice = self.room(device, values.len())?;
        device.stream.memcpy_htod(values, slice).map_err(failure)?;
        Ok(slice)
    }
}

/// What the device has in the first part of a buffer. Waits for it.
pub(super) fn download<T: DeviceRepr + Clone + Default>(
    device: &Device,
    slice: &CudaSlice<T>,
    len: usize,
) -> Result<Vec<T>, GpuError> {
    device.wait()?; // with the time-out, which the copy does not know
    let mut values = vec![T::default(); len];
    device.stream.memcpy_dtoh(&slice.slice(..len), &mut values[..]).map_err(failure)?;
    device.stream.synchronize().map_err(failure)?;
    Ok(values)
}
