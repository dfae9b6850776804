//! The state of a network between its steps, and what a sequence of steps gives.

use crate::checks::finite;
use crate::error::{LtcError, check_length};
use crate::float::Float;

/// The state of a network, with the scratch memory that its steps need, so that a step allocates nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct State<F> {
    pub(crate) values: Vec<F>,
    pub(crate) output: Vec<F>,
    pub(crate) room: Vec<F>,
}

impl<F: Float> State<F> {
    /// The values: one for each unit, then the memory of the LSTM where the network has mixed memory.
    ///
    /// Those of a CfC by wiring are in the order of its layers.
    pub fn values(&self) -> &[F] {
        &self.values
    }

    /// The output of the last step, and zeros before the first.
    pub fn output(&self) -> &[F] {
        &self.output
    }

    /// Replaces the values.
    ///
    /// # Errors
    ///
    /// [`LtcError::Length`] for another number of values, [`LtcError::NotFinite`] for one that is not finite.
    pub fn set_values(&mut self, values: &[F]) -> Result<(), LtcError> {
        check_length("the state", values.len(), self.values.len())?;
        finite("the state", values)?;
        self.values.copy_from_slice(values);
        Ok(())
    }
}

/// What a network gives for a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Run<F> {
    /// The outputs of all steps, one step after the other.
    pub outputs: Vec<F>,
    /// The state after the last step.
    pub state: Vec<F>,
}

/// A sequence to learn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequence<'a, F> {
    /// The inputs of all steps, one step after the other.
    pub inputs: &'a [F],
    /// The elapsed time of each step.
    pub elapsed: &'a [F],
    /// The state before the first step: zeros, or the state after an earlier piece of the same sequence.
    pub state: &'a [F],
}
