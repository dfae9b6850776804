//! Items in order, as a product.

use hv_parallel::HV16;
use hv_parallel::hv_simd::simd_permute;

use super::error::StructureError;
use super::linear::parts;
use super::ring::{Run, wrapped};
use crate::codebook::{Codebook, Named};

/// A sequence as a product: each item is rotated by its position, and all are bound. Sequences that differ in one item are
/// unrelated, so it is a name for the sequence as a whole, as an n-gram is.
///
/// Positions are a ring of 2,048. The first item is at position 0 until the sequence is rotated.
///
/// A product has no noise, so its items are found exactly, by linear algebra over bits: [`items`](Self::items). That
/// works while positions times items in the codebook are some less than 2,048.
///
/// ```
/// use hv_encode::{Codebook, ItemMemory, structures::BindSequence};
///
/// let letters = Codebook::from_items(ItemMemory::new(1), ["a", "b", "c"])?;
/// let [a, b, c] = ["a", "b", "c"].map(|name| letters.vector(name).unwrap());
/// let mut sequence = BindSequence::new();
/// sequence.append(b)?;
/// sequence.append(c)?;
/// sequence.prepend(a)?;
/// assert_eq!(sequence.vector(), a ^ b.permute(1) ^ c.permute(2));
/// assert_eq!(sequence.get(2, &letters).unwrap().name, "c");
/// sequence.rotate(1);
/// assert_eq!(sequence.get(3, &letters).unwrap().name, "c");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BindSequence {
    product: HV16,
    run: Run,
}

impl BindSequence {
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
        self.product ^= simd_permute(item, position);
        Ok(())
    }

    /// Puts an item at the position of the first, and moves all others on by one.
    ///
    /// # Errors
    ///
    /// If there are 2,048 items.
    pub fn prepend(&mut self, item: &HV16) -> Result<(), StructureError> {
        self.run.take_next()?;
        self.product = simd_permute(&self.product, 1) ^ simd_permute(item, self.run.first);
        Ok(())
    }

    /// Puts another item at a position, and returns whether there is one. That `old` is there is not checked.
    pub fn replace(&mut self, position: usize, old: &HV16, new: &HV16) -> bool {
        let replaced = self.run.index(position).is_some();
        if replaced {
            self.product ^= simd_permute(&(old ^ new), position as i32);
        }
        replaced
    }

    /// The item at a position, from 0 to 2,047; `None` where the sequence has none there, or where [`items`](Self::items) finds none.
    /// Cost: that of all items.
    #[must_use]
    pub fn get<'a>(&self, position: usize, items: &'a Codebook) -> Option<Named<'a>> {
        let index = self.run.index(position)?;
        Some(self.items(items)?.swap_remove(index))
    }

    /// All items, in order. `None` where an item is not in the codebook, or where more than one answer may be right: with `positions *
    /// names` over 2,048 always, and with some less hardly ever, if the vectors are random.
    ///
    /// Cost: for n = `positions * names` some `n^2 / 2` products of 256 bytes, milliseconds for 500.
    #[must_use]
    pub fn items<'a>(&self, items: &'a Codebook) -> Option<Vec<Named<'a>>> {
        let rotated = |i: usize| {
            let position = wrapped(self.run.first + i as i32);
            items.vectors().iter().map(move |item| simd_permute(item, position))
        };
        if self.run.len.saturating_mul(items.len()) > HV16::DIM {
            return None;
        }
        let all: Vec<HV16> = (0..self.run.len).flat_map(rotated).collect();
        let found = parts(&self.product, &all)?;
        // One for each position.
        let right = found.len() == self.run.len && found.iter().enumerate().all(|(i, &part)| part / items.len() == i);
        right.then(|| found.into_iter().map(|part| items.at(part % items.len(), 0)).collect())
    }

    /// Moves each item on by this many positions, round the ring.
    pub fn rotate(&mut self, by: i32) {
        self.run.rotate(by);
        self.product = simd_permute(&self.product, by);
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

    /// The sequence as a vector: [`HV16::ZERO`] where it is empty.
    #[must_use]
    pub fn vector(&self) -> HV16 {
        self.product
    }
}
