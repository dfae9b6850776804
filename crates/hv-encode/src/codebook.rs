//! The clean-up memory: vectors with names, and the name that a noisy vector stands for.

use std::collections::HashMap;
use std::sync::OnceLock;

use hv_parallel::hv_simd::{max_distance, simd_find_most_similar};
use hv_parallel::{HV16, adaptive_batch_find_most_similar};

use crate::item_memory::ItemMemory;
use crate::statistics::max_distance_for;

/// Vectors with names. It cleans a noisy vector up: it tells which of the vectors is meant, or that none is.
///
/// A vector is meant where it is the nearest and stands out: it is nearer than the nearest of as many unrelated vectors would be, but
/// for a rate of [false alarms](Self::false_alarms). So a vector that has nothing to do with any of them is mostly `None`, and not
/// the name that happens to be nearest.
///
/// Memory: 256 bytes a name besides the names. Names keep the order in which they were added, which decides between
/// vectors at the same distance: the first is taken.
///
/// ```
/// use hv_encode::{Codebook, HV16, ItemMemory, hv_parallel::hv_simd::simd_bundle};
///
/// let fruits = Codebook::from_items(ItemMemory::new(42), ["apple", "pear", "quince"])?;
/// let noisy = simd_bundle(&[*fruits.vector("pear").unwrap(), HV16::random(1), HV16::random(2)]).unwrap();
/// let found = fruits.clean_up(&noisy).unwrap();
/// assert_eq!((found.name, found.index), ("pear", 1));
/// assert!(fruits.clean_up(&HV16::random(3)).is_none());
/// # Ok::<(), hv_encode::CodebookError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Codebook {
    names: Vec<String>,
    vectors: Vec<HV16>,
    indices: HashMap<String, usize>,
    /// `None` for the default, so that a codebook can be made without anything.
    false_alarms: Option<f64>,
    /// The largest distance that stands out, computed when first needed.
    stands_out: OnceLock<Option<u16>>,
}

/// A vector of a [`Codebook`] that another one stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// The name.
    pub name: &'a str,
    /// How many names were added before it.
    pub index: usize,
    /// The distance from the vector that was cleaned up, 0 to 2,048.
    pub distance: u16,
}

/// Why a [`Codebook`] refuses a name or a setting.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CodebookError {
    /// The name is there already.
    #[error("the name {name:?} is in the codebook already; give each vector a name of its own")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The rate of false alarms is no probability.
    #[error("the rate of false alarms is {rate}; it must be from 0 to 1")]
    Rate {
        /// The rate.
        rate: f64,
    },
}

impl Codebook {
    /// The usual rate of false alarms: one in a thousand vectors that have nothing to do with any in the codebook.
    pub const FALSE_ALARMS: f64 = 0.001;

    /// A codebook without names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The names with their vectors in an item memory.
    ///
    /// # Errors
    ///
    /// If a name is given twice.
    pub fn from_items<S: Into<String>>(
        items: ItemMemory,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, CodebookError> {
        let mut codebook = Self::new();
        for name in names {
            let name = name.into();
            let vector = items.vector(&name);
            codebook.add(name, vector)?;
        }
        Ok(codebook)
    }

    /// The same with another rate of false alarms: the probability that a vector that is unrelated to all in the codebook is
    /// given a name. 1 gives every vector the name of the nearest, 0 none.
    ///
    /// # Errors
    ///
    /// If the rate is not from 0 to 1.
    pub fn with_false_alarms(self, rate: f64) -> Result<Self, CodebookError> {
        match (0.0..=1.0).contains(&rate) {
            true => Ok(Self { false_alarms: Some(rate), stands_out: OnceLock::new(), ..self }),
            false => Err(CodebookError::Rate { rate }),
        }
    }

    /// Adds a vector under a name, and returns its index.
    ///
    /// # Errors
    ///
    /// If the name is there already.
    pub fn add(&mut self, name: impl Into<String>, vector: HV16) -> Result<usize, CodebookError> {
        let (name, index) = (name.into(), self.names.len());
        if self.indices.contains_key(&name) {
            return Err(CodebookError::NameTaken { name });
        }
        self.indices.insert(name.clone(), index);
        self.names.push(name);
        self.vectors.push(vector);
        self.stands_out = OnceLock::new();
        Ok(index)
    }

    /// The number of names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The vectors, in the order of their indices.
    #[must_use]
    pub fn vectors(&self) -> &[HV16] {
        &self.vectors
    }

    /// The names, in the order of their indices.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The vector of a name.
    #[must_use]
    pub fn vector(&self, name: &str) -> Option<&HV16> {
        self.indices.get(name).map(|&index| &self.vectors[index])
    }

    /// The rate of false alarms, a probability.
    #[must_use]
    pub fn false_alarms(&self) -> f64 {
        self.false_alarms.unwrap_or(Self::FALSE_ALARMS)
    }

    /// The largest distance at which a vector is meant; `None` where not even an equal vector stands out.
    ///
    /// It falls as names are added. Cost: a tenth of a millisecond after a
    /// change, nothing later.
    #[must_use]
    pub fn stands_out(&self) -> Option<u16> {
        *self.stands_out.get_or_init(|| max_distance_for(self.false_alarms(), self.len() as u64))
    }

    /// The name that a vector stands for, or `None` where nothing stands out.
    #[must_use]
    pub fn clean_up(&self, noisy: &HV16) -> Option<Named<'_>> {
        self.named(simd_find_most_similar(noisy, &self.vectors))
    }

    /// [`clean_up`](Self::clean_up) for many vectors, on all cores where that pays.
    #[must_use]
    pub fn clean_up_batch(&self, noisy: &[HV16]) -> Vec<Option<Named<'_>>> {
        adaptive_batch_find_most_similar(noisy, &self.vectors).into_iter().map(|nearest| self.named(nearest)).collect()
    }

    /// What was found, if it stands out.
    fn named(&self, nearest: Option<(usize, f32)>) -> Option<Named<'_>> {
        let (index, similarity) = nearest?;
        // The similarity is an exact fraction of 2,048.
        let distance = max_distance(similarity)?;
        (self.stands_out()? >= distance).then(|| self.at(index, distance))
    }

    /// The name of an index, found at a distance.
    pub(crate) fn at(&self, index: usize, distance: u16) -> Named<'_> {
        Named { name: &self.names[index], index, distance }
    }
}
