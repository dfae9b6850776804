//! Results of a search in flat arrays.

use crate::room::Room;

/// The results of a search for many queries, in two flat arrays: k slots for each query, one query after the other.
///
/// The results of a query fill its slots from the first on: by distance, then by lower index. A slot without a result
/// holds [`Hits::NO_INDEX`] and [`Hits::NO_DISTANCE`], so that the arrays can be handed to other languages as they are.
/// A value can be used for many searches, and keeps its memory.
///
/// ```
/// use hv_parallel::{HV16, Hits, adaptive_batch_find_top_k_into};
///
/// let memory: Vec<HV16> = (0..100).map(HV16::random).collect();
/// let mut hits = Hits::new();
/// adaptive_batch_find_top_k_into(&memory[7..9], &memory, 3, &mut hits);
/// assert_eq!((hits.queries(), hits.k()), (2, 3));
/// assert_eq!((hits.indices()[3], hits.distances()[3]), (8, 0)); // the first of the second query
/// assert_eq!(hits.get(1).next(), Some((8, 0)));
/// assert_eq!(hits.get(1).len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    queries: usize,
    k: usize,
    indices: Vec<u64>,
    distances: Vec<u16>,
}

impl Hits {
    /// The index in a slot without a result.
    pub const NO_INDEX: u64 = u64::MAX;

    /// The distance in a slot without a result.
    pub const NO_DISTANCE: u16 = u16::MAX;

    /// No results, for no queries.
    #[must_use]
    pub const fn new() -> Self {
        Self { queries: 0, k: 0, indices: Vec::new(), distances: Vec::new() }
    }

    /// The number of queries.
    #[must_use]
    pub fn queries(&self) -> usize {
        self.queries
    }

    /// The number of slots of each query: at most the number of results asked for, and at most the number of vectors.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// The number of results of a query.
    ///
    /// # Panics
    ///
    /// If there is no such query.
    #[must_use]
    pub fn len(&self, query: usize) -> usize {
        self.indices[self.slots(query)].partition_point(|&index| index != Self::NO_INDEX)
    }

    /// The indices in all slots: `indices()[query * k() + rank]`.
    #[must_use]
    pub fn indices(&self) -> &[u64] {
        &self.indices
    }

    /// The distances in all slots: `distances()[query * k() + rank]`.
    #[must_use]
    pub fn distances(&self) -> &[u16] {
        &self.distances
    }

    /// The results of a query as `(index, distance)`, the nearest first.
    ///
    /// # Panics
    ///
    /// If there is no such query.
    pub fn get(&self, query: usize) -> impl ExactSizeIterator<Item = (usize, u16)> + DoubleEndedIterator + Clone {
        let start = self.slots(query).start;
        let range = start..start + self.len(query);
        let indices = self.indices[range.clone()].iter().map(|&index| index as usize);
        indices.zip(self.distances[range].iter().copied())
    }

    /// The results of all queries as nested vectors.
    #[must_use]
    pub fn to_nested(&self) -> Vec<Vec<(usize, u16)>> {
        (0..self.queries).map(|query| self.get(query).collect()).collect()
    }

    /// Makes `k` slots for each of `queries` queries, all without a result.
    pub fn reset(&mut self, queries: usize, k: usize) {
        self.resize(queries, k);
        self.indices.fill(Self::NO_INDEX);
        self.distances.fill(Self::NO_DISTANCE);
    }

    /// Sets the results of a query, which must be in order: by distance, then by lower index.
    ///
    /// For those who implement [`Search`](crate::Search).
    ///
    /// # Panics
    ///
    /// If there is no such query, or if it has fewer slots.
    pub fn set(&mut self, query: usize, results: impl IntoIterator<Item = (usize, u16)>) {
        let slots = self.slots(query);
        let (indices, distances) = (&mut self.indices[slots.clone()], &mut self.distances[slots]);
        Rows { k: self.k, rows: 1, indices, distances }.put(0, results);
    }

    /// Room for the results of `queries` queries. What was there is still in the slots that are not written.
    pub(crate) fn rows(&mut self, queries: usize, k: usize) -> Rows<'_> {
        self.resize(queries, k);
        Rows { k, rows: queries, indices: &mut self.indices, distances: &mut self.distances }
    }

    fn resize(&mut self, queries: usize, k: usize) {
        (self.queries, self.k) = (queries, k);
        let slots = queries.saturating_mul(k);
        self.indices.resize(slots, Self::NO_INDEX);
        self.distances.resize(slots, Self::NO_DISTANCE);
    }

    fn slots(&self, query: usize) -> std::ops::Range<usize> {
        assert!(query < self.queries, "there is no query {query}: there are {}", self.queries);
        query * self.k..(query + 1) * self.k
    }
}

/// The slots of some queries.
pub(crate) struct Rows<'a> {
    k: usize,
    rows: usize,
    indices: &'a mut [u64],
    distances: &'a mut [u16],
}

impl Rows<'_> {
    /// Writes all slots of a query.
    pub(crate) fn put(&mut self, row: usize, results: impl IntoIterator<Item = (usize, u16)>) {
        let slots = row * self.k..(row + 1) * self.k;
        let (indices, distances) = (&mut self.indices[slots.clone()], &mut self.distances[slots]);
        let mut filled = 0;
        for (index, distance) in results {
            assert!(filled < self.k, "more results than the {} slots of the query", self.k);
            (indices[filled], distances[filled]) = (index as u64, distance);
            filled += 1;
        }
        indices[filled..].fill(Hits::NO_INDEX);
        distances[filled..].fill(Hits::NO_DISTANCE);
    }
}

impl Room for Rows<'_> {
    fn len(&self) -> usize {
        self.rows
    }

    fn cut(&mut self, n: usize) -> Self {
        let rows = n.min(self.rows);
        self.rows -= rows;
        let slots = rows * self.k;
        Self { k: self.k, rows, indices: self.indices.cut(slots), distances: self.distances.cut(slots) }
    }
}
