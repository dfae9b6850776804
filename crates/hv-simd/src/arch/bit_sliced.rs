//! Bundling in bit-sliced counters, generated once for each backend's lanes.
//!
//! A macro, because the adders must be inlined into functions that carry the backend's `#[target_feature]`; the
//! text is the same for all, and each backend supplies its lane type and six operations.
//!
//! Vectors go through a tree of carry-save adders (Harley-Seal; Warren, "Hacker's Delight", 2nd ed., section 5-1):
//! fifteen full adders turn a column of sixteen vectors and the low four planes into new low planes and one carry of
//! weight sixteen, which ripples through four higher planes. So a lane of a vector costs a load and a full adder, and half
//! an operation for the ripple. Some hundred vectors are counted so without leaving the registers, and their counts are
//! compared with n/2 there, or added to those of others. Up to fifteen go through a network of their own.
//!
//! In L1 the adders are the bound: with ternary logic two operations, of which Zen 5 starts two in a cycle where they read
//! three registers, so four cycles a vector. Beyond L1 it is the reads, of one line of each vector at a time, which is not
//! an order that a CPU foresees well: Zen 5 takes two cycles a line from L2.

/// The bits of a counter that goes to `n`.
pub(super) fn planes_for(n: usize) -> usize {
    (usize::BITS - n.leading_zeros()) as usize
}

/// Makes `accumulate`, `majority` and `bundle` for a lane type. `full_add(a, b, c)` is `(sum, carry)`, and
/// `up::<N>(lane, before)` the bits of a vector `N` places up, given a lane of it and the one before.
macro_rules! bit_sliced {
    (
        $(#[$features:meta])* $lane:ty, $view:path, $view_mut:path,
        $zero:expr, $xor:path, $and:path, $or:path, $full_add:path, $up:ident
    ) => {
        use crate::arch::bit_sliced::planes_for;

        const COLUMNS: usize = size_of::<HV16>() / size_of::<$lane>();

        /// Vectors that are counted in registers before their counts are added to others. Where a column is a part of a cache
        /// line, so few that the next column finds it in L1.
        const PART: usize = if size_of::<$lane>() < 64 { 112 } else { 240 };

        /// Adds vectors to bit-sliced counters, of which there are enough that none overflows.
        $(#[$features])*
        fn accumulate(planes: &mut [HV16], vectors: &[HV16]) {
            for part in vectors.chunks(PART) {
                for column in 0..COLUMNS {
                    if part.len() < 4 {
                        part.iter().for_each(|v| ripple(planes, $view(v)[column], column));
                    } else {
                        add_sums(planes, &sums(part, column)[..planes_for(part.len())], column);
                    }
                }
            }
        }

        /// Adds numbers to the counters of one column.
        #[inline]
        $(#[$features])*
        fn add_sums(planes: &mut [HV16], sums: &[$lane], column: usize) {
            let (low, high) = planes.split_at_mut(sums.len());
            let mut carry = $zero;
            for (plane, &lane) in low.iter_mut().zip(sums) {
                let plane = &mut $view_mut(plane)[column];
                (*plane, carry) = $full_add(*plane, lane, carry);
            }
            ripple(high, carry, column);
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

        /// Adds up one column of lanes of up to 255 vectors, in registers.
        #[inline]
        $(#[$features])*
        fn sums(vectors: &[HV16], column: usize) -> [$lane; 8] {
            let (mut low, mut eights, mut high) = ([$zero; 3], $zero, [$zero; 4]);
            for block in vectors.chunks(16) {
                let (first, second) = block.split_at(block.len().min(8));
                let eight_a = add_up_to_eight(&mut low, first, column);
                let eight_b = add_up_to_eight(&mut low, second, column);
                let (sum, mut carry) = $full_add(eights, eight_a, eight_b);
                eights = sum;
                for sum in &mut high {
                    (*sum, carry) = ($xor(*sum, carry), $and(*sum, carry));
                }
            }
            let ([ones, twos, fours], [sixteens, thirty_twos, sixty_fours, top]) = (low, high);
            [ones, twos, fours, eights, sixteens, thirty_twos, sixty_fours, top]
        }

        /// Adds one column of lanes of eight vectors, or fewer, to the low three planes, and returns the carry of weight
        /// eight.

        #[inline]
        $(#[$features])*
        fn add_up_to_eight(sums: &mut [$lane; 3], vectors: &[HV16], column: usize) -> $lane {
            match vectors.first_chunk::<8>() {
                Some(eight) => add_eight(sums, eight.each_ref(), column),
                None if vectors.is_empty() => $zero,
                None => add_eight(sums, std::array::from_fn(|i| vectors.get(i).unwrap_or(&HV16::ZERO)), column),
            }
        }

        /// The planes come last, so that eight vectors need not wait for those before.
        #[inline]
        $(#[$features])*
        fn add_eight([ones, twos, fours]: &mut [$lane; 3], vectors: [&HV16; 8], column: usize) -> $lane {
            let [a, b, c, d, e, f, g, h] = vectors.map(|v| $view(v)[column]);
            let (sum_a, twos_a) = $full_add(a, b, c);
            let (sum_b, twos_b) = $full_add(d, e, f);
            let (sum, twos_c) = $full_add(sum_a, sum_b, g);
            let (one, twos_d) = $full_add(*ones, sum, h);
            let (sum, fours_a) = $full_add(twos_a, twos_b, twos_c);
            let (two, fours_b) = $full_add(*twos, sum, twos_d);
            let (four, eights) = $full_add(*fours, fours_a, fours_b);
            (*ones, *twos, *fours) = (one, two, four);
            eights
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
            let (n, used) = (vectors.len() as u64, planes_for(vectors.len()));
            if vectors.len() < 16 {
                dispatch_on_length!(vectors, network, 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
            } else if vectors.len() <= PART {
                let mut compared = Compared::new();
                for column in 0..COLUMNS {
                    let sums = sums(vectors, column);
                    compared.set(column, sums[..used].iter().copied(), n, sums[0]);
                }
                compared.majority(n)
            } else {
                let mut planes = [HV16::ZERO; 12];
                accumulate(&mut planes[..used], vectors);
                majority(&planes[..used], n)
            }
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
                compared.set(column, planes[..planes_for(N)].iter().copied(), N as u64, one);
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
