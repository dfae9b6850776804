//! Bundling: counters of the ones at each of the 2,048 positions, kept bit-sliced.
//!
//! Plane `p` holds bit `p` of all 2,048 counters, so that adding a vector is a ripple of half adders over whole
//! planes, and the majority is a comparison of all counters with n/2 at once, from the highest plane down.

use alloc::vec::Vec;
use core::fmt;

use hv_core::HV16;

use crate::kernels::Kernels;
use crate::planes::planes_for;

/// Counters `c_i` of the ones of `n` vectors: a bundle that can still grow, and a prototype finer than a binary one.
///
/// Memory: 256 bytes for each bit of `n`, so 2.5 KiB for a thousand vectors. The result depends on neither order
/// nor grouping.
///
/// ```
/// use hv_simd::{Accumulator, HV16, simd_bundle};
///
/// let vectors: Vec<HV16> = (0..5).map(HV16::random).collect();
/// let mut bundle = Accumulator::new();
/// for v in &vectors {
///     bundle.add(v);
/// }
/// assert_eq!(bundle.len(), 5);
/// assert_eq!(bundle.majority(), simd_bundle(&vectors));
/// assert!(bundle.dot(&vectors[0]) > bundle.dot(&HV16::random(99)));
/// ```
#[derive(Clone)]
pub struct Accumulator {
    pub(crate) kernels: &'static Kernels,
    /// As many planes as `n` has bits, so that no counter can overflow.
    pub(crate) planes: Vec<HV16>,
    pub(crate) n: u64,
}

/// The most vectors that an accumulator counts.
pub(crate) const MAX_LEN: u64 = 1 << 63;

/// The planes of that many.
const MAX_PLANES: usize = 64;

impl Accumulator {
    /// Nothing added yet, on the active backend.
    ///
    /// # Panics
    ///
    /// If `HV_BACKEND` is wrong, see [`init`](crate::init).
    #[must_use]
    pub fn new() -> Self {
        Kernels::active().accumulator()
    }

    /// Adds a vector.
    ///
    /// # Panics
    ///
    /// If more than 2^63 vectors would be counted.
    #[inline]
    pub fn add(&mut self, v: &HV16) {
        self.add_many(core::slice::from_ref(v));
    }

    /// Adds every vector of a slice: the same as adding one after the other, and several times as fast.
    ///
    /// # Panics
    ///
    /// If more than 2^63 vectors would be counted.
    #[inline]
    pub fn add_many(&mut self, vectors: &[HV16]) {
        self.grow(vectors.len() as u64);
        (self.kernels.accumulate)(&mut self.planes, vectors);
    }

    /// Adds a vector `weight` times, at the cost of an add for each bit that is set in the weight.
    ///
    /// # Panics
    ///
    /// If more than 2^63 vectors would be counted.
    pub fn add_weighted(&mut self, v: &HV16, weight: u32) {
        self.grow(u64::from(weight));
        for bit in (0..u32::BITS).filter(|bit| weight >> bit & 1 == 1) {
            (self.kernels.accumulate)(&mut self.planes[bit as usize..], core::slice::from_ref(v));
        }
    }

    /// Takes away a vector that was added: exactly, so the counters are those that never had it. Returns whether it could be.
    ///
    /// Where a counter shows that the vector was never added, nothing changes. With few vectors one does for nearly every
    /// other vector, with many it may not; take away only what was added. Cost: some microseconds.
    ///
    /// ```
    /// use hv_simd::{Accumulator, HV16};
    ///
    /// let [a, b, c] = [1, 2, 3].map(HV16::random);
    /// let mut counters: Accumulator = [a, b].into_iter().collect();
    /// assert!(counters.remove(&a) && !counters.remove(&c));
    /// assert_eq!(counters, [b].into_iter().collect());
    /// ```
    pub fn remove(&mut self, v: &HV16) -> bool {
        let Some(n) = self.n.checked_sub(1) else { return false };
        let mut planes = self.planes.clone();
        for (byte, &bits) in v.0.iter().enumerate() {
            // What each plane lacks is borrowed from the next.
            let mut borrowed = bits;
            for plane in &mut planes {
                plane.0[byte] ^= borrowed;
                borrowed &= plane.0[byte];
            }
            // Counters over n, from the highest plane down: those equal to it so far that have a one where n has none.
            let (mut over, mut equal) = (0, u8::MAX);
            for (p, plane) in planes.iter().enumerate().rev() {
                let of_n = if n >> p & 1 == 1 { u8::MAX } else { 0 };
                over |= equal & plane.0[byte] & !of_n;
                equal &= !(plane.0[byte] ^ of_n);
            }
            if borrowed | over != 0 {
                return false;
            }
        }
        planes.truncate(planes_for(n));
        (self.planes, self.n) = (planes, n);
        true
    }

    /// Adds all that `other` counted. Accumulators may be merged in any order and grouping.
    ///
    /// # Panics
    ///
    /// If more than 2^63 vectors would be counted.
    pub fn merge(&mut self, other: &Self) {
        self.grow(other.n);
        for (p, plane) in other.planes.iter().enumerate() {
            (self.kernels.accumulate)(&mut self.planes[p..], core::slice::from_ref(plane));
        }
    }

    /// The number of vectors added, weights included. Exact to 2^63.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.n
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// How many of the vectors have bit `i` set: `c_i`, from 0 to [`len`](Self::len).
    ///
    /// # Panics
    ///
    /// If `i` is 2,048 or more.
    #[must_use]
    pub fn count(&self, i: usize) -> u64 {
        assert!(i < HV16::DIM, "a hypervector has bits 0 to {}, so no counter {i}", HV16::DIM - 1);
        self.planes.iter().enumerate().map(|(p, plane)| u64::from(plane.bit(i)) << p).sum()
    }

    /// The bundle: the majority at each position, ties by the rule of
    /// [`reference::bundle`](hv_core::reference::bundle). `None` of nothing.
    #[must_use]
    pub fn majority(&self) -> Option<HV16> {
        (self.n > 0).then(|| (self.kernels.majority)(&self.planes, self.n))
    }

    /// The inner product with a vector, both taken as signed: the sum over `i` of `(2 c_i - n)(2 v_i - 1)`.
    ///
    /// Divided by [`norm`](Self::norm) it compares prototypes that counted different numbers of vectors. From -2048 n to
    /// 2048 n; from 2^52 vectors on it may leave the range of `i64` and is then the nearest value in it. Cost: one
    /// distance a plane.
    #[must_use]
    pub fn dot(&self, v: &HV16) -> i64 {
        let mut distances = [0; MAX_PLANES];
        let distances = &mut distances[..self.planes.len()];
        self.kernels.distances_into(v, &self.planes, distances);
        let ones = i128::from(self.kernels.hamming(v, &HV16::ZERO));
        // Twice the common ones of a plane and v, less the plane's ones, is the ones of v less the distance.
        let half: i128 = distances.iter().enumerate().map(|(p, &distance)| (ones - i128::from(distance)) << p).sum();
        let dot = 2 * half - i128::from(self.n) * (2 * ones - HV16::DIM as i128);
        dot.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    /// The Euclidean norm of the signed counters `2 c_i - n`; 0 of nothing. Cost: tens of microseconds, hundreds of
    /// [`dot`](Self::dot)s, so keep it with a prototype that is compared more than once.
    ///
    /// Only with the feature `std`, since `core` has no square root.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn norm(&self) -> f64 {
        let square = |i| {
            let signed = (2 * i128::from(self.count(i)) - i128::from(self.n)) as f64;
            signed * signed
        };
        (0..HV16::DIM).map(square).sum::<f64>().sqrt()
    }

    /// Counts `more` vectors and makes planes for them.
    fn grow(&mut self, more: u64) {
        let n = self.n.checked_add(more).filter(|&n| n <= MAX_LEN);
        self.n = n.unwrap_or_else(|| {
            panic!("an accumulator counts at most 2^63 vectors: it has {}, and {more} more were added", self.n)
        });
        self.planes.resize(planes_for(self.n), HV16::ZERO);
    }
}

/// Equal counters of equally many vectors, on whatever backend.
impl PartialEq for Accumulator {
    fn eq(&self, other: &Self) -> bool {
        (self.n, &self.planes) == (other.n, &other.planes)
    }
}

impl Eq for Accumulator {}

impl Default for Accumulator {
    fn default() -> Self {
        Self::new()
    }
}

/// Adds every vector, as [`Accumulator::add_many`] does, by way of a copy of some of them at a time.
///
/// # Panics
///
/// If more than 2^63 vectors would be counted.
impl Extend<HV16> for Accumulator {
    fn extend<I: IntoIterator<Item = HV16>>(&mut self, vectors: I) {
        /// Vectors that are added together: enough that adding is fast, on 16 KiB of the stack.
        const BLOCK: usize = 64;
        let mut block = [HV16::ZERO; BLOCK];
        let mut len = 0;
        for v in vectors {
            block[len] = v;
            len += 1;
            if len == BLOCK {
                self.add_many(&block);
                len = 0;
            }
        }
        self.add_many(&block[..len]);
    }
}

/// Adds every vector. For a slice, [`Accumulator::add_many`] does the same without a copy.
///
/// # Panics
///
/// If more than 2^63 vectors would be counted.
impl<'a> Extend<&'a HV16> for Accumulator {
    fn extend<I: IntoIterator<Item = &'a HV16>>(&mut self, vectors: I) {
        self.extend(vectors.into_iter().copied());
    }
}

/// Counts every vector, on the active backend.
///
/// ```
/// use hv_simd::{Accumulator, HV16};
///
/// let counters: Accumulator = (0..5).map(HV16::random).collect();
/// assert_eq!(counters.len(), 5);
/// ```
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`](crate::init).
impl FromIterator<HV16> for Accumulator {
    fn from_iter<I: IntoIterator<Item = HV16>>(vectors: I) -> Self {
        let mut counters = Self::new();
        counters.extend(vectors);
        counters
    }
}

/// Counts every vector, on the active backend.
///
/// # Panics
///
/// If `HV_BACKEND` is wrong, see [`init`](crate::init).
impl<'a> FromIterator<&'a HV16> for Accumulator {
    fn from_iter<I: IntoIterator<Item = &'a HV16>>(vectors: I) -> Self {
        vectors.into_iter().copied().collect()
    }
}

impl fmt::Debug for Accumulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accumulator").field("len", &self.n).field("backend", &self.kernels.backend).finish()
    }
}

impl Kernels {
    /// An accumulator with nothing added yet, on this backend.
    #[must_use]
    pub fn accumulator(&'static self) -> Accumulator {
        Accumulator { kernels: self, planes: Vec::new(), n: 0 }
    }
}
