//! The scans by tiles, for [`transposed`](super).

use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;
use std::thread::LocalKey;

use hv_core::HV16;

use crate::arch::lane::Lane;
use crate::arch::transposed::passes::{Early, Indexed, pass_of};
use crate::arch::transposed::reading::{Bounds, PLANES, Planes, Reading, Reported, bit_of, is_empty, nearer};
use crate::arch::transposed::transposition::{LINE, Tile};
use crate::bound::Bound;
use crate::lanes;
use crate::report::{OnDistances, OnMatch};

/// How a step of words is tabled, and added to the sums.
pub(crate) trait Adding<L: Lane>: Indexed {
    /// Words that are added at a time.
    const STEP: usize;

    /// The number of sums that these can fill.
    const LOW: usize;

    /// The tables of a step.
    type Tables;

    /// The distances of a query to each vector of the tile so far, or those of a vector to each query of one: bit-sliced,
    /// and after them what waits at each level above the low sums, that of the highest first. Nothing waits after the
    /// last step, whose carry is the highest plane. So these are `PLANES - 1 + PLANES - LOW` lanes.
    type Sums: Copy + AsRef<[L::Bits]> + AsMut<[L::Bits]>;

    /// Tables of nothing.
    fn tables(l: L) -> Self::Tables;

    /// Sums of nothing.
    fn sums(l: L) -> Self::Sums;

    /// Makes the tables of the columns of a step.
    fn fill(l: L, tables: &mut Self::Tables, columns: &[[L::Bits; 64]]);

    /// Adds a step to the low sums, and returns the carry.
    fn count(l: L, tables: &Self::Tables, indices: &Self::TableIndices, sums: &mut Self::Sums) -> L::Bits;
}

/// What is not inlined into each scan, but has a wrapper of its own. Each is the function of its name.
pub(crate) trait Steps: Reading {
    /// How words are added.
    type Adding: Adding<Self>;

    fn gather(self, tile: &Tile<'_, Self>, line: usize, columns: &mut [[Self::Bits; 64]; LINE]);

    fn count(self, tables: &Tables<Self>, indices: &TableIndices<Self>, sums: &mut Sums<Self>) -> Self::Bits;

    fn pass_over(self, under_way: &mut UnderWay<'_, Self>, tile: Tile<'_, Self>, tables: &mut Tables<Self>);

    fn report_vectors(
        self,
        planes: &Planes<Self>,
        near: &Self::Bits,
        wanted: usize,
        bound: &mut Bound,
        of: Reported,
        report: OnMatch<'_>,
    );

    fn report_queries(
        self,
        planes: &Planes<Self>,
        near: &Self::Bits,
        first: usize,
        vector: usize,
        bounds: &mut Bounds<'_, Self>,
        report: OnMatch<'_>,
    );

    /// Kept by each thread, since some allocators would map it again for each scan, which takes longer than a short scan.
    /// Taken out for the time of a scan: a report may scan too.
    fn room() -> &'static LocalKey<Cell<Room<Self>>>;
}

pub(crate) type TableIndices<L> = <<L as Steps>::Adding as Indexed>::TableIndices;
pub(crate) type Tables<L> = <<L as Steps>::Adding as Adding<L>>::Tables;
pub(crate) type Sums<L> = <<L as Steps>::Adding as Adding<L>>::Sums;

/// Adds two lanes to a sum, and returns the carry.
#[inline(always)]
pub(super) fn add<L: Lane>(l: L, sum: &mut L::Bits, a: L::Bits, b: L::Bits) -> L::Bits {
    let (total, carry) = l.full_add(*sum, a, b);
    *sum = total;
    carry
}

/// Adds the words of step number `steps`.
#[inline(always)]
fn add_step<L: Steps>(l: L, sums: &mut Sums<L>, tables: &Tables<L>, indices: &TableIndices<L>, steps: usize) {
    let mut carry = l.count(tables, indices, sums);
    let (sums, waiting) = sums.as_mut().split_at_mut(PLANES - 1);
    // A carry waits where the binary number of steps has a 1. Up to the lowest 0 they are added, as counting the step
    // turns these to 0 and that to 1.
    let level = steps.trailing_ones() as usize;
    for (sum, waiting) in sums[L::Adding::LOW..][..level].iter_mut().zip(waiting.iter().rev()) {
        carry = add(l, sum, *waiting, carry);
    }
    match waiting.len().checked_sub(1 + level) {
        Some(place) => waiting[place] = carry,
        None => unreachable!("there are levels for all steps"),
    }
}

/// The distances after `steps` steps.
#[inline(always)]
fn after<L: Steps>(l: L, sums: &Sums<L>, steps: usize) -> Planes<L> {
    let (sums, waiting) = sums.as_ref().split_at(PLANES - 1);
    let mut planes = [l.splat(0); PLANES];
    planes[..PLANES - 1].copy_from_slice(sums);
    let mut carry = l.splat(0);
    for (level, (plane, waiting)) in planes[L::Adding::LOW..].iter_mut().zip(waiting.iter().rev()).enumerate() {
        let waiting = if steps >> level & 1 == 1 { *waiting } else { l.splat(0) };
        carry = add(l, plane, waiting, carry);
    }
    planes
}

/// What a scan keeps outside the stack.
pub(crate) struct Room<L: Steps> {
    /// The vectors whose indices are there: a scan in parts asks for the same again.
    indexed: Vec<HV16>,
    /// Of each step, for each vector that passes over tiles.
    indices: Vec<TableIndices<L>>,
    sums: Vec<Sums<L>>,
    early: Vec<Early>,
    /// The last block, with vectors that are none.
    padded: Vec<HV16>,
}

impl<L: Steps> Default for Room<L> {
    fn default() -> Self {
        Self { indexed: Vec::new(), indices: Vec::new(), sums: Vec::new(), early: Vec::new(), padded: Vec::new() }
    }
}

/// Vectors on their way over tiles.
pub(crate) struct UnderWay<'a, L: Steps> {
    indices: &'a [TableIndices<L>],
    sums: &'a mut [Sums<L>],
    early: &'a mut Vec<Early>,
}

impl<L: Steps> Room<L> {
    /// Makes `indexed` ready to pass over tiles, and cuts `tiled` into these.
    #[inline(always)]
    fn lay_out<'a>(
        &'a mut self,
        l: L,
        indexed: &[HV16],
        tiled: &'a [HV16],
    ) -> (UnderWay<'a, L>, impl Iterator<Item = Tile<'a, L>>) {
        if lanes::views::<_, u8>(&self.indexed) != lanes::views::<_, u8>(indexed) {
            L::Adding::write_indices(indexed, &mut self.indices);
            self.indexed.clear();
            self.indexed.extend_from_slice(indexed);
        }
        self.sums.resize(indexed.len(), L::Adding::sums(l));
        let (blocks, last) = L::blocks(tiled);
        self.padded.clear();
        self.padded.extend_from_slice(last);
        self.padded.resize(L::BLOCK, HV16::ZERO);
        let padded = L::blocks(&self.padded).0.first();
        let block = move |i| match blocks.get(i) {
            Some(block) => block,
            None if i == blocks.len() => padded.unwrap_or(lanes::zeros()),
            None => lanes::zeros(),
        };
        let starts = (0..tiled.len().div_ceil(L::BLOCK)).step_by(L::TILE / L::BLOCK);
        let under_way = UnderWay { indices: &self.indices, sums: &mut self.sums, early: &mut self.early };
        (under_way, starts.map(move |start| core::array::from_fn(|i| block(start + i))))
    }
}

/// The scan with tiles of memory.
#[inline(always)]
pub(crate) fn scan_by_memory<L: Steps>(
    l: L,
    wanted: usize,
    queries: &[HV16],
    memory: &[HV16],
    first: usize,
    bounds: &mut [Bound],
    report: OnMatch<'_>,
) {
    each_tile(l, queries, memory, bounds, |query, start, planes, bound| {
        let near = nearer(l, planes, |plane| bit_of(l, bound.limit(), plane));
        if is_empty::<L>(&near) {
            return;
        }
        let of = Reported { query, first: first + start, vectors: memory.len() - start };
        l.report_vectors(planes, &near, wanted, bound, of, report);
    });
}

/// All distances, by tiles of memory.
#[inline(always)]
pub(crate) fn distances_of_all<L: Steps>(l: L, queries: &[HV16], memory: &[HV16], on_distances: OnDistances<'_>) {
    each_tile(l, queries, memory, &mut vec![Bound::NONE; queries.len()], |query, start, planes, _| {
        on_distances(query, start, &lanes::numbers(&l.distances(planes))[..L::TILE.min(memory.len() - start)]);
    });
}

/// Calls `f` for each query and tile of memory with the query's place, that of the tile's first vector, the distances, and
/// the bound, unless all distances have reached it.
#[inline(always)]
fn each_tile<L: Steps>(
    l: L,
    queries: &[HV16],
    memory: &[HV16],
    bounds: &mut [Bound],
    mut f: impl FnMut(usize, usize, &Planes<L>, &mut Bound),
) {
    let mut room = L::room().try_with(Cell::take).unwrap_or_default();
    let mut tables = L::Adding::tables(l);
    let pass = pass_of(queries.len(), L::PASS);
    for (n, (queries, bounds)) in queries.chunks(pass).zip(bounds.chunks_mut(pass)).enumerate() {
        let (mut under_way, tiles) = room.lay_out(l, queries, memory);
        for (tile, start) in tiles.zip((0..).step_by(L::TILE)) {
            under_way.set_out(bounds.iter().map(|bound| bound.limit()));
            l.pass_over(&mut under_way, tile, &mut tables);
            for (q, planes) in under_way.distances() {
                f(n * pass + q, start, planes, &mut bounds[q]);
            }
        }
    }
    // The thread may be about to end, and its room gone.
    let _ = L::room().try_with(|place| place.set(room));
}

/// The scan with tiles of queries: distances are the same both ways.
#[inline(always)]
pub(crate) fn scan_by_queries<L: Steps>(
    l: L,
    queries: &[HV16],
    memory: &[HV16],
    first: usize,
    bounds: &mut [Bound],
    report: OnMatch<'_>,
) {
    let mut room = L::room().try_with(Cell::take).unwrap_or_default();
    let mut tables = L::Adding::tables(l);
    let pass = pass_of(memory.len(), L::PASS);
    for (n, memory) in memory.chunks(pass).enumerate() {
        let (mut under_way, tiles) = room.lay_out(l, memory, queries);
        for ((n_tile, tile), bounds) in tiles.enumerate().zip(bounds.chunks_mut(L::TILE)) {
            let mut bounds = Bounds::new(l, bounds);
            under_way.set_out(memory.iter().map(|_| bounds.highest()));
            l.pass_over(&mut under_way, tile, &mut tables);
            for (i, planes) in under_way.distances() {
                let near = nearer(l, planes, |plane| bounds.planes[plane]);
                if !is_empty::<L>(&near) {
                    l.report_queries(planes, &near, n_tile * L::TILE, first + n * pass + i, &mut bounds, report);
                }
            }
        }
    }
    let _ = L::room().try_with(|place| place.set(room));
}

impl<L: Steps> UnderWay<'_, L> {
    /// Before a tile, with the bound of each.
    #[inline(always)]
    fn set_out(&mut self, bounds: impl Iterator<Item = u16>) {
        self.early.clear();
        self.early.extend(bounds.map(|bound| Early::new(bound, L::Adding::STEP)));
    }

    /// The place and the distances of each whose distances do not all reach its bound.
    #[inline(always)]
    fn distances(&self) -> impl Iterator<Item = (usize, &Planes<L>)> {
        let near = self.sums.iter().zip(&*self.early).enumerate().filter(|(_, (_, early))| !early.all_far);
        near.filter_map(|(i, (sums, _))| Some((i, sums.as_ref().first_chunk()?)))
    }
}

/// Adds the words of step number `steps`.
#[inline(always)]
fn add_to_all<L: Steps>(
    l: L,
    under_way: &mut UnderWay<'_, L>,
    tables: &Tables<L>,
    indices: &[TableIndices<L>],
    steps: usize,
) {
    let under_way = indices.iter().zip(&mut *under_way.sums).zip(&mut *under_way.early);
    for ((indices, sums), early) in under_way.filter(|(_, early)| !early.all_far) {
        add_step(l, sums, tables, indices, steps);
        if steps + 1 == early.look_after {
            let nearer = nearer(l, &after(l, sums, steps + 1), |plane| bit_of(l, early.bound, plane));
            early.looked(is_empty::<L>(&nearer), L::Adding::STEP);
        }
    }
}

/// Makes the sums the distances to every vector of the tile, unless all of these reach the bound.
#[inline(always)]
pub(crate) fn pass_over<L: Steps>(l: L, under_way: &mut UnderWay<'_, L>, tile: Tile<'_, L>, tables: &mut Tables<L>) {
    for sums in &mut *under_way.sums {
        // A carry waits only once one has come.
        sums.as_mut()[..PLANES - 1].fill(l.splat(0));
    }
    let mut columns = [[l.splat(0); 64]; LINE];
    for (steps, indices) in under_way.indices.chunks_exact(under_way.sums.len()).enumerate() {
        let (line, place) = (steps * L::Adding::STEP / LINE, steps * L::Adding::STEP % LINE);
        if place == 0 {
            if under_way.early.iter().all(|early| early.all_far) {
                return;
            }
            l.gather(&tile, line, &mut columns);
        }
        L::Adding::fill(l, tables, &columns[place..]);
        add_to_all(l, under_way, tables, indices, steps);
    }
}
