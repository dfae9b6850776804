//! The only ways into the kernels: wrappers, one for each kernel and instruction set, that enable its instructions.
//!
//! Here is one list of them for all. Each hands on to a function that is generic over lanes, with a value of the lanes'
//! type, which it can make because it has the instructions.

/// Makes `table()`, the kernels of a backend, given the features of its instruction set, the type of its lanes, how many
/// of these a vector has, how many are bundled at a time, and the kernels for many queries. `hamming`, `similarity`,
/// `distances_into`, `scan_tile`, `scan_prefixes` and `xor_popcount` are the backend's own.
macro_rules! entries {
    ($(#[$features:meta])* $lane:ident, $backend:expr, $columns:literal, $at_once:literal, $tiled:expr) => {
        $(#[$features])*
        pub(crate) const fn table() -> Kernels {
            Kernels {
                backend: $backend,
                bind_into,
                bind_pairs_into,
                hamming,
                similarity,
                distances_into: distances_into::<AHEAD>,
                scan_tile,
                tiled: $tiled,
                scan_prefixes,
                permute,
                accumulate,
                majority,
                bundle,
                #[cfg(feature = "std")]
                limits: $crate::limits::Limits {
                    xor_popcount,
                    reads: [read::<1, false>, read::<2, false>, read::<4, false>, read::<8, false>, read::<1, true>],
                    distances: [
                        (0, distances_into::<0>),
                        (2048, distances_into::<2048>),
                        (4096, distances_into::<4096>),
                        (8192, distances_into::<8192>),
                        (16384, distances_into::<16384>),
                    ],
                    ahead: AHEAD,
                },
            }
        }

        #[cfg(feature = "std")]
        $(#[$features])*
        fn read<const STREAMS: usize, const FETCHED: bool>(vectors: &[HV16]) -> u64 {
            $crate::arch::reads::read::<_, $columns, STREAMS, FETCHED>($lane::new(), vectors)
        }

        $(#[$features])*
        fn bind_into(vectors: &[HV16], key: &HV16, out: &mut [HV16]) {
            words::bind_into(vectors, key, out);
        }

        $(#[$features])*
        fn bind_pairs_into(a: &[HV16], b: &[HV16], out: &mut [HV16]) {
            words::bind_pairs_into(a, b, out);
        }

        $(#[$features])*
        fn permute(v: &HV16, n: i32) -> HV16 {
            words::permute(v, n)
        }

        $(#[$features])*
        fn accumulate(planes: &mut [HV16], vectors: &[HV16]) {
            let (planes, vectors) = (lanes::views_mut(planes), lanes::views(vectors));
            bit_sliced::accumulate::<_, $columns, $at_once>($lane::new(), planes, vectors);
        }

        $(#[$features])*
        fn majority(planes: &[HV16], n: u64) -> HV16 {
            bit_sliced::majority::<_, _, $columns>($lane::new(), lanes::views(planes), n)
        }

        $(#[$features])*
        fn bundle(vectors: &[HV16]) -> HV16 {
            bit_sliced::bundle::<_, _, $columns, $at_once>($lane::new(), lanes::views(vectors))
        }

        #[inline(never)]
        $(#[$features])*
        fn add_part<const N: usize, const K: usize, const P: usize>(
            planes: &mut [[<$lane as Lane>::Bits; N]],
            part: &[[<$lane as Lane>::Bits; N]],
        ) {
            bit_sliced::add_part::<_, N, K, P>($lane::new(), planes, part);
        }

        #[inline(never)]
        $(#[$features])*
        fn bundle_at_once<V: Bits, const N: usize, const K: usize, const P: usize>(
            vectors: &[[<$lane as Lane>::Bits; N]],
        ) -> V {
            bit_sliced::bundle_at_once::<_, V, N, K, P>($lane::new(), vectors)
        }

        #[allow(unsafe_code, unused_unsafe)]
        impl bit_sliced::BitSliced for $lane {
            #[inline(always)]
            fn add_part<const N: usize, const K: usize, const P: usize>(
                self,
                planes: &mut [[Self::Bits; N]],
                part: &[[Self::Bits; N]],
            ) {
                // SAFETY: `self` proves that the CPU has the instructions.
                unsafe { add_part::<N, K, P>(planes, part) }
            }

            #[inline(always)]
            fn bundle_at_once<V: Bits, const N: usize, const K: usize, const P: usize>(
                self,
                vectors: &[[Self::Bits; N]],
            ) -> V {
                // SAFETY: as above.
                unsafe { bundle_at_once::<V, N, K, P>(vectors) }
            }
        }
    };
}

/// Makes the distances of few queries, where those of [`counting`](super::counting) are the backend's, given how many
/// lanes a vector has.
#[cfg(any(
    all(target_arch = "aarch64", target_endian = "little", feature = "std", not(hv_portable)),
    all(target_arch = "wasm32", target_feature = "simd128", feature = "std", not(hv_portable))
))]
macro_rules! entries_for_few {
    ($(#[$features:meta])* $lane:ident, $columns:literal) => {
        $(#[$features])*
        fn hamming(a: &HV16, b: &HV16) -> u32 {
            u32::from(counting::hamming::<_, $columns>($lane::new(), lanes::view(a), lanes::view(b)))
        }

        $(#[$features])*
        fn similarity(a: &HV16, b: &HV16) -> f32 {
            crate::similarity::similarity_of_distance(hamming(a, b) as u16)
        }

        $(#[$features])*
        fn distances_into<const AHEAD: usize>(query: &HV16, targets: &[HV16], out: &mut [u16]) {
            counting::distances_into::<_, $columns, AHEAD>($lane::new(), query, targets, out);
        }

        $(#[$features])*
        fn scan_tile(queries: &[HV16], memory: &[HV16], first: usize, bounds: &mut [Bound], report: OnMatch<'_>) {
            counting::scan_tile::<_, $columns>($lane::new(), queries, memory, first, bounds, report);
        }

        $(#[$features])*
        fn scan_prefixes(query: &Prefix, plane: &[Prefix], first: usize, bound: &mut Bound, report: OnPrefix<'_>) {
            counting::scan_prefixes::<_, { $columns / 4 }>($lane::new(), query, plane, first, bound, report);
        }

        $(#[$features])*
        fn xor_popcount(query: &HV16, vectors: &[HV16]) -> u64 {
            counting::xor_popcount::<_, $columns>($lane::new(), query, vectors)
        }
    };
}

/// Makes `tiled()`, the kernels for many queries; it is also given how words are added. The functions that are not inlined
/// have a wrapper each, which the lanes' type leads to.
#[cfg(all(feature = "std", target_endian = "little"))]
macro_rules! entries_for_tiles {
    ($(#[$features:meta])* $lane:ident, $adding:ty) => {
        type Register = <$lane as Lane>::Bits;

        $(#[$features])*
        pub(super) const fn tiled() -> TiledKernels {
            TiledKernels { min_queries: $lane::MIN_QUERIES, tile_width: $lane::TILE, pass_width: $lane::PASS, scan_by_memory, scan_by_queries, distances_of_all }
        }

        $(#[$features])*
        fn scan_by_memory(
            wanted: usize,
            queries: &[HV16],
            memory: &[HV16],
            first: usize,
            bounds: &mut [Bound],
            report: OnMatch<'_>,
        ) {
            tiles::scan_by_memory($lane::new(), wanted, queries, memory, first, bounds, report);
        }

        $(#[$features])*
        fn scan_by_queries(queries: &[HV16], memory: &[HV16], first: usize, bounds: &mut [Bound], report: OnMatch<'_>) {
            tiles::scan_by_queries($lane::new(), queries, memory, first, bounds, report);
        }

        $(#[$features])*
        fn distances_of_all(queries: &[HV16], memory: &[HV16], on_distances: OnDistances<'_>) {
            tiles::distances_of_all($lane::new(), queries, memory, on_distances);
        }

        #[inline(never)]
        $(#[$features])*
        fn gather(tile: &Tile<'_, $lane>, line: usize, columns: &mut [[Register; 64]; 8]) {
            transposition::gather($lane::new(), tile, line, columns);
        }

        #[inline(never)]
        $(#[$features])*
        fn count(tables: &Tables<$lane>, indices: &TableIndices<$lane>, sums: &mut Sums<$lane>) -> Register {
            <$adding>::count($lane::new(), tables, indices, sums)
        }

        #[inline(never)]
        $(#[$features])*
        fn pass_over(under_way: &mut UnderWay<'_, $lane>, tile: Tile<'_, $lane>, tables: &mut Tables<$lane>) {
            tiles::pass_over($lane::new(), under_way, tile, tables);
        }

        #[inline(never)]
        $(#[$features])*
        fn kth_smallest(planes: &Planes<$lane>, set: Register, k: usize) -> u16 {
            reading::kth_smallest($lane::new(), planes, set, k)
        }

        #[inline(never)]
        $(#[$features])*
        fn distances(planes: &Planes<$lane>) -> [Register; 16] {
            reading::distances($lane::new(), planes)
        }

        #[inline(never)]
        $(#[$features])*
        fn report_vectors(
            planes: &Planes<$lane>,
            near: &Register,
            wanted: usize,
            bound: &mut Bound,
            of: Reported,
            report: OnMatch<'_>,
        ) {
            reading::report_vectors($lane::new(), planes, near, wanted, bound, of, report);
        }

        #[inline(never)]
        $(#[$features])*
        fn report_queries(
            planes: &Planes<$lane>,
            near: &Register,
            first: usize,
            vector: usize,
            bounds: &mut Bounds<'_, $lane>,
            report: OnMatch<'_>,
        ) {
            reading::report_queries($lane::new(), planes, near, first, vector, bounds, report);
        }

        #[allow(unsafe_code, unused_unsafe)]
        impl Reading for $lane {
            #[inline(always)]
            fn kth_smallest(self, planes: &Planes<Self>, set: Register, k: usize) -> u16 {
                // SAFETY: `self` proves that the CPU has the instructions, here and below.
                unsafe { kth_smallest(planes, set, k) }
            }

            #[inline(always)]
            fn distances(self, planes: &Planes<Self>) -> [Register; 16] {
                // SAFETY: as above.
                unsafe { distances(planes) }
            }
        }

        #[allow(unsafe_code, unused_unsafe)]
        impl Steps for $lane {
            type Adding = $adding;

            #[inline(always)]
            fn gather(self, tile: &Tile<'_, Self>, line: usize, columns: &mut [[Register; 64]; 8]) {
                // SAFETY: `self` proves that the CPU has the instructions, here and below.
                unsafe { gather(tile, line, columns) }
            }

            #[inline(always)]
            fn count(self, tables: &Tables<Self>, indices: &TableIndices<Self>, sums: &mut Sums<Self>) -> Register {
                // SAFETY: as above.
                unsafe { count(tables, indices, sums) }
            }

            #[inline(always)]
            fn pass_over(self, under_way: &mut UnderWay<'_, Self>, tile: Tile<'_, Self>, tables: &mut Tables<Self>) {
                // SAFETY: as above.
                unsafe { pass_over(under_way, tile, tables) }
            }

            #[inline(always)]
            fn report_vectors(
                self,
                planes: &Planes<Self>,
                near: &Register,
                wanted: usize,
                bound: &mut Bound,
                of: Reported,
                report: OnMatch<'_>,
            ) {
                // SAFETY: as above.
                unsafe { report_vectors(planes, near, wanted, bound, of, report) }
            }

            #[inline(always)]
            fn report_queries(
                self,
                planes: &Planes<Self>,
                near: &Register,
                first: usize,
                vector: usize,
                bounds: &mut Bounds<'_, Self>,
                report: OnMatch<'_>,
            ) {
                // SAFETY: as above.
                unsafe { report_queries(planes, near, first, vector, bounds, report) }
            }

            fn room() -> &'static LocalKey<Cell<Room<Self>>> {
                std::thread_local! {
                    static ROOM: Cell<Room<$lane>> = Cell::default();
                }
                &ROOM
            }
        }
    };
}
