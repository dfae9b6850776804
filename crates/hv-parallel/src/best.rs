//! The nearest seen so far by one query.

use hv_simd::{Bound, TopK};

/// The nearest seen so far by one query.
pub(crate) trait Best: Send {
    /// Keeps a vector if it is among the nearest, and returns the bound from then on.
    fn offer(&mut self, distance: u16, index: usize) -> Bound;
    /// A vector of a higher index than all offered so far is kept only if this admits its distance.
    fn bound(&self) -> Bound;
    /// Offers all that `other` kept.
    fn merge(&mut self, other: &Self);
}

impl Best for TopK {
    fn offer(&mut self, distance: u16, index: usize) -> Bound {
        self.offer(distance, index)
    }

    fn bound(&self) -> Bound {
        self.bound()
    }

    fn merge(&mut self, other: &Self) {
        self.merge(other);
    }
}

/// The one nearest, without a heap.
pub(crate) struct Nearest(pub(crate) Option<(u16, usize)>);

impl Best for Nearest {
    fn offer(&mut self, distance: u16, index: usize) -> Bound {
        if self.0.is_none_or(|best| (distance, index) < best) {
            self.0 = Some((distance, index));
        }
        self.bound()
    }

    fn bound(&self) -> Bound {
        self.0.map_or(Bound::NONE, |(distance, _)| Bound::below(distance))
    }

    fn merge(&mut self, other: &Self) {
        if let Some((distance, index)) = other.0 {
            self.offer(distance, index);
        }
    }
}
