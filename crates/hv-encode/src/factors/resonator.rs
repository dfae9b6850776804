//! The resonator network: which item of each codebook a product is made of.

use hv_parallel::hv_simd::{Accumulator, simd_distances_into, simd_hamming};
use hv_parallel::{HV16, Progress};

use super::error::FactorError;
use crate::item_memory::ItemMemory;
use crate::statistics::max_distance_for;

/// Factors a product of vectors, one from each of some codebooks, without trying all combinations (Frady, Kent, Olshausen and
/// Sommer, "Resonator Networks, 1: An Efficient Solution for Factoring High-Dimensional, Distributed Representations of
/// Data Structures", Neural Computation 32, 2020).
///
/// The network keeps an estimate of each factor. In turn, each estimate is made again: the product is bound with
/// the estimates of all other factors, the result is compared with every item of the codebook, and the items are bundled, each weighted by how
/// much it stands above chance (or, inverted, below). The estimates begin as bundles of all items. After each round the
/// nearest items are bound and compared with the product: that is the verdict, so an answer is never a guess.
///
/// When the estimates stop changing, or after the last round of a start, the network starts again with random estimates.
///
/// The product may be noisy: the verdict is "found" where it is so near to the product of the items that at most one in a
/// million unrelated products would have any combination as near.
///
/// Cost: a round takes about 0.1 us for each item; three codebooks of 16 take some three rounds. docs/resonator.md has the sizes of
/// codebooks that can be factored.
///
/// ```
/// use hv_encode::{HV16, Resonator};
///
/// let codebook = |first: u64| -> Vec<HV16> { (first..first + 16).map(HV16::random).collect() };
/// let (shapes, colours, places) = (codebook(100), codebook(200), codebook(300));
/// let product = shapes[3] ^ colours[5] ^ places[8];
/// let resonator = Resonator::new(&[shapes, colours, places], 42)?;
/// assert_eq!(resonator.factor(&product).unwrap().indices, [3, 5, 8]);
/// assert_eq!(resonator.factor(&HV16::random(1)), None);
/// # Ok::<(), hv_encode::FactorError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Resonator {
    codebooks: Vec<Vec<HV16>>,
    seed: u64,
    rounds: u32,
    restarts: u32,
    /// The largest distance of a product that was found.
    within: u16,
}

/// The factors of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factors {
    /// The index of the item in each codebook.
    pub indices: Vec<usize>,
    /// The distance of the product of these items from the one that was given: 0 if it has no noise.
    pub distance: u16,
    /// The rounds that it took, in all starts together.
    pub rounds: u32,
    /// How often the network started again.
    pub restarts: u32,
}

impl Resonator {
    /// The most rounds of a start, if not set otherwise.
    pub const ROUNDS: u32 = 200;
    /// How often the network starts again, if not set otherwise.
    pub const RESTARTS: u32 = 10;
    /// The probability that a product of other vectors is "found".
    const FALSE_ALARMS: f64 = 1e-6;

    /// The network of some codebooks. `seed` decides the estimates after a restart.
    ///
    /// # Errors
    ///
    /// If there is no codebook, if one has no items, or if there are too many combinations of items for one to stand out.
    pub fn new(codebooks: &[Vec<HV16>], seed: u64) -> Result<Self, FactorError> {
        if codebooks.is_empty() {
            return Err(FactorError::NoCodebooks);
        }
        if let Some(codebook) = codebooks.iter().position(Vec::is_empty) {
            return Err(FactorError::NoItems { codebook });
        }
        let combinations = codebooks.iter().map(|items| items.len() as u64).fold(1, u64::saturating_mul);
        let within = max_distance_for(Self::FALSE_ALARMS, combinations).ok_or(FactorError::TooMany)?;
        let codebooks = codebooks.to_vec();
        Ok(Self { codebooks, seed, rounds: Self::ROUNDS, restarts: Self::RESTARTS, within })
    }

    /// The same with at most `rounds` rounds a start, and at most this many restarts.
    #[must_use]
    pub fn with_limits(self, rounds: u32, restarts: u32) -> Self {
        Self { rounds, restarts, ..self }
    }

    /// The factors of a product, or `None` where they were not found: the vector is no such product, has too
    /// much noise, or there are too many combinations.
    #[must_use]
    pub fn factor(&self, product: &HV16) -> Option<Factors> {
        // Nobody stops it.
        self.factor_with(product, &Progress::new()).unwrap_or_default()
    }

    /// [`factor`](Self::factor) that counts how far it is, in rounds of the most that there may be.
    ///
    /// # Errors
    ///
    /// [`Stopped`](FactorError::Stopped).
    pub fn factor_with(&self, product: &HV16, progress: &Progress) -> Result<Option<Factors>, FactorError> {
        progress.start(u64::from(self.rounds) * (u64::from(self.restarts) + 1));
        let found = self.search(product, progress)?;
        progress.finish();
        Ok(found)
    }

    fn search(&self, product: &HV16, progress: &Progress) -> Result<Option<Factors>, FactorError> {
        let mut rounds = 0;
        for restarts in 0..=self.restarts {
            let mut estimates = self.start(restarts);
            for _ in 0..self.rounds {
                if progress.is_stopped() {
                    return Err(FactorError::Stopped);
                }
                rounds += 1;
                let before = estimates.clone();
                let indices = self.round(product, &mut estimates);
                let items = self.codebooks.iter().zip(&indices).map(|(items, &index)| items[index]);
                let distance = simd_hamming(product, &items.fold(HV16::ZERO, |bound, item| bound ^ item)) as u16;
                if distance <= self.within {
                    return Ok(Some(Factors { indices, distance, rounds, restarts }));
                }
                progress.advance(1);
                if estimates == before {
                    break;
                }
            }
        }
        Ok(None)
    }

    /// The first estimates: bundles of all items, later random vectors.
    fn start(&self, restarts: u32) -> Vec<HV16> {
        let random = ItemMemory::new(self.seed);
        let first = |(factor, items): (usize, &Vec<HV16>)| match restarts {
            0 => items.iter().collect::<Accumulator>().majority().unwrap_or_default(),
            _ => random.vector(&(u64::from(restarts) << 32 | factor as u64)),
        };
        self.codebooks.iter().enumerate().map(first).collect()
    }

    /// Makes each estimate again, and returns the index of the item that is nearest to it or to its inverse.
    fn round(&self, product: &HV16, estimates: &mut [HV16]) -> Vec<usize> {
        let mut all = estimates.iter().fold(*product, |bound, estimate| bound ^ estimate);
        let mut distances = Vec::new();
        let estimate_again = |(items, estimate): (&Vec<HV16>, &mut HV16)| {
            // What remains of the product without this factor, as far as the others are known.
            let others = all ^ *estimate;
            distances.resize(items.len(), 0);
            simd_distances_into(&others, items, &mut distances);
            let mut counters = Accumulator::new();
            for (item, &distance) in items.iter().zip(&distances) {
                match i32::from(distance) - CHANCE {
                    ..0 => counters.add_weighted(item, (CHANCE - i32::from(distance)) as u32),
                    above => counters.add_weighted(&!*item, above as u32),
                }
            }
            // Without any weight the estimate stays.
            let next = counters.majority().unwrap_or(*estimate);
            all = others ^ next;
            *estimate = next;
            let weight = |&index: &usize| (i32::from(distances[index]) - CHANCE).abs();
            (0..items.len()).rev().max_by_key(weight).unwrap_or(0)
        };
        self.codebooks.iter().zip(estimates).map(estimate_again).collect()
    }
}

/// The distance of unrelated vectors.
const CHANCE: i32 = HV16::DIM as i32 / 2;
