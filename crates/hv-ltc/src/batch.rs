//! Several states that one call advances.

use crate::checks::{finite, times};
use crate::error::{LtcError, check_length};
use crate::float::Float;
use crate::network::Network;

/// The states of several sequences that advance together, with the scratch memory that their steps need, so that a step
/// allocates nothing.
///
/// ```
/// use hv_ltc::{Network, Wiring};
///
/// let network = Network::<f32>::ltc(&Wiring::auto_ncp(4, 16, 3, 0.5, 7)?, 1);
/// let mut batch = network.batch(2);
/// let inputs = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]; // four of each sequence
/// let outputs = network.step_batch(&inputs, &[0.5, 2.0], &mut batch)?; // each after a time of its own
/// assert_eq!(outputs.len(), 2 * 3);
/// # Ok::<(), hv_ltc::LtcError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<F> {
    count: usize,
    values: Vec<F>,
    outputs: Vec<F>,
    room: Vec<F>,
}

impl<F: Float> Batch<F> {
    /// Number of states.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The values of all states, one state after the other; [`State::values`](crate::State::values) says what is in one.
    pub fn values(&self) -> &[F] {
        &self.values
    }

    /// The outputs of the last step, one state after the other, and zeros before the first.
    pub fn outputs(&self) -> &[F] {
        &self.outputs
    }

    /// Replaces the values of all states.
    ///
    /// # Errors
    ///
    /// [`LtcError::Length`] for another number of values, [`LtcError::NotFinite`] for one that is not finite.
    pub fn set_values(&mut self, values: &[F]) -> Result<(), LtcError> {
        check_length("the states", values.len(), self.values.len())?;
        finite("the states", values)?;
        self.values.copy_from_slice(values);
        Ok(())
    }
}

impl<F: Float> Network<F> {
    /// This many states of zeros.
    pub fn batch(&self, count: usize) -> Batch<F> {
        let zeros = |len: usize| vec![F::ZERO; len];
        let (values, outputs) = (zeros(count * self.state_len()), zeros(count * self.outputs()));
        Batch { count, values, outputs, room: zeros(self.cell.room_len()) }
    }

    /// Computes one step of each state, each `elapsed` after the one before, and returns the outputs, one state after the
    /// other. `inputs` has the inputs of all states in the same order.
    ///
    /// Each state gets the bits that [`Network::step`] gives it.
    ///
    /// # Errors
    ///
    /// Those of [`Network::step`]; indices count over all states. All states are then as they were.
    pub fn step_batch<'a>(&self, inputs: &[F], elapsed: &[F], batch: &'a mut Batch<F>) -> Result<&'a [F], LtcError> {
        let (width, state, output) = (self.inputs(), self.state_len(), self.outputs());
        check_length("the inputs", inputs.len(), batch.count * width)?;
        check_length("the list of elapsed times", elapsed.len(), batch.count)?;
        check_length("the states", batch.values.len(), batch.count * state)?;
        check_length("the outputs of the batch", batch.outputs.len(), batch.count * output)?;
        check_length("the scratch memory of the batch", batch.room.len(), self.cell.room_len())?;
        finite("the inputs", inputs)?;
        times(elapsed)?;
        for (index, elapsed) in elapsed.iter().enumerate() {
            let x = &inputs[index * width..][..width];
            let values = &mut batch.values[index * state..][..state];
            let outputs = &mut batch.outputs[index * output..][..output];
            self.cell.step(&self.effective, x, *elapsed, values, outputs, &mut batch.room);
        }
        Ok(&batch.outputs)
    }
}
