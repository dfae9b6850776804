//! The nearest seen so far by one query.

use hv_simd::TopK;

use crate::bound::NO_LIMIT;

/// The nearest seen so far by one query.
pub(crate) trait Best: Send {
    /// Keeps a vector if it is among the nearest, and returns the bound from then on.
    fn offer(&mut self, distance: u16, index: usize) -> u16;
    /// A vector of a higher index than all offered so far is kept only if its distance is below this.
    fn bound(&self) -> u16;
    /// Offers all that `other` kept.
    fn merge(&mut self, other: &Self);
}

impl Best for TopK {
    fn offer(&mut self, distance: u16, index: usize) -> u16 {
        self.offer(distance, index)
    }

    fn bound(&self) -> u16 {
        self.bound()
    }

    fn merge(&mut self, other: &Self) {
        self.merge(other);
    }
}

/// The one nearest, without a heap.
pub(crate) struct Nearest(pub(crate) Option<(u16, usize)>);

impl Best for Nearest {
    fn offer(&mut self, distance: u16, index: usize) -> u16 {
        if self.0.is_none_or(|best| (distance, index) < best) {
            self.0 = Some((distance, index));
        }
        self.bound()
    }

    fn bound(&self) -> u16 {
        self.0.map_or(NO_LIMIT, |(distance, _)| distance)
    }

    fn merge(&mut self, other: &Self) {
        if let Some((distance, index)) = other.0 {
            self.offer(distance, index);
        }
    }
}
