//! Items with how often each was put in.

use hv_parallel::HV16;
use hv_parallel::hv_simd::Accumulator;

/// A multiset: the bundle of its items, each as often as it was put in.
///
/// ```
/// use hv_encode::{HV16, structures::Multiset};
///
/// let [coin, ring] = [1, 2].map(HV16::random);
/// let mut purse = Multiset::new();
/// (0..3).for_each(|_| purse.insert(&coin));
/// purse.insert(&ring);
/// assert!(purse.remove(&coin));
/// assert_eq!((purse.count(&coin), purse.count(&ring), purse.len()), (2, 1, 3));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Multiset {
    counters: Accumulator,
}

impl Multiset {
    /// Nothing put in yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts an item in.
    pub fn insert(&mut self, item: &HV16) {
        self.counters.add(item);
    }

    /// Takes an item out once, and returns whether it could be: if the counters show that it was never put in, nothing changes.
    pub fn remove(&mut self, item: &HV16) -> bool {
        self.counters.remove(item)
    }

    /// About how often an item was put in: exact while there are few items, and then with some error.
    ///
    /// It is the inner product of item and counters, divided by 2,048 and rounded; other items add noise with a standard deviation of
    /// `sqrt(n / 2048)`.
    #[must_use]
    pub fn count(&self, item: &HV16) -> u64 {
        const ONCE: u64 = HV16::DIM as u64;
        (self.counters.dot(item).max(0) as u64 + ONCE / 2) / ONCE
    }

    /// The number of items, repetitions included. Exact.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.counters.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counters.is_empty()
    }

    /// The multiset as a vector, which is similar to each of its items; `None` where it is empty.
    #[must_use]
    pub fn vector(&self) -> Option<HV16> {
        self.counters.majority()
    }
}
