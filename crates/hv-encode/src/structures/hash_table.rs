//! Values under keys.

use hv_parallel::HV16;

use super::multiset::Multiset;
use crate::codebook::{Codebook, Named};

/// A table of values under keys: the bundle of its pairs, each a value bound with its key.
///
/// Keys and values are vectors of their own. A key that is put twice has both values, and `get` finds one of them: remove the
/// old value first to replace it.
///
/// ```
/// use hv_encode::{Codebook, HV16, ItemMemory, structures::HashTable};
///
/// let values = Codebook::from_items(ItemMemory::new(1), ["red", "green", "blue"])?;
/// let [sky, grass] = [10, 11].map(HV16::random);
/// let mut colours = HashTable::new();
/// colours.put(&sky, values.vector("blue").unwrap());
/// colours.put(&grass, values.vector("green").unwrap());
/// assert_eq!(colours.get(&sky, &values).unwrap().name, "blue");
/// assert!(colours.remove(&sky, values.vector("blue").unwrap()));
/// assert_eq!(colours.get(&sky, &values), None);
/// # Ok::<(), hv_encode::CodebookError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HashTable {
    pairs: Multiset,
}

impl HashTable {
    /// Nothing put in yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a value under a key.
    pub fn put(&mut self, key: &HV16, value: &HV16) {
        self.pairs.insert(&(key ^ value));
    }

    /// Takes a value from under a key, and returns whether it could be: if the counters show that it was never put there,
    /// nothing changes.
    pub fn remove(&mut self, key: &HV16, value: &HV16) -> bool {
        self.pairs.remove(&(key ^ value))
    }

    /// The value under a key, cleaned up; `None` where nothing stands out.
    #[must_use]
    pub fn get<'a>(&self, key: &HV16, values: &'a Codebook) -> Option<Named<'a>> {
        values.clean_up(&self.noisy(key)?)
    }

    /// The value under a key with the noise of all others; `None` where the table is empty.
    #[must_use]
    pub fn noisy(&self, key: &HV16) -> Option<HV16> {
        Some(self.vector()? ^ key)
    }

    /// The number of pairs. Exact.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.pairs.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The table as a vector; `None` where it is empty. Bound with a value it gives the key.
    #[must_use]
    pub fn vector(&self) -> Option<HV16> {
        self.pairs.vector()
    }
}
