//! Mixed memory: an LSTM that keeps what the cell after it may forget.

use crate::back::{Back, Before};
use crate::float::Float;
use crate::layout::Layout;
use crate::linear::Linear;
use crate::math::{sigmoid_all, tanh_all};

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

    /// Computes one step. Leaves in `gates` the input, input gate, forget gate and output gate of all units, in this order,
    /// and then the tangents of the new memory.
    pub(crate) fn step<F: Float>(&self, p: &[F], x: &[F], hidden: &mut [F], memory: &mut [F], gates: &mut [F]) {
        let units = self.units();
        let (sums, others) = gates.split_at_mut(4 * units);
        self.input.forward(p, x, sums);
        self.recurrent.forward(p, hidden, others);
        for (sum, other) in sums.iter_mut().zip(&*others) {
            *sum += *other;
        }
        sums[2 * units..][..units].iter_mut().for_each(|forget| *forget += F::ONE);
        tanh_all(&mut sums[..units]);
        sigmoid_all(&mut sums[units..]);
        for (unit, memory) in memory.iter_mut().enumerate() {
            *memory = *memory * sums[2 * units + unit] + sums[unit] * sums[units + unit];
        }
        let shown = &mut others[..units];
        shown.copy_from_slice(memory);
        tanh_all(shown);
        for (unit, hidden) in hidden.iter_mut().enumerate() {
            *hidden = shown[unit] * sums[3 * units + unit];
        }
    }

    /// Computes the gradients of a step that left `gates`. The gradients of the new `hidden` and `memory` are replaced by
    /// the gradients of the old ones.
    pub(crate) fn back<F: Float>(&self, p: &[F], at: &Before<'_, F>, gates: &mut [F], g: &mut Back<'_, F>) {
        let units = self.units();
        let (sums, g_sums) = gates.split_at_mut(4 * units);
        let (hidden, memory) = at.state.split_at(units);
        let (g_hidden, g_memory) = g.state.split_at_mut(units);
        for unit in 0..units {
            let of = |gate: usize| sums[gate * units + unit];
            let (new, open, kept, out) = (of(0), of(1), of(2), of(3));
            let shown = g_sums[unit]; // left there by `step`, and replaced below
            let slope = |gate: F| gate * (F::ONE - gate);
            let g_after = g_memory[unit] + g_hidden[unit] * out * (F::ONE - shown * shown);
            g_sums[unit] = g_after * open * (F::ONE - new * new);
            g_sums[units + unit] = g_after * new * slope(open);
            g_sums[2 * units + unit] = g_after * memory[unit] * slope(kept);
            g_sums[3 * units + unit] = g_hidden[unit] * shown * slope(out);
            g_memory[unit] = g_after * kept;
            g_hidden[unit] = F::ZERO;
        }
        self.input.back(p, at.x, g_sums, g.parameters, g.x);
        self.recurrent.back(p, hidden, g_sums, g.parameters, g_hidden);
    }
}
