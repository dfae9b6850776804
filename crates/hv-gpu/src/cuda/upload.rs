//! Copies of vectors to the device at the speed of the bus.

use cudarc::driver::{CudaEvent, CudaSlice, DevicePtr, PinnedHostSlice, result};
use rayon::prelude::*;

use super::device::Device;
use super::failure::failure;
use crate::error::GpuError;

/// Bytes of a piece: long next to what starting a copy costs, short next to the whole.
const PIECE: usize = 4 << 20;
/// Pieces under way: one is filled while others are copied.
const PIECES: usize = 4;
/// Bytes that a thread of the host copies at once.
const SHARE: usize = 256 << 10;

/// Memory of the host that the device reads by itself.
pub(super) struct Staging {
    pieces: Vec<Piece>,
    next: usize,
}

struct Piece {
    memory: PinnedHostSlice<u8>,
    /// Its last copy.
    copied: CudaEvent,
}

impl Staging {
    pub(super) fn new(device: &Device) -> Result<Self, GpuError> {
        let piece = |_| {
            // SAFETY: a piece is written before it is read.
            let memory = unsafe { device.context.alloc_pinned(PIECE) }.map_err(failure)?;
            Ok(Piece { memory, copied: device.context.new_event(None).map_err(failure)? })
        };
        Ok(Self { pieces: (0..PIECES).map(piece).collect::<Result<_, _>>()?, next: 0 })
    }

    /// Copies bytes to the device, from byte `first` of `to` on. They have been read when this returns; the device has them
    /// before it does anything that is asked for later.
    pub(super) fn upload(
        &mut self,
        device: &Device,
        bytes: &[u8],
        to: &CudaSlice<u8>,
        first: usize,
    ) -> Result<(), GpuError> {
        let room = to.slice(first..first + bytes.len());
        let mut address = room.device_ptr(&device.stream).0;
        for bytes in bytes.chunks(PIECE) {
            let Piece { memory, copied } = &mut self.pieces[self.next];
            self.next = (self.next + 1) % PIECES;
            device.wait_for(copied)?;
            let memory = &mut memory.as_mut_slice().map_err(failure)?[..bytes.len()];
            memory.par_chunks_mut(SHARE).zip(bytes.par_chunks(SHARE)).for_each(|(to, from)| to.copy_from_slice(from));
            // SAFETY: the piece is not written again before `copied`, and there is room for it, as sliced above.
            unsafe { result::memcpy_htod_async(address, memory, device.stream.cu_stream()) }.map_err(failure)?;
            copied.record(&device.stream).map_err(failure)?;
            address += bytes.len() as u64;
        }
        Ok(())
    }

    /// Copies one piece again and again, for comparison: what the bus can do.
    pub(super) fn copy_one_piece(&self, device: &Device, to: &CudaSlice<u8>, bytes: usize) -> Result<(), GpuError> {
        let memory = self.pieces[0].memory.as_slice().map_err(failure)?;
        for first in (0..bytes).step_by(PIECE) {
            let room = to.slice(first..(first + PIECE).min(bytes));
            let (address, memory) = (room.device_ptr(&device.stream).0, &memory[..room.len()]);
            // SAFETY: nobody writes the piece, and it is freed after the wait.
            unsafe { result::memcpy_htod_async(address, memory, device.stream.cu_stream()) }.map_err(failure)?;
        }
        device.wait()
    }
}
