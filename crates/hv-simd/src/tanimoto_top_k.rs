//! A bounded heap of the vectors with the best Tanimoto scores seen so far.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;

use crate::bound::Bound;
use crate::tanimoto_score::{WORST, bound_of_rank, bound_of_threshold, rank, tanimoto};

/// The `k` best of what was offered that score at least a threshold: by Tanimoto score, then by lower index.
///
/// Offers may come in any order and from any number of parts. `k` of [`usize::MAX`] keeps all that reach the threshold.
#[derive(Clone, Debug)]
pub struct TanimotoTopK {
    k: usize,
    /// Scores at least this.
    threshold: f64,
    /// Only ranks up to this are kept: others have found better ones.
    highest: u32,
    /// The kept vectors as [`rank_key`]s, the worst on top.
    heap: BinaryHeap<u128>,
}

/// A vector as one number, by rank and then by index.
fn rank_key(distance: u16, ones: u16, index: usize) -> u128 {
    let parts = u64::from(distance) << 16 | u64::from(ones);
    u128::from(rank(distance, ones)) << 96 | (index as u128) << 32 | u128::from(parts)
}

fn rank_of(key: u128) -> u32 {
    (key >> 96) as u32
}

fn index_of(key: u128) -> usize {
    (key >> 32) as u64 as usize
}

/// The distance of a key, and its score.
fn parts_of(key: u128) -> (u16, f64) {
    let (distance, ones) = ((key >> 16) as u16, key as u16);
    (distance, tanimoto(distance, ones))
}

impl TanimotoTopK {
    /// Nothing seen yet. A threshold of 0 or less admits all.
    #[must_use]
    pub fn new(k: usize, threshold: f64) -> Self {
        Self { k, threshold, highest: WORST, heap: BinaryHeap::new() }
    }

    /// The number that is kept at most.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// A state for another part of the search, to be merged into this: it keeps nothing that is worse than all of this.
    #[must_use]
    pub fn continued(&self) -> Self {
        Self { k: self.k, threshold: self.threshold, highest: self.highest_rank(), heap: BinaryHeap::new() }
    }

    fn is_full(&self) -> bool {
        self.heap.len() >= self.k
    }

    /// The highest rank that may still be kept.
    fn highest_rank(&self) -> u32 {
        match self.heap.peek() {
            Some(&worst) if self.is_full() => rank_of(worst).min(self.highest),
            _ => self.highest,
        }
    }

    /// Whether a vector of this rank may still be kept.
    pub(crate) fn admits(&self, rank: u32) -> bool {
        self.k > 0 && rank <= self.highest_rank()
    }

    /// The bound for vectors which, with the query, have at most `ones` ones and which have no index below `lowest`.
    pub(crate) fn bound(&self, ones: u16, lowest: usize) -> Bound {
        if self.k == 0 {
            return Bound::NOTHING;
        }
        let by_rank = match self.heap.peek() {
            // As good is not good enough where all that are left have higher indices.
            Some(&worst) if self.is_full() && index_of(worst) < lowest => match rank_of(worst) {
                0 => Bound::NOTHING,
                rank => bound_of_rank((rank - 1).min(self.highest), ones),
            },
            _ => bound_of_rank(self.highest_rank(), ones),
        };
        by_rank.min(bound_of_threshold(self.threshold, ones))
    }

    /// Keeps a vector if it is among the best: one at `distance` that has, with the query, `ones` ones.
    pub(crate) fn offer(&mut self, distance: u16, ones: u16, index: usize) {
        if bound_of_threshold(self.threshold, ones).admits(distance) && rank(distance, ones) <= self.highest {
            self.push(rank_key(distance, ones, index));
        }
    }

    fn push(&mut self, key: u128) {
        if !self.is_full() {
            self.heap.push(key);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && key < *worst
        {
            *worst = key;
        }
    }

    /// Offers all that `other` kept, which must be of the same query, `k` and threshold.
    pub fn merge(&mut self, other: &Self) {
        for &key in &other.heap {
            self.push(key);
        }
    }

    /// The indices of what is kept, in no order.
    pub fn indices(&self) -> impl Iterator<Item = usize> {
        self.heap.iter().map(|&key| index_of(key))
    }

    /// What was kept as `(index, distance, score)`, the best first.
    #[must_use]
    pub fn into_sorted(self) -> Vec<(usize, u16, f64)> {
        let of_key = |key| {
            let (distance, score) = parts_of(key);
            (index_of(key), distance, score)
        };
        self.heap.into_sorted_vec().into_iter().map(of_key).collect()
    }

    /// What was kept as `(index, score)`, the best first.
    #[must_use]
    pub fn into_scores(self) -> Vec<(usize, f64)> {
        self.heap.into_sorted_vec().into_iter().map(|key| (index_of(key), parts_of(key).1)).collect()
    }
}
