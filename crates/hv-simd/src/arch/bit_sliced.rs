//! Bundling in bit-sliced counters, on any lanes, for vectors of `N` lanes. `K` lanes are counted at a time.
//!
//! Vectors go through a tree of carry-save adders (Harley-Seal; Warren, "Hacker's Delight", 2nd ed., section 5-1):
//! fifteen full adders turn a column of sixteen vectors and the low four planes into new low planes and one carry of
//! weight sixteen, which is carried on through the planes above. So a lane of a vector costs a load and a full adder, and
//! half an operation for what is carried on. A hundred vectors, or a thousand, are counted so without leaving the
//! registers, and their counts are compared with n/2 there, or added to those of others. Up to fifteen go through a
//! network of their own.
//!
//! In L1 the adders are the bound: with ternary logic two operations, and Zen 5 starts two that read three registers in a
//! cycle; elsewhere five. Beyond L1, with ternary logic, it is the reads. docs/tuning.md has the times.

use crate::arch::lane::Lane;
use crate::lanes::{self, Bits};
use crate::planes::planes_for;

/// Lanes of one vector, of columns that are counted in one pass.
type Columns<L, const K: usize> = [<L as Lane>::Bits; K];

/// A vector.
type Vector<L, const N: usize> = [<L as Lane>::Bits; N];

/// What is not inlined into each kernel, but has a wrapper of its own, so that fewer vectors need not make room for what is
/// spilled there. Each is the function of its name.
pub(super) trait BitSliced: Lane {
    fn add_part<const N: usize, const K: usize, const P: usize>(
        self,
        planes: &mut [Vector<Self, N>],
        part: &[Vector<Self, N>],
    );

    fn bundle_at_once<V: Bits, const N: usize, const K: usize, const P: usize>(self, vectors: &[Vector<Self, N>]) -> V;
}

/// Adds vectors to bit-sliced counters. There must be enough planes that none overflows.
#[inline(always)]
pub(super) fn accumulate<L: BitSliced, const N: usize, const K: usize>(
    l: L,
    planes: &mut [Vector<L, N>],
    vectors: &[Vector<L, N>],
) {
    for part in vectors.chunks(L::PART) {
        if part.len() < 4 {
            for v in part {
                for (column, &lane) in v.iter().enumerate() {
                    ripple(l, planes, lane, column);
                }
            }
        } else if L::PART <= 127 {
            l.add_part::<N, K, 7>(planes, part);
        } else {
            l.add_part::<N, K, 10>(planes, part);
        }
    }
}

/// Counts vectors whose number has four to `P` bits in registers, and adds their counts to the others.
#[inline(always)]
pub(super) fn add_part<L: Lane, const N: usize, const K: usize, const P: usize>(
    l: L,
    planes: &mut [Vector<L, N>],
    part: &[Vector<L, N>],
) {
    let used = planes_for(part.len() as u64);
    for first in (0..N).step_by(K) {
        let sums = sums::<L, N, K, P>(l, part, first);
        add_sums::<L, N, K>(l, planes, &sums[..used], first);
    }
}

/// Adds numbers to the counters of the columns from `first` on.
#[inline(always)]
fn add_sums<L: Lane, const N: usize, const K: usize>(
    l: L,
    planes: &mut [Vector<L, N>],
    sums: &[Columns<L, K>],
    first: usize,
) {
    let (low, high) = planes.split_at_mut(sums.len());
    for i in 0..K {
        let column = first + i;
        let mut carry = l.splat(0);
        for (plane, lanes) in low.iter_mut().zip(sums) {
            (plane[column], carry) = l.full_add(plane[column], lanes[i], carry);
        }
        ripple(l, high, carry, column);
    }
}

/// Adds one to the counters of one column whose bit is set in `carry`.
#[inline(always)]
fn ripple<L: Lane, const N: usize>(l: L, planes: &mut [Vector<L, N>], mut carry: L::Bits, column: usize) {
    for plane in planes {
        let lane = &mut plane[column];
        let sum = l.xor(*lane, carry);
        carry = l.and(*lane, carry);
        *lane = sum;
    }
}

/// Adds up the columns from `first` on of vectors whose number has up to `P` bits, in registers. `P` is at least four.
#[inline(always)]
fn sums<L: Lane, const N: usize, const K: usize, const P: usize>(
    l: L,
    vectors: &[Vector<L, N>],
    first: usize,
) -> [Columns<L, K>; P] {
    let mut planes = [[l.splat(0); K]; P];
    let (pairs, single) = vectors.as_chunks::<2>();
    let (eights, pairs) = pairs.as_chunks::<4>();
    let (sixteens, eight) = eights.as_chunks::<2>();
    for [front, back] in sixteens {
        let a = add_eight::<L, K>(l, &mut planes, |i| pair_at(&front[i], first));
        let b = add_eight::<L, K>(l, &mut planes, |i| pair_at(&back[i], first));
        let carries = add::<L, K>(l, &mut planes[3], [a, b]);
        carry_on::<L, K>(l, &mut planes[4..], carries);
    }
    if let [eight] = eight {
        let carries = add_eight::<L, K>(l, &mut planes, |i| pair_at(&eight[i], first));
        carry_on::<L, K>(l, &mut planes[3..], carries);
    }
    if !(pairs.is_empty() && single.is_empty()) {
        let single = single.first().unwrap_or(lanes::zeros());
        let carries = add_eight::<L, K>(l, &mut planes, |i| match i {
            3 => [core::array::from_fn(|j| single[first + j]), [l.splat(0); K]],
            _ => pair_at(pairs.get(i).unwrap_or(lanes::zeros()), first),
        });
        carry_on::<L, K>(l, &mut planes[3..], carries);
    }
    planes
}

/// Lanes of each of two vectors, from a column on.
#[inline(always)]
fn pair_at<B: Copy, const N: usize, const K: usize>([a, b]: &[[B; N]; 2], first: usize) -> [[B; K]; 2] {
    [core::array::from_fn(|i| a[first + i]), core::array::from_fn(|i| b[first + i])]
}

/// Adds eight vectors, four pairs of them, to the low three planes, and returns the carries of weight eight.
#[inline(always)]
fn add_eight<L: Lane, const K: usize>(
    l: L,
    planes: &mut [Columns<L, K>],
    pair: impl Fn(usize) -> [Columns<L, K>; 2],
) -> Columns<L, K> {
    let [ones, twos, fours, ..] = planes else { unreachable!("the number of eight vectors has four bits") };
    let (a, b) = (add::<L, K>(l, ones, pair(0)), add::<L, K>(l, ones, pair(1)));
    let c = add::<L, K>(l, twos, [a, b]);
    let (a, b) = (add::<L, K>(l, ones, pair(2)), add::<L, K>(l, ones, pair(3)));
    let d = add::<L, K>(l, twos, [a, b]);
    add::<L, K>(l, fours, [c, d])
}

/// Adds a bit to each counter whose planes from some weight on these are.
#[inline(always)]
fn carry_on<L: Lane, const K: usize>(l: L, planes: &mut [Columns<L, K>], mut carries: Columns<L, K>) {
    for plane in planes {
        for (sum, carry) in plane.iter_mut().zip(&mut carries) {
            (*sum, *carry) = (l.xor(*sum, *carry), l.and(*sum, *carry));
        }
    }
}

/// Adds two bits to each sum, and returns the carries. The sum comes last, so that little waits for it.
#[inline(always)]
fn add<L: Lane, const K: usize>(l: L, sums: &mut Columns<L, K>, [a, b]: [Columns<L, K>; 2]) -> Columns<L, K> {
    let mut carries = *sums;
    for i in 0..K {
        (sums[i], carries[i]) = l.full_add(a[i], b[i], sums[i]);
    }
    carries
}

/// The majority of `n` vectors, read off their counters.
#[inline(always)]
pub(super) fn majority<L: Lane, V: Bits, const N: usize>(l: L, planes: &[Vector<L, N>], n: u64) -> V {
    let mut compared = Compared::<L, N>::new(l);
    for column in 0..N {
        compared.set(column, planes.iter().map(|plane| plane[column]), n, planes[0][column]);
    }
    compared.majority(n)
}

/// Of each column which counters are above n/2, which equal to it, and their parity.
struct Compared<L: Lane, const N: usize> {
    l: L,
    above: Vector<L, N>,
    tied: Vector<L, N>,
    parity: Vector<L, N>,
}

impl<L: Lane, const N: usize> Compared<L, N> {
    #[inline(always)]
    fn new(l: L) -> Self {
        let zero = [l.splat(0); N];
        Self { l, above: zero, tied: zero, parity: zero }
    }

    #[inline(always)]
    fn set(
        &mut self,
        column: usize,
        planes: impl DoubleEndedIterator<Item = L::Bits> + ExactSizeIterator,
        n: u64,
        parity: L::Bits,
    ) {
        let (more, same) = compare(self.l, planes, n / 2);
        self.above[column] = more;
        // An odd n has no ties: a count of (n - 1) / 2 is a minority.
        if n.is_multiple_of(2) {
            (self.tied[column], self.parity[column]) = (same, parity);
        }
    }

    #[inline(always)]
    fn majority<V: Bits>(self, n: u64) -> V {
        if n.is_multiple_of(2) { self.break_ties() } else { lanes::whole(self.above) }
    }

    /// `above`, with the ties of `tied` broken: bit `i` of a tie is bit `i - 1` of `parity` XOR bit `i - 2` of `above`.
    #[inline(always)]
    fn break_ties<V: Bits>(self) -> V {
        let Self { l, mut above, tied, parity } = self;
        let mut before = (above[N - 1], parity[N - 1]);
        for ((above, tied), parity) in above.iter_mut().zip(tied).zip(parity) {
            let rule = l.xor(l.up::<2>(*above, before.0), l.up::<1>(parity, before.1));
            before = (*above, parity);
            *above = l.or(*above, l.and(tied, rule));
        }
        lanes::whole(above)
    }
}

/// Compares all counters of a column with `half` at once, from the highest plane down: those above, and those equal.
#[inline(always)]
fn compare<L: Lane>(
    l: L,
    planes: impl ExactSizeIterator<Item = L::Bits> + DoubleEndedIterator,
    half: u64,
) -> (L::Bits, L::Bits) {
    let mut more = l.splat(0);
    let mut same = l.splat(u64::MAX);
    for (p, bit) in planes.enumerate().rev() {
        let both = l.and(same, bit);
        if half >> p & 1 == 1 {
            same = both;
        } else {
            more = l.or(more, both);
            same = l.xor(same, both);
        }
    }
    (more, same)
}

/// The majority of 1 to 4,095 vectors.
#[inline(always)]
pub(super) fn bundle<L: BitSliced, V: Bits, const N: usize, const K: usize>(l: L, vectors: &[Vector<L, N>]) -> V {
    match vectors.len() {
        1 => network::<L, V, N, 1>(l, vectors),
        2 => network::<L, V, N, 2>(l, vectors),
        3 => network::<L, V, N, 3>(l, vectors),
        4 => network::<L, V, N, 4>(l, vectors),
        5 => network::<L, V, N, 5>(l, vectors),
        6 => network::<L, V, N, 6>(l, vectors),
        7 => network::<L, V, N, 7>(l, vectors),
        8 => network::<L, V, N, 8>(l, vectors),
        9 => network::<L, V, N, 9>(l, vectors),
        10 => network::<L, V, N, 10>(l, vectors),
        11 => network::<L, V, N, 11>(l, vectors),
        12 => network::<L, V, N, 12>(l, vectors),
        13 => network::<L, V, N, 13>(l, vectors),
        14 => network::<L, V, N, 14>(l, vectors),
        15 => network::<L, V, N, 15>(l, vectors),
        len if len <= 112 => l.bundle_at_once::<V, N, K, 7>(vectors),
        // This many have fewer planes to carry through.
        len if len <= 255 && L::PART >= 255 => l.bundle_at_once::<V, N, K, 8>(vectors),
        len if len <= 1023 && L::PART >= 1023 => l.bundle_at_once::<V, N, K, 10>(vectors),
        len => {
            let planes = &mut [[l.splat(0); N]; 12][..planes_for(len as u64)];
            accumulate::<L, N, K>(l, planes, vectors);
            majority(l, planes, len as u64)
        }
    }
}

/// The majority of vectors whose number has four to `P` bits, counted and compared in registers.
#[inline(always)]
pub(super) fn bundle_at_once<L: Lane, V: Bits, const N: usize, const K: usize, const P: usize>(
    l: L,
    vectors: &[Vector<L, N>],
) -> V {
    let n = vectors.len() as u64;
    let used = planes_for(n);
    let mut compared = Compared::<L, N>::new(l);
    for first in (0..N).step_by(K) {
        let sums = sums::<L, N, K, P>(l, vectors, first);
        for i in 0..K {
            compared.set(first + i, sums[..used].iter().map(|lanes| lanes[i]), n, sums[0][i]);
        }
    }
    compared.majority(n)
}

/// The majority of `LEN` vectors, 1 to 15: each column is counted and compared in registers.
#[inline(always)]
fn network<L: Lane, V: Bits, const N: usize, const LEN: usize>(l: L, vectors: &[Vector<L, N>]) -> V {
    let Some(vectors) = vectors.first_chunk::<LEN>() else { unreachable!("the length was just matched") };
    let mut compared = Compared::<L, N>::new(l);
    for column in 0..N {
        let zero = l.splat(0);
        let v = |i: usize| vectors.get(i).map_or(zero, |v| v[column]);
        let (one, twos) = sum_of::<L, LEN, 15, 7>(l, core::array::from_fn(v));
        let (two, fours) = sum_of::<L, LEN, 7, 3>(l, twos);
        let (four, [eight]) = sum_of::<L, LEN, 3, 1>(l, fours);
        let planes = [one, two, four, eight];
        compared.set(column, planes[..planes_for(LEN as u64)].iter().copied(), LEN as u64, one);
    }
    compared.majority(LEN as u64)
}

/// Adds up the lanes of one weight: their parity, and the carries of twice the weight. Of `LANES` lanes only those are
/// used that `LEN` vectors can have: `LEN` of the ones, `LEN / 2` of the twos and so on.
#[inline(always)]
fn sum_of<L: Lane, const LEN: usize, const LANES: usize, const CARRIES: usize>(
    l: L,
    lanes: [L::Bits; LANES],
) -> (L::Bits, [L::Bits; CARRIES]) {
    let used = LEN / ((15 + 1) / (LANES + 1));
    let mut carries = [l.splat(0); CARRIES];
    let mut sum = lanes[0];
    for (i, carry) in carries.iter_mut().enumerate() {
        let (a, b) = (2 * i + 1, 2 * i + 2);
        if b < used {
            (sum, *carry) = l.full_add(sum, lanes[a], lanes[b]);
        } else if a < used {
            (sum, *carry) = (l.xor(sum, lanes[a]), l.and(sum, lanes[a]));
        }
    }
    (sum, carries)
}
