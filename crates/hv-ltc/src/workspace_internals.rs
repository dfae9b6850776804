//! What this workspace alone uses: the loops that its benchmarks hold steps against. Not a part of the interface.

use crate::layout::Layout;
use crate::linear::Linear;
use crate::math::sigmoid_all;
use crate::pattern::Pattern;
use crate::wiring::Wiring;

/// Replaces each number `x` by `1 / (1 + exp(-x))`.
pub fn sigmoid(values: &mut [f32]) {
    sigmoid_all(values);
}

/// A sparse matrix with a weight for each synapse between the units of a wiring.
pub struct Gathered {
    map: Linear,
    pattern: Pattern,
    weights: Vec<f32>,
}

impl Gathered {
    /// The matrix of a wiring.
    pub fn new(wiring: &Wiring) -> Self {
        let pattern = Pattern::of_synapses(wiring.units(), wiring.synapses());
        let sizes = [wiring.units(); 2];
        let map = Linear::new(&mut Layout::default(), "map", sizes, Some(pattern.clone()), false);
        let weights = (0..pattern.len()).map(|index| (index % 7) as f32 / 10.0 - 0.3).collect();
        Self { map, pattern, weights }
    }

    /// Number of weights.
    pub fn synapses(&self) -> usize {
        self.pattern.len()
    }

    /// The sums of all rows, as a step computes them.
    pub fn kernel(&self, x: &[f32], y: &mut [f32]) {
        self.map.forward(&self.weights, x, y);
    }

    /// The same in the obvious way: one term after the other, into eight sums.
    pub fn plain(&self, x: &[f32], y: &mut [f32]) {
        for (row, y) in y.iter_mut().enumerate() {
            let mut sums = [0.0; 8];
            for index in self.pattern.row(row) {
                sums[index % 8] += self.weights[index] * x[self.pattern.columns()[index] as usize];
            }
            *y = sums.iter().sum();
        }
    }
}
