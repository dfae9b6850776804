//! Vectors on devices.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use hv_parallel::{Bitmap, Bound, HV16, Hits, Progress, Search, SearchError};

use crate::bundle;
use crate::error::GpuError;
use crate::gpu::Gpu;
use crate::pairs;
use crate::parts::{self, Part};
use crate::search;

/// Vectors that are uploaded at a time: 16 MiB.
const UPLOAD: usize = 1 << 16;

/// Vectors on a device, or on several, numbered from 0: exact search and bundling, bit for bit what the CPU gives.
///
/// The vectors stay there from call to call. All functions may be called from several threads. A filter is a bitmap with one
/// bit for each vector; a vector whose bit is 0 is left out of the search.
///
/// ```
/// use hv_gpu::{Bound, Gpu, GpuMemory, HV16};
///
/// let Ok(gpu) = Gpu::open() else { return Ok(()) };
/// let vectors: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// let memory = GpuMemory::new(&gpu, &vectors)?;
/// memory.append(&[HV16::random(1_000)])?;
/// let hits = memory.find_top_k(&[vectors[7], HV16::random(1_000)], 1, Bound::NONE, None)?;
/// assert_eq!(hits.to_nested(), [[(7, 0)], [(1_000, 0)]]);
/// # Ok::<(), hv_gpu::GpuError>(())
/// ```
pub struct GpuMemory {
    gpus: Vec<Gpu>,
    parts: RwLock<Vec<Part>>,
    /// Held while vectors are appended.
    appending: Mutex<()>,
}

impl GpuMemory {
    /// Uploads vectors to a device, 16 MiB at a time. A vector takes 256 bytes there.
    ///
    /// [`follow`](Self::follow) also uploads, and counts how far it is.
    ///
    /// # Errors
    ///
    /// [`TooMany`](GpuError::TooMany) if the vectors do not fit: it says how many do. Any other error that a device may give.
    pub fn new(gpu: &Gpu, vectors: &[HV16]) -> Result<Self, GpuError> {
        Self::shards(std::slice::from_ref(gpu), vectors)
    }

    /// Uploads vectors to several devices: each gets an equal share of neighbouring vectors, and what does not fit on one goes to
    /// the others. They search at the same time.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`NoShards`](GpuError::NoShards) without devices.
    pub fn shards(gpus: &[Gpu], vectors: &[HV16]) -> Result<Self, GpuError> {
        if gpus.is_empty() {
            return Err(GpuError::NoShards);
        }
        let memory = Self { gpus: gpus.to_vec(), parts: RwLock::default(), appending: Mutex::default() };
        memory.append(vectors)?;
        Ok(memory)
    }

    /// `n` random vectors.
    pub(crate) fn random(gpu: &Gpu, n: usize) -> Result<Self, GpuError> {
        let memory = Self::new(gpu, &[])?;
        let grown = parts::grown(&[], &memory.gpus, n)?;
        for part in &grown {
            part.allocation.vectors.fill_random(part.first, part.len)?;
        }
        *memory.parts.write().unwrap_or_else(PoisonError::into_inner) = grown;
        Ok(memory)
    }

    /// Uploads more vectors after those that are there. Searches under way do not see them.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new). After an error, none of them were appended.
    pub fn append(&self, vectors: &[HV16]) -> Result<(), GpuError> {
        let _appending = lock(&self.appending);
        self.upload(&[vectors], 0, &Progress::new())
    }

    /// Uploads the vectors of a growing memory that are not on the device yet, and returns a search over all of them.
    ///
    /// `vectors` has all vectors of the memory, in slices. The first ones must be those that are here already, which is not
    /// checked. With hv-memory, `Snapshot::vectors` has the slices, and `Snapshot::begins_with` says whether one snapshot
    /// continues another. `progress` counts the vectors to upload, and is updated after each 16 MiB.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append).
    pub fn follow(&self, vectors: &[&[HV16]], progress: &Progress) -> Result<GpuView, GpuError> {
        let _appending = lock(&self.appending);
        let n: usize = vectors.iter().map(|slice| slice.len()).sum();
        let there = self.len().min(n);
        progress.start((n - there) as u64);
        self.upload(vectors, there, progress)?;
        progress.finish();
        Ok(GpuView { parts: parts::first(&self.parts(), n) })
    }

    /// Uploads the vectors of slices from index `start` on. The caller holds `appending`.
    fn upload(&self, slices: &[&[HV16]], start: usize, progress: &Progress) -> Result<(), GpuError> {
        let n = slices.iter().map(|slice| slice.len()).sum::<usize>() - start;
        let before = self.parts();
        let had = parts::len(&before);
        let grown = parts::grown(&before, &self.gpus, n)?;
        let mut next = had;
        // The last part may have got more.
        for part in &grown[before.len().saturating_sub(1)..] {
            let end = part.first + part.len;
            for (index, vectors) in pieces(slices, start + next - had..start + end - had) {
                part.allocation.vectors.write(had + index - start - part.first, vectors)?;
                progress.advance(vectors.len() as u64);
            }
            next = end;
        }
        *self.parts.write().unwrap_or_else(PoisonError::into_inner) = grown;
        Ok(())
    }

    /// The number of vectors.
    #[must_use]
    pub fn len(&self) -> usize {
        parts::len(&self.parts.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether there are no vectors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The devices that the vectors are on.
    #[must_use]
    pub fn gpus(&self) -> &[Gpu] {
        &self.gpus
    }

    /// A search over the vectors that are there now: it does not see those that are appended later. Costs nothing on the
    /// device.
    #[must_use]
    pub fn view(&self) -> GpuView {
        GpuView { parts: self.parts() }
    }

    /// For each query the `k` nearest of the vectors that `bound` and the filter admit.
    ///
    /// Row `q` of the result has the hits of `queries[q]`, each an index and a distance in bits (0 to 2,048), ordered by distance,
    /// then by lower index. It is shorter than `k` if fewer vectors are admitted.
    ///
    /// Cost: `queries.len() * len()` distances, and at least as many again for a `k` above 1,024.
    ///
    /// # Errors
    ///
    /// [`WrongFilter`](GpuError::WrongFilter), and any that a device may give.
    pub fn find_top_k(
        &self,
        queries: &[HV16],
        k: usize,
        bound: Bound,
        filter: Option<&Bitmap>,
    ) -> Result<Hits, GpuError> {
        search::find_top_k(&self.parts(), queries, k, bound, filter)
    }

    /// For each query all vectors that `bound` and the filter admit, ordered by distance, then by lower index.
    ///
    /// # Errors
    ///
    /// As [`find_top_k`](Self::find_top_k).
    pub fn find_within(&self, queries: &[HV16], bound: Bound, filter: Option<&Bitmap>) -> Result<Hits, GpuError> {
        self.find_top_k(queries, usize::MAX, bound, filter)
    }

    /// For each query the nearest vector that the filter admits; among equally near ones, the one with the lowest index.
    ///
    /// # Errors
    ///
    /// As [`find_top_k`](Self::find_top_k).
    pub fn find_most_similar(&self, queries: &[HV16], filter: Option<&Bitmap>) -> Result<Hits, GpuError> {
        self.find_top_k(queries, 1, Bound::NONE, filter)
    }

    /// Writes the distance of vector `i` to a query, in bits, to `out[i]`: [`Hits::NO_DISTANCE`] where the filter has a 0.
    ///
    /// # Errors
    ///
    /// [`WrongLength`](GpuError::WrongLength) unless `out` has one element for each vector; else as
    /// [`find_top_k`](Self::find_top_k).
    pub fn distances_into(&self, query: &HV16, filter: Option<&Bitmap>, out: &mut [u16]) -> Result<(), GpuError> {
        search::distances_into(&self.parts(), query, filter, out)
    }

    /// The bitwise majority of the vectors that the filter admits, with ties by the rule of `hv_core::reference::bundle`; `None`
    /// if it admits none.
    ///
    /// # Errors
    ///
    /// As [`find_top_k`](Self::find_top_k).
    pub fn bundle(&self, filter: Option<&Bitmap>) -> Result<Option<HV16>, GpuError> {
        bundle::bundle(&self.parts(), filter)
    }

    /// All pairs `i < j` of vectors that the filter admits and whose distance `bound` admits, as `(i, j, distance)`, ordered by
    /// `(i, j)`.
    ///
    /// Cost: n² / 2 distances for n admitted vectors.
    ///
    /// # Errors
    ///
    /// As [`find_top_k`](Self::find_top_k).
    pub fn similar_pairs(&self, bound: Bound, filter: Option<&Bitmap>) -> Result<Vec<(usize, usize, u16)>, GpuError> {
        pairs::similar_pairs(&self.parts(), bound, filter)
    }

    fn parts(&self) -> Vec<Part> {
        self.parts.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Search for GpuMemory {
    fn len(&self) -> usize {
        self.len()
    }

    fn find_top_k(
        &self,
        queries: &[HV16],
        k: usize,
        bound: Bound,
        filter: Option<&Bitmap>,
    ) -> Result<Hits, SearchError> {
        Ok(self.find_top_k(queries, k, bound, filter)?)
    }
}

impl fmt::Debug for GpuMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GpuMemory").field("len", &self.len()).field("gpus", &self.gpus).finish()
    }
}

/// A search over the vectors that a [`GpuMemory`] had at one moment, with which it shares them.
///
/// For a snapshot of hv-memory, whose number of vectors stays the same while the memory goes on growing.
#[derive(Clone)]
pub struct GpuView {
    parts: Vec<Part>,
}

impl Search for GpuView {
    fn len(&self) -> usize {
        parts::len(&self.parts)
    }

    fn find_top_k(
        &self,
        queries: &[HV16],
        k: usize,
        bound: Bound,
        filter: Option<&Bitmap>,
    ) -> Result<Hits, SearchError> {
        Ok(search::find_top_k(&self.parts, queries, k, bound, filter)?)
    }
}

impl fmt::Debug for GpuView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GpuView").field("len", &parts::len(&self.parts)).finish()
    }
}

/// The vectors of a range, numbered through all slices, in pieces of at most [`UPLOAD`], each with the index of its first.
fn pieces<'a>(slices: &[&'a [HV16]], range: std::ops::Range<usize>) -> Vec<(usize, &'a [HV16])> {
    let (mut pieces, mut first) = (Vec::new(), 0);
    for slice in slices {
        let within = |at: usize| at.clamp(first, first + slice.len()) - first;
        let (start, end) = (within(range.start), within(range.end));
        let piece = slice[start..end].chunks(UPLOAD).enumerate();
        pieces.extend(piece.map(|(number, piece)| (first + start + number * UPLOAD, piece)));
        first += slice.len();
    }
    pieces
}

fn lock(mutex: &Mutex<()>) -> MutexGuard<'_, ()> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
