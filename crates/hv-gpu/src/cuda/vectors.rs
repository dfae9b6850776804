//! Vectors in one allocation of the device's memory.

use std::mem::{self, ManuallyDrop};
use std::ops::Range;
use std::sync::Arc;

use hv_parallel::HV16;

use super::buffers::{Buffers, download};
use super::failure::failure;
use super::find;
use super::memory::{Memory, upload_filter};
use super::rates;
use super::shared::Shared;
use super::upload::Staging;
use crate::backend::{DISTANCES, Found, Histogram, Scan, Vectors};
use crate::error::GpuError;

/// Queries whose distances are counted at once: 8 MiB of counters.
const COUNTED: usize = 1024;
/// Distances that are written at once: 32 MiB.
const WRITTEN: usize = 1 << 24;

pub(super) struct CudaVectors {
    shared: Arc<Shared>,
    memory: ManuallyDrop<Memory>,
}

impl CudaVectors {
    pub(super) fn new(shared: &Arc<Shared>, capacity: usize) -> Result<Self, GpuError> {
        let _buffers = shared.lock()?;
        let memory = Memory::new(&shared.device, capacity)?;
        Ok(Self { shared: Arc::clone(shared), memory: ManuallyDrop::new(memory) })
    }
}

impl Drop for CudaVectors {
    fn drop(&mut self) {
        if self.shared.device.is_given_up() {
            // It may still read and write the memory, and freeing that would wait for it.
            mem::forget(Arc::clone(&self.shared));
        } else {
            // SAFETY: nothing uses it after this.
            unsafe { ManuallyDrop::drop(&mut self.memory) };
        }
    }
}

impl Vectors for CudaVectors {
    /// Returns before the device is done, which does all else after it.
    fn write(&self, first: usize, vectors: &[HV16]) -> Result<(), GpuError> {
        let (device, memory) = (&self.shared.device, &*self.memory);
        let mut buffers = self.shared.lock()?;
        let staging = match &mut buffers.staging {
            Some(staging) => staging,
            none => none.insert(Staging::new(device)?),
        };
        staging.upload(device, bytemuck::cast_slice(vectors), &memory.codes, first * HV16::BYTES)?;
        memory.count_ones(device, first, vectors.len())
    }

    fn fill_random(&self, first: usize, len: usize) -> Result<(), GpuError> {
        let (device, memory) = (&self.shared.device, &*self.memory);
        let _buffers = self.shared.lock()?;
        rates::fill_random(device, &memory.codes, first, len)?;
        memory.count_ones(device, 0, len)
    }

    fn read(&self, first: usize, out: &mut [HV16]) -> Result<(), GpuError> {
        let (device, memory) = (&self.shared.device, &*self.memory);
        let _buffers = self.shared.lock()?;
        device.wait()?;
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(out);
        let from = memory.codes.slice(first * HV16::BYTES..first * HV16::BYTES + bytes.len());
        device.stream.memcpy_dtoh(&from, bytes).map_err(failure)?;
        device.stream.synchronize().map_err(failure)
    }

    fn find(&self, scan: &Scan<'_>, k: Option<usize>) -> Result<Vec<Option<Vec<Found>>>, GpuError> {
        let (device, memory) = (&self.shared.device, &*self.memory);
        find::find(device, &mut *self.shared.lock()?, memory, scan, k)
    }

    fn count(&self, scan: &Scan<'_>) -> Result<Vec<Histogram>, GpuError> {
        let (device, memory) = (&self.shared.device, &*self.memory);
        let mut buffers = self.shared.lock()?;
        let Buffers { queries, filter, counts, .. } = &mut *buffers;
        let filter = upload_filter(device, filter, scan.filter)?;
        let mut histograms = Vec::with_capacity(scan.queries.len());
        for chunk in scan.queries.chunks(COUNTED) {
            let queries = queries.upload(device, bytemuck::cast_slice(chunk))?;
            let counts = counts.zeros(device, chunk.len() * DISTANCES)?;
            let arguments = [
                (&memory.codes).into(),
                filter.into(),
                scan.range.start.into(),
                scan.range.end.into(),
                (&*queries).into(),
                (chunk.len() as u32).into(),
                (&*counts).into(),
            ];
            let grid = find::few_grid(device, &scan.range, chunk.len());
            // SAFETY: the buffers are as long as the kernel wants, and stay until the download has waited.
            unsafe { device.kernels.count_distances.start(&device.stream, grid, &arguments) }?;
            let counted = download(device, counts, chunk.len() * DISTANCES)?;
            histograms.extend(counted.chunks_exact(DISTANCES).map(|counts| {
                let mut histogram = [0; DISTANCES];
                histogram.copy_from_slice(counts);
                histogram
            }));
        }
        for (histogram, bound) in histograms.iter_mut().zip(scan.bounds) {
            histogram[usize::from(bound.limit()).min(DISTANCES)..].fill(0);
        }
        Ok(histograms)
    }

    fn distances_into(&self, query: &HV16, first: usize, out: &mut [u16]) -> Result<(), GpuError> {
        let (device, memory) = (&self.shared.device, &*self.memory);
        let mut buffers = self.shared.lock()?;
        let Buffers { queries, distances, .. } = &mut *buffers;
        let query = queries.upload(device, &query.0)?;
        for (number, out) in out.chunks_mut(WRITTEN).enumerate() {
            let start = (first + number * WRITTEN) as u32;
            let range = start..start + out.len() as u32;
            let distances = distances.room(device, out.len())?;
            let arguments = [
                (&memory.codes).into(),
                range.start.into(),
                range.end.into(),
                (&*query).into(),
                1.into(),
                (&*distances).into(),
                (out.len() as u32).into(),
            ];
            let grid = find::few_grid(device, &range, 1);
            // SAFETY: as in `count`.
            unsafe { device.kernels.write_distances.start(&device.stream, grid, &arguments) }?;
            out.copy_from_slice(&download(device, distances, out.len())?);
        }
        Ok(())
    }

    fn count_ones(&self, range: Range<u32>, filter: Option<&[u64]>) -> Result<Vec<u32>, GpuError> {
        let (device, memory) = (&self.shared.device, &*self.memory);
        let mut buffers = self.shared.lock()?;
        let Buffers { filter: room, counts, .. } = &mut *buffers;
        let filter = upload_filter(device, room, filter)?;
        let counts = counts.zeros(device, HV16::DIM)?;
        if range.is_empty() {
            return Ok(vec![0; HV16::DIM]);
        }
        let arguments =
            [(&memory.codes).into(), filter.into(), range.start.into(), range.end.into(), (&*counts).into()];
        let blocks = (range.len().div_ceil(1020) as u32).clamp(1, 8 * device.multiprocessors);
        // SAFETY: as in `count`.
        unsafe { device.kernels.count_bits.start(&device.stream, (blocks, 1), &arguments) }?;
        download(device, counts, HV16::DIM)
    }
}
