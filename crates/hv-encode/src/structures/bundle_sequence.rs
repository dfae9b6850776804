//! Items in order, as a bundle.

use hv_parallel::HV16;
use hv_parallel::hv_simd::simd_permute;

use super::error::StructureError;
use super::multiset::Multiset;
use super::ring::{Run, wrapped};
use crate::codebook::{Codebook, Named};

/// A sequence as a bundle: each item is rotated by its position. Sequences that share items at the same positions are similar.
///
/// Positions are a ring of 2,048. The first item is at position 0 until the sequence is rotated.
///
/// ```
/// use hv_encode::{Codebook, ItemMemory, structures::BundleSequence};
///
/// let letters = Codebook::from_items(ItemMemory::new(1), ["a", "b", "c"])?;
/// let [a, b, c] = ["a", "b", "c"].map(|name| letters.vector(name).unwrap());
/// let mut sequence = BundleSequence::new();
/// sequence.append(b)?;
/// sequence.append(c)?;
/// sequence.prepend(a)?;
/// let read = |sequence: &BundleSequence| -> String {
///     (0..5).filter_map(|position| sequence.get(position, &letters)).map(|found| found.name).collect()
/// };
/// assert_eq!(read(&sequence), "abc");
/// sequence.rotate(1);
/// assert_eq!(sequence.get(1, &letters).unwrap().name, "a");
/// assert!(sequence.replace(1, a, c));
/// assert_eq!(read(&sequence), "cbc");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BundleSequence {
    /// Each item rotated by its position less `shift`.
    items: Multiset,
    run: Run,
    /// How far the bundle is rotated, from 0 to 2,047.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "super::ring::position"))]
    shift: i32,
}

impl BundleSequence {
    /// Nothing in it yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts an item after the last.
    ///
    /// # Errors
    ///
    /// If there are 2,048 items.
    pub fn append(&mut self, item: &HV16) -> Result<(), StructureError> {
        let position = self.run.take_next()?;
        self.items.insert(&self.rotated(item, position));
        Ok(())
    }

    /// Puts an item at the position of the first, and moves all others on by one.
    ///
    /// # Errors
    ///
    /// If there are 2,048 items.
    pub fn prepend(&mut self, item: &HV16) -> Result<(), StructureError> {
        self.run.take_next()?;
        self.shift = wrapped(self.shift + 1);
        self.items.insert(&self.rotated(item, self.run.first));
        Ok(())
    }

    /// Puts another item at a position, and returns whether it could be: if there is no such position, or if the counters show that
    /// `old` is not there, nothing changes.
    pub fn replace(&mut self, position: usize, old: &HV16, new: &HV16) -> bool {
        let replaced = self.run.index(position).is_some() && self.items.remove(&self.rotated(old, position as i32));
        if replaced {
            self.items.insert(&self.rotated(new, position as i32));
        }
        replaced
    }

    /// The item at a position, from 0 to 2,047, cleaned up; `None` where the sequence has none there, or where nothing stands
    /// out.
    #[must_use]
    pub fn get<'a>(&self, position: usize, items: &'a Codebook) -> Option<Named<'a>> {
        self.run.index(position)?;
        items.clean_up(&simd_permute(&self.vector()?, -(position as i32)))
    }

    /// Moves each item on by this many positions, round the ring. Cost: nothing, as the bundle is rotated when it is read.
    pub fn rotate(&mut self, by: i32) {
        self.run.rotate(by);
        self.shift = wrapped(self.shift + wrapped(by));
    }

    /// The number of items. Exact.
    #[must_use]
    pub fn len(&self) -> usize {
        self.run.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.run.len == 0
    }

    /// The sequence as a vector; `None` where it is empty.
    #[must_use]
    pub fn vector(&self) -> Option<HV16> {
        // A bundle of rotated vectors is the rotated bundle.
        self.items.vector().map(|bundle| simd_permute(&bundle, self.shift))
    }

    /// An item at a position, as it is counted.
    fn rotated(&self, item: &HV16, position: i32) -> HV16 {
        simd_permute(item, position - self.shift)
    }
}

/// The same vector counts at the same positions, however they came there.
impl PartialEq for BundleSequence {
    fn eq(&self, other: &Self) -> bool {
        self.run == other.run && self.vector() == other.vector()
    }
}
