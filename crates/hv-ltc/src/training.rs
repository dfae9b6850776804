//! Gradients of a loss over a batch of sequences, computed in parallel.

use std::num::NonZeroUsize;

use rayon::prelude::*;

use crate::checks::finite;
use crate::error::{LtcError, check_length};
use crate::float::Float;
use crate::network::Network;
use crate::state::{Run, Sequence};

/// Number of sequences whose gradients one thread adds up. The sums of the parts are added in order, so that the result
/// depends on no number of threads.
const PART: usize = 8;

/// The loss of a sequence, with its derivatives.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss<F> {
    /// The loss.
    pub value: F,
    /// The derivatives with respect to the outputs of all steps.
    pub of_outputs: Vec<F>,
    /// The derivatives with respect to the last state.
    pub of_state: Vec<F>,
}

/// The gradients of the sum of the losses of a batch, and what its sequences gave.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchGradients<F> {
    /// What each sequence gave.
    pub runs: Vec<Run<F>>,
    /// The loss of each sequence.
    pub losses: Vec<F>,
    /// The gradients with respect to each parameter, in the order of [`Network::parameters`].
    pub parameters: Vec<F>,
}

impl<F: Float> Network<F> {
    /// Computes a batch of sequences, and the gradients of the sum of their losses. Sequences may differ in length.
    ///
    /// `loss` gets the index of a sequence and what the sequence gave. With a `window`, gradients go back to the last step
    /// whose index is a multiple of it and no further, while the states go on: truncated backpropagation through time.
    ///
    /// The work is shared by the threads of the current Rayon pool. The result does not depend on their number. Memory is
    /// the states of eight sequences a thread, and one gradient of all parameters for each eight sequences.
    ///
    /// # Errors
    ///
    /// [`LtcError::Sequence`] for the first sequence with an error of [`Network::gradients`], or whose loss is not finite.
    pub fn batch_gradients(
        &self,
        sequences: &[Sequence<'_, F>],
        window: Option<NonZeroUsize>,
        loss: impl Fn(usize, &Run<F>) -> Loss<F> + Sync,
    ) -> Result<BatchGradients<F>, LtcError> {
        let parts: Vec<Result<BatchGradients<F>, LtcError>> = sequences
            .par_chunks(PART)
            .enumerate()
            .map(|(part, sequences)| self.part_gradients(part * PART, sequences, window, &loss))
            .collect();
        let parameters = vec![F::ZERO; self.parameters.len()];
        let mut sum = BatchGradients { runs: Vec::new(), losses: Vec::new(), parameters };
        for part in parts {
            let part = part?;
            sum.runs.extend(part.runs);
            sum.losses.extend(part.losses);
            for (sum, part) in sum.parameters.iter_mut().zip(part.parameters) {
                *sum += part;
            }
        }
        self.through_constraints(&mut sum.parameters);
        Ok(sum)
    }

    /// The gradients of some sequences, numbered from `first` on, with respect to what the cell gets.
    fn part_gradients(
        &self,
        first: usize,
        sequences: &[Sequence<'_, F>],
        window: Option<NonZeroUsize>,
        loss: &impl Fn(usize, &Run<F>) -> Loss<F>,
    ) -> Result<BatchGradients<F>, LtcError> {
        let mut parameters = vec![F::ZERO; self.parameters.len()];
        let (mut runs, mut losses) = (Vec::with_capacity(sequences.len()), Vec::with_capacity(sequences.len()));
        for (index, sequence) in (first..).zip(sequences) {
            let (run, loss) = self
                .add_gradients(sequence, window, |run| loss(index, run), &mut parameters)
                .map_err(|error| LtcError::Sequence { index, error: Box::new(error) })?;
            runs.push(run);
            losses.push(loss);
        }
        Ok(BatchGradients { runs, losses, parameters })
    }

    fn add_gradients(
        &self,
        sequence: &Sequence<'_, F>,
        window: Option<NonZeroUsize>,
        loss: impl FnOnce(&Run<F>) -> Loss<F>,
        parameters: &mut [F],
    ) -> Result<(Run<F>, F), LtcError> {
        self.check_sequence(sequence)?;
        let (run, states) = self.forward(sequence);
        let Loss { value, of_outputs, of_state: mut g_state } = loss(&run);
        finite("the loss", &[value])?;
        self.check_derivatives(sequence, &of_outputs, &g_state)?;
        let mut g_inputs = vec![F::ZERO; sequence.inputs.len()];
        self.backward(sequence, &states, window, &of_outputs, &mut g_state, &mut g_inputs, parameters);
        Ok((run, value))
    }

    pub(crate) fn check_derivatives(
        &self,
        sequence: &Sequence<'_, F>,
        of_outputs: &[F],
        of_state: &[F],
    ) -> Result<(), LtcError> {
        check_length("the derivatives of the outputs", of_outputs.len(), sequence.elapsed.len() * self.outputs())?;
        check_length("the derivatives of the last state", of_state.len(), self.state_len())?;
        finite("the derivatives of the outputs", of_outputs)?;
        finite("the derivatives of the last state", of_state)
    }
}
