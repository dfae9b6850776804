//! What is read off bit-sliced counters, for [`transposed`](super): which vectors of a tile are below a bound, which
//! are among the `k` nearest, and how far these are.
//!
//! Mix for a query and a tile: some 50 operations for the bound, some 200 for the distances where any is below it, and
//! where more than `k` are, two operations and the population count of a lane for each of 12 bits.

/// Makes `Planes`, `Bounds` and what reads distances off them for a lane type. It builds on what `transposition`
/// makes, and besides operations of the same names in the instruction set takes:
///
/// - `words`, `numbers` and `numbers_mut`, the views of a lane as words and as 16-bit numbers,
/// - `below(x, bound)`, the set of the 16-bit numbers, of at most 4,095, that are below the bound.
macro_rules! reading {
    (
        $(#[$features:meta])* $lane:ty,
        $words:path, $numbers:path, $numbers_mut:path, $xor:path, $and:path, $below:path
    ) => {
        /// Bits of a distance.
        const PLANES: usize = 12;

        /// Bit-sliced counters, one for each vector of the tile.
        type Planes = [$lane; PLANES];

        /// The distances of each block, in order.
        #[inline(never)]
        $(#[$features])*
        fn distances(planes: &Planes) -> [$lane; 16] {
            let mut rows = [splat(0); 16];
            rows[..PLANES].copy_from_slice(planes);
            transpose_sixteen(&mut rows);
            std::array::from_fn(|block| rows[row_of(block)])
        }

        /// The distances of all vectors, in order.
        $(#[$features])*
        fn numbers(planes: &Planes) -> [u16; TILE] {
            let mut numbers = [0; TILE];
            for (numbers, row) in numbers.as_chunks_mut().0.iter_mut().zip(&distances(planes)) {
                *numbers = *$numbers(row);
            }
            numbers
        }

        /// One bit of a number, in all places.
        #[inline]
        $(#[$features])*
        fn bit_of(number: u16, bit: usize) -> $lane {
            splat(0u64.wrapping_sub(u64::from(number >> bit & 1)))
        }

        /// Where a distance is below the bound, given by its planes.
        #[inline]
        $(#[$features])*
        fn nearer(planes: &Planes, bound: impl Fn(usize) -> $lane) -> $lane {
            // From the lowest plane on: nearer if the bound has a bit that the distance lacks, and the higher ones are equal.
            planes.iter().enumerate().fold(splat(0), |nearer, (i, &plane)| {
                let bit = bound(i);
                $xor(nearer, $and($xor(plane, bit), $xor(bit, nearer)))
            })
        }

        #[inline]
        $(#[$features])*
        fn is_empty(lane: &$lane) -> bool {
            $words(lane).iter().all(|&word| word == 0)
        }

        /// How many bits are set.
        #[inline]
        $(#[$features])*
        fn count_ones(lane: &$lane) -> usize {
            $words(lane).iter().map(|word| word.count_ones() as usize).sum()
        }

        /// The `k`th smallest distance of a set of more than `k`: bit for bit from the highest plane, as those that have a
        /// 0 there come before the others.
        $(#[$features])*
        fn kth_smallest(planes: &Planes, mut set: $lane, mut k: usize) -> u16 {
            let mut distance = 0;
            for (i, &plane) in planes.iter().enumerate().rev() {
                let ones = $and(set, plane);
                let zeros = $xor(set, ones);
                let nearer = count_ones(&zeros);
                if k <= nearer {
                    set = zeros;
                } else {
                    (set, k, distance) = (ones, k - nearer, distance | 1 << i);
                }
            }
            distance
        }

        /// Which rows have a bit; bit `i` is row `i`.
        #[inline]
        $(#[$features])*
        fn near_rows(nearer: &$lane) -> u64 {
            let all = $words(nearer).iter().fold(0, |all, word| all | word);
            (all | all >> 16 | all >> 32 | all >> 48) & 0xffff
        }

        /// The bound of each query of a tile.
        struct Bounds<'a> {
            numbers: &'a mut [Bound],
            planes: Planes,
        }

        impl<'a> Bounds<'a> {
            $(#[$features])*
            fn new(numbers: &'a mut [Bound]) -> Self {
                let mut bounds = Self { numbers, planes: [splat(0); PLANES] };
                bounds.write_planes();
                bounds
            }

            /// To be called when numbers have changed. Beyond the last number bounds are 0.
            $(#[$features])*
            fn write_planes(&mut self) {
                let mut rows = [splat(0); 16];
                for (block, numbers) in self.numbers.chunks(BLOCK).enumerate() {
                    for (place, bound) in $numbers_mut(&mut rows[row_of(block)]).iter_mut().zip(numbers) {
                        *place = bound.limit();
                    }
                }
                transpose_sixteen(&mut rows);
                self.planes.copy_from_slice(&rows[..PLANES]);
            }

            fn highest(&self) -> u16 {
                self.numbers.iter().map(|bound| bound.limit()).max().unwrap_or(0)
            }
        }

        /// For a query: reports the vectors of the tile that are below the bound; where these are more than `wanted`,
        /// first so many of the nearest.
        $(#[$features])*
        fn report_vectors(planes: &Planes, wanted: usize, bound: &mut Bound, mut report: impl FnMut(usize, u16) -> Bound) {
            let near = nearer(planes, |plane| bit_of(bound.limit(), plane));
            let rows = near_rows(&near);
            if rows == 0 {
                return;
            }
            let enough = if count_ones(&near) > wanted { kth_smallest(planes, near, wanted) + 1 } else { 0 };
            let blocks = distances(planes);
            for (from, to) in [(0, enough), (enough, Bound::NONE.limit())] {
                if from >= to.min(bound.limit()) {
                    continue;
                }
                for (i, distances) in blocks.iter().enumerate().filter(|&(i, _)| rows >> row_of(i) & 1 != 0) {
                    // Anew, as reports lower the bound.
                    let mut left = $below(distances, to.min(bound.limit())) & !$below(distances, from);
                    while left != 0 {
                        let place = left.trailing_zeros() as usize;
                        left &= left - 1;
                        let distance = $numbers(distances)[place];
                        if bound.admits(distance) {
                            *bound = report(i * BLOCK + place, distance).min(*bound);
                        }
                    }
                }
            }
        }

        /// For a vector of memory: reports it to the queries of the tile, numbered from `first`, that it is below the
        /// bounds of.
        $(#[$features])*
        fn report_queries(
            planes: &Planes,
            first: usize,
            vector: usize,
            bounds: &mut Bounds<'_>,
            report: crate::report::Report<'_>,
        ) {
            let nearer = nearer(planes, |plane| bounds.planes[plane]);
            if is_empty(&nearer) {
                return;
            }
            let distances = distances(planes);
            for (j, &word) in $words(&nearer).iter().enumerate() {
                let mut left = word;
                while left != 0 {
                    let bit = left.trailing_zeros() as usize;
                    left &= left - 1;
                    let (block, place) = (block_of(bit % 16), 4 * j + bit / 16);
                    let query = block * BLOCK + place;
                    let (distance, bound) = ($numbers(&distances[block])[place], &mut bounds.numbers[query]);
                    *bound = report(first + query, vector, distance).min(*bound);
                }
            }
            bounds.write_planes();
        }
    };
}
