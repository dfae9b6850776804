//! The scans by tiles, for [`transposed`](super).

/// Makes `many()`, the kernels for `least` or more, for a lane type. It builds on what `transposition` and `reading`
/// make, and besides operations of the same names in the instruction set takes from where it is used:
///
/// - `STEP`, the number of words that are added at a time, and `LOW`, the number of sums that these can fill,
/// - `Keys`, what a word of a query finds in the tables, with `prepare` and `new`,
/// - `Tables`, those of a word, with `new`, which makes them for a step, and `fill`,
/// - `count(tables, keys, sums)`, which adds a step to the sums and returns the carry,
/// - `add(sum, a, b)`, which adds two lanes to one and returns the carry.
macro_rules! transposed {
    ($(#[$features:meta])* $lane:ty, least: $least:literal) => {
        use std::cell::Cell;

        use hv_core::HV16;

        use crate::arch::transposed::passes::{Early, PASS, pass_of, write_keys};
        use crate::bound::Bound;
        use crate::kernels::Many;
        use crate::report::{Distances, Report};

        $(#[$features])*
        pub(super) fn many() -> Many {
            Many { least: $least, tile: TILE, pass: PASS, scan, scan_few, distances_of_all }
        }

        /// Levels of sums above the low ones.
        const LEVELS: usize = PLANES - LOW;

        /// The distances of a query to each vector of a tile so far, or those of a vector to each query of one: bit-sliced,
        /// and behind them what waits at each level, that of the highest first. Nothing waits after the last step, whose
        /// carry is the highest plane.
        struct Sums([$lane; PLANES - 1 + LEVELS]);

        impl Sums {
            $(#[$features])*
            fn new() -> Self {
                Self([splat(0); PLANES - 1 + LEVELS])
            }

            $(#[$features])*
            fn clear(&mut self) {
                // A carry waits only once one has come.
                self.0[..PLANES - 1].fill(splat(0));
            }

            /// Adds the words of a step after so many.
            #[inline]
            $(#[$features])*
            fn add(&mut self, tables: &[Tables; STEP], keys: &[Keys; STEP], steps: usize) {
                let (low, high) = self.0.split_first_chunk_mut().expect("there are low sums");
                let (sums, waiting) = high.split_at_mut(LEVELS - 1);
                let mut carry = count(tables, keys, low);
                // A carry waits where the binary number of steps has a 1. Up to the lowest 0 they are added, as counting the
                // step turns these to 0 and that to 1.
                let level = steps.trailing_ones() as usize;
                for (sum, waiting) in sums[..level].iter_mut().zip(waiting.iter().rev()) {
                    carry = add(sum, *waiting, carry);
                }
                waiting[LEVELS - 1 - level] = carry;
            }

            /// The distances after so many steps.
            $(#[$features])*
            fn after(&self, steps: usize) -> Planes {
                let (sums, waiting) = self.0.split_at(PLANES - 1);
                let mut planes = [splat(0); PLANES];
                planes[..PLANES - 1].copy_from_slice(sums);
                let mut carry = splat(0);
                for (level, (plane, waiting)) in planes[LOW..].iter_mut().zip(waiting.iter().rev()).enumerate() {
                    let waiting = if steps >> level & 1 == 1 { *waiting } else { splat(0) };
                    carry = add(plane, waiting, carry);
                }
                planes
            }

            /// The distances after the last step.
            $(#[$features])*
            fn planes(&self) -> &Planes {
                self.0.first_chunk().expect("there are all planes")
            }
        }

        /// What a scan keeps outside the stack.
        #[derive(Default)]
        struct Room {
            /// Of each step, for each vector that passes over tiles.
            keys: Vec<[Keys; STEP]>,
            sums: Vec<Sums>,
            early: Vec<Early>,
            /// The last block, with vectors that are none.
            padded: Vec<HV16>,
        }

        thread_local! {
            /// Kept by each thread, since some allocators would map it anew for each scan, which takes longer than a short
            /// scan. Taken out for the time of a scan: a report may scan too.
            static ROOM: Cell<Room> = Cell::default();
        }

        /// Vectors on their way over tiles.
        struct UnderWay<'a> {
            keys: &'a [[Keys; STEP]],
            sums: &'a mut [Sums],
            early: &'a mut Vec<Early>,
        }

        impl Room {
            /// Makes `keyed` ready to pass over tiles, and cuts `tiled` into these.
            $(#[$features])*
            fn lay_out<'a>(
                &'a mut self,
                keyed: &[HV16],
                tiled: &'a [HV16],
            ) -> (UnderWay<'a>, impl Iterator<Item = Tile<'a>>) {
                write_keys(keyed, &mut self.keys, Keys::prepare, Keys::new);
                self.sums.resize_with(keyed.len(), || Sums::new());
                let (blocks, last) = tiled.as_chunks();
                self.padded.clear();
                self.padded.extend_from_slice(last);
                self.padded.resize(BLOCK, HV16::ZERO);
                let padded = self.padded.first_chunk().expect("it has the size of a block");
                let block = move |i| match blocks.get(i) {
                    Some(block) => block,
                    None if i == blocks.len() => padded,
                    None => &EMPTY,
                };
                let starts = (0..tiled.len().div_ceil(BLOCK)).step_by(TILE / BLOCK);
                let under_way = UnderWay { keys: &self.keys, sums: &mut self.sums, early: &mut self.early };
                (under_way, starts.map(move |start| std::array::from_fn(|i| block(start + i))))
            }
        }

        /// The scan with tiles of memory.
        $(#[$features])*
        fn scan(
            wanted: usize,
            queries: &[HV16],
            memory: &[HV16],
            first: usize,
            bounds: &mut [Bound],
            report: Report<'_>,
        ) {
            each_tile(queries, memory, bounds, |query, start, planes, bound| {
                let report = |vector, distance| match vector {
                    _ if start + vector < memory.len() => report(query, first + start + vector, distance),
                    // Padding of the last tile.
                    _ => Bound::NONE,
                };
                report_vectors(planes, wanted, bound, report);
            });
        }

        /// All distances, by tiles of memory.
        $(#[$features])*
        fn distances_of_all(queries: &[HV16], memory: &[HV16], each: Distances<'_>) {
            each_tile(queries, memory, &mut vec![Bound::NONE; queries.len()], |query, start, planes, _| {
                each(query, start, &numbers(planes)[..TILE.min(memory.len() - start)]);
            });
        }

        /// Calls `f` for each query and tile of memory with the query's place, that of the tile's first vector, the
        /// distances, and the bound, unless all distances have reached it.
        #[inline]
        $(#[$features])*
        fn each_tile(
            queries: &[HV16],
            memory: &[HV16],
            bounds: &mut [Bound],
            mut f: impl FnMut(usize, usize, &Planes, &mut Bound),
        ) {
            let mut room = ROOM.try_with(Cell::take).unwrap_or_default();
            let mut tables = Tables::new();
            let pass = pass_of(queries.len());
            for (n, (queries, bounds)) in queries.chunks(pass).zip(bounds.chunks_mut(pass)).enumerate() {
                let (mut under_way, tiles) = room.lay_out(queries, memory);
                for (tile, start) in tiles.zip((0..).step_by(TILE)) {
                    under_way.pass_over(tile, bounds.iter().map(|bound| bound.limit()), &mut tables);
                    for (q, planes) in under_way.distances() {
                        f(n * pass + q, start, planes, &mut bounds[q]);
                    }
                }
            }
            // The thread may be about to end, and its room gone.
            let _ = ROOM.try_with(|place| place.set(room));
        }

        /// The scan with tiles of queries: distances are the same both ways.
        $(#[$features])*
        fn scan_few(queries: &[HV16], memory: &[HV16], first: usize, bounds: &mut [Bound], report: Report<'_>) {
            let mut room = ROOM.try_with(Cell::take).unwrap_or_default();
            let mut tables = Tables::new();
            let pass = pass_of(memory.len());
            for (n, memory) in memory.chunks(pass).enumerate() {
                let (mut under_way, tiles) = room.lay_out(memory, queries);
                for ((n_tile, tile), bounds) in tiles.enumerate().zip(bounds.chunks_mut(TILE)) {
                    let mut bounds = Bounds::new(bounds);
                    under_way.pass_over(tile, memory.iter().map(|_| bounds.highest()), &mut tables);
                    for (i, planes) in under_way.distances() {
                        report_queries(planes, n_tile * TILE, first + n * pass + i, &mut bounds, report);
                    }
                }
            }
            let _ = ROOM.try_with(|place| place.set(room));
        }

        impl UnderWay<'_> {
            /// Makes the sums the distances to every vector of the tile, unless all of these reach the bound.
            $(#[$features])*
            fn pass_over(
                &mut self,
                tile: Tile<'_>,
                bounds: impl Iterator<Item = u16>,
                tables: &mut [Tables; STEP],
            ) {
                self.early.clear();
                self.early.extend(bounds.map(|bound| Early::new(bound, STEP)));
                for sums in &mut *self.sums {
                    sums.clear();
                }
                let mut columns = [[splat(0); 64]; LINE];
                for (steps, keys) in self.keys.chunks_exact(self.sums.len()).enumerate() {
                    let (line, place) = (steps * STEP / LINE, steps * STEP % LINE);
                    if place == 0 {
                        if self.early.iter().all(|early| early.all_far) {
                            return;
                        }
                        gather(&tile, line, &mut columns);
                    }
                    for (tables, columns) in tables.iter_mut().zip(&columns[place..]) {
                        tables.fill(columns);
                    }
                    self.add(tables, keys, steps);
                }
            }

            /// Adds the words of a step after so many.
            $(#[$features])*
            fn add(&mut self, tables: &[Tables; STEP], keys: &[[Keys; STEP]], steps: usize) {
                let under_way = keys.iter().zip(&mut *self.sums).zip(&mut *self.early);
                for ((keys, sums), early) in under_way.filter(|(_, early)| !early.all_far) {
                    sums.add(tables, keys, steps);
                    if steps + 1 == early.look_after {
                        let nearer = nearer(&sums.after(steps + 1), |plane| bit_of(early.bound, plane));
                        early.all_far = is_empty(&nearer);
                    }
                }
            }

            /// The place and the distances of each whose distances do not all reach its bound.
            $(#[$features])*
            fn distances(&self) -> impl Iterator<Item = (usize, &Planes)> {
                let near = self.sums.iter().zip(&*self.early).enumerate().filter(|(_, (_, early))| !early.all_far);
                near.map(|(i, (sums, _))| (i, sums.planes()))
            }
        }
    };
}
