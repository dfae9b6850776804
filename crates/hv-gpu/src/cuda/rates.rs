//! The limits of a device, by the kernels of `rates.cu`.

use std::time::Instant;

use cudarc::driver::CudaSlice;
use hv_parallel::HV16;

use super::device::Device;
use super::failure::failure;
use super::kernels::{Argument, Kernel, load};
use super::upload::Staging;
use crate::error::GpuError;
use crate::rates::Rates;

const CUBIN: &[u8] = include_bytes!("../../kernels/rates.sm_90.cubin");
const PTX: &str = include_str!("../../kernels/rates.ptx");

/// Bytes that are read, at most: much more than the device's cache holds.
const READ: usize = 4 << 30;
/// Bytes that are uploaded.
const UPLOADED: usize = 256 << 20;
/// Seconds next to which what starting a kernel takes is little.
const LONG: f64 = 2e-3;

pub(super) fn measure(device: &Device) -> Result<Rates, GpuError> {
    let module = load(&device.context, device.capability, CUBIN, PTX).map_err(failure)?;
    let kernel = |name| Kernel::new(&module, name, 0).map_err(failure);
    let (read, count, mma) = (kernel("read_all")?, kernel("count_rate")?, kernel("mma_rate")?);
    let free = device.context.mem_get_info().map_err(failure)?.0;
    let bytes = READ.min(free / 4) / 4096 * 4096;
    let memory: CudaSlice<u8> = device.stream.alloc_zeros(bytes).map_err(failure)?;
    let sink: CudaSlice<u32> = device.stream.alloc_zeros(1).map_err(failure)?;
    let blocks = 8 * device.multiprocessors;
    let threads = f64::from(blocks) * 256.0;
    let start = |kernel: &Kernel, arguments: &[Argument]| {
        // SAFETY: the arguments are the kernel's; the buffers stay until `seconds` has waited.
        unsafe { kernel.start(&device.stream, (blocks, 1), arguments) }
    };
    let chunks = || Argument::Long(bytes as u64 / 16);
    let read = seconds(device, || start(&read, &[(&memory).into(), chunks(), (&sink).into()]))?;
    let staging = Staging::new(device)?;
    let upload = seconds(device, || staging.copy_one_piece(device, &memory, UPLOADED.min(bytes)))?;
    let a_turn = |kernel: &Kernel| {
        let mut turns = 1;
        loop {
            let seconds = seconds(device, || start(kernel, &[turns.into(), (&sink).into()]))?;
            if seconds > LONG {
                return Ok(seconds / f64::from(turns));
            }
            turns *= 4;
        }
    };
    Ok(Rates {
        read: bytes as f64 / read,
        upload: UPLOADED.min(bytes) as f64 / upload,
        counted: threads * 8.0 / a_turn(&count)?,
        // An instruction compares 16 by 8 pairs of 256 bits, and a warp has 8 a turn.
        compared: Some(threads / 32.0 * 8.0 * 16.0 * 8.0 / 8.0 / a_turn(&mma)?),
    })
}

/// Writes random vectors from the first of an allocation on; `first` is the index of that in the memory.
pub(super) fn fill_random(device: &Device, codes: &CudaSlice<u8>, first: usize, len: usize) -> Result<(), GpuError> {
    let module = load(&device.context, device.capability, CUBIN, PTX).map_err(failure)?;
    let fill = Kernel::new(&module, "fill_random", 0).map_err(failure)?;
    let words = HV16::BYTES as u64 / 8;
    let arguments = [codes.into(), Argument::Long(len as u64 * words), Argument::Long(first as u64 * words)];
    // SAFETY: the allocation has room for the vectors, and stays until the wait is over.
    unsafe { fill.start(&device.stream, (8 * device.multiprocessors, 1), &arguments) }?;
    device.wait()
}

/// The seconds that work takes: the least of some runs.
fn seconds(device: &Device, work: impl Fn() -> Result<(), GpuError>) -> Result<f64, GpuError> {
    let mut least = f64::INFINITY;
    for _ in 0..5 {
        device.wait()?;
        let start = Instant::now();
        work()?;
        device.wait()?;
        least = least.min(start.elapsed().as_secs_f64());
    }
    Ok(least)
}
