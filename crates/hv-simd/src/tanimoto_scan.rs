//! The scan for the best Tanimoto scores, over the scan by distance.
//!
//! A score depends on the distance and the numbers of ones alone (BitBound: Swamidass and Baldi, Journal of Chemical
//! Information and Modeling 47, 2007). So memory is sorted by ones and visited in tiles, from those with about as many
//! ones as the queries outwards:
//!
//! ```text
//! for each tile, the nearest in ones first:
//!     the queries for which a vector of the tile could be good enough, by its number of ones alone
//!     for each the highest distance that could be good enough in the tile: its bound
//!     scan the tile by distance under these bounds, and offer what it reports
//! ```
//!
//! Queries are sorted by ones, too, so that those of a block want the same tiles.

use core::ops::Range;

use hv_core::HV16;

use crate::bound::Bound;
use crate::by_ones::ByOnes;
use crate::kernels::Kernels;
use crate::tanimoto_score::rank;
use crate::tanimoto_top_k::TanimotoTopK;

/// Vectors of a tile, two of the largest that a kernel takes at a time: few enough that their numbers of ones differ
/// little, and enough that the kernels prepare the queries seldom.
const TILE: usize = 1024;

/// Queries whose bounds fit on the stack.
pub(crate) const QUERIES: usize = 512;

impl Kernels {
    /// Offers to each query's state the vectors of memory that may be good enough for it.
    ///
    /// `queries` is a range of the sorted queries, whose states are in the same order.
    ///
    /// Cost: at most one distance a pair, and none for tiles whose numbers of ones are too far from the query's.
    ///
    /// # Panics
    ///
    /// If there is not one state for each query of the range.
    pub fn scan_tanimoto(&self, queries: &ByOnes, range: Range<usize>, memory: &ByOnes, states: &mut [TanimotoTopK]) {
        assert_eq!(range.len(), states.len(), "Tanimoto: {} queries, but {} states", range.len(), states.len());
        let all = &queries.vectors()[range.clone()];
        let ones = &queries.ones()[range];
        for ((queries, ones), states) in all.chunks(QUERIES).zip(ones.chunks(QUERIES)).zip(states.chunks_mut(QUERIES)) {
            let middle = ones[ones.len() / 2];
            for tile in tiles_outwards(memory.ones(), middle) {
                self.scan_tile_tanimoto(queries, ones, memory, tile, states);
            }
        }
    }

    /// Scans one tile for some queries.
    fn scan_tile_tanimoto(
        &self,
        queries: &[HV16],
        ones: &[u16],
        memory: &ByOnes,
        tile: Range<usize>,
        states: &mut [TanimotoTopK],
    ) {
        let (fewest, most) = (memory.ones()[tile.start], memory.ones()[tile.end - 1]);
        let may_find = |query: usize| {
            let nearest = ones[query].clamp(fewest, most);
            states[query].admits(rank(ones[query].abs_diff(nearest), ones[query] + nearest))
        };
        let Some(first) = (0..queries.len()).find(|&query| may_find(query)) else { return };
        let last = (first..queries.len()).rev().find(|&query| may_find(query)).unwrap_or(first);
        let (queries, ones) = (&queries[first..=last], &ones[first..=last]);
        let states = &mut states[first..=last];

        let indices = &memory.indices()[tile.clone()];
        let lowest = indices.iter().copied().min().unwrap_or(0);
        let counts = &memory.ones()[tile.clone()];
        let bounds = &mut [Bound::NOTHING; QUERIES][..queries.len()];
        for ((bound, state), &ones) in bounds.iter_mut().zip(&*states).zip(ones) {
            *bound = state.bound(ones + most, lowest);
        }
        self.scan(queries, &memory.vectors()[tile], 0, bounds, &mut |query, i, distance| {
            states[query].offer(distance, ones[query] + counts[i], indices[i]);
            states[query].bound(ones[query] + most, lowest)
        });
    }
}

/// The tiles of vectors sorted by ones, those first whose ones are nearest to `middle`.
fn tiles_outwards(ones: &[u16], middle: u16) -> impl Iterator<Item = Range<usize>> {
    let start = ones.partition_point(|&n| n < middle) / TILE * TILE;
    let tile = |start: usize, len: usize| start..len.min(start + TILE);
    let (mut below, mut above, len) = (start, start, ones.len());
    core::iter::from_fn(move || {
        let gap_below = (below > 0).then(|| middle.saturating_sub(ones[below - 1]));
        let gap_above = (above < len).then(|| ones[above].saturating_sub(middle));
        match (gap_below, gap_above) {
            (None, None) => None,
            (Some(gap), other) if other.is_none_or(|other| gap < other) => {
                below -= TILE;
                Some(tile(below, len))
            }
            _ => {
                above += TILE;
                Some(tile(above - TILE, len))
            }
        }
    })
}
