//! Values at the ends of paths.

use hv_parallel::HV16;
use hv_parallel::hv_simd::simd_permute;

use super::error::StructureError;
use super::hash_table::HashTable;
use crate::codebook::{Codebook, Named};
use crate::item_memory::ItemMemory;

/// A tree: values at the ends of paths from the root. A path is the turns that it takes, each the number of a branch, and is a product:
/// the vector of each branch, rotated by its depth.
///
/// Any node may have a value, and any number of branches. The root is the empty path. Paths that differ in one turn are unrelated.
///
/// ```
/// use hv_encode::{Codebook, ItemMemory, structures::Tree};
///
/// let leaves = Codebook::from_items(ItemMemory::new(1), ["oak", "elm", "ash"])?;
/// let mut tree = Tree::new(42);
/// tree.put(&[0, 1], leaves.vector("oak").unwrap())?;
/// tree.put(&[1], leaves.vector("elm").unwrap())?;
/// assert_eq!(tree.get(&[0, 1], &leaves)?.unwrap().name, "oak");
/// assert_eq!(tree.get(&[1, 0], &leaves)?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Tree {
    values: HashTable,
    branches: ItemMemory,
}

impl Tree {
    /// A tree without values, with the branches of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { values: HashTable::new(), branches: ItemMemory::new(seed) }
    }

    /// Puts a value at the end of a path.
    ///
    /// # Errors
    ///
    /// If the path has over 2,048 turns.
    pub fn put(&mut self, path: &[usize], value: &HV16) -> Result<(), StructureError> {
        let path = self.path(path)?;
        self.values.put(&path, value);
        Ok(())
    }

    /// Takes a value from the end of a path, and returns whether it could be: if the counters show that it was never put there, nothing
    /// changes.
    ///
    /// # Errors
    ///
    /// If the path has over 2,048 turns.
    pub fn remove(&mut self, path: &[usize], value: &HV16) -> Result<bool, StructureError> {
        let path = self.path(path)?;
        Ok(self.values.remove(&path, value))
    }

    /// The value at the end of a path, cleaned up; `None` where nothing stands out.
    ///
    /// # Errors
    ///
    /// If the path has over 2,048 turns.
    pub fn get<'a>(&self, path: &[usize], values: &'a Codebook) -> Result<Option<Named<'a>>, StructureError> {
        Ok(self.values.get(&self.path(path)?, values))
    }

    /// The vector of a path, which is [`HV16::ZERO`] for the root.
    ///
    /// # Errors
    ///
    /// If the path has over 2,048 turns.
    pub fn path(&self, path: &[usize]) -> Result<HV16, StructureError> {
        if path.len() > HV16::DIM {
            return Err(StructureError::TooDeep { turns: path.len() });
        }
        let turns = path.iter().zip(0..).map(|(turn, depth)| simd_permute(&self.branches.vector(turn), depth));
        Ok(turns.fold(HV16::ZERO, |product, turn| product ^ turn))
    }

    /// The number of values. Exact.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The tree as a vector; `None` where it has no values.
    #[must_use]
    pub fn vector(&self) -> Option<HV16> {
        self.values.vector()
    }
}
