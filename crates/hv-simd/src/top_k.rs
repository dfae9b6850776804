//! A bounded heap of the nearest vectors seen so far.

use std::collections::BinaryHeap;

use crate::bound::Bound;
use crate::similarity::similarity;

/// The `k` nearest of what was offered: by distance, then by lower index.
///
/// Offers may come in any order and from any number of parts; memory grows with what is kept, at most `k`.
///
/// ```
/// let mut nearest = hv_simd::TopK::new(2);
/// for (index, distance) in [900, 20, 20, 1024].into_iter().enumerate() {
///     nearest.offer(distance, index);
/// }
/// assert_eq!(nearest.into_sorted(), [(1, 20), (2, 20)]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct TopK {
    k: usize,
    /// The kept pairs as [`key`]s, the worst on top.
    heap: BinaryHeap<u128>,
}

/// A pair as one number, which ranks it in one comparison: faster than a tuple by a few nanoseconds an offer.
fn key(distance: u16, index: usize) -> u128 {
    u128::from(distance) << 64 | index as u128
}

/// The distance of a key.
fn distance(key: u128) -> u16 {
    (key >> 64) as u16
}

/// The index of a key.
fn index(key: u128) -> usize {
    key as usize
}

impl TopK {
    /// Nothing seen yet. `k` may be 0 (keeps nothing) or larger than any memory.
    #[must_use]
    pub fn new(k: usize) -> Self {
        // Room for the usual k at once; a huge k grows with what is found.
        Self { k, heap: BinaryHeap::with_capacity(k.min(64)) }
    }

    /// The bound for a scan: a vector of a higher index than all offered so far is kept only if the bound admits its
    /// distance. [`Bound::NONE`] while there is room, [`Bound::NOTHING`] for `k = 0`.
    #[must_use]
    pub fn bound(&self) -> Bound {
        if self.heap.len() < self.k {
            Bound::NONE
        } else {
            self.heap.peek().map_or(Bound::NOTHING, |&worst| Bound::below(distance(worst)))
        }
    }

    /// Keeps the vector if it is among the nearest, and returns the new [`bound`](Self::bound).
    pub fn offer(&mut self, distance: u16, index: usize) -> Bound {
        let pair = key(distance, index);
        if self.heap.len() < self.k {
            self.heap.push(pair);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && pair < *worst
        {
            *worst = pair;
        }
        self.bound()
    }

    /// Offers all that `other` kept. Grouping does not matter.
    pub fn merge(&mut self, other: &Self) {
        for &pair in &other.heap {
            self.offer(distance(pair), index(pair));
        }
    }

    /// What was kept as `(index, distance)`, the nearest first.
    #[must_use]
    pub fn into_sorted(self) -> Vec<(usize, u16)> {
        self.into_sorted_by(|distance| distance)
    }

    /// What was kept as `(index, similarity)`, the nearest first.
    #[must_use]
    pub fn into_similarities(self) -> Vec<(usize, f32)> {
        self.into_sorted_by(similarity)
    }

    fn into_sorted_by<T>(self, of_distance: impl Fn(u16) -> T) -> Vec<(usize, T)> {
        self.heap.into_sorted_vec().into_iter().map(|pair| (index(pair), of_distance(distance(pair)))).collect()
    }
}
