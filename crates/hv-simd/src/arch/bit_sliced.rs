//! Bundling in bit-sliced counters, generated once for each backend's lanes.
//!
//! A macro, because the adders must be inlined into functions that carry the backend's `#[target_feature]`; the
//! text is the same for all, and each backend supplies its lane type and five operations.
//!
//! Eight vectors a step go through a tree of carry-save adders (Harley-Seal; Warren, "Hacker's Delight", 2nd ed.,
//! section 5-1): seven full adders turn eight vectors and the low three planes into new low planes and one carry of
//! weight eight, which then ripples through the higher planes. So most vectors never touch a high plane.

/// Makes `accumulate` and `majority` for a lane type. `full_add(a, b, c)` is `(sum, carry)`.
macro_rules! bit_sliced {
    ($(#[$features:meta])* $lane:ty, $view:path, $view_mut:path, $zero:expr, $xor:path, $and:path, $or:path, $full_add:path) => {
        /// Adds vectors to bit-sliced counters, of which there are enough that none overflows.
        $(#[$features])*
        fn accumulate(planes: &mut [HV16], vectors: &[HV16]) {
            let (blocks, rest) = vectors.as_chunks::<8>();
            if !blocks.is_empty() {
                for column in 0..size_of::<HV16>() / size_of::<$lane>() {
                    accumulate_blocks(planes, blocks, column);
                }
            }
            for v in rest {
                for (column, &lane) in $view(v).iter().enumerate() {
                    ripple(planes, lane, column);
                }
            }
        }

        /// Adds one column of lanes of blocks of eight vectors.
        $(#[$features])*
        fn accumulate_blocks(planes: &mut [HV16], blocks: &[[HV16; 8]], column: usize) {
            let Some((low, high)) = planes.split_first_chunk_mut::<3>() else {
                unreachable!("eight vectors need four planes");
            };
            let [mut ones, mut twos, mut fours] = [$view(&low[0])[column], $view(&low[1])[column], $view(&low[2])[column]];
            for block in blocks {
                let v = |i: usize| $view(&block[i])[column];
                let (sum, twos_a) = $full_add(ones, v(0), v(1));
                let (sum, twos_b) = $full_add(sum, v(2), v(3));
                let (two, fours_a) = $full_add(twos, twos_a, twos_b);
                let (sum, twos_a) = $full_add(sum, v(4), v(5));
                let (sum, twos_b) = $full_add(sum, v(6), v(7));
                let (two, fours_b) = $full_add(two, twos_a, twos_b);
                let (four, eights) = $full_add(fours, fours_a, fours_b);
                (ones, twos, fours) = (sum, two, four);
                ripple(high, eights, column);
            }
            $view_mut(&mut low[0])[column] = ones;
            $view_mut(&mut low[1])[column] = twos;
            $view_mut(&mut low[2])[column] = fours;
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

        /// The majority of `n` vectors: all counters are compared with n / 2 at once, from the highest plane down.
        $(#[$features])*
        fn majority(planes: &[HV16], n: u64) -> HV16 {
            let half = n / 2;
            let (mut above, mut tied) = (HV16::ZERO, HV16::ZERO);
            for column in 0..size_of::<HV16>() / size_of::<$lane>() {
                let mut more = $zero;
                let mut same = $view(&HV16::ONES)[column];
                for (p, plane) in planes.iter().enumerate().rev() {
                    let bit = $view(plane)[column];
                    let both = $and(same, bit);
                    if half >> p & 1 == 1 {
                        same = both;
                    } else {
                        more = $or(more, both);
                        same = $xor(same, both);
                    }
                }
                $view_mut(&mut above)[column] = more;
                $view_mut(&mut tied)[column] = same;
            }
            // An odd n has no ties: a count of (n - 1) / 2 is a minority.
            if n % 2 == 1 { above } else { words::break_ties(&above, &tied, &planes[0]) }
        }
    };
}
