//! The table of kernels for one backend, and the checked calls through it.

use std::fmt;

use hv_core::HV16;

use crate::scan::{Distances, Report, TILE};
use crate::{Backend, Line, LineReport, arch, backend, similarity};

/// The kernels of one backend.
///
/// Holding a table is the proof that this CPU can run it: tables are made only after detection, and the fields are
/// private. The functions of the crate's root use [`Kernels::active`]; tests and benchmarks compare backends with
/// [`Kernels::for_backend`].
///
/// ```
/// use hv_simd::{Backend, HV16, Kernels};
///
/// let (a, b) = (HV16::random(1), HV16::random(2));
/// let expected = hv_simd::hv_core::reference::hamming(&a, &b);
/// for kernels in Backend::ALL.into_iter().filter_map(Kernels::for_backend) {
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
    pub(crate) scan_tile: fn(&[HV16], &[HV16], usize, &mut [u16], Report<'_>),
    /// What takes the place of `scan_tile` for many queries.
    pub(crate) many: Option<Many>,
    /// [`Kernels::scan_lines`].
    pub(crate) scan_lines: fn(&Line, &[Line], usize, &mut u16, LineReport<'_>),
    pub(crate) permute: fn(&HV16, i32) -> HV16,
    /// Adds vectors to bit-sliced counters, of which there are enough that none overflows.
    pub(crate) accumulate: fn(&mut [HV16], &[HV16]),
    /// The majority of `n` vectors, read off their counters.
    pub(crate) majority: fn(&[HV16], u64) -> HV16,
    /// The majority of 1 to 4,095 vectors.
    pub(crate) bundle: fn(&[HV16]) -> HV16,
}

/// [`Kernels::scan_nearest`], checked.
type ScanNearest = fn(usize, &[HV16], &[HV16], usize, &mut [u16], Report<'_>);

/// Kernels for many queries over many vectors.
pub(crate) struct Many {
    /// Of how many queries, or vectors, these are faster.
    pub(crate) least: usize,
    /// Of the other side they take so many at a time. Fewer cost them as much.
    pub(crate) tile: usize,
    /// So many pass over a tile at most, before the next pass makes its tables anew.
    pub(crate) pass: usize,
    /// [`Kernels::scan_nearest`] in tiles of memory; as many bounds as queries.
    pub(crate) scan: ScanNearest,
    /// [`Kernels::scan`] in tiles of queries.
    pub(crate) scan_few: fn(&[HV16], &[HV16], usize, &mut [u16], Report<'_>),
    /// [`Kernels::scan_distances`] in tiles of memory.
    pub(crate) distances_of_all: fn(&[HV16], &[HV16], Distances<'_>),
}

/// The side of a scan that is cut into tiles, and how many of it are.
pub(crate) enum Tiles {
    OfQueries(usize),
    OfMemory(usize),
}

impl Many {
    /// How many of `len`, the side that is cut into tiles, these take, where `others` pass over them.
    ///
    /// To compare with a tile and read it off costs about half of what it costs vector by vector (seven tenths with AVX-512
    /// on Zen 5), and its tables the rest for `least`, so less for more. A part of a tile costs as much as a whole one, and
    /// is taken if it is worth that.
    fn taken_of(&self, len: usize, others: usize) -> usize {
        let rest = len % self.tile;
        if others < self.least {
            0
        } else if others.saturating_mul(2 * rest) < others.saturating_add(self.least).saturating_mul(self.tile) {
            len - rest
        } else {
            len
        }
    }

    /// In pairs: those of whole tiles, and the tables, which each pass over them makes.
    fn cost_of(&self, taken: usize, others: usize) -> usize {
        let tables = others.div_ceil(self.pass).saturating_mul(self.least);
        let vectors = taken.checked_next_multiple_of(self.tile).unwrap_or(usize::MAX);
        vectors.saturating_mul(others.saturating_add(tables))
    }
}

impl Kernels {
    /// The table of `backend`, or `None` where this CPU or build does not support it.
    #[must_use]
    pub fn for_backend(backend: Backend) -> Option<&'static Self> {
        arch::table(backend)
    }

    /// The kernels for many, where they are faster, and how many of `len`, the side that is cut into tiles, they take.
    pub(crate) fn many_for(&self, len: usize, others: usize) -> Option<(&Many, usize)> {
        let many = self.many.as_ref()?;
        let taken = many.taken_of(len, others);
        (taken > 0).then_some((many, taken))
    }

    /// Which side the kernels for many cut into tiles, if they scan, and how many of it they take. Tiles of the side
    /// that has more leave the least of them unfilled.
    pub(crate) fn tiles_for(&self, queries: usize, vectors: usize) -> Option<(&Many, Tiles)> {
        let of_queries = || self.many_for(queries, vectors).map(|(many, taken)| (many, Tiles::OfQueries(taken)));
        let of_memory = || self.many_for(vectors, queries).map(|(many, taken)| (many, Tiles::OfMemory(taken)));
        if queries > vectors { of_queries().or_else(of_memory) } else { of_memory() }
    }

    /// How many vectors of memory a scan for `queries` queries takes at a time, on one tile.
    ///
    /// A part of a tile costs up to as much as a whole one, so cut a memory for threads into multiples of this: 64 for
    /// few queries, and the width of the backend's lanes in bits for many.
    ///
    /// ```
    /// use hv_simd::{Backend, Kernels};
    ///
    /// assert_eq!(Kernels::for_backend(Backend::Scalar).unwrap().tile(100), 64);
    /// if let Some(avx2) = Kernels::for_backend(Backend::Avx2) {
    ///     assert_eq!([avx2.tile(1), avx2.tile(100)], [64, 256]);
    /// }
    /// ```
    #[must_use]
    pub fn tile(&self, queries: usize) -> usize {
        match &self.many {
            Some(many) if queries >= many.least => many.tile,
            _ => TILE,
        }
    }

    /// What a scan of `vectors` vectors for `queries` queries costs one thread, relative to other scans of this backend.
    ///
    /// For the choice of how to split a search: a thread that gets half of the queries has more than half of the work,
    /// where the kernels do a part of it once for all queries. A pair costs 2 where its bits are counted, and 1 on tiles,
    /// each vector of which costs something besides.
    ///
    /// ```
    /// use hv_simd::{Backend, Kernels};
    ///
    /// let cost = |queries, vectors| Kernels::for_backend(Backend::Scalar).unwrap().scan_cost(queries, vectors);
    /// assert_eq!(cost(100, 5_000), cost(50, 10_000));
    /// if let Some(avx2) = Kernels::for_backend(Backend::Avx2) {
    ///     assert!(avx2.scan_cost(100, 5_000) < avx2.scan_cost(50, 10_000));
    /// }
    /// ```
    #[must_use]
    pub fn scan_cost(&self, queries: usize, vectors: usize) -> usize {
        let (on_tiles, counted, others) = match self.tiles_for(queries, vectors) {
            Some((many, Tiles::OfQueries(taken))) => (many.cost_of(taken, vectors), queries - taken, vectors),
            Some((many, Tiles::OfMemory(taken))) => (many.cost_of(taken, queries), vectors - taken, queries),
            None => (0, vectors, queries),
        };
        on_tiles.saturating_add(counted.saturating_mul(others).saturating_mul(2))
    }

    /// The table in use: of `HV_BACKEND` where it is set, else of the best backend.
    ///
    /// # Panics
    ///
    /// If `HV_BACKEND` names no backend, or one that this CPU does not support. Call [`init`](crate::init) first
    /// to get that as an error.
    #[inline]
    #[must_use]
    pub fn active() -> &'static Self {
        match backend::selected() {
            Ok(kernels) => kernels,
            Err(error) => panic!("{error}"),
        }
    }

    /// The backend whose kernels these are.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// See [`simd_bind_into`](crate::simd_bind_into).
    pub fn bind_into(&self, vectors: &[HV16], key: &HV16, out: &mut [HV16]) {
        same_length("bind", vectors.len(), out.len());
        (self.bind_into)(vectors, key, out);
    }

    /// See [`simd_bind_pairs_into`](crate::simd_bind_pairs_into).
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
    #[must_use]
    pub fn permute(&self, v: &HV16, n: i32) -> HV16 {
        (self.permute)(v, n)
    }

    /// See [`simd_distances_into`](crate::simd_distances_into).
    pub fn distances_into(&self, query: &HV16, targets: &[HV16], out: &mut [u16]) {
        same_length("distances", targets.len(), out.len());
        (self.distances_into)(query, targets, out);
    }

    /// See [`simd_similarities_into`](crate::simd_similarities_into).
    pub fn similarities_into(&self, query: &HV16, targets: &[HV16], out: &mut [f32]) {
        const BLOCK: usize = 256;
        same_length("similarities", targets.len(), out.len());
        let mut distances = [0; BLOCK];
        for (targets, out) in targets.chunks(BLOCK).zip(out.chunks_mut(BLOCK)) {
            let distances = &mut distances[..targets.len()];
            (self.distances_into)(query, targets, distances);
            for (out, &distance) in out.iter_mut().zip(distances.iter()) {
                *out = similarity(distance);
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
