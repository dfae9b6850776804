//! A bounded heap of the nearest vectors seen so far.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::fmt;

use crate::bound::Bound;
use crate::similarity::similarity_of_distance;

/// The `k` nearest of what was offered: by distance, then by lower index.
///
/// Offers may come in any order and from any number of parts; memory grows with what is kept, at most `k`. The parts may
/// be searched anywhere, and what each kept may be sent as bytes and merged. Offer each index once: one that is offered
/// twice is kept twice.
///
/// ```
/// let mut nearest = hv_simd::TopK::new(2);
/// for (index, distance) in [900, 20, 20, 1024].into_iter().enumerate() {
///     nearest.offer(distance, index);
/// }
/// assert_eq!(nearest.into_sorted(), [(1, 20), (2, 20)]);
/// ```
///
/// A search with a filter, over a memory in two parts:
///
/// ```
/// use hv_simd::{HV16, TopK, simd_distances_into};
///
/// let memory: Vec<HV16> = (0..100).map(HV16::random).collect();
/// let nearest = |part: std::ops::Range<usize>| {
///     let mut distances = vec![0; part.len()];
///     simd_distances_into(&memory[42], &memory[part.clone()], &mut distances);
///     let mut nearest = TopK::new(3);
///     for (index, distance) in part.zip(distances) {
///         if index != 42 && nearest.bound().admits(distance) {
///             nearest.offer(distance, index);
///         }
///     }
///     nearest
/// };
/// let mut all = nearest(0..50);
/// all.merge(&nearest(50..100));
/// assert_eq!(all, nearest(0..100));
/// ```
#[derive(Clone, Default)]
pub struct TopK {
    pub(crate) k: usize,
    /// The kept pairs as [`rank_key`]s, the worst on top.
    pub(crate) heap: BinaryHeap<u128>,
}

/// A pair as one number, which ranks it in one comparison: faster than a tuple by a few nanoseconds an offer.
pub(crate) fn rank_key(distance: u16, index: usize) -> u128 {
    u128::from(distance) << 64 | index as u128
}

/// The distance of a key.
pub(crate) fn distance(key: u128) -> u16 {
    (key >> 64) as u16
}

/// The index of a key.
pub(crate) fn index(key: u128) -> usize {
    key as usize
}

impl TopK {
    /// Nothing seen yet. `k` may be 0 (keeps nothing) or larger than any memory.
    #[must_use]
    pub fn new(k: usize) -> Self {
        // Room for the usual k at once; a huge k grows with what is found.
        Self { k, heap: BinaryHeap::with_capacity(k.min(64)) }
    }

    /// The number that is kept at most.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// The number that is kept: `k`, or fewer where fewer were offered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// The bound for a scan: a vector of a higher index than all offered so far is kept only if the bound admits its
    /// distance. [`Bound::NONE`] while there is room, [`Bound::NOTHING`] for `k = 0`.
    #[must_use]
    pub fn bound(&self) -> Bound {
        if self.heap.len() < self.k { Bound::NONE } else { self.bound_where_full() }
    }

    fn bound_where_full(&self) -> Bound {
        self.heap.peek().map_or(Bound::NOTHING, |&worst| Bound::nearer_than(distance(worst)))
    }

    /// Keeps the vector if it is among the nearest, and returns the new [`bound`](Self::bound).
    ///
    /// A distance over 2,048 is none, and is not kept.
    pub fn offer(&mut self, distance: u16, index: usize) -> Bound {
        let pair = rank_key(distance, index);
        if self.heap.len() < self.k {
            if Bound::NONE.admits(distance) {
                self.heap.push(pair);
            }
            return self.bound();
        }
        if let Some(mut worst) = self.heap.peek_mut()
            && pair < *worst
        {
            *worst = pair;
        }
        self.bound_where_full()
    }

    /// Offers all that `other` kept, and lowers `k` to the other's where that is smaller.
    ///
    /// So states may be merged in any order and grouping: the result has the smallest `k` of all, and keeps the nearest
    /// of all that was offered to any of them. A larger `k` could not be kept to, since a state does not know what lies
    /// beyond its own.
    pub fn merge(&mut self, other: &Self) {
        self.k = self.k.min(other.k);
        while self.heap.len() > self.k {
            self.heap.pop();
        }
        for &pair in &other.heap {
            self.offer(distance(pair), index(pair));
        }
    }

    /// What is kept as `(index, distance)`, the nearest first. Sorts a copy.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (usize, u16)> + DoubleEndedIterator {
        self.sorted_keys().into_iter().map(|pair| (index(pair), distance(pair)))
    }

    /// The kept pairs as [`rank_key`]s, the nearest first.
    pub(crate) fn sorted_keys(&self) -> Vec<u128> {
        let mut keys = self.heap.as_slice().to_vec();
        keys.sort_unstable();
        keys
    }

    /// What was kept as `(index, distance)`, the nearest first.
    #[must_use]
    pub fn into_sorted(self) -> Vec<(usize, u16)> {
        self.into_sorted_by(|distance| distance)
    }

    /// What was kept as `(index, similarity)`, the nearest first.
    #[must_use]
    pub fn into_similarities(self) -> Vec<(usize, f32)> {
        self.into_sorted_by(similarity_of_distance)
    }

    fn into_sorted_by<T>(self, of_distance: impl Fn(u16) -> T) -> Vec<(usize, T)> {
        self.heap.into_sorted_vec().into_iter().map(|pair| (index(pair), of_distance(distance(pair)))).collect()
    }
}

/// The same `k`, and the same kept, in whatever order they were offered.
impl PartialEq for TopK {
    fn eq(&self, other: &Self) -> bool {
        self.k == other.k && self.len() == other.len() && self.sorted_keys() == other.sorted_keys()
    }
}

impl Eq for TopK {}

impl fmt::Debug for TopK {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept: Vec<_> = self.iter().collect();
        f.debug_struct("TopK").field("k", &self.k).field("kept", &kept).finish()
    }
}
