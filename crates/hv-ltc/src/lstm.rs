//! Mixed memory: an LSTM that keeps what the cell after it may forget.

use crate::float::{Float, sigmoid};
use crate::layout::Layout;
use crate::linear::Linear;

/// The LSTM of `mixed_memory` in ncps 1.0.1. It changes a cell's state before each of the cell's steps, and its forget
/// gate is open at first: 1 is added to what the gate's map gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lstm {
    pub(crate) input: Linear,
    pub(crate) recurrent: Linear,
}

impl Lstm {
    pub(crate) fn new(layout: &mut Layout, inputs: usize, units: usize) -> Self {
        let input = Linear::new(layout, "lstm.input_map", [4 * units, inputs], None, true);
        let recurrent = Linear::new(layout, "lstm.recurrent_map", [4 * units, units], None, false);
        Self { input, recurrent }
    }

    pub(crate) fn units(&self) -> usize {
        self.recurrent.inputs()
    }

    /// What both maps give.
    pub(crate) fn room_len(&self) -> usize {
        8 * self.units()
    }

    /// Computes one step. Leaves the sums of both maps in the first half of `gates`: input, input gate, forget gate and
    /// output gate of all units, in this order.
    pub(crate) fn step<F: Float>(&self, p: &[F], x: &[F], hidden: &mut [F], memory: &mut [F], gates: &mut [F]) {
        let units = self.units();
        let (sums, others) = gates.split_at_mut(4 * units);
        self.input.forward(p, x, sums);
        self.recurrent.forward(p, hidden, others);
        for (sum, other) in sums.iter_mut().zip(others) {
            *sum += *other;
        }
        for unit in 0..units {
            let of = |gate: usize| sums[gate * units + unit];
            let kept = memory[unit] * sigmoid(of(2) + F::ONE);
            memory[unit] = kept + of(0).tanh() * sigmoid(of(1));
            hidden[unit] = memory[unit].tanh() * sigmoid(of(3));
        }
    }
}
