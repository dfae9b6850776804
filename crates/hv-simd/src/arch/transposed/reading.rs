//! What is read off bit-sliced counters, for [`transposed`](super): which vectors of a tile are below a bound, which
//! are among the `k` nearest, and how far these are.
//!
//! Mix for a query and a tile: some 50 operations for the bound, some 200 for the distances where any is below it, and
//! where more than `k` are, two operations and the population count of a lane for each of 12 bits.

use crate::arch::lane::{Lane, Tiled};
use crate::arch::transposed::transposition::{block_of, row_of, transpose_sixteen};
use crate::bound::Bound;
use crate::lanes;
use crate::report::OnMatch;

/// Bits of a distance.
pub(crate) const PLANES: usize = 12;

/// Bit-sliced counters, one for each vector of the tile.
pub(crate) type Planes<L> = [<L as Lane>::Bits; PLANES];

/// What is not inlined into each kernel, but has a wrapper of its own. Each is the function of its name.
pub(crate) trait Reading: Tiled {
    fn kth_smallest(self, planes: &Planes<Self>, set: Self::Bits, k: usize) -> u16;

    fn distances(self, planes: &Planes<Self>) -> [Self::Bits; 16];
}

/// The distances of each block, in order.
#[inline(always)]
pub(crate) fn distances<L: Tiled>(l: L, planes: &Planes<L>) -> [L::Bits; 16] {
    let mut rows = [l.splat(0); 16];
    rows[..PLANES].copy_from_slice(planes);
    transpose_sixteen(l, &mut rows);
    core::array::from_fn(|block| rows[row_of(block)])
}

/// One bit of a number, in all places.
#[inline(always)]
pub(super) fn bit_of<L: Tiled>(l: L, number: u16, bit: usize) -> L::Bits {
    l.splat(0u64.wrapping_sub(u64::from(number >> bit & 1)))
}

/// Where a distance is below the bound, given by its planes.
#[inline(always)]
pub(super) fn nearer<L: Tiled>(l: L, planes: &Planes<L>, bound: impl Fn(usize) -> L::Bits) -> L::Bits {
    // From the lowest plane on: nearer if the bound has a bit that the distance lacks, and the higher ones are equal.
    let mut nearer = l.splat(0);
    for (i, &plane) in planes.iter().enumerate() {
        let bit = bound(i);
        nearer = l.xor(nearer, l.and(l.xor(plane, bit), l.xor(bit, nearer)));
    }
    nearer
}

/// The words of a lane.
#[inline(always)]
fn words<L: Tiled>(lane: &L::Bits) -> &[u64] {
    lanes::numbers(lane)
}

#[inline(always)]
pub(super) fn is_empty<L: Tiled>(lane: &L::Bits) -> bool {
    words::<L>(lane).iter().all(|&word| word == 0)
}

/// How many bits are set.
#[inline(always)]
fn count_ones<L: Tiled>(lane: &L::Bits) -> usize {
    words::<L>(lane).iter().map(|word| word.count_ones() as usize).sum()
}

/// The `k`th smallest distance of a set of more than `k`: bit for bit from the highest plane, as those that have a 0
/// there come before the others.
#[inline(always)]
pub(crate) fn kth_smallest<L: Tiled>(l: L, planes: &Planes<L>, mut set: L::Bits, mut k: usize) -> u16 {
    let mut distance = 0;
    for (i, &plane) in planes.iter().enumerate().rev() {
        let ones = l.and(set, plane);
        let zeros = l.xor(set, ones);
        let nearer = count_ones::<L>(&zeros);
        if k <= nearer {
            set = zeros;
        } else {
            (set, k, distance) = (ones, k - nearer, distance | 1 << i);
        }
    }
    distance
}

/// Which rows have a bit; bit `i` is row `i`.
#[inline(always)]
fn near_rows<L: Tiled>(nearer: &L::Bits) -> u64 {
    let all = words::<L>(nearer).iter().fold(0, |all, word| all | word);
    (all | all >> 16 | all >> 32 | all >> 48) & 0xffff
}

/// The bound of each query of a tile.
pub(crate) struct Bounds<'a, L: Tiled> {
    numbers: &'a mut [Bound],
    pub(super) planes: Planes<L>,
}

impl<'a, L: Tiled> Bounds<'a, L> {
    #[inline(always)]
    pub(super) fn new(l: L, numbers: &'a mut [Bound]) -> Self {
        let mut bounds = Self { numbers, planes: [l.splat(0); PLANES] };
        bounds.write_planes(l);
        bounds
    }

    /// To be called when numbers have changed. Beyond the last number bounds are 0.
    #[inline(always)]
    fn write_planes(&mut self, l: L) {
        let mut rows = [l.splat(0); 16];
        for (block, numbers) in self.numbers.chunks(L::BLOCK).enumerate() {
            for (place, bound) in lanes::numbers_mut(&mut rows[row_of(block)]).iter_mut().zip(numbers) {
                *place = bound.limit();
            }
        }
        transpose_sixteen(l, &mut rows);
        self.planes.copy_from_slice(&rows[..PLANES]);
    }

    pub(super) fn highest(&self) -> u16 {
        self.numbers.iter().map(|bound| bound.limit()).max().unwrap_or(0)
    }
}

/// What is reported of a tile: a query, and vectors of memory from the first one of the tile on.
#[derive(Clone, Copy)]
pub(crate) struct Reported {
    pub(super) query: usize,
    pub(super) first: usize,
    /// Those behind are padding of the last tile.
    pub(super) vectors: usize,
}

/// For a query: reports the vectors of the tile that are `near`, below the bound; where these are more than `wanted`,
/// the `wanted` nearest first.
#[inline(always)]
pub(crate) fn report_vectors<L: Reading>(
    l: L,
    planes: &Planes<L>,
    near: &L::Bits,
    wanted: usize,
    bound: &mut Bound,
    of: Reported,
    report: OnMatch<'_>,
) {
    let rows = near_rows::<L>(near);
    let enough = if count_ones::<L>(near) > wanted { l.kth_smallest(planes, *near, wanted) + 1 } else { 0 };
    let blocks = l.distances(planes);
    for (from, to) in [(0, enough), (enough, Bound::NONE.limit())] {
        if from >= to.min(bound.limit()) {
            continue;
        }
        for (i, &distances) in blocks.iter().enumerate().filter(|&(i, _)| rows >> row_of(i) & 1 != 0) {
            // Each time, as reports lower the bound.
            let mut left = l.below(distances, to.min(bound.limit())) & !l.below(distances, from);
            while left != 0 {
                let place = left.trailing_zeros() as usize;
                left &= left - 1;
                let (vector, distance) = (i * L::BLOCK + place, lanes::numbers(&distances)[place]);
                if bound.admits(distance) && vector < of.vectors {
                    *bound = report(of.query, of.first + vector, distance).min(*bound);
                }
            }
        }
    }
}

/// For a vector of memory: reports it to the queries of the tile, numbered from `first`, that it is `near` to, below
/// their bounds.
#[inline(always)]
pub(crate) fn report_queries<L: Reading>(
    l: L,
    planes: &Planes<L>,
    near: &L::Bits,
    first: usize,
    vector: usize,
    bounds: &mut Bounds<'_, L>,
    report: OnMatch<'_>,
) {
    let distances = l.distances(planes);
    let few = count_ones::<L>(near) <= FEW;
    for (j, &word) in words::<L>(near).iter().enumerate() {
        let mut left = word;
        while left != 0 {
            let bit = left.trailing_zeros() as usize;
            left &= left - 1;
            let (block, place) = (block_of(bit % 16), 4 * j + bit / 16);
            let query = block * L::BLOCK + place;
            let (distance, bound) = (lanes::numbers(&distances[block])[place], &mut bounds.numbers[query]);
            *bound = report(first + query, vector, distance).min(*bound);
            if few {
                write_bits::<L>(&mut bounds.planes, bound.limit(), j, bit);
            }
        }
    }
    if !few {
        bounds.write_planes(l);
    }
}

/// Bounds that are written bit by bit: more are written faster with all others.
const FEW: usize = 4;

/// Writes a number into the planes, at a bit of their words number `word`.
#[inline(always)]
fn write_bits<L: Tiled>(planes: &mut Planes<L>, number: u16, word: usize, bit: usize) {
    for (i, plane) in planes.iter_mut().enumerate() {
        let word = &mut lanes::numbers_mut::<_, u64>(plane)[word];
        *word = *word & !(1 << bit) | u64::from(number >> i & 1) << bit;
    }
}
