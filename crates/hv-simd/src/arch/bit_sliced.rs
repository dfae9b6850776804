//! Bundling in bit-sliced counters, generated once for each backend's lanes.
//!
//! A macro, because the adders must be inlined into functions that carry the backend's `#[target_feature]`; the
//! text is the same for all, and each backend supplies its lane type, how two vectors are loaded, and five operations.
//!
//! Vectors go through a tree of carry-save adders (Harley-Seal; Warren, "Hacker's Delight", 2nd ed., section 5-1):
//! fifteen full adders turn a column of sixteen vectors and the low four planes into new low planes and one carry of
//! weight sixteen, which is carried on through the planes above. So a lane of a vector costs a load and a full adder, and
//! half an operation for what is carried on. A hundred vectors, or a thousand, are counted so without leaving the
//! registers, and their counts are compared with n/2 there, or added to those of others. Up to fifteen go through a
//! network of their own.
//!
//! In L1 the adders are the bound: with ternary logic two operations, of which Zen 5 starts two in a cycle where they read
//! three registers, so four cycles a vector; elsewhere five. Beyond L1, with ternary logic, it is the reads: 1.4 us for a
//! thousand vectors in L2 of Zen 5, which plain reads take 1.35 for.

/// Makes `accumulate`, `majority` and `bundle` for a lane type. `load(pair, column)` gives `at_once` lanes of each of two
/// vectors, from a column on: as many as there are registers for their counters. `full_add(a, b, c)` is `(sum, carry)`,
/// and `up::<N>(lane, before)` the bits of a vector `N` places up, given a lane of it and the one before.
macro_rules! bit_sliced {
    (
        $(#[$features:meta])* $lane:ty, $view:path, $view_mut:path,
        $load:expr, $at_once:literal, $zero:expr, $xor:path, $and:path, $or:path, $full_add:path, $up:ident
    ) => {
        use crate::planes::planes_for;

        const COLUMNS: usize = size_of::<HV16>() / size_of::<$lane>();

        /// Vectors that are counted in registers before their counts are added to others. Where a cache line is read in
        /// several passes, so few that the next pass finds it in L1.
        const PART: usize = if size_of::<$lane>() < 64 { 112 } else { 1023 };

        /// Of these so many with fewer planes to carry through.
        const FEW: usize = if PART < 255 { PART } else { 255 };

        /// Stands for vectors that are not there.
        static ZEROS: [HV16; 2] = [HV16::ZERO; 2];

        /// A lane of each of the columns that are counted in one pass.
        type Lanes = [$lane; $at_once];

        /// Adds vectors to bit-sliced counters, of which there are enough that none overflows.
        $(#[$features])*
        fn accumulate(planes: &mut [HV16], vectors: &[HV16]) {
            for part in vectors.chunks(PART) {
                if part.len() < 4 {
                    for v in part {
                        (0..COLUMNS).for_each(|column| ripple(planes, $view(v)[column], column));
                    }
                } else {
                    let used = planes_for(part.len() as u64);
                    for first in (0..COLUMNS).step_by($at_once) {
                        let sums = sums::<{ planes_for(PART as u64) }>(part, first);
                        add_sums(planes, &sums[..used], first);
                    }
                }
            }
        }

        /// Adds numbers to the counters of the columns from `first` on.
        #[inline]
        $(#[$features])*
        fn add_sums(planes: &mut [HV16], sums: &[Lanes], first: usize) {
            let (low, high) = planes.split_at_mut(sums.len());
            for i in 0..$at_once {
                let column = first + i;
                let mut carry = $zero;
                for (plane, lanes) in low.iter_mut().zip(sums) {
                    let plane = &mut $view_mut(plane)[column];
                    (*plane, carry) = $full_add(*plane, lanes[i], carry);
                }
                ripple(high, carry, column);
            }
        }

        /// Adds one to the counters of one column whose bit is set in `carry`.
        #[inline]
        $(#[$features])*
        fn ripple(planes: &mut [HV16], mut carry: $lane, column: usize) {
            for plane in planes {
                let lane = &mut $view_mut(plane)[column];
                let sum = $xor(*lane, carry);
                carry = $and(*lane, carry);
                *lane = sum;
            }
        }

        /// Adds up the columns from `first` on of vectors whose number has up to `P` bits, in registers. `P` is at least
        /// four.
        #[inline]
        $(#[$features])*
        fn sums<const P: usize>(vectors: &[HV16], first: usize) -> [Lanes; P] {
            let mut planes = [[$zero; $at_once]; P];
            let (pairs, single) = vectors.as_chunks::<2>();
            let (eights, pairs) = pairs.as_chunks::<4>();
            let (sixteens, eight) = eights.as_chunks::<2>();
            for [front, back] in sixteens {
                let a = add_eight(&mut planes, |i| $load(&front[i], first));
                let b = add_eight(&mut planes, |i| $load(&back[i], first));
                let carries = add(&mut planes[3], [a, b]);
                carry_on(&mut planes[4..], carries);
            }
            if let [eight] = eight {
                let carries = add_eight(&mut planes, |i| $load(&eight[i], first));
                carry_on(&mut planes[3..], carries);
            }
            if !(pairs.is_empty() && single.is_empty()) {
                let single = single.first().unwrap_or(&HV16::ZERO);
                let carries = add_eight(&mut planes, |i| match i {
                    3 => [std::array::from_fn(|j| $view(single)[first + j]), [$zero; $at_once]],
                    _ => $load(pairs.get(i).unwrap_or(&ZEROS), first),
                });
                carry_on(&mut planes[3..], carries);
            }
            planes
        }

        /// Adds eight vectors, four pairs of them, to the low three planes, and returns the carries of weight eight.
        #[inline]
        $(#[$features])*
        fn add_eight(planes: &mut [Lanes], pair: impl Fn(usize) -> [Lanes; 2]) -> Lanes {
            let [ones, twos, fours, ..] = planes else { unreachable!("the number of eight vectors has four bits") };
            let (a, b) = (add(ones, pair(0)), add(ones, pair(1)));
            let c = add(twos, [a, b]);
            let (a, b) = (add(ones, pair(2)), add(ones, pair(3)));
            let d = add(twos, [a, b]);
            add(fours, [c, d])
        }

        /// Adds a bit to each counter whose planes from some weight on these are.
        #[inline]
        $(#[$features])*
        fn carry_on(planes: &mut [Lanes], mut carries: Lanes) {
            for plane in planes {
                for (sum, carry) in plane.iter_mut().zip(&mut carries) {
                    (*sum, *carry) = ($xor(*sum, *carry), $and(*sum, *carry));
                }
            }
        }

        /// Adds two bits to each sum, and returns the carries. The sum comes last, so that little waits for it.
        #[inline]
        $(#[$features])*
        fn add(sums: &mut Lanes, [a, b]: [Lanes; 2]) -> Lanes {
            let mut carries = *sums;
            for i in 0..$at_once {
                (sums[i], carries[i]) = $full_add(a[i], b[i], sums[i]);
            }
            carries
        }

        /// The majority of `n` vectors, read off their counters.
        $(#[$features])*
        fn majority(planes: &[HV16], n: u64) -> HV16 {
            let mut compared = Compared::new();
            for column in 0..COLUMNS {
                compared.set(column, planes.iter().map(|plane| $view(plane)[column]), n, $view(&planes[0])[column]);
            }
            compared.majority(n)
        }

        /// Of each column which counters are above n/2, which equal to it, and their parity.
        struct Compared {
            above: [$lane; COLUMNS],
            tied: [$lane; COLUMNS],
            parity: [$lane; COLUMNS],
        }

        impl Compared {
            #[inline]
            $(#[$features])*
            fn new() -> Self {
                let zero = [$zero; COLUMNS];
                Self { above: zero, tied: zero, parity: zero }
            }

            #[inline]
            $(#[$features])*
            fn set(&mut self, column: usize, planes: impl DoubleEndedIterator<Item = $lane> + ExactSizeIterator, n: u64, parity: $lane) {
                let (more, same) = compare(planes, n / 2);
                self.above[column] = more;
                // An odd n has no ties: a count of (n - 1) / 2 is a minority.
                if n.is_multiple_of(2) {
                    (self.tied[column], self.parity[column]) = (same, parity);
                }
            }

            #[inline]
            $(#[$features])*
            fn majority(self, n: u64) -> HV16 {
                if n.is_multiple_of(2) { break_ties(self.above, self.tied, self.parity) } else { whole(self.above) }
            }
        }

        /// `above`, with the ties of `tied` broken: bit `i` of a tie is bit `i - 1` of `parity` XOR bit `i - 2` of `above`.
        #[inline]
        $(#[$features])*
        fn break_ties(mut above: [$lane; COLUMNS], tied: [$lane; COLUMNS], parity: [$lane; COLUMNS]) -> HV16 {
            let mut before = (above[COLUMNS - 1], parity[COLUMNS - 1]);
            for ((above, tied), parity) in above.iter_mut().zip(tied).zip(parity) {
                let rule = $xor($up::<2>(*above, before.0), $up::<1>(parity, before.1));
                before = (*above, parity);
                *above = $or(*above, $and(tied, rule));
            }
            whole(above)
        }

        #[inline]
        $(#[$features])*
        fn whole(columns: [$lane; COLUMNS]) -> HV16 {
            let mut v = HV16::ZERO;
            *$view_mut(&mut v) = columns;
            v
        }

        /// Compares all counters of a column with `half` at once, from the highest plane down: those above, and
        /// those equal.
        #[inline]
        $(#[$features])*
        fn compare(
            planes: impl ExactSizeIterator<Item = $lane> + DoubleEndedIterator,
            half: u64,
        ) -> ($lane, $lane) {
            let mut more = $zero;
            let mut same = $view(&HV16::ONES)[0];
            for (p, bit) in planes.enumerate().rev() {
                let both = $and(same, bit);
                if half >> p & 1 == 1 {
                    same = both;
                } else {
                    more = $or(more, both);
                    same = $xor(same, both);
                }
            }
            (more, same)
        }

        /// The majority of 1 to 4,095 vectors.
        $(#[$features])*
        fn bundle(vectors: &[HV16]) -> HV16 {
            if vectors.len() < 16 {
                dispatch_on_length!(vectors, network, 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
            } else if vectors.len() <= FEW {
                bundle_at_once::<{ planes_for(FEW as u64) }>(vectors)
            } else if vectors.len() <= PART {
                bundle_at_once::<{ planes_for(PART as u64) }>(vectors)
            } else {
                let n = vectors.len() as u64;
                let planes = &mut [HV16::ZERO; 12][..planes_for(n)];
                accumulate(planes, vectors);
                majority(planes, n)
            }
        }

        /// The majority of vectors whose number has four to `P` bits, counted and compared in registers. Not inlined, so
        /// that fewer need not make room for what is spilled here.
        #[inline(never)]
        $(#[$features])*
        fn bundle_at_once<const P: usize>(vectors: &[HV16]) -> HV16 {
            let n = vectors.len() as u64;
            let used = planes_for(n);
            let mut compared = Compared::new();
            for first in (0..COLUMNS).step_by($at_once) {
                let sums = sums::<P>(vectors, first);
                for i in 0..$at_once {
                    compared.set(first + i, sums[..used].iter().map(|lanes| lanes[i]), n, sums[0][i]);
                }
            }
            compared.majority(n)
        }

        /// The majority of `N` vectors, 1 to 15: each column is counted and compared in registers.
        $(#[$features])*
        fn network<const N: usize>(vectors: &[HV16; N]) -> HV16 {
            let mut compared = Compared::new();
            for column in 0..COLUMNS {
                let v = |i: usize| if i < N { $view(&vectors[i])[column] } else { $zero };
                let (one, twos) = sum_of::<N, 15, 7>(std::array::from_fn(v));
                let (two, fours) = sum_of::<N, 7, 3>(twos);
                let (four, [eight]) = sum_of::<N, 3, 1>(fours);
                let planes = [one, two, four, eight];
                compared.set(column, planes[..planes_for(N as u64)].iter().copied(), N as u64, one);
            }
            compared.majority(N as u64)
        }

        /// Adds up the lanes of one weight: their parity, and the carries of twice the weight. Of `LANES` lanes only
        /// those are used that `N` vectors can have: `N` of the ones, `N / 2` of the twos and so on.
        #[inline]
        $(#[$features])*
        fn sum_of<const N: usize, const LANES: usize, const CARRIES: usize>(lanes: [$lane; LANES]) -> ($lane, [$lane; CARRIES]) {
            let used = N / ((15 + 1) / (LANES + 1));
            let mut carries = [$zero; CARRIES];
            let mut sum = lanes[0];
            for (i, carry) in carries.iter_mut().enumerate() {
                let (a, b) = (2 * i + 1, 2 * i + 2);
                if b < used {
                    (sum, *carry) = $full_add(sum, lanes[a], lanes[b]);
                } else if a < used {
                    (sum, *carry) = ($xor(sum, lanes[a]), $and(sum, lanes[a]));
                }
            }
            (sum, carries)
        }
    };
}

/// Loads lanes of two vectors from their view, as `bit_sliced` wants them.
macro_rules! load_pair {
    ($view:path) => {
        |[a, b]: &[HV16; 2], column: usize| {
            [std::array::from_fn(|i| $view(a)[column + i]), std::array::from_fn(|i| $view(b)[column + i])]
        }
    };
}

/// Calls a function that is generic over the length of an array with a slice of one of the lengths.
macro_rules! dispatch_on_length {
    ($slice:ident, $function:ident, $($n:literal)*) => {
        match $slice.len() {
            $($n => match $slice.first_chunk::<$n>() {
                Some(array) => $function(array),
                None => unreachable!("the length was just matched"),
            },)*
            n => unreachable!("there is no network for {n} vectors"),
        }
    };
}
