//! The plain liquid step of Symthaea.

use crate::back::{Back, Before};
use crate::float::Float;
use crate::layout::{Constraint, Init, Layout};
use crate::linear::Linear;
use crate::math::sigmoid_all;
use crate::pattern::Pattern;
use crate::room::take;
use crate::wiring::Wiring;

/// The plain step of Symthaea: `x += t (-x / tau + sigmoid(W x + U u + b))`, and then `x` is held in 0 to 1.
///
/// `t` is the elapsed time, and `u` are the inputs; there may be none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plain {
    pub(crate) outputs: usize,
    tau: usize,
    /// `W` and `U` in one map of the state followed by the inputs.
    map: Linear,
}

impl Plain {
    pub(crate) fn new(layout: &mut Layout, wiring: &Wiring) -> Self {
        let units = wiring.units();
        let tau = layout.dense("tau", vec![units], Init::Uniform(0.5, 2.0));
        layout.constrain(Constraint::Clip(0.5, 2.0));
        let inner = wiring.synapses().iter().map(|s| (s.to, s.from));
        let sensory = wiring.sensory_synapses().iter().map(|s| (s.to, units + s.from));
        let mut positions: Vec<_> = inner.chain(sensory).collect();
        positions.sort_unstable();
        let pattern = Pattern::new(units, &positions);
        let map = Linear::new(layout, "map", [units, units + wiring.inputs()], Some(pattern), true);
        Self { outputs: wiring.outputs(), tau, map }
    }

    pub(crate) fn units(&self) -> usize {
        self.map.outputs()
    }

    pub(crate) fn inputs(&self) -> usize {
        self.map.inputs() - self.map.outputs()
    }

    /// State with inputs, and what the map gives.
    pub(crate) fn room_len(&self) -> usize {
        self.map.inputs() + self.map.outputs()
    }

    pub(crate) fn step<F: Float>(&self, p: &[F], x: &[F], elapsed: F, state: &mut [F], mut room: &mut [F]) {
        let room = &mut room;
        let (both, mapped) = (take(room, self.map.inputs()), take(room, self.units()));
        both[..state.len()].copy_from_slice(state);
        both[state.len()..].copy_from_slice(x);
        self.map.forward(p, both, mapped);
        sigmoid_all(mapped);
        for (unit, value) in state.iter_mut().enumerate() {
            let next = self.free(p, unit, *value, mapped[unit], elapsed);
            *value = if next < F::ZERO {
                F::ZERO
            } else if next > F::ONE {
                F::ONE
            } else {
                next
            };
        }
    }

    /// The next value of a unit before it is held in 0 to 1.
    fn free<F: Float>(&self, p: &[F], unit: usize, value: F, pull: F, elapsed: F) -> F {
        value + elapsed * (pull - value / p[self.tau + unit])
    }

    pub(crate) fn back_room_len(&self) -> usize {
        2 * self.room_len()
    }

    /// The gradients of a step; `Cell::back` says of what.
    pub(crate) fn back<F: Float>(&self, p: &[F], at: &Before<'_, F>, g: &mut Back<'_, F>, mut room: &mut [F]) {
        let (room, units) = (&mut room, self.units());
        let (both, mapped) = (take(room, self.map.inputs()), take(room, units));
        let (g_both, g_mapped) = (take(room, self.map.inputs()), take(room, units));
        both[..units].copy_from_slice(at.state);
        both[units..].copy_from_slice(at.x);
        self.map.forward(p, both, mapped);
        sigmoid_all(mapped);
        g_both.fill(F::ZERO);
        for unit in 0..units {
            let (value, tau) = (at.state[unit], p[self.tau + unit]);
            let next = self.free(p, unit, value, mapped[unit], at.elapsed);
            // Where the value was held, nothing before has an influence.
            let held = next < F::ZERO || next > F::ONE;
            let g_next = if held { F::ZERO } else { g.state[unit] };
            let s = mapped[unit];
            g_mapped[unit] = g_next * at.elapsed * (s * (F::ONE - s));
            g_both[unit] = g_next - g_next * at.elapsed / tau;
            g.parameters[self.tau + unit] += g_next * at.elapsed * value / (tau * tau);
        }
        self.map.back(p, both, g_mapped, g.parameters, g_both);
        g.state.copy_from_slice(&g_both[..units]);
        g.add_to_x(&g_both[units..]);
    }
}
