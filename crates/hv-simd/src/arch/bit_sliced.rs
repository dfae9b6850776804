//! Bundling in bit-sliced counters, generated once for each backend's lanes.
//!
//! A macro, because the adders must be inlined into functions that carry the backend's `#[target_feature]`; the
//! text is the same for all, and each backend supplies its lane type and five operations.
//!
//! Vectors go through a tree of carry-save adders (Harley-Seal; Warren, "Hacker's Delight", 2nd ed., section 5-1):
//! fifteen full adders turn sixteen vectors and the low four planes into new low planes and one carry of weight
//! sixteen, which then ripples through the higher planes. So a vector costs about one full adder and one load a
//! lane, and the high planes are touched every sixteenth time. Up to fifteen vectors go through a network of their
//! own that never leaves the registers.

/// Makes `accumulate`, `majority` and `bundle_few` for a lane type. `full_add(a, b, c)` is `(sum, carry)`.
macro_rules! bit_sliced {
    (
        $(#[$features:meta])* $lane:ty, $view:path, $view_mut:path,
        $zero:expr, $xor:path, $and:path, $or:path, $full_add:path
    ) => {
        const COLUMNS: usize = size_of::<HV16>() / size_of::<$lane>();

        /// Vectors taken at a time: 16 KiB, so that the second column of a cache line still finds it in L1.
        const PART: usize = 64;

        /// Adds vectors to bit-sliced counters, of which there are enough that none overflows.
        $(#[$features])*
        fn accumulate(planes: &mut [HV16], vectors: &[HV16]) {
            for part in vectors.chunks(PART) {
                accumulate_part(planes, part);
            }
        }

        /// Adds vectors that fit in L1.
        $(#[$features])*
        fn accumulate_part(planes: &mut [HV16], vectors: &[HV16]) {
            let (sixteens, rest) = vectors.as_chunks::<16>();
            let (eights, rest) = rest.as_chunks::<8>();
            let (pairs, single) = rest.as_chunks::<2>();
            for column in 0..COLUMNS {
                if !sixteens.is_empty() {
                    add_sixteens(planes, sixteens, column);
                }
                for eight in eights {
                    let (low, high) = low_planes::<3>(planes);
                    let mut sums = low.each_ref().map(|plane| $view(plane)[column]);
                    let carry = add_eight(&mut sums, eight, column);
                    store(low, sums, column);
                    ripple(high, carry, column);
                }
                for [a, b] in pairs {
                    let (low, high) = low_planes::<1>(planes);
                    let (sum, carry) = $full_add($view(&low[0])[column], $view(a)[column], $view(b)[column]);
                    store(low, [sum], column);
                    ripple(high, carry, column);
                }
                for v in single {
                    ripple(planes, $view(v)[column], column);
                }
            }
        }

        /// Adds one column of lanes of blocks of sixteen vectors.
        $(#[$features])*
        fn add_sixteens(planes: &mut [HV16], blocks: &[[HV16; 16]], column: usize) {
            let (low, high) = low_planes::<4>(planes);
            let [ones, twos, fours, mut eights] = low.each_ref().map(|plane| $view(plane)[column]);
            let mut sums = [ones, twos, fours];
            for block in blocks {
                let [first, second] = block.as_chunks::<8>().0 else { unreachable!("sixteen is two eights") };
                let eights_a = add_eight(&mut sums, first, column);
                let eights_b = add_eight(&mut sums, second, column);
                let (sum, sixteens) = $full_add(eights, eights_a, eights_b);
                eights = sum;
                ripple(high, sixteens, column);
            }
            let [ones, twos, fours] = sums;
            store(low, [ones, twos, fours, eights], column);
        }

        /// Adds one column of lanes of eight vectors to the low three planes, and returns the carry of weight eight.
        #[inline]
        $(#[$features])*
        fn add_eight([ones, twos, fours]: &mut [$lane; 3], vectors: &[HV16; 8], column: usize) -> $lane {
            let v = |i: usize| $view(&vectors[i])[column];
            let (sum, twos_a) = $full_add(*ones, v(0), v(1));
            let (sum, twos_b) = $full_add(sum, v(2), v(3));
            let (two, fours_a) = $full_add(*twos, twos_a, twos_b);
            let (sum, twos_a) = $full_add(sum, v(4), v(5));
            let (sum, twos_b) = $full_add(sum, v(6), v(7));
            let (two, fours_b) = $full_add(two, twos_a, twos_b);
            let (four, eights) = $full_add(*fours, fours_a, fours_b);
            (*ones, *twos, *fours) = (sum, two, four);
            eights
        }

        #[inline]
        $(#[$features])*
        fn low_planes<const N: usize>(planes: &mut [HV16]) -> (&mut [HV16; N], &mut [HV16]) {
            let Some(split) = planes.split_first_chunk_mut() else { unreachable!("counters never overflow") };
            split
        }

        #[inline]
        $(#[$features])*
        fn store<const N: usize>(planes: &mut [HV16; N], lanes: [$lane; N], column: usize) {
            for (plane, lane) in planes.iter_mut().zip(lanes) {
                $view_mut(plane)[column] = lane;
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

        /// The majority of `n` vectors, read off their counters.
        $(#[$features])*
        fn majority(planes: &[HV16], n: u64) -> HV16 {
            let (mut above, mut tied) = (HV16::ZERO, HV16::ZERO);
            for column in 0..COLUMNS {
                let lanes = planes.iter().map(|plane| $view(plane)[column]);
                let (more, same) = compare(lanes, n / 2);
                $view_mut(&mut above)[column] = more;
                $view_mut(&mut tied)[column] = same;
            }
            // An odd n has no ties: a count of (n - 1) / 2 is a minority.
            if n % 2 == 1 { above } else { words::break_ties(&above, &tied, &planes[0]) }
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

        /// The majority of 1 to 15 vectors.
        $(#[$features])*
        fn bundle_few(vectors: &[HV16]) -> HV16 {
            dispatch_on_length!(vectors, network, 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
        }

        /// The majority of `N` vectors, 1 to 15: each column is counted and compared in registers.
        $(#[$features])*
        fn network<const N: usize>(vectors: &[HV16; N]) -> HV16 {
            let (mut above, mut tied, mut parity) = (HV16::ZERO, HV16::ZERO, HV16::ZERO);
            for column in 0..COLUMNS {
                let v = |i: usize| if i < N { $view(&vectors[i])[column] } else { $zero };
                let (one, twos) = sum_of::<N, 15, 7>(std::array::from_fn(v));
                let (two, fours) = sum_of::<N, 7, 3>(twos);
                let (four, [eight]) = sum_of::<N, 3, 1>(fours);
                let planes = [one, two, four, eight];
                let used = (usize::BITS - N.leading_zeros()) as usize;
                let (more, same) = compare(planes[..used].iter().copied(), N as u64 / 2);
                $view_mut(&mut above)[column] = more;
                if N % 2 == 0 {
                    $view_mut(&mut tied)[column] = same;
                    $view_mut(&mut parity)[column] = one;
                }
            }
            if N % 2 == 1 { above } else { words::break_ties(&above, &tied, &parity) }
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
