//! Which kernel takes which part of a scan, and what that costs.

use crate::kernels::{Kernels, TILE, TiledKernels};

/// The side of a scan that is cut into tiles, and how many of it are.
pub(crate) enum Tiles {
    OfQueries(usize),
    OfMemory(usize),
}

impl TiledKernels {
    /// How many of `len`, the side that is cut into tiles, these take, where `others` pass over them.
    ///
    /// To compare with a tile and read it off costs about half of what it costs vector by vector, and its tables the rest for
    /// `min_queries`, so less for more. A part of a tile costs as much as a whole one, and is taken if it is worth that.
    fn taken_of(&self, len: usize, others: usize) -> usize {
        let rest = len % self.tile_width;
        if others < self.min_queries {
            0
        } else if others.saturating_mul(2 * rest)
            < others.saturating_add(self.min_queries).saturating_mul(self.tile_width)
        {
            len - rest
        } else {
            len
        }
    }

    /// In pairs: those of whole tiles, and the tables, which each pass over them makes.
    fn cost_of(&self, taken: usize, others: usize) -> usize {
        let tables = others.div_ceil(self.pass_width).saturating_mul(self.min_queries);
        let vectors = taken.checked_next_multiple_of(self.tile_width).unwrap_or(usize::MAX);
        vectors.saturating_mul(others.saturating_add(tables))
    }
}

impl Kernels {
    /// The kernels for many, where they are faster, and how many of `len`, the side that is cut into tiles, they take.
    pub(crate) fn tiled_for(&self, len: usize, others: usize) -> Option<(&TiledKernels, usize)> {
        let tiled = self.tiled.as_ref()?;
        let taken = tiled.taken_of(len, others);
        (taken > 0).then_some((tiled, taken))
    }

    /// Which side the kernels for many cut into tiles, if they scan, and how many of it they take. Tiles of the side
    /// that has more leave the least of them unfilled.
    pub(crate) fn tiles_for(&self, queries: usize, vectors: usize) -> Option<(&TiledKernels, Tiles)> {
        let of_queries = || self.tiled_for(queries, vectors).map(|(tiled, taken)| (tiled, Tiles::OfQueries(taken)));
        let of_memory = || self.tiled_for(vectors, queries).map(|(tiled, taken)| (tiled, Tiles::OfMemory(taken)));
        if queries > vectors { of_queries().or_else(of_memory) } else { of_memory() }
    }

    /// From how many queries on tiles are scanned; [`usize::MAX`] if never.
    #[must_use]
    pub fn min_queries(&self) -> usize {
        self.tiled.map_or(usize::MAX, |tiled| tiled.min_queries)
    }

    /// The same kernels, but tiles are scanned for `min_queries` queries or more: 0 for all, [`usize::MAX`] for none. It
    /// changes no result. For measuring what the number should be.
    #[must_use]
    pub fn with_min_queries(&self, min_queries: usize) -> Self {
        Self { tiled: self.tiled.map(|tiled| TiledKernels { min_queries, ..tiled }), ..*self }
    }

    /// How many vectors of memory a scan for `queries` queries takes at a time, on one tile.
    ///
    /// A part of a tile costs up to as much as a whole one, so cut a memory for threads into multiples of this: 64 for
    /// few queries, and the width of the backend's lanes in bits for many.
    ///
    /// ```
    /// use hv_simd::{Backend, workspace_internals::Kernels};
    ///
    /// let scalar = Kernels::for_backend(Backend::Scalar).unwrap();
    /// assert_eq!([scalar.tile(1), scalar.tile(100)], [64, 256]);
    /// ```
    #[must_use]
    pub fn tile(&self, queries: usize) -> usize {
        match &self.tiled {
            Some(tiled) if queries >= tiled.min_queries => tiled.tile_width,
            _ => TILE,
        }
    }

    /// What a scan of `vectors` vectors for `queries` queries costs one thread, relative to other scans of this backend.
    ///
    /// For the choice of how to split a search: a thread that gets half of the queries has more than half of the work,
    /// where the kernels do a part of it once for all queries. A pair costs 2 where its bits are counted, and 1 on tiles,
    /// where each vector costs something more.
    ///
    /// ```
    /// use hv_simd::{Backend, workspace_internals::Kernels};
    ///
    /// let scalar = Kernels::for_backend(Backend::Scalar).unwrap();
    /// assert_eq!(scalar.scan_cost(2, 5_000), scalar.scan_cost(1, 10_000));
    /// assert!(scalar.scan_cost(100, 5_000) < scalar.scan_cost(50, 10_000));
    /// ```
    #[must_use]
    pub fn scan_cost(&self, queries: usize, vectors: usize) -> usize {
        let (on_tiles, counted, others) = match self.tiles_for(queries, vectors) {
            Some((tiled, Tiles::OfQueries(taken))) => (tiled.cost_of(taken, vectors), queries - taken, vectors),
            Some((tiled, Tiles::OfMemory(taken))) => (tiled.cost_of(taken, queries), vectors - taken, queries),
            None => (0, vectors, queries),
        };
        on_tiles.saturating_add(counted.saturating_mul(others).saturating_mul(2))
    }
}
