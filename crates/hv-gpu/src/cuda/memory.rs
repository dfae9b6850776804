//! Vectors in the device's memory.

use cudarc::driver::CudaSlice;
use hv_parallel::HV16;

use super::buffers::Buffer;
use super::device::Device;
use super::failure::failure;
use crate::error::GpuError;

/// Vectors of a tile of the kernels, all of whose numbers of ones they read.
pub(super) const TILE: usize = 128;

/// Vectors, and the number of ones of each.
pub(super) struct Memory {
    pub codes: CudaSlice<u8>,
    pub ones: CudaSlice<u16>,
}

impl Memory {
    /// Room for vectors.
    pub(super) fn new(device: &Device, capacity: usize) -> Result<Self, GpuError> {
        let ones = capacity.next_multiple_of(TILE);
        if !device.has_room(capacity * HV16::BYTES + ones * size_of::<u16>())? {
            return Err(GpuError::OutOfMemory);
        }
        // SAFETY: vectors are written before they are searched, and kernels do not look at the others of a tile.
        let codes = unsafe { device.stream.alloc(capacity * HV16::BYTES) }.map_err(failure)?;
        Ok(Self { codes, ones: device.stream.alloc_zeros(ones).map_err(failure)? })
    }

    /// Sets the number of ones of vectors that were written.
    pub(super) fn count_ones(&self, device: &Device, first: usize, len: usize) -> Result<(), GpuError> {
        let (start, end) = (first as u32, (first + len) as u32);
        let blocks = (len.div_ceil(16) as u32).clamp(1, 8 * device.multiprocessors);
        let arguments = [(&self.codes).into(), start.into(), end.into(), (&self.ones).into()];
        // SAFETY: both have room for vectors up to `end`; they are freed after what is in the stream.
        unsafe { device.kernels.count_ones.start(&device.stream, (blocks, 1), &arguments) }
    }
}

/// A filter on the device: for whole tiles, with zeros after its end.
pub(super) fn upload_filter<'a>(
    device: &Device,
    room: &'a mut Buffer<u32>,
    filter: Option<&[u64]>,
) -> Result<Option<&'a CudaSlice<u32>>, GpuError> {
    let Some(words) = filter else { return Ok(None) };
    let mut halves = Vec::with_capacity(2 * words.len() + 2);
    halves.extend(words.iter().flat_map(|&word| [word as u32, (word >> 32) as u32]));
    halves.resize(halves.len().next_multiple_of(TILE / 32), 0);
    room.upload(device, &halves).map(|slice| Some(&*slice))
}
