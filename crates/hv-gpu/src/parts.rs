//! The vectors of a memory: where each lies on which device.

use std::sync::Arc;

use hv_parallel::Bitmap;

use crate::error::GpuError;
use crate::gpu::{Allocation, Gpu};

/// All parts but the last have a multiple of this many vectors, so that each starts with a word of a filter.
pub(crate) const ALIGN: usize = 64;

/// Neighbouring vectors of a memory in one allocation.
#[derive(Clone)]
pub(crate) struct Part {
    pub allocation: Arc<Allocation>,
    /// The index of the first in the memory.
    pub first: usize,
    pub len: usize,
}

impl Part {
    /// The words of a filter for these vectors.
    pub(crate) fn words<'a>(&self, filter: Option<&'a Bitmap>) -> Option<&'a [u64]> {
        let words = |filter: &'a Bitmap| &filter.words()[self.first / ALIGN..(self.first + self.len).div_ceil(ALIGN)];
        filter.map(words)
    }
}

/// The number of vectors in parts.
pub(crate) fn len(parts: &[Part]) -> usize {
    parts.last().map_or(0, |last| last.first + last.len)
}

/// The first `n` vectors of parts.
pub(crate) fn first(parts: &[Part], n: usize) -> Vec<Part> {
    let cut = |part: &Part| Part { len: part.len.min(n - part.first), ..part.clone() };
    parts.iter().take_while(|part| part.first < n).map(cut).collect()
}

/// The parts by device, each in order.
pub(crate) fn by_device(parts: &[Part]) -> Vec<Vec<&Part>> {
    let mut devices: Vec<Vec<&Part>> = Vec::new();
    for part in parts {
        match devices.iter_mut().find(|device| device[0].allocation.gpu.is(&part.allocation.gpu)) {
            Some(device) => device.push(part),
            None => devices.push(vec![part]),
        }
    }
    devices
}

/// The number of vectors that a filter admits.
pub(crate) fn admitted(parts: &[Part], filter: Option<&Bitmap>) -> Result<usize, GpuError> {
    let vectors = len(parts);
    match filter {
        Some(filter) if filter.len() != vectors => Err(GpuError::WrongFilter { bits: filter.len(), vectors }),
        Some(filter) => Ok(filter.count_ones()),
        None => Ok(vectors),
    }
}

/// Vectors up to which an append goes to one device.
const SHARED_FROM: usize = 1 << 16;

/// Vectors that a part has room for at least, where a memory grows or a device has little memory: 1 MiB.
const LEAST: usize = 1 << 12;

/// These parts with `n` more vectors, not written yet.
pub(crate) fn grown(parts: &[Part], gpus: &[Gpu], n: usize) -> Result<Vec<Part>, GpuError> {
    let (mut grown, mut left) = (parts.to_vec(), n);
    if let Some(last) = grown.last_mut() {
        let more = left.min(last.allocation.capacity - last.len);
        last.len += more;
        left -= more;
    }
    let allocations = allocate(parts, gpus, left)?;
    let room = allocations.iter().map(|allocation| allocation.capacity).sum::<usize>();
    if room < left {
        return Err(GpuError::TooMany { vectors: n, fit: n - left + room });
    }
    for allocation in allocations {
        let (first, len) = (self::len(&grown), left.min(allocation.capacity));
        left -= len;
        grown.push(Part { allocation: Arc::new(allocation), first, len });
    }
    Ok(grown)
}

/// Room for `n` vectors, or for as many as fit: in equal shares where they are many, for more where a memory grows by a few.
fn allocate(parts: &[Part], gpus: &[Gpu], n: usize) -> Result<Vec<Allocation>, GpuError> {
    if n == 0 {
        return Ok(Vec::new());
    }
    let held = |gpu: &Gpu| parts.iter().filter(|part| part.allocation.gpu.is(gpu)).map(|part| part.len).sum::<usize>();
    let mut gpus: Vec<&Gpu> = gpus.iter().collect();
    gpus.sort_by_key(|gpu| held(gpu));
    // Half as many again as there are, so that a memory that grows vector by vector has few parts.
    let ahead = (len(parts) / 2).max(LEAST).next_multiple_of(ALIGN).min(gpus[0].backend().max_vectors());
    if !parts.is_empty()
        && n <= ahead
        && let Ok(allocation) = gpus[0].allocate(ahead)
    {
        return Ok(vec![allocation]);
    }
    let share = n.div_ceil(gpus.len()).max(SHARED_FROM);
    let (mut allocations, mut room) = (Vec::new(), 0);
    // What does not fit on a device goes to the others.
    for (gpu, most) in gpus.iter().map(|gpu| (gpu, share)).chain(gpus.iter().map(|gpu| (gpu, n))) {
        room += allocate_on(gpu, most.min(n.saturating_sub(room)), &mut allocations)?;
    }
    Ok(allocations)
}

/// Room for `n` vectors on a device, or for as many as fit; returns how many these are.
fn allocate_on(gpu: &Gpu, n: usize, allocations: &mut Vec<Allocation>) -> Result<usize, GpuError> {
    let (mut room, mut size) = (0, gpu.backend().max_vectors());
    while room < n {
        size = size.min((n - room).next_multiple_of(ALIGN)).min(gpu.left() / ALIGN * ALIGN);
        if size == 0 {
            break;
        }
        match gpu.allocate(size) {
            Ok(allocation) => {
                room += size;
                allocations.push(allocation);
            }
            Err(GpuError::OutOfMemory) if size > LEAST => size = (size / 2).next_multiple_of(ALIGN),
            Err(GpuError::OutOfMemory) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(room)
}
