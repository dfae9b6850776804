//! Gradients through time.

use crate::back::{Back, Before};
use crate::checks::finite;
use crate::error::{LtcError, check_length};
use crate::float::{Float, softplus_slope};
use crate::layout::Constraint;
use crate::network::Network;
use crate::state::Run;

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
        self.check_sequence(inputs, elapsed, state)?;
        let (width, count) = (self.inputs(), self.outputs());
        check_length("the derivatives of the outputs", of_outputs.len(), elapsed.len() * count)?;
        check_length("the derivatives of the last state", of_state.len(), self.state_len())?;
        finite("the derivatives of the outputs", of_outputs)?;
        finite("the derivatives of the last state", of_state)?;
        let mut now = self.state();
        now.values.copy_from_slice(state);
        let mut states = Vec::with_capacity(elapsed.len() * state.len());
        let mut outputs = Vec::with_capacity(of_outputs.len());
        for (step, elapsed) in elapsed.iter().enumerate() {
            states.extend_from_slice(&now.values);
            let x = &inputs[step * width..][..width];
            self.cell.step(&self.effective, x, *elapsed, &mut now.values, &mut now.output, &mut now.room);
            outputs.extend_from_slice(&now.output);
        }
        let mut g_state = of_state.to_vec();
        let mut g_inputs = vec![F::ZERO; inputs.len()];
        let mut parameters = vec![F::ZERO; self.parameters.len()];
        let mut room = vec![F::ZERO; self.cell.back_room_len()];
        for (step, elapsed) in elapsed.iter().enumerate().rev() {
            let x = &inputs[step * width..][..width];
            let at = Before { x, elapsed: *elapsed, state: &states[step * state.len()..][..state.len()] };
            let g_x = &mut g_inputs[step * width..][..width];
            let mut g = Back { state: &mut g_state, x: g_x, parameters: &mut parameters };
            self.cell.back(&self.effective, &at, &of_outputs[step * count..][..count], &mut g, &mut room);
        }
        for tensor in self.tensors().iter().filter(|tensor| tensor.constraint == Constraint::Softplus) {
            for index in tensor.range() {
                parameters[index] *= softplus_slope(self.parameters[index]);
            }
        }
        Ok(Gradients { run: Run { outputs, state: now.values }, parameters, inputs: g_inputs, state: g_state })
    }
}
