//! What the backward pass of a step gets and gives.

/// What a step was computed from.
pub(crate) struct Before<'a, F> {
    pub(crate) x: &'a [F],
    pub(crate) elapsed: F,
    pub(crate) state: &'a [F],
    /// The state after the step.
    pub(crate) after: &'a [F],
}

/// The gradients that a step passes on.
pub(crate) struct Back<'a, F> {
    /// On entry that of the state after the step, on return that of the state before it.
    pub(crate) state: &'a mut [F],
    /// That of the input, which the step adds to.
    pub(crate) x: &'a mut [F],
    /// Those of all parameters, which the step adds to.
    pub(crate) parameters: &'a mut [F],
}

impl<F: Copy + std::ops::AddAssign> Back<'_, F> {
    pub(crate) fn add_to_x(&mut self, more: &[F]) {
        for (x, more) in self.x.iter_mut().zip(more) {
            *x += *more;
        }
    }
}
