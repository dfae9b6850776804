//! Wirings without layers: fully connected, and random.

use super::{Draft, Polarity, Wiring};
use crate::error::LtcError;
use crate::random::Random;

impl Wiring {
    /// Every input and every unit is connected to every unit. Two of three synapses excite, chosen by the seed.
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] if there are not 1 to `units` outputs.
    pub fn fully_connected(inputs: usize, units: usize, outputs: usize, seed: u64) -> Result<Self, LtcError> {
        Self::random(inputs, units, outputs, 0.0, seed)
    }

    /// A random choice of `1 - sparsity` of all synapses, of inputs and of units, rounded to the nearest number (half
    /// to even). Two of three excite.
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] if `sparsity` is not in `0..1` or there are not 1 to `units` outputs.
    pub fn random(inputs: usize, units: usize, outputs: usize, sparsity: f64, seed: u64) -> Result<Self, LtcError> {
        if !(0.0..1.0).contains(&sparsity) {
            return Err(LtcError::out_of_range("the sparsity", sparsity, "0 or more and less than 1"));
        }
        let mut draft = Draft::new(inputs, units, outputs)?;
        let mut random = Random::new(seed);
        let mut some = |rows: usize| -> Vec<_> {
            let all = rows * units;
            let count = (all as f64 * (1.0 - sparsity)).round_ties_even() as usize;
            let chosen = random.distinct(all, count);
            chosen
                .into_iter()
                .map(|index| ((index % units, index / units), Polarity::mostly_excitatory(&mut random)))
                .collect()
        };
        draft.synapses.extend(some(units));
        draft.sensory.extend(some(inputs));
        Ok(draft.finish(0, vec![(0..units).collect()]))
    }
}
