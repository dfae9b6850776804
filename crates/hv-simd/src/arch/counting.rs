//! Distances by counting the differing bits of each pair, on 128-bit lanes that count the ones of each byte.
//!
//! Mix for a distance: 16 xors, 16 counts of bytes and 15 additions of these, and an eighth of one horizontal reduction of
//! 16 operations. Carry-save adders would not help: one takes three operations, or five, and saves a count and an addition.

use hv_core::HV16;

use crate::arch::lane::Tiled;
use crate::bound::Bound;
use crate::lanes::{self, AHEAD};
use crate::prefix::Prefix;
use crate::report::{OnMatch, OnPrefix, report_below, report_prefixes_below};

/// What is asked of lanes here.
pub(super) trait Counting: Tiled {
    /// The number of ones of each byte.
    fn count_bytes(self, x: Self::Bits) -> Self::Bits;

    fn add_bytes(self, a: Self::Bits, b: Self::Bits) -> Self::Bits;

    /// The total of the bytes, of at most 255 each.
    fn total(self, bytes: Self::Bits) -> u16;

    /// Sums of 32 bits, each with four of the bytes added.
    fn add_to_sums(self, sums: Self::Bits, bytes: Self::Bits) -> Self::Bits;

    /// The totals of the bytes of eight lanes, in order, as 16-bit numbers.
    fn totals(self, bytes: [Self::Bits; 8]) -> Self::Bits;
}

/// The number of differing bits, as partial sums in bytes.
#[inline(always)]
fn differing<L: Counting, const N: usize>(l: L, a: &[L::Bits; N], b: &[L::Bits; N]) -> L::Bits {
    const { assert!(8 * N <= 255, "the counts of a byte must fit in one") };
    let mut sums = l.splat(0);
    for (&a, &b) in a.iter().zip(b) {
        sums = l.add_bytes(sums, l.count_bytes(l.xor(a, b)));
    }
    sums
}

/// The distance of two vectors of `N` lanes.
#[inline(always)]
pub(super) fn hamming<L: Counting, const N: usize>(l: L, a: &[L::Bits; N], b: &[L::Bits; N]) -> u16 {
    l.total(differing(l, a, b))
}

/// The differing bits of a query and some vectors as one total, which benchmarks compare the kernels with.
#[inline(always)]
pub(super) fn xor_popcount<L: Counting, const N: usize>(l: L, query: &HV16, vectors: &[HV16]) -> u64 {
    let (query, vectors): (&[L::Bits; N], &[[L::Bits; N]]) = (lanes::view(query), lanes::views(vectors));
    let mut total = 0;
    // So few that the sums, of 512 more at a time, cannot overflow.
    for vectors in vectors.chunks(1 << 20) {
        let mut sums = l.splat(0);
        for v in vectors {
            sums = l.add_to_sums(sums, differing(l, query, v));
        }
        total += lanes::numbers::<_, u32>(&sums).iter().map(|&sum| u64::from(sum)).sum::<u64>();
    }
    total
}

/// The distances to eight vectors, in order.
#[inline(always)]
fn eight<L: Counting, const N: usize, const AHEAD: usize>(
    l: L,
    query: &[L::Bits; N],
    block: &[[L::Bits; N]; 8],
) -> L::Bits {
    let mut sums = [l.splat(0); 8];
    for (sums, v) in sums.iter_mut().zip(block) {
        lanes::fetch_bytes_ahead::<AHEAD, _>(v);
        *sums = differing(l, query, v);
    }
    l.totals(sums)
}

/// All distances to `targets`.
#[inline(always)]
pub(super) fn distances_into<L: Counting, const N: usize, const AHEAD: usize>(
    l: L,
    query: &HV16,
    targets: &[HV16],
    out: &mut [u16],
) {
    let (query, targets): (&[L::Bits; N], &[[L::Bits; N]]) = (lanes::view(query), lanes::views(targets));
    let (blocks, rest) = targets.as_chunks::<8>();
    let (out_blocks, out_rest) = out.as_chunks_mut::<8>();
    for (out, block) in out_blocks.iter_mut().zip(blocks) {
        out.copy_from_slice(lanes::numbers(&eight::<L, N, AHEAD>(l, query, block)));
    }
    for (out, v) in out_rest.iter_mut().zip(rest) {
        *out = hamming(l, query, v);
    }
}

/// The scan of a tile, query by query.
#[inline(always)]
pub(super) fn scan_tile<L: Counting, const N: usize>(
    l: L,
    queries: &[HV16],
    memory: &[HV16],
    first: usize,
    bounds: &mut [Bound],
    report: OnMatch<'_>,
) {
    for (q, (query, bound)) in queries.iter().zip(bounds).enumerate() {
        scan::<L, N>(l, lanes::view(query), lanes::views(memory), bound, |distances, i, bound| {
            report_below(distances, q, first + i, bound, report);
        });
    }
}

/// The scan of a plane of prefixes.
#[inline(always)]
pub(super) fn scan_prefixes<L: Counting, const N: usize>(
    l: L,
    query: &Prefix,
    plane: &[Prefix],
    first: usize,
    bound: &mut Bound,
    report: OnPrefix<'_>,
) {
    scan::<L, N>(l, lanes::view(query), lanes::views(plane), bound, |distances, i, bound| {
        report_prefixes_below(distances, first + i, bound, report);
    });
}

/// Calls `report` with the distances of each block in which one is below the bound, the block's place, and the bound.
#[inline(always)]
fn scan<L: Counting, const N: usize>(
    l: L,
    query: &[L::Bits; N],
    items: &[[L::Bits; N]],
    bound: &mut Bound,
    mut report: impl FnMut(&[u16], usize, &mut Bound),
) {
    let (blocks, rest) = items.as_chunks::<8>();
    for (i, block) in blocks.iter().enumerate() {
        let distances = eight::<L, N, AHEAD>(l, query, block);
        if l.below(distances, bound.limit()) != 0 {
            report(lanes::numbers(&distances), 8 * i, bound);
        }
    }
    for (i, item) in rest.iter().enumerate() {
        let distance = hamming(l, query, item);
        if bound.admits(distance) {
            report(&[distance], 8 * blocks.len() + i, bound);
        }
    }
}
