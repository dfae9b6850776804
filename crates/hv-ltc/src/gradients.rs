//! Gradients through time.

use std::num::NonZeroUsize;

use crate::back::{Back, Before};
use crate::error::LtcError;
use crate::float::{Float, softplus_slope};
use crate::layout::Constraint;
use crate::network::Network;
use crate::state::Run;
use crate::state::Sequence;

/// The gradients of a loss, and what the sequence gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients<F> {
    /// The outputs and the last state.
    pub run: Run<F>,
    /// With respect to each parameter, in the order of [`Network::parameters`]; [`Network::dense`] picks one.
    pub parameters: Vec<F>,
    /// With respect to the inputs of all steps.
    pub inputs: Vec<F>,
    /// With respect to the first state.
    pub state: Vec<F>,
}

impl<F: Float> Network<F> {
    /// Computes a sequence as [`Network::run`] does, and the gradients of a loss through all its steps.
    ///
    /// The loss is known by its derivatives: `of_outputs` with respect to the outputs of all steps, and `of_state` with
    /// respect to the last state. Memory is the states of all steps; each step is computed twice.
    ///
    /// # Errors
    ///
    /// Those of [`Network::run`], and the same for the derivatives.
    pub fn gradients(
        &self,
        inputs: &[F],
        elapsed: &[F],
        state: &[F],
        of_outputs: &[F],
        of_state: &[F],
    ) -> Result<Gradients<F>, LtcError> {
        let sequence = Sequence { inputs, elapsed, state };
        self.check_sequence(&sequence)?;
        self.check_derivatives(&sequence, of_outputs, of_state)?;
        let (run, states) = self.forward(&sequence);
        let (mut state, mut inputs) = (of_state.to_vec(), vec![F::ZERO; inputs.len()]);
        let mut parameters = vec![F::ZERO; self.parameters.len()];
        self.backward(&sequence, &states, None, of_outputs, &mut state, &mut inputs, &mut parameters);
        self.through_constraints(&mut parameters);
        Ok(Gradients { run, parameters, inputs, state })
    }

    /// Computes a sequence. Returns what it gives, and the states before the first step and after each.
    pub(crate) fn forward(&self, sequence: &Sequence<'_, F>) -> (Run<F>, Vec<F>) {
        let (steps, width) = (sequence.elapsed.len(), self.inputs());
        let mut now = self.state();
        now.values.copy_from_slice(sequence.state);
        let mut states = Vec::with_capacity((steps + 1) * sequence.state.len());
        states.extend_from_slice(sequence.state);
        let mut outputs = Vec::with_capacity(steps * self.outputs());
        for (step, elapsed) in sequence.elapsed.iter().enumerate() {
            let x = &sequence.inputs[step * width..][..width];
            self.cell.step(&self.effective, x, *elapsed, &mut now.values, &mut now.output, &mut now.room);
            states.extend_from_slice(&now.values);
            outputs.extend_from_slice(&now.output);
        }
        (Run { outputs, state: now.values }, states)
    }

    /// Goes back through the steps of a sequence. Adds to the gradients of the inputs and of what the cell gets as
    /// parameters; the gradient of the last state is replaced by that of the first.
    #[expect(clippy::too_many_arguments)] // what a sequence is computed from, and where each gradient goes
    pub(crate) fn backward(
        &self,
        sequence: &Sequence<'_, F>,
        states: &[F],
        window: Option<NonZeroUsize>,
        of_outputs: &[F],
        g_state: &mut [F],
        g_inputs: &mut [F],
        parameters: &mut [F],
    ) {
        let (width, count, units) = (self.inputs(), self.outputs(), g_state.len());
        let mut room = vec![F::ZERO; self.cell.back_room_len()];
        for (step, elapsed) in sequence.elapsed.iter().enumerate().rev() {
            let x = &sequence.inputs[step * width..][..width];
            let (state, after) = states[step * units..][..2 * units].split_at(units);
            let at = Before { x, elapsed: *elapsed, state, after };
            let mut g = Back { state: &mut *g_state, x: &mut g_inputs[step * width..][..width], parameters };
            self.cell.back(&self.effective, &at, &of_outputs[step * count..][..count], &mut g, &mut room);
            if window.is_some_and(|window| step % window == 0) {
                g_state.fill(F::ZERO);
            }
        }
    }

    /// Makes gradients with respect to what the cell gets those with respect to the parameters.
    pub(crate) fn through_constraints(&self, gradients: &mut [F]) {
        for tensor in self.tensors().iter().filter(|tensor| tensor.constraint == Constraint::Softplus) {
            for index in tensor.range() {
                gradients[index] *= softplus_slope(self.parameters[index]);
            }
        }
    }
}
