//! The sparse distributed memory: vectors that are stored at many addresses at once.

use hv_parallel::hv_simd::workspace_internals::Kernels;
use hv_parallel::hv_simd::{Accumulator, Bound};
use hv_parallel::{HV16, Progress};

use super::error::FactorError;
use crate::item_memory::ItemMemory;

/// A memory whose addresses are vectors, and which answers for addresses that are only similar to one (Kanerva, "Sparse Distributed
/// Memory", 1988).
///
/// It has random hard locations. An address activates those within a radius, and what is stored there is
/// added to the counters of each. Reading adds up the counters of all that the address activates, and takes the majority. As a
/// similar address activates many of the same locations, it reads nearly the same.
///
/// A radius that activates one location in some hundred to thousand is usual;
/// [`max_distance_for(0.001, 1)`](crate::statistics::max_distance_for) activates about one in 1,000.
///
/// Counters are exact and do not overflow. Memory: 256 bytes a location, and 256 bytes for each bit of the number of vectors that
/// were added to it. Cost: a search over all locations, faster for many addresses at once, and some 20 ns for each one activated.
///
/// ```
/// use hv_encode::hv_parallel::hv_simd::simd_similarity;
/// use hv_encode::{HV16, SparseDistributedMemory, statistics::max_distance_for};
///
/// let mut memory = SparseDistributedMemory::new(2_000, max_distance_for(0.01, 1).unwrap(), 42)?;
/// let (address, value) = (HV16::random(1), HV16::random(2));
/// memory.write(&address, &value);
/// memory.write(&HV16::random(3), &HV16::random(4));
/// let mut near = address;
/// (0..100).for_each(|bit| near.set_bit(bit, !near.bit(bit)));
/// assert!(simd_similarity(&memory.read(&near).unwrap(), &value) > 0.9);
/// # Ok::<(), hv_encode::FactorError>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "Parts", into = "Parts"))]
pub struct SparseDistributedMemory {
    locations: Vec<HV16>,
    counters: Vec<Accumulator>,
    seed: u64,
    radius: u16,
}

/// The settings, and what was stored.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    counters: Vec<Accumulator>,
    radius: u16,
    seed: u64,
}

#[cfg(feature = "serde")]
impl From<SparseDistributedMemory> for Parts {
    fn from(SparseDistributedMemory { counters, radius, seed, .. }: SparseDistributedMemory) -> Self {
        Self { counters, radius, seed }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for SparseDistributedMemory {
    type Error = FactorError;

    fn try_from(Parts { counters, radius, seed }: Parts) -> Result<Self, FactorError> {
        let empty = Self::new(counters.len(), radius, seed)?;
        Ok(Self { counters, ..empty })
    }
}

impl SparseDistributedMemory {
    /// The most hard locations.
    pub const MAX_LOCATIONS: usize = 1 << 24;

    /// A memory of `locations` random hard locations, each activated by addresses at a distance of up to `radius`.
    ///
    /// # Errors
    ///
    /// If there are not 1 to [`MAX_LOCATIONS`](Self::MAX_LOCATIONS) locations, or if the radius is over 2,048.
    pub fn new(locations: usize, radius: u16, seed: u64) -> Result<Self, FactorError> {
        Self::new_with(locations, radius, seed, &Progress::new())
    }

    /// [`new`](Self::new) that counts how far it is, in hard locations, about 3,000 of them a millisecond.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`Stopped`](FactorError::Stopped).
    pub fn new_with(locations: usize, radius: u16, seed: u64, progress: &Progress) -> Result<Self, FactorError> {
        if !(1..=Self::MAX_LOCATIONS).contains(&locations) {
            return Err(FactorError::Locations { locations });
        }
        if usize::from(radius) > HV16::DIM {
            return Err(FactorError::Radius { radius });
        }
        let items = ItemMemory::new(seed);
        progress.start(locations as u64);
        let location = |number: usize| {
            progress.advance(1);
            if progress.is_stopped() { Err(FactorError::Stopped) } else { Ok(items.vector(&number)) }
        };
        let locations: Vec<HV16> = (0..locations).map(location).collect::<Result<_, _>>()?;
        Ok(Self { counters: vec![Accumulator::new(); locations.len()], locations, seed, radius })
    }

    /// The number of hard locations.
    #[must_use]
    pub fn locations(&self) -> usize {
        self.locations.len()
    }

    /// The largest distance of an address from a location that it activates.
    #[must_use]
    pub fn radius(&self) -> u16 {
        self.radius
    }

    /// The seed of the hard locations.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Stores a vector at an address, and returns the number of locations that were activated. Where it is 0, nothing was stored.
    pub fn write(&mut self, address: &HV16, value: &HV16) -> usize {
        self.write_batch(std::slice::from_ref(&(*address, *value)))[0]
    }

    /// [`write`](Self::write) for many pairs of an address and a vector, which activates their locations in one pass.
    pub fn write_batch(&mut self, pairs: &[(HV16, HV16)]) -> Vec<usize> {
        let addresses: Vec<HV16> = pairs.iter().map(|(address, _)| *address).collect();
        let activated = self.activated(&addresses);
        for ((_, value), locations) in pairs.iter().zip(&activated) {
            locations.iter().for_each(|&location| self.counters[location].add(value));
        }
        activated.iter().map(Vec::len).collect()
    }

    /// What is stored at an address and at those near it. `None` if no location that it activates has anything.
    #[must_use]
    pub fn read(&self, address: &HV16) -> Option<HV16> {
        self.read_batch(std::slice::from_ref(address)).swap_remove(0)
    }

    /// [`read`](Self::read) for many addresses, whose locations are activated in one pass.
    #[must_use]
    pub fn read_batch(&self, addresses: &[HV16]) -> Vec<Option<HV16>> {
        let read = |locations: Vec<usize>| {
            let mut sum = Accumulator::new();
            locations.into_iter().for_each(|location| sum.merge(&self.counters[location]));
            sum.majority()
        };
        self.activated(addresses).into_iter().map(read).collect()
    }

    /// The locations that each address activates, in ascending order.
    fn activated(&self, addresses: &[HV16]) -> Vec<Vec<usize>> {
        let mut activated = vec![Vec::new(); addresses.len()];
        let bound = Bound::within(self.radius);
        let mut bounds = vec![bound; addresses.len()];
        Kernels::active().scan(addresses, &self.locations, 0, &mut bounds, &mut |address, location, _| {
            activated[address].push(location);
            bound
        });
        activated
    }
}
