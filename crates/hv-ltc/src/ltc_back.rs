//! The gradients of an LTC's step, back through its unfolds.

use crate::back::{Back, Before};
use crate::float::Float;
use crate::ltc::{Ltc, Unfold, scales};
use crate::math::sigmoid_all;
use crate::room::take;
use crate::synapses::Synapses;

impl Ltc {
    /// Mapped inputs and their gradients, the sums of the inputs and theirs, the gradient of the potentials before an
    /// unfold, the potentials of all unfolds with their denominators, the potentials after the last, and one value for
    /// each synapse of a block or two for each of the unit that has the most.
    pub(crate) fn back_room_len(&self) -> usize {
        let longest = self.inner.pattern.longest().max(self.sensory.pattern.longest());
        2 * self.inputs() + 5 * self.units + (2 * self.unfolds + 1) * self.units + self.opens_len().max(2 * longest)
    }

    /// The gradients of a step; `Cell::back` says of what.
    pub(crate) fn back<F: Float>(
        &self,
        p: &[F],
        at: &Before<'_, F>,
        g_output: &[F],
        g: &mut Back<'_, F>,
        mut room: &mut [F],
    ) {
        let (room, units) = (&mut room, self.units);
        let (mapped, g_mapped) = (take(room, self.inputs()), take(room, self.inputs()));
        let [pull, conductance, g_pull, g_conductance, g_v] = [(); 5].map(|()| take(room, units));
        let denominators = take(room, self.unfolds * units);
        let v = take(room, (self.unfolds + 1) * units);
        self.sense(p, at.x, mapped, room, (pull, conductance));
        let scales = scales(self.time_step(at.elapsed));
        let unfolds = if at.elapsed > F::ZERO { self.unfolds } else { 0 };
        v[..units].copy_from_slice(at.state);
        for unfold in 0..unfolds {
            let (before, next) = v[unfold * units..].split_at_mut(units);
            let denominators = Some(&mut denominators[unfold * units..][..units]);
            let (sensed, next) = ((&*pull, &*conductance), &mut next[..units]);
            self.unfold(p, Unfold { v: before, sensed, scales, opens: room, next, denominators });
        }
        for (index, g_output) in g_output.iter().enumerate() {
            g.parameters[self.output_w + index] += *g_output * v[unfolds * units + index];
            g.parameters[self.output_b + index] += *g_output;
            g.state[index] += *g_output * p[self.output_w + index];
        }
        g_pull.fill(F::ZERO);
        g_conductance.fill(F::ZERO);
        for unfold in (0..unfolds).rev() {
            let (before, next) = v[unfold * units..].split_at(units);
            g_v.fill(F::ZERO);
            for unit in 0..units {
                let solved = (next[unit], denominators[unfold * units + unit]);
                let (to_pull, to_conductance) =
                    self.back_through(p, unit, before, solved, scales, g.state[unit], g_v, g.parameters, room);
                g_pull[unit] += to_pull;
                g_conductance[unit] += to_conductance;
            }
            g.state.copy_from_slice(g_v);
        }
        g_mapped.fill(F::ZERO);
        for unit in 0..units {
            self.sensory.back(p, unit, mapped, (g_pull[unit], g_conductance[unit]), g.parameters, g_mapped, room);
        }
        for (index, g_mapped) in g_mapped.iter().enumerate() {
            g.parameters[self.input_w + index] += *g_mapped * at.x[index];
            g.parameters[self.input_b + index] += *g_mapped;
            g.x[index] += *g_mapped * p[self.input_w + index];
        }
    }

    /// Computes the gradients of one unit's solution. Returns the gradients of the two sums over its synapses.
    #[expect(clippy::too_many_arguments)] // the inner loop of `back`
    fn back_through<F: Float>(
        &self,
        p: &[F],
        unit: usize,
        v: &[F],
        (next, denominator): (F, F),
        (of_cm, of_rest): (F, F),
        g_next: F,
        g_v: &mut [F],
        g_p: &mut [F],
        room: &mut [F],
    ) -> (F, F) {
        if denominator == F::ZERO {
            g_v[unit] += g_next; // the potential stayed
            return (F::ZERO, F::ZERO);
        }
        let g_numerator = g_next / denominator;
        let g_denominator = -(g_numerator * next);
        g_p[self.cm + unit] += of_cm * (g_numerator * v[unit] + g_denominator);
        g_v[unit] += g_numerator * (of_cm * p[self.cm + unit]);
        let (to_pull, to_conductance) = (of_rest * g_numerator, of_rest * g_denominator);
        g_p[self.gleak + unit] += to_pull * p[self.vleak + unit] + to_conductance;
        g_p[self.vleak + unit] += to_pull * p[self.gleak + unit];
        self.inner.back(p, unit, v, (to_pull, to_conductance), g_p, g_v, room);
        (to_pull, to_conductance)
    }
}

impl Synapses {
    /// Computes the gradients of a unit's synapses from the gradients of their two sums.
    #[expect(clippy::too_many_arguments)] // the inner loop of `back`
    fn back<F: Float>(
        &self,
        p: &[F],
        unit: usize,
        v: &[F],
        (to_pull, to_conductance): (F, F),
        g_p: &mut [F],
        g_v: &mut [F],
        room: &mut [F],
    ) {
        let row = self.pattern.row(unit);
        let columns = &self.pattern.columns()[row.clone()];
        let (distances, opens) = room[..2 * row.len()].split_at_mut(row.len());
        for (synapse, index) in row.clone().enumerate() {
            distances[synapse] = v[columns[synapse] as usize] - p[self.mu + index];
            opens[synapse] = p[self.sigma + index] * distances[synapse];
        }
        sigmoid_all(opens);
        for (synapse, index) in row.enumerate() {
            let (from, distance, open) = (columns[synapse] as usize, distances[synapse], opens[synapse]);
            let [w, sigma, erev] = [self.w, self.sigma, self.erev].map(|start| p[start + index]);
            let g_s = to_pull * erev + to_conductance;
            g_p[self.erev + index] += to_pull * (w * open);
            g_p[self.w + index] += g_s * open;
            let g_inner = g_s * w * (open * (F::ONE - open));
            g_p[self.sigma + index] += g_inner * distance;
            g_p[self.mu + index] += -(g_inner * sigma);
            g_v[from] += g_inner * sigma;
        }
    }
}
