//! Exchanging rows and columns of bits, for [`transposed`](super): vectors become columns of a tile, and bit-sliced
//! counters the distances that they hold.
//!
//! Mix for a lane of columns: one operation on 256 bits to put it together, 4 to transpose bytes, and 9 to transpose bits
//! within bytes. To exchange bits all the way takes 20, and one more pass over the tile.

use crate::arch::lane::Tiled;
use crate::lanes;

/// Words of a cache line. The columns of one line are made at once, so that each line is read once.
pub(super) const LINE: usize = 8;

/// The vectors of a tile, which need not lie side by side.
pub(crate) type Tile<'a, L> = [&'a <L as Tiled>::Block; 16];

/// Transposes one line of each vector. Column `i` of a word holds bit `i` of that word of every vector: of number `p` of a
/// block in bit [`row_of`] the block of the lane's 16-bit number `p`, which is where
/// [`distances`](super::reading::distances) needs it.
#[inline(always)]
pub(crate) fn gather<L: Tiled>(l: L, tile: &Tile<'_, L>, line: usize, columns: &mut [[L::Bits; 64]; LINE]) {
    for (r, &[low, high]) in tile.as_chunks().0.iter().enumerate() {
        // One line of each vector is a pattern that the CPU does not foresee.
        for v in L::vectors(low).iter().chain(L::vectors(high)) {
            lanes::fetch_line_ahead(v, line, 2 * L::BLOCK);
        }
        for (quarter, words) in columns.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            // The low bytes of numbers are about one block, and the high ones about the next. Spelt out, as all here,
            // for what is called in a loop stays one, and the rows in memory.
            let i = 4 * line + quarter;
            let rows = [
                l.join(low, 0, i),
                l.join(high, 0, i),
                l.join(low, 1, i),
                l.join(high, 1, i),
                l.join(low, 2, i),
                l.join(high, 2, i),
                l.join(low, 3, i),
                l.join(high, 3, i),
                l.join(low, 4, i),
                l.join(high, 4, i),
                l.join(low, 5, i),
                l.join(high, 5, i),
                l.join(low, 6, i),
                l.join(high, 6, i),
                l.join(low, 7, i),
                l.join(high, 7, i),
            ];
            for (i, row) in transpose_bytes(l, rows).into_iter().enumerate() {
                words[i / 8][8 * (i % 8) + r] = row;
            }
        }
    }
    for rows in columns.as_flattened_mut().as_chunks_mut().0 {
        *rows = transpose_eight(l, *rows);
    }
}

/// Transposes sixteen rows of sixteen bytes, in each 128 bits.
#[inline(always)]
fn transpose_bytes<L: Tiled>(l: L, rows: [L::Bits; 16]) -> [L::Bits; 16] {
    shuffle(l, shuffle(l, shuffle(l, shuffle(l, rows))))
}

/// A perfect shuffle of the bytes of all rows. Spelt out, as the compiler would make a loop of it.
#[inline(always)]
#[rustfmt::skip]
fn shuffle<L: Tiled>(l: L, [a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q]: [L::Bits; 16]) -> [L::Bits; 16] {
    [
        l.unpack_low(a, i), l.unpack_high(a, i), l.unpack_low(b, j), l.unpack_high(b, j),
        l.unpack_low(c, k), l.unpack_high(c, k), l.unpack_low(d, m), l.unpack_high(d, m),
        l.unpack_low(e, n), l.unpack_high(e, n), l.unpack_low(f, o), l.unpack_high(f, o),
        l.unpack_low(g, p), l.unpack_high(g, p), l.unpack_low(h, q), l.unpack_high(h, q),
    ]
}

/// Exchanges, in each two rows, the bits of the first that a shift by `distance` brings to places below it in twice as
/// many with those of the second.
#[inline(always)]
fn exchange<L: Tiled>(l: L, low: &mut L::Bits, high: &mut L::Bits, distance: u32) {
    let lower = l.splat(u64::MAX / ((1 << distance) + 1));
    let swapped = l.and(l.xor(l.right(*low, distance), *high), lower);
    *high = l.xor(*high, swapped);
    *low = l.xor(*low, l.left(swapped, distance));
}

/// Transposes eight rows of eight bits, in each byte.
#[inline(always)]
fn transpose_eight<L: Tiled>(l: L, mut rows: [L::Bits; 8]) -> [L::Bits; 8] {
    let [a, b, c, d, e, f, g, h] = &mut rows;
    for (low, high) in [(&mut *a, &mut *e), (&mut *b, &mut *f), (&mut *c, &mut *g), (&mut *d, &mut *h)] {
        exchange(l, low, high, 4);
    }
    for (low, high) in [(&mut *a, &mut *c), (&mut *b, &mut *d), (&mut *e, &mut *g), (&mut *f, &mut *h)] {
        exchange(l, low, high, 2);
    }
    for (low, high) in [(a, b), (c, d), (e, f), (g, h)] {
        exchange(l, low, high, 1);
    }
    rows
}

/// The row of a block: vectors are transposed in bytes, of two blocks at a time.
pub(super) const fn row_of(block: usize) -> usize {
    block / 2 + 8 * (block % 2)
}

/// The block of a row.
pub(super) const fn block_of(row: usize) -> usize {
    row / 8 + 2 * (row % 8)
}

/// Exchanges planes of bits and rows of 16-bit numbers. Each row has the numbers of a block in order.
#[inline(always)]
pub(super) fn transpose_sixteen<L: Tiled>(l: L, rows: &mut [L::Bits; 16]) {
    let (low, high) = rows.split_at_mut(8);
    for (low, high) in low.iter_mut().zip(high) {
        exchange(l, low, high, 8);
    }
    for rows in rows.as_chunks_mut().0 {
        *rows = transpose_eight(l, *rows);
    }
}
