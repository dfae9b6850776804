//! What a way to devices has to offer: one implementation each for wgpu and CUDA.
//!
//! A device looks at vectors in one allocation, for some queries at a time. All else is composed from that in the files
//! above, the same for all devices: many queries, many allocations and devices, large `k`, and the order of results.

use std::ops::Range;
use std::sync::Arc;

use hv_parallel::{Bound, HV16};

use crate::device::GpuDevice;
use crate::error::GpuError;
use crate::options::GpuOptions;
use crate::rates::{Rates, random_vector};

/// A vector that was found: its index in the allocation, and its distance.
pub(crate) type Found = (u32, u16);

/// Distances of two vectors: 0 to 2,048.
pub(crate) const DISTANCES: usize = HV16::DIM + 1;

/// Vectors that are written at a time where the device cannot make them itself.
const FILLED: usize = 1 << 14;

/// For each distance the number of vectors that have it.
pub(crate) type Histogram = [u32; DISTANCES];

/// Opens a device.
pub(crate) type Open = Box<dyn FnOnce(&GpuOptions) -> Result<Arc<dyn Backend>, GpuError>>;

/// A device that could be opened.
pub(crate) struct Candidate {
    pub device: GpuDevice,
    pub open: Open,
}

/// An open device.
pub(crate) trait Backend: Send + Sync {
    /// Maximum number of vectors in one allocation: a multiple of 64, below 2^32.
    fn max_vectors(&self) -> usize;

    /// Maximum number of queries of one [`Scan`].
    fn max_queries(&self) -> usize;

    /// Maximum `k` of [`Vectors::find`].
    fn max_k(&self) -> usize;

    /// Room for `capacity` vectors, a multiple of 64.
    ///
    /// # Errors
    ///
    /// [`GpuError::OutOfMemory`] where it does not fit.
    fn allocate(&self, capacity: usize) -> Result<Box<dyn Vectors>, GpuError>;

    /// The limits of the device, for benchmarks.
    fn rates(&self) -> Result<Rates, GpuError>;
}

/// The pairs of a query and a vector that a device looks at.
#[derive(Clone)]
pub(crate) struct Scan<'a> {
    /// At least one.
    pub queries: &'a [HV16],
    /// For each query the limit of the distances that count.
    pub bounds: &'a [Bound],
    /// The vectors, at least one.
    pub range: Range<u32>,
    /// Bit `i % 64` of word `i / 64` says whether vector `i` counts; all do without a filter. It reaches to the range's end.
    pub filter: Option<&'a [u64]>,
}

/// Vectors on a device, in one allocation that may have room for more.
///
/// All calls wait until the device has done the work.
pub(crate) trait Vectors: Send + Sync {
    /// Writes vectors from index `first` on. Nobody reads these at the same time.
    fn write(&self, first: usize, vectors: &[HV16]) -> Result<(), GpuError>;

    /// Writes `len` random vectors from index 0 on, which are number `first` and its successors of all random ones: for
    /// benchmarks.
    fn fill_random(&self, first: usize, len: usize) -> Result<(), GpuError> {
        for start in (0..len).step_by(FILLED) {
            let vectors = start..len.min(start + FILLED);
            self.write(start, &vectors.map(|i| random_vector(first + i)).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// Reads vectors back, from index `first` on.
    fn read(&self, first: usize, out: &mut [HV16]) -> Result<(), GpuError>;

    /// For each query vectors that count, in any order, each once: all of them without a `k`; else at least the `k` nearest
    /// by distance, then by index, where there are `k`, and maybe more. `None` for a query that has more than there is room
    /// for, which is never so for a range of [`Backend::max_k`] vectors.
    fn find(&self, scan: &Scan<'_>, k: Option<usize>) -> Result<Vec<Option<Vec<Found>>>, GpuError>;

    /// For each query how many of the vectors that count are at which distance.
    fn count(&self, scan: &Scan<'_>) -> Result<Vec<Histogram>, GpuError>;

    /// The distances of the vectors from index `first` on.
    fn distances_into(&self, query: &HV16, first: usize, out: &mut [u16]) -> Result<(), GpuError>;

    /// For each of the 2,048 positions the number of vectors in the range, and in the filter, that have a one there.
    fn count_ones(&self, range: Range<u32>, filter: Option<&[u64]>) -> Result<Vec<u32>, GpuError>;
}
