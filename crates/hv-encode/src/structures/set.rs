//! Items that are in or not.

use hv_parallel::HV16;

use super::multiset::Multiset;

/// A set: the bundle of its items, each once.
///
/// Whether an item is in is read from the counters, and so are insertions and removals decided: what seems to be in is not put in again.
///
/// ```
/// use hv_encode::{HV16, structures::Set};
///
/// let [a, b, c] = [1, 2, 3].map(HV16::random);
/// let mut set = Set::new();
/// assert!(set.insert(&a) && set.insert(&b) && !set.insert(&a));
/// assert!(set.contains(&a) && !set.contains(&c));
/// assert!(set.remove(&a) && !set.remove(&c));
/// assert_eq!((set.len(), set.vector()), (1, Some(b)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Set {
    items: Multiset,
}

impl Set {
    /// Nothing put in yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts an item in, unless it is in already; returns whether it was put in.
    pub fn insert(&mut self, item: &HV16) -> bool {
        let new = !self.contains(item);
        if new {
            self.items.insert(item);
        }
        new
    }

    /// Takes an item out, and returns whether it was in.
    pub fn remove(&mut self, item: &HV16) -> bool {
        self.contains(item) && self.items.remove(item)
    }

    /// Whether an item is in: sure while there are few items, and then with some error.
    #[must_use]
    pub fn contains(&self, item: &HV16) -> bool {
        self.items.count(item) > 0
    }

    /// The number of items. Exact.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.items.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The set as a vector, which is similar to each of its items; `None` where it is empty.
    #[must_use]
    pub fn vector(&self) -> Option<HV16> {
        self.items.vector()
    }
}
