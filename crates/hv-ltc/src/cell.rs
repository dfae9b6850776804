//! The cells behind one interface.

use crate::back::{Back, Before};
use crate::cfc::Cfc;
use crate::float::Float;
use crate::linear::Linear;
use crate::lstm::Lstm;
use crate::ltc::Ltc;
use crate::plain::Plain;
use crate::room::take;
use crate::wired::Wired;

/// What a network computes in a step, without mixed memory. The parameters are kept elsewhere, in one list for all
/// cells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Core {
    Ltc(Ltc),
    Cfc(Cfc),
    Wired(Wired),
    Plain(Plain),
}

impl Core {
    pub(crate) fn inputs(&self) -> usize {
        match self {
            Self::Ltc(cell) => cell.inputs(),
            Self::Cfc(cell) => cell.inputs,
            Self::Wired(cell) => cell.inputs(),
            Self::Plain(cell) => cell.inputs(),
        }
    }

    pub(crate) fn state_len(&self) -> usize {
        match self {
            Self::Ltc(cell) => cell.units,
            Self::Cfc(cell) => cell.units,
            Self::Wired(cell) => cell.units(),
            Self::Plain(cell) => cell.units(),
        }
    }

    pub(crate) fn outputs(&self) -> usize {
        match self {
            Self::Ltc(cell) => cell.outputs,
            Self::Cfc(cell) => cell.units,
            Self::Wired(cell) => cell.outputs(),
            Self::Plain(cell) => cell.outputs,
        }
    }

    /// Number of values that a step needs as scratch memory.
    pub(crate) fn room_len(&self) -> usize {
        match self {
            Self::Ltc(cell) => cell.room_len(),
            Self::Cfc(cell) => cell.room_len(),
            Self::Wired(cell) => cell.room_len(),
            Self::Plain(cell) => cell.room_len(),
        }
    }

    /// Advances the state by one step. All lengths are as the cell has them.
    fn step<F: Float>(&self, p: &[F], x: &[F], elapsed: F, state: &mut [F], room: &mut [F]) {
        match self {
            Self::Ltc(cell) => cell.step(p, x, elapsed, state, room),
            Self::Cfc(cell) => cell.step(p, x, elapsed, state, room),
            Self::Wired(cell) => cell.step(p, x, elapsed, state, room),
            Self::Plain(cell) => cell.step(p, x, elapsed, state, room),
        }
    }

    /// Writes what a state shows: its output.
    fn show<F: Float>(&self, p: &[F], state: &[F], output: &mut [F]) {
        match self {
            Self::Ltc(cell) => cell.show(p, state, output),
            Self::Cfc(_) | Self::Plain(_) | Self::Wired(_) => {
                output.copy_from_slice(&state[self.shown()..][..output.len()]);
            }
        }
    }

    /// Where the output starts in the state.
    fn shown(&self) -> usize {
        match self {
            Self::Wired(cell) => cell.units() - cell.outputs(),
            Self::Ltc(_) | Self::Cfc(_) | Self::Plain(_) => 0,
        }
    }

    fn back_room_len(&self) -> usize {
        match self {
            Self::Ltc(cell) => cell.back_room_len(),
            Self::Cfc(cell) => cell.back_room_len(),
            Self::Wired(cell) => cell.back_room_len(),
            Self::Plain(cell) => cell.back_room_len(),
        }
    }

    fn back<F: Float>(&self, p: &[F], at: &Before<'_, F>, g_output: &[F], g: &mut Back<'_, F>, room: &mut [F]) {
        if !matches!(self, Self::Ltc(_)) {
            // The output is a part of the state, and its gradient is that part's.
            for (state, output) in g.state[self.shown()..].iter_mut().zip(g_output) {
                *state += *output;
            }
        }
        match self {
            Self::Ltc(cell) => cell.back(p, at, g_output, g, room),
            Self::Cfc(cell) => cell.back(p, at, g, room),
            Self::Wired(cell) => cell.back(p, at, g, room),
            Self::Plain(cell) => cell.back(p, at, g, room),
        }
    }
}

/// A core, an LSTM before it where the network has mixed memory, and a linear map after it where it has a projection. The
/// state is that of the core, followed by the memory of the LSTM, one value for each unit. Elapsed time is the core's alone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell {
    pub(crate) core: Core,
    pub(crate) memory: Option<Lstm>,
    pub(crate) projection: Option<Linear>,
}

impl Cell {
    pub(crate) fn state_len(&self) -> usize {
        self.core.state_len() + self.memory.as_ref().map_or(0, Lstm::units)
    }

    pub(crate) fn outputs(&self) -> usize {
        self.projection.as_ref().map_or(self.core.outputs(), Linear::outputs)
    }

    /// Number of values that a step needs as scratch memory: what the projection maps, and what the parts need.
    pub(crate) fn room_len(&self) -> usize {
        self.core.outputs() + self.core.room_len() + self.memory.as_ref().map_or(0, Lstm::room_len)
    }

    /// Advances the state by one step, and writes the output. All lengths are as the cell has them.
    pub(crate) fn step<F: Float>(
        &self,
        p: &[F],
        x: &[F],
        elapsed: F,
        state: &mut [F],
        output: &mut [F],
        mut room: &mut [F],
    ) {
        let (units, memory) = state.split_at_mut(self.core.state_len());
        if let Some(lstm) = &self.memory {
            lstm.step(p, x, units, memory, take(&mut room, lstm.room_len()));
        }
        let shown = take(&mut room, self.core.outputs());
        self.core.step(p, x, elapsed, units, room);
        match &self.projection {
            None => self.core.show(p, units, output),
            Some(map) => {
                self.core.show(p, units, shown);
                map.forward(p, shown, output);
            }
        }
    }

    /// Number of values that `back` needs as scratch memory: what the projection maps and its gradient, what the LSTM
    /// leaves, and what the core needs.
    pub(crate) fn back_room_len(&self) -> usize {
        let lstm = self.memory.as_ref().map_or(0, |lstm| lstm.room_len() + 2 * lstm.units());
        2 * self.core.outputs() + lstm + self.core.back_room_len()
    }

    /// The gradients of a step with respect to the parameters and the input, which are added to `g`, and to the state
    /// before it, which takes the place of the gradient of the state after it.
    pub(crate) fn back<F: Float>(
        &self,
        p: &[F],
        at: &Before<'_, F>,
        g_output: &[F],
        g: &mut Back<'_, F>,
        mut room: &mut [F],
    ) {
        let (shown, g_shown) = (take(&mut room, self.core.outputs()), take(&mut room, self.core.outputs()));
        let g_output = match &self.projection {
            None => g_output,
            Some(map) => {
                self.core.show(p, &at.after[..self.core.state_len()], shown);
                g_shown.fill(F::ZERO);
                map.back(p, shown, g_output, g.parameters, g_shown);
                g_shown
            }
        };
        let Some(lstm) = &self.memory else { return self.core.back(p, at, g_output, g, room) };
        let units = lstm.units();
        let (gates, hidden) = (take(&mut room, lstm.room_len()), take(&mut room, units));
        let memory = take(&mut room, units);
        hidden.copy_from_slice(&at.state[..units]);
        memory.copy_from_slice(&at.state[units..]);
        lstm.step(p, at.x, hidden, memory, gates);
        let between = Before { state: hidden, ..*at };
        let mut of_core = Back { state: &mut g.state[..units], x: g.x, parameters: g.parameters };
        self.core.back(p, &between, g_output, &mut of_core, room);
        lstm.back(p, at, gates, g);
    }
}
