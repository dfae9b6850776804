//! Chunks of vectors; the largest lie in huge pages.
//!
//! A scan of a million vectors is bound by address translation before it is bound by memory: with pages of 2 MiB
//! it takes about two thirds of the time that it takes with 4 KiB. So segments are anonymous maps aligned to 2 MiB
//! and, on Linux, advised as huge pages; elsewhere the advice is a no-op and only the alignment remains.

use std::ops::{Deref, Range};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use bytemuck::Pod;
use hv_parallel::{HV16, Line, Planed};
use memmap2::MmapMut;

use super::levels::Chunk;
use super::{BLOCK, SEGMENT, SMALL};
use crate::MemoryError;

const HUGE_PAGE: usize = 2 << 20;

pub(crate) struct Vectors {
    vectors: Storage<HV16>,
    /// The first lines, once all are copied; `None` without memory for them, and every vector is read in full.
    plane: OnceLock<Option<Storage<Line>>>,
    /// The plane until then, and how many of its lines are copied.
    copying: Mutex<Option<(Storage<Line>, usize)>>,
}

/// First lines that are copied between two looks at the clock: some microseconds.
const STEP: usize = 256;

enum Storage<T> {
    Heap(Vec<T>),
    Huge { map: MmapMut, bytes: Range<usize> },
}

impl Vectors {
    /// `len` vectors, written by `fill` into zeros.
    pub(crate) fn filled(
        len: usize,
        fill: impl FnOnce(&mut [HV16]) -> Result<(), MemoryError>,
    ) -> Result<Self, MemoryError> {
        let mut vectors = Storage::new(len, HV16::ZERO)?;
        fill(vectors.as_mut_slice())?;
        Ok(Self { vectors, plane: OnceLock::new(), copying: Mutex::default() })
    }

    /// The vectors with the plane of their first lines, where that is there.
    pub(crate) fn planed(&self) -> Planed<'_> {
        let plane = self.plane.get().and_then(Option::as_ref);
        Planed { vectors: self, lines: plane.map_or(&[], Storage::as_slice) }
    }

    /// Copies first lines for the plane, where they are enough for it to be worth its making, until all are copied or it
    /// is `until`. Waits for nobody: one who finds another at it leaves it at that.
    pub(crate) fn make_plane(&self, until: Instant) {
        if self.len() < BLOCK || self.plane.get().is_some() {
            return;
        }
        let Ok(mut copying) = self.copying.try_lock() else { return };
        // Another may have come to the end since.
        while self.plane.get().is_none() && Instant::now() < until {
            match &mut *copying {
                Some((lines, copied)) if *copied < self.len() => {
                    let step = *copied..self.len().min(*copied + STEP);
                    for (line, vector) in lines.as_mut_slice()[step.clone()].iter_mut().zip(&self[step.clone()]) {
                        *line = Line::of(vector);
                    }
                    *copied = step.end;
                }
                Some((lines, _)) => {
                    // The system puts the pages together in time.
                    lines.in_huge_pages(true);
                    let _ = self.plane.set(copying.take().map(|(lines, _)| lines));
                }
                None => match Storage::reserved(self.len(), Line([0; 64])) {
                    Ok(lines) => {
                        // To touch a huge page for the first time takes as long as many steps.
                        lines.in_huge_pages(false);
                        *copying = Some((lines, 0));
                    }
                    Err(_) => drop(self.plane.set(None)),
                },
            }
        }
    }

    /// The bytes of the plane, if it was made.
    pub(crate) fn plane_bytes(&self) -> usize {
        let plane = self.plane.get().and_then(Option::as_ref);
        plane.map_or(0, |plane| size_of_val(plane.as_slice()))
    }
}

impl<T: Pod> Storage<T> {
    fn new(len: usize, zero: T) -> Result<Self, MemoryError> {
        let storage = Self::reserved(len, zero)?;
        storage.in_huge_pages(true);
        Ok(storage)
    }

    /// The same without any advice.
    fn reserved(len: usize, zero: T) -> Result<Self, MemoryError> {
        if len < SEGMENT {
            return Ok(Self::Heap(vec![zero; len]));
        }
        let size = len * size_of::<T>();
        // A map begins at any page, so one huge page more holds an aligned start for certain. What is never
        // touched costs no memory.
        let asked = size + HUGE_PAGE;
        let map = MmapMut::map_anon(asked).map_err(|source| MemoryError::OutOfMemory { bytes: asked, source })?;
        let start = map.as_ptr().align_offset(HUGE_PAGE);
        Ok(Self::Huge { map, bytes: start..start + size })
    }

    /// Whether a map is to be in huge pages or is not, yet. The advice is only that: without it, everything works, at the
    /// speed of small pages.
    fn in_huge_pages(&self, huge: bool) {
        #[cfg(target_os = "linux")]
        if let Self::Huge { map, bytes } = self {
            let advice = if huge { memmap2::Advice::HugePage } else { memmap2::Advice::NoHugePage };
            let _ = map.advise_range(advice, bytes.start, bytes.len().next_multiple_of(HUGE_PAGE));
        }
        #[cfg(not(target_os = "linux"))]
        let _ = huge;
    }

    fn as_slice(&self) -> &[T] {
        match self {
            Self::Heap(items) => items,
            Self::Huge { map, bytes } => bytemuck::cast_slice(&map[bytes.clone()]),
        }
    }

    fn as_mut_slice(&mut self) -> &mut [T] {
        match self {
            Self::Heap(items) => items,
            Self::Huge { map, bytes } => bytemuck::cast_slice_mut(&mut map[bytes.clone()]),
        }
    }
}

impl Deref for Vectors {
    type Target = [HV16];

    fn deref(&self) -> &[HV16] {
        self.vectors.as_slice()
    }
}

impl Chunk for Vectors {
    const SIZES: &'static [usize] = &[SMALL, BLOCK, SEGMENT];

    fn len(&self) -> usize {
        self[..].len()
    }

    fn merge(parts: &[Arc<Self>]) -> Result<Self, MemoryError> {
        Self::filled(parts.iter().map(|part| part.len()).sum(), |out| {
            let mut rest = out;
            for part in parts {
                let (here, next) = rest.split_at_mut(part.len());
                here.copy_from_slice(part);
                rest = next;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_aligned_and_keep_their_vectors() {
        let vectors = Vectors::filled(SEGMENT, |out| {
            out[0] = HV16::random(1);
            out[SEGMENT - 1] = HV16::random(2);
            Ok(())
        });
        let vectors = vectors.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(vectors.as_ptr() as usize % HUGE_PAGE, 0);
        assert_eq!((vectors[0], vectors[1], vectors[SEGMENT - 1]), (HV16::random(1), HV16::ZERO, HV16::random(2)));
    }
}
