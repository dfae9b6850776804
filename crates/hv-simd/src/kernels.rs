//! The table of kernels for one backend, and the checked calls through it.

use core::fmt;

use hv_core::HV16;

use crate::backend::Backend;
use crate::bound::Bound;
#[cfg(feature = "std")]
use crate::limits::Limits;
use crate::prefix::Prefix;
use crate::report::{OnDistances, OnMatch, OnPrefix};
use crate::similarity::similarity_of_distance;

/// Vectors of memory that all queries visit before the next ones: 64 of them are 16 KiB, half of an L1 cache, so
/// that each query block finds the tile there.
pub(crate) const TILE: usize = 64;

/// The kernels of one backend.
///
/// Holding a table is the proof that this CPU can run it: tables are made only after detection, and the fields are
/// private. The functions of the crate's root use [`Kernels::active`]; tests and benchmarks compare backends with
/// [`Kernels::for_backend`].
///
/// ```
/// use hv_simd::workspace_internals::Kernels;
/// use hv_simd::{Backend, HV16};
///
/// let (a, b) = (HV16::random(1), HV16::random(2));
/// let expected = hv_simd::hv_core::reference::hamming(&a, &b);
/// for kernels in Backend::ALL.iter().copied().filter_map(Kernels::for_backend) {
///     assert_eq!(kernels.hamming(&a, &b), expected, "{}", kernels.backend());
/// }
/// ```
pub struct Kernels {
    pub(crate) backend: Backend,
    /// `out[i] = vectors[i] ^ key`; lengths are equal.
    pub(crate) bind_into: fn(&[HV16], &HV16, &mut [HV16]),
    /// `out[i] = a[i] ^ b[i]`; lengths are equal.
    pub(crate) bind_pairs_into: fn(&[HV16], &[HV16], &mut [HV16]),
    pub(crate) hamming: fn(&HV16, &HV16) -> u32,
    pub(crate) similarity: fn(&HV16, &HV16) -> f32,
    /// `out[i]` is the distance of `query` to `targets[i]`; lengths are equal.
    pub(crate) distances_into: fn(&HV16, &[HV16], &mut [u16]),
    /// [`Kernels::scan`] of a tile that fits in cache; as many bounds as queries.
    pub(crate) scan_tile: fn(&[HV16], &[HV16], usize, &mut [Bound], OnMatch<'_>),
    /// What takes the place of `scan_tile` for many queries.
    pub(crate) tiled: Option<TiledKernels>,
    /// [`Kernels::scan_prefixes`].
    pub(crate) scan_prefixes: fn(&Prefix, &[Prefix], usize, &mut Bound, OnPrefix<'_>),
    pub(crate) permute: fn(&HV16, i32) -> HV16,
    /// Adds vectors to bit-sliced counters. There must be enough planes that none overflows.
    pub(crate) accumulate: fn(&mut [HV16], &[HV16]),
    /// The majority of `n` vectors, read off their counters.
    pub(crate) majority: fn(&[HV16], u64) -> HV16,
    /// The majority of 1 to 4,095 vectors.
    pub(crate) bundle: fn(&[HV16]) -> HV16,
    /// What benchmarks compare the kernels with.
    #[cfg(feature = "std")]
    pub(crate) limits: Limits,
}

/// [`Kernels::scan_nearest`], checked.
type ScanNearest = fn(usize, &[HV16], &[HV16], usize, &mut [Bound], OnMatch<'_>);

/// Kernels for many queries over many vectors.
#[derive(Clone, Copy)]
pub(crate) struct TiledKernels {
    /// Minimum number of queries, or vectors, for which these kernels are faster.
    pub(crate) min_queries: usize,
    /// Number of vectors, or queries, that they take at a time. Fewer cost as much.
    pub(crate) tile_width: usize,
    /// Maximum number that passes over a tile before the next pass makes its tables again.
    pub(crate) pass_width: usize,
    /// [`Kernels::scan_nearest`] in tiles of memory; as many bounds as queries.
    pub(crate) scan_by_memory: ScanNearest,
    /// [`Kernels::scan`] in tiles of queries.
    pub(crate) scan_by_queries: fn(&[HV16], &[HV16], usize, &mut [Bound], OnMatch<'_>),
    /// [`Kernels::scan_distances`] in tiles of memory.
    pub(crate) distances_of_all: fn(&[HV16], &[HV16], OnDistances<'_>),
}

impl Kernels {
    /// The loops that benchmarks compare these kernels with.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The backend whose kernels these are.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// See [`simd_bind_into`](crate::simd_bind_into).
    ///
    /// # Panics
    ///
    /// If `out` is not as long as `vectors`.
    pub fn bind_into(&self, vectors: &[HV16], key: &HV16, out: &mut [HV16]) {
        same_length("bind", vectors.len(), out.len());
        (self.bind_into)(vectors, key, out);
    }

    /// See [`simd_bind_pairs_into`](crate::simd_bind_pairs_into).
    ///
    /// # Panics
    ///
    /// If the three slices are not of one length.
    pub fn bind_pairs_into(&self, a: &[HV16], b: &[HV16], out: &mut [HV16]) {
        assert_eq!(a.len(), b.len(), "bind pairs: {} vectors, but {} to bind them with", a.len(), b.len());
        same_length("bind pairs", a.len(), out.len());
        (self.bind_pairs_into)(a, b, out);
    }

    /// See [`simd_hamming`](crate::simd_hamming).
    #[inline]
    #[must_use]
    pub fn hamming(&self, a: &HV16, b: &HV16) -> u32 {
        (self.hamming)(a, b)
    }

    /// See [`simd_similarity`](crate::simd_similarity).
    #[inline]
    #[must_use]
    pub fn similarity(&self, a: &HV16, b: &HV16) -> f32 {
        (self.similarity)(a, b)
    }

    /// See [`simd_permute`](crate::simd_permute).
    #[inline]
    #[must_use]
    pub fn permute(&self, v: &HV16, n: i32) -> HV16 {
        (self.permute)(v, n)
    }

    /// See [`simd_distances_into`](crate::simd_distances_into).
    ///
    /// # Panics
    ///
    /// If `out` is not as long as `targets`.
    pub fn distances_into(&self, query: &HV16, targets: &[HV16], out: &mut [u16]) {
        same_length("distances", targets.len(), out.len());
        (self.distances_into)(query, targets, out);
    }

    /// See [`simd_similarities_into`](crate::simd_similarities_into).
    ///
    /// # Panics
    ///
    /// If `out` is not as long as `targets`.
    pub fn similarities_into(&self, query: &HV16, targets: &[HV16], out: &mut [f32]) {
        const BLOCK: usize = 256;
        same_length("similarities", targets.len(), out.len());
        let mut distances = [0; BLOCK];
        for (targets, out) in targets.chunks(BLOCK).zip(out.chunks_mut(BLOCK)) {
            let distances = &mut distances[..targets.len()];
            (self.distances_into)(query, targets, distances);
            for (out, &distance) in out.iter_mut().zip(distances.iter()) {
                *out = similarity_of_distance(distance);
            }
        }
    }
}

impl fmt::Debug for Kernels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kernels").field("backend", &self.backend).finish_non_exhaustive()
    }
}

fn same_length(operation: &str, vectors: usize, out: usize) {
    assert_eq!(vectors, out, "{operation}: {vectors} vectors, but room for {out} results");
}
