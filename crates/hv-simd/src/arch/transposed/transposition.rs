//! Exchanging rows and columns of bits, for [`transposed`](super): vectors become columns of a tile, and bit-sliced
//! counters the distances that they hold.
//!
//! Mix for a lane of columns: one operation on 256 bits to put it together, 4 to transpose bytes, and 9 to transpose bits
//! within bytes. To exchange bits all the way takes 20, and one more pass over the tile.

/// Makes `gather` and `transpose_sixteen` for a lane type, with the sizes of tiles that they imply. Besides operations of
/// the same names in the instruction set it takes:
///
/// - `join`, a lane of its parts of 128 bits, and `unpack_low` and `unpack_high` of the bytes of each part,
/// - `set_words`, `shift_left` and `shift_right` of 64-bit words.
macro_rules! transposition {
    (
        $(#[$features:meta])* $lane:ty,
        $join:path, $unpack_low:path, $unpack_high:path,
        $set_words:path, $xor:path, $and:path, $shift_left:path, $shift_right:path
    ) => {
        /// Vectors of a tile.
        const TILE: usize = 8 * size_of::<$lane>();

        /// Words of a cache line: the columns of so many are made at once, so that each line is read once.
        const LINE: usize = 8;

        /// Vectors whose distances, of 16 bits, take a lane.
        const BLOCK: usize = size_of::<$lane>() / 2;

        /// The vectors of a tile, which need not lie side by side.
        type Tile<'a> = [&'a [hv_core::HV16; BLOCK]; TILE / BLOCK];

        /// A block of a tile that ends before it.
        static EMPTY: [hv_core::HV16; BLOCK] = [hv_core::HV16::ZERO; BLOCK];

        /// Transposes one line of each vector. Column `i` of a word holds bit `i` of that word of every vector: of number
        /// `p` of a block in bit [`row_of`] the block of the lane's 16-bit number `p`, which is where [`distances`] needs it.
        #[inline(never)]
        $(#[$features])*
        fn gather(tile: &Tile<'_>, line: usize, columns: &mut [[$lane; 64]; LINE]) {
            for (r, &[low, high]) in tile.as_chunks().0.iter().enumerate() {
                // One line of each vector is a pattern that the CPU does not foresee.
                for v in low.iter().chain(high) {
                    crate::lanes::fetch_line_ahead(v, line, 2 * BLOCK);
                }
                for (quarter, words) in columns.as_chunks_mut::<2>().0.iter_mut().enumerate() {
                    // The low bytes of numbers are about one block, and the high ones about the next. Spelt out, as all here,
                    // for what is called in a loop stays one, and the rows in memory.
                    let row = |block: &[hv_core::HV16; BLOCK], p| {
                        $join(std::array::from_fn(|part| crate::lanes::m128(&block[8 * part + p])[4 * line + quarter]))
                    };
                    let rows = transpose_bytes([
                        row(low, 0), row(high, 0), row(low, 1), row(high, 1),
                        row(low, 2), row(high, 2), row(low, 3), row(high, 3),
                        row(low, 4), row(high, 4), row(low, 5), row(high, 5),
                        row(low, 6), row(high, 6), row(low, 7), row(high, 7),
                    ]);
                    for (i, row) in rows.into_iter().enumerate() {
                        words[i / 8][8 * (i % 8) + r] = row;
                    }
                }
            }
            for rows in columns.as_flattened_mut().as_chunks_mut().0 {
                *rows = transpose_eight(*rows);
            }
        }

        /// Transposes sixteen rows of sixteen bytes, in each 128 bits.
        #[inline]
        $(#[$features])*
        fn transpose_bytes(rows: [$lane; 16]) -> [$lane; 16] {
            shuffle(shuffle(shuffle(shuffle(rows))))
        }

        /// A perfect shuffle of the bytes of all rows. Spelt out, as the compiler would make a loop of it.
        #[inline]
        $(#[$features])*
        fn shuffle([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]: [$lane; 16]) -> [$lane; 16] {
            [
                $unpack_low(a, i), $unpack_high(a, i), $unpack_low(b, j), $unpack_high(b, j),
                $unpack_low(c, k), $unpack_high(c, k), $unpack_low(d, l), $unpack_high(d, l),
                $unpack_low(e, m), $unpack_high(e, m), $unpack_low(f, n), $unpack_high(f, n),
                $unpack_low(g, o), $unpack_high(g, o), $unpack_low(h, p), $unpack_high(h, p),
            ]
        }

        #[inline]
        $(#[$features])*
        fn splat(word: u64) -> $lane {
            $set_words(word as i64)
        }

        #[inline]
        $(#[$features])*
        fn left(x: $lane, bits: u32) -> $lane {
            $shift_left(x, _mm_cvtsi32_si128(bits as i32))
        }

        #[inline]
        $(#[$features])*
        fn right(x: $lane, bits: u32) -> $lane {
            $shift_right(x, _mm_cvtsi32_si128(bits as i32))
        }

        /// Exchanges, in each two rows, the bits of the first that a shift by `distance` brings to places below it in
        /// twice as many with those of the second.
        #[inline]
        $(#[$features])*
        fn exchange(low: &mut $lane, high: &mut $lane, distance: u32) {
            let lower = splat(u64::MAX / ((1 << distance) + 1));
            let swapped = $and($xor(right(*low, distance), *high), lower);
            *high = $xor(*high, swapped);
            *low = $xor(*low, left(swapped, distance));
        }

        /// Transposes eight rows of eight bits, in each byte.
        #[inline]
        $(#[$features])*
        fn transpose_eight(mut rows: [$lane; 8]) -> [$lane; 8] {
            let [a, b, c, d, e, f, g, h] = &mut rows;
            for (low, high) in [(&mut *a, &mut *e), (&mut *b, &mut *f), (&mut *c, &mut *g), (&mut *d, &mut *h)] {
                exchange(low, high, 4);
            }
            for (low, high) in [(&mut *a, &mut *c), (&mut *b, &mut *d), (&mut *e, &mut *g), (&mut *f, &mut *h)] {
                exchange(low, high, 2);
            }
            for (low, high) in [(a, b), (c, d), (e, f), (g, h)] {
                exchange(low, high, 1);
            }
            rows
        }

        /// The row of a block: vectors are transposed in bytes, of two blocks at a time.
        const fn row_of(block: usize) -> usize {
            block / 2 + 8 * (block % 2)
        }

        /// The block of a row.
        const fn block_of(row: usize) -> usize {
            row / 8 + 2 * (row % 8)
        }

        /// Exchanges planes of bits and rows of 16-bit numbers, each of which has those of a block in order.
        #[inline]
        $(#[$features])*
        fn transpose_sixteen(rows: &mut [$lane; 16]) {
            let (low, high) = rows.split_at_mut(8);
            for (low, high) in low.iter_mut().zip(high) {
                exchange(low, high, 8);
            }
            for rows in rows.as_chunks_mut().0 {
                *rows = transpose_eight(*rows);
            }
        }
    };
}
