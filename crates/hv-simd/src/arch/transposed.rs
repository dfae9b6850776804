//! Distances of many queries to a tile of memory, whose bits are transposed once for all of them.
//!
//! Column `i` of a tile holds bit `i` of each of its vectors, and there are as many of these as a lane has bits. For one
//! query the differing bits of all of them are added at once in bit-sliced counters, by carry-save adders (Harley-Seal;
//! Warren, "Hacker's Delight", 2nd ed., section 5-1). Three things make that cheaper than to count each vector's bits:
//!
//! - Columns go in threes. How many bits of a three differ, 0 to 3, is two bits, and these are tabled for all eight
//!   values of a query's three bits: three xors and an adder, done once for all queries (the method of four Russians:
//!   Arlazarov, Dinic, Kronrod, Faradžev, Soviet Mathematics Doklady 11, 1970).
//! - An adder is two operations with ternary logic, else five. But two of them are eight where the inputs come as `a`
//!   and `a ^ b`, and the carries leave so too (MDFA: Demenkov, Kojevnikov, Kulikov, Yaroslavtsev, "New upper bounds on
//!   the Boolean circuit complexity of symmetric functions", Information Processing Letters 110, 2010).
//! - Which vectors are below a bound is seen in the counters, so that distances are read off only where one is. And
//!   where the bound is low, most tiles are dismissed before all words have been added, as all counters have reached it.
//!   In a first tile, which no bound narrows yet, the last of the k nearest is found in the counters too, and only what
//!   is as near is reported.
//!
//! Mix for 64 bits of a query and every vector of a tile: 189 operations (97 with ternary logic), 36 loads and stores of
//! their own (110, copies among them), and 32 loads of keys. The operations are the bound. On 256 bits they are 24 a
//! pair; Zen 3 starts 3.4 in a cycle where four are the most, so that a pair takes 7 cycles, where counting takes 17. On
//! 512 bits they are 6 a pair, and 12 where bits are counted. The tables of a vector, its transposition among them, cost
//! 29 ns on 256 bits, and some ten queries make up for them.
//!
//! All of it is generated once for each backend's lanes, as [`bit_sliced`](super::bit_sliced) is.

pub(super) mod keys;
#[macro_use]
mod reading;
#[macro_use]
mod transposition;

/// After how many words, of 32, the distances of all vectors of a tile have probably reached the bound; more than 32
/// where they will not.
///
/// In `w` words of random vectors `32 w` bits differ, with a standard deviation of `4 sqrt(w)`; the nearest of a tile is
/// some 3.5 of these below. Solved for `w`, with the root taken where `32 w` is the bound.
pub(super) fn words_until_far(bound: u16) -> usize {
    let words = f32::from(bound) / 32.0;
    (words + 14.0 / 32.0 * words.sqrt() + 0.2).ceil() as usize
}

/// Makes `pair`, `double_add` and `add` for lanes without ternary logic.
macro_rules! adders_of_pairs {
    ($(#[$features:meta])* $lane:ty, $xor:path, $or:path, $and_not:path) => {
        /// Two lanes as the adders take them: the second as its difference from the first.
        type Pair = ($lane, $lane);

        #[inline]
        $(#[$features])*
        fn pair(a: $lane, b: $lane) -> Pair {
            (a, $xor(a, b))
        }

        /// Two full adders in eight operations.
        #[inline]
        $(#[$features])*
        fn double_add(sum: &mut $lane, (a, ab): Pair, (c, cd): Pair) -> Pair {
            let first = $or(ab, $xor(a, *sum));
            let middle = $xor(ab, *sum);
            let second = $and_not(cd, $xor(c, middle));
            *sum = $xor(cd, middle);
            ($xor(first, middle), $xor(first, second))
        }

        #[inline]
        $(#[$features])*
        fn add(sum: &mut $lane, (a, ab): Pair) -> $lane {
            let either = $or(ab, $xor(a, *sum));
            *sum = $xor(ab, *sum);
            $xor(either, *sum)
        }
    };
}

/// Adds the eight fours of a word to three sums and returns two carries of weight 32. Text, as the compiler would not
/// inline a function of this size.
macro_rules! add_fours {
    ($double_add:path, $four:ident, $word:expr, $fours:ident, $eights:ident, $sixteens:ident) => {{
        let (p, q) = ($four($word, 0), $four($word, 1));
        let eight_a = $double_add(&mut $fours, p, q);
        let (p, q) = ($four($word, 2), $four($word, 3));
        let eight_b = $double_add(&mut $fours, p, q);
        let sixteen_a = $double_add(&mut $eights, eight_a, eight_b);
        let (p, q) = ($four($word, 4), $four($word, 5));
        let eight_a = $double_add(&mut $fours, p, q);
        let (p, q) = ($four($word, 6), $four($word, 7));
        let eight_b = $double_add(&mut $fours, p, q);
        let sixteen_b = $double_add(&mut $eights, eight_a, eight_b);
        $double_add(&mut $sixteens, sixteen_a, sixteen_b)
    }};
}

/// Makes `many()`, the kernels for `least` or more, for a lane type. `step` is the number of words, one or two, that are
/// added at a time. It builds on what `transposition` and `reading` make, and besides operations of the same names in
/// the instruction set takes:
///
/// - `add_words`, of 64-bit words,
/// - `pair(a, b)`, two lanes in the form that the adders take,
/// - `double_add(sum, p, q)`, which adds two pairs to a lane and returns the two carries as a pair,
/// - `add(sum, p)`, which adds one pair and returns the carry.
macro_rules! transposed {
    (
        $(#[$features:meta])* $lane:ty, least: $least:literal, step: $step:literal,
        $xor:path, $and:path, $add_words:path, $pair:path, $double_add:path, $add:path
    ) => {
        use std::cell::Cell;

        use hv_core::HV16;

        use crate::arch::transposed::keys::{Keys, PASS, SINGLES, THREES, pass_of, write_keys};
        use crate::arch::transposed::words_until_far;
        use crate::kernels::Many;
        use crate::scan::{Distances, Report};
        use crate::top_k::NO_BOUND;

        $(#[$features])*
        pub(super) fn many() -> Many {
            Many { least: $least, tile: TILE, pass: PASS, scan, scan_few, distances_of_all }
        }

        /// Words that are added at a time: their tables take half of L1, and counters in L2 are read and written once.
        const STEP: usize = $step;

        /// What each three or pair of columns contributes to a distance, for each key of a query.
        #[derive(Clone, Copy)]
        struct Tables {
            /// Twos: of each three, if two or three of its bits differ.
            high: [[[$lane; 8]; 2]; 10],
            /// Ones, of both.
            low: [[($lane, $lane); 4]; 12],
        }

        /// A query on its way through the words of a tile of memory, or a vector of memory on that of queries.
        struct UnderWay {
            /// Distances so far.
            planes: Planes,
            /// The highest bound.
            bound: u16,
            /// The step after which to look whether they have all reached the bound.
            look_after: usize,
            /// They have: no more need be added.
            all_far: bool,
        }

        impl UnderWay {
            $(#[$features])*
            fn new(bound: u16) -> Self {
                let look_after = words_until_far(bound).div_ceil(STEP) - 1;
                Self { planes: [splat(0); 12], bound, look_after, all_far: false }
            }
        }

        /// What a scan keeps outside the stack.
        #[derive(Default)]
        struct Room {
            /// Of each step, for each vector that passes over tiles.
            keys: Vec<[Keys; STEP]>,
            under_way: Vec<UnderWay>,
            /// The last tile, with vectors that are none.
            padded: Vec<HV16>,
        }

        thread_local! {
            /// Kept by each thread, since some allocators would map it anew for each scan, which takes longer than a short
            /// scan. Taken out for the time of a scan: a report may scan too.
            static ROOM: Cell<Room> = Cell::default();
        }

        impl Room {
            /// Makes the keys of `keyed` and cuts `tiled` into tiles.
            $(#[$features])*
            fn lay_out<'a>(
                &'a mut self,
                keyed: &[HV16],
                tiled: &'a [HV16],
            ) -> (&'a [[Keys; STEP]], &'a mut Vec<UnderWay>, impl Iterator<Item = &'a [HV16; TILE]>) {
                write_keys(keyed, &mut self.keys);
                let (whole, last) = tiled.as_chunks();
                self.padded.clear();
                self.padded.extend_from_slice(last);
                self.padded.resize(last.len().next_multiple_of(TILE), HV16::ZERO);
                (&self.keys, &mut self.under_way, whole.iter().chain(self.padded.as_chunks().0))
            }
        }

        /// The scan with tiles of memory.
        $(#[$features])*
        fn scan(
            wanted: usize,
            queries: &[HV16],
            memory: &[HV16],
            first: usize,
            bounds: &mut [u16],
            report: Report<'_>,
        ) {
            each_tile(queries, memory, bounds, |query, start, one, bound| {
                let report = |vector, distance| match vector {
                    _ if start + vector < memory.len() => report(query, first + start + vector, distance),
                    // Padding of the last tile.
                    _ => NO_BOUND,
                };
                one.report_vectors(wanted, bound, report);
            });
        }

        /// All distances, by tiles of memory.
        $(#[$features])*
        fn distances_of_all(queries: &[HV16], memory: &[HV16], each: Distances<'_>) {
            each_tile(queries, memory, &mut vec![NO_BOUND; queries.len()], |query, start, one, _| {
                each(query, start, &numbers(&one.planes)[..TILE.min(memory.len() - start)]);
            });
        }

        /// Calls `f` for each query and tile of memory with the query's place, that of the tile's first vector, the
        /// distances, unless all have reached the query's bound, and the bound.
        #[inline]
        $(#[$features])*
        fn each_tile(
            queries: &[HV16],
            memory: &[HV16],
            bounds: &mut [u16],
            mut f: impl FnMut(usize, usize, &UnderWay, &mut u16),
        ) {
            let mut room = ROOM.try_with(Cell::take).unwrap_or_default();
            let mut tables = Tables::new();
            let pass = pass_of(queries.len());
            for (n, (queries, bounds)) in queries.chunks(pass).zip(bounds.chunks_mut(pass)).enumerate() {
                let (keys, under_way, tiles) = room.lay_out(queries, memory);
                for (tile, start) in tiles.zip((0..).step_by(TILE)) {
                    under_way.clear();
                    for &bound in &*bounds {
                        under_way.push(UnderWay::new(bound));
                    }
                    add_distances(keys, under_way, tile, &mut tables);
                    for (q, (query, bound)) in under_way.iter().zip(&mut *bounds).enumerate() {
                        f(n * pass + q, start, query, bound);
                    }
                }
            }
            // The thread may be about to end, and its room gone.
            let _ = ROOM.try_with(|place| place.set(room));
        }

        /// The scan with tiles of queries: distances are the same both ways.
        $(#[$features])*
        fn scan_few(queries: &[HV16], memory: &[HV16], first: usize, bounds: &mut [u16], report: Report<'_>) {
            let mut room = ROOM.try_with(Cell::take).unwrap_or_default();
            let mut tables = Tables::new();
            let pass = pass_of(memory.len());
            for (n, memory) in memory.chunks(pass).enumerate() {
                let (keys, under_way, tiles) = room.lay_out(memory, queries);
                for ((n_tile, tile), bounds) in tiles.enumerate().zip(bounds.chunks_mut(TILE)) {
                    let mut bounds = Bounds::new(bounds);
                    under_way.clear();
                    for _ in memory {
                        under_way.push(UnderWay::new(bounds.highest()));
                    }
                    add_distances(keys, under_way, tile, &mut tables);
                    for (i, vector) in under_way.iter().enumerate() {
                        vector.report_queries(n_tile * TILE, first + n * pass + i, &mut bounds, report);
                    }
                }
            }
            let _ = ROOM.try_with(|place| place.set(room));
        }

        /// Adds the distances of all that is under way to every vector of the tile.
        $(#[$features])*
        fn add_distances(
            keys: &[[Keys; STEP]],
            under_way: &mut [UnderWay],
            tile: &[HV16; TILE],
            tables: &mut [Tables; STEP],
        ) {
            let mut columns = [[splat(0); 64]; LINE];
            for (step, keys) in keys.chunks_exact(under_way.len()).enumerate() {
                let (line, place) = (step * STEP / LINE, step * STEP % LINE);
                if place == 0 {
                    if under_way.iter().all(|one| one.all_far) {
                        return;
                    }
                    gather(tile, line, &mut columns);
                }
                for (tables, columns) in tables.iter_mut().zip(&columns[place..]) {
                    tables.fill(columns);
                }
                for (keys, one) in keys.iter().zip(&mut *under_way).filter(|(_, one)| !one.all_far) {
                    count(tables, keys, &mut one.planes);
                    if step == one.look_after {
                        let nearer = nearer(&one.planes, |plane| bit_of(one.bound, plane));
                        one.all_far = is_empty(&nearer);
                    }
                }
            }
        }

        impl Tables {
            $(#[$features])*
            fn new() -> [Self; STEP] {
                let zero = splat(0);
                [Self { high: [[[zero; 8]; 2]; 10], low: [[(zero, zero); 4]; 12] }; STEP]
            }

            $(#[$features])*
            fn fill(&mut self, columns: &[$lane; 64]) {
                let ones = splat(u64::MAX);
                let choose = |x, a, b| $xor(b, $and(x, $xor(a, b)));
                let (of_threes, of_singles) = self.low.split_at_mut(THREES.len());
                for ((threes, high), low) in THREES.iter().zip(&mut self.high).zip(of_threes) {
                    let mut parities = [ones; 2];
                    for ((three, high), parity) in threes.iter().zip(high).zip(&mut parities) {
                        let [a, b, c] = three.map(|i| columns[i]);
                        let differ = $xor(a, b);
                        *parity = $xor(differ, c);
                        // The majority, of the bits as they are and with one complemented.
                        high[0] = choose(differ, c, a);
                        high[1] = choose(differ, b, c);
                        high[2] = choose(differ, a, c);
                        high[4] = choose(differ, $xor(c, ones), a);
                        for key in [0, 1, 2, 4] {
                            high[7 - key] = $xor(high[key], ones);
                        }
                    }
                    *low = each_key(parities);
                }
                for (single, low) in SINGLES.iter().zip(of_singles) {
                    *low = each_key(single.map(|i| columns[i]));
                }
            }
        }

        /// Two columns, for each key of two bits.
        #[inline]
        $(#[$features])*
        fn each_key([a, b]: [$lane; 2]) -> [($lane, $lane); 4] {
            let ones = splat(u64::MAX);
            let (not_a, not_b) = ($xor(a, ones), $xor(b, ones));
            [$pair(a, b), $pair(not_a, b), $pair(a, not_b), $pair(not_a, not_b)]
        }

        /// Adds the differing bits of some words. Not inlined, so that it has the registers to itself.
        #[inline(never)]
        $(#[$features])*
        fn count(tables: &[Tables; STEP], keys: &[Keys; STEP], planes: &mut Planes) {
            let (low, high) = planes.split_first_chunk_mut().expect("there are more than five");
            let [mut ones, mut twos, mut fours, mut eights, mut sixteens] = *low;
            // Two pairs of weight two of a word, as one of weight four: six times one of them is a carry of ones.
            let mut four = |word: usize, i: usize| {
                let (tables, keys) = (&tables[word], &keys[word]);
                let low = |i: usize| *keys.low(i).of(&tables.low[i]);
                let high = |i: usize| {
                    let ([a, b], [of_a, of_b]) = (keys.high(i), &tables.high[i]);
                    $pair(*a.of(of_a), *b.of(of_b))
                };
                let (p, q) = if i < 6 {
                    ($double_add(&mut ones, low(2 * i), low(2 * i + 1)), high(i))
                } else {
                    (high(2 * i - 6), high(2 * i - 5))
                };
                $double_add(&mut twos, q, p)
            };
            let p = add_fours!($double_add, four, 0, fours, eights, sixteens);
            let mut carry = if STEP == 1 {
                $add(&mut high[0], p)
            } else {
                let q = add_fours!($double_add, four, STEP - 1, fours, eights, sixteens);
                let carries = $double_add(&mut high[0], p, q);
                $add(&mut high[1], carries)
            };
            *low = [ones, twos, fours, eights, sixteens];
            let (top, middle) = high[STEP..].split_last_mut().expect("there are more than seven");
            for plane in middle {
                (*plane, carry) = ($xor(*plane, carry), $and(*plane, carry));
            }
            // Bits never meet in the top plane, so an exclusive or would serve too. But this keeps the compiler from the
            // floating-point forms of all the operations above, which Haswell can start once a cycle and not three times.
            *top = $add_words(*top, carry);
        }
    };
}
