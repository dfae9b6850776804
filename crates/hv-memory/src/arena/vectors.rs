//! Chunks of vectors; the largest lie in huge pages.
//!
//! A scan of a million vectors is bound by address translation before it is bound by memory: with pages of 2 MiB
//! it takes about two thirds of the time that it takes with 4 KiB. So segments are anonymous maps aligned to 2 MiB
//! and, on Linux, advised as huge pages; elsewhere the advice is a no-op and only the alignment remains.

use std::ops::{Deref, Range};
use std::sync::{Arc, OnceLock};

use bytemuck::Pod;
use hv_parallel::HV16;
use hv_parallel::for_storage::WithPrefixes;
use hv_parallel::hv_simd::workspace_internals::Prefix;
use memmap2::MmapMut;

use super::levels::{Chunk, Levels};
use super::sizes::{BLOCK, SEGMENT, SMALL};
use crate::error::MemoryError;

const HUGE_PAGE: usize = 2 << 20;

pub(crate) struct Vectors {
    vectors: Storage<HV16>,
    /// The prefixes; without memory for them `None`, and every vector is read in full.
    plane: OnceLock<Option<Storage<Prefix>>>,
}

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
        Ok(Self { vectors, plane: OnceLock::new() })
    }

    /// Vectors with `rows` more; `vector` is asked for each of them once, in order.
    pub(crate) fn appended(
        vectors: &Levels<Self>,
        rows: usize,
        vector: &mut dyn FnMut(usize) -> HV16,
    ) -> Result<Levels<Self>, MemoryError> {
        vectors.append(rows, &mut |unfinished, rows| {
            let old = unfinished.map_or(&[][..], |chunk| chunk);
            Self::filled(old.len() + rows.len(), |out| {
                let (kept, new) = out.split_at_mut(old.len());
                kept.copy_from_slice(old);
                new.iter_mut().zip(rows).for_each(|(out, row)| *out = vector(row));
                Ok(())
            })
        })
    }

    /// Makes the plane of prefixes, where there are enough vectors for it to be worth having.
    pub(crate) fn make_plane(&self) {
        if self.len() < BLOCK {
            return;
        }
        self.plane.get_or_init(|| {
            let mut plane = Storage::new(self.len(), Prefix([0; 64])).ok()?;
            for (prefix, vector) in plane.as_mut_slice().iter_mut().zip(&**self) {
                *prefix = Prefix::of(vector);
            }
            Some(plane)
        });
    }

    /// The vectors with the plane of their prefixes, where that is there.
    pub(crate) fn with_prefixes(&self) -> WithPrefixes<'_> {
        let plane = self.plane.get().and_then(Option::as_ref);
        WithPrefixes { vectors: self, prefixes: plane.map_or(&[], Storage::as_slice) }
    }

    /// The bytes of the plane, if there is one.
    pub(crate) fn plane_bytes(&self) -> usize {
        let plane = self.plane.get().and_then(Option::as_ref);
        plane.map_or(0, |plane| size_of_val(plane.as_slice()))
    }
}

impl<T: Pod> Storage<T> {
    fn new(len: usize, zero: T) -> Result<Self, MemoryError> {
        if len < SEGMENT {
            return Ok(Self::Heap(vec![zero; len]));
        }
        let size = len * size_of::<T>();
        // A map begins at any page, so one huge page more holds an aligned start for certain. What is never
        // touched costs no memory.
        let asked = size + HUGE_PAGE;
        let map = MmapMut::map_anon(asked).map_err(|source| MemoryError::OutOfMemory { bytes: asked, source })?;
        let start = map.as_ptr().align_offset(HUGE_PAGE);
        // The advice is only that: without it, everything works, at the speed of small pages.
        #[cfg(target_os = "linux")]
        let _ = map.advise_range(memmap2::Advice::HugePage, start, size.next_multiple_of(HUGE_PAGE));
        Ok(Self::Huge { map, bytes: start..start + size })
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
