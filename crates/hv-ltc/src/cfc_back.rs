//! The gradients of a CfC's step.

use crate::back::{Back, Before};
use crate::cfc::{Cfc, Heads};
use crate::float::{Float, sign};
use crate::room::take;

impl Cfc {
    /// New state, what a step leaves, the heads' gradients, and two vectors as wide as the widest layer.
    pub(crate) fn back_room_len(&self) -> usize {
        self.units + self.room_len() + 4 * self.units + 2 * self.widest()
    }

    fn widest(&self) -> usize {
        self.backbone.iter().map(|layer| layer.outputs()).fold(self.inputs + self.units, usize::max)
    }

    /// The gradients of a step; `Cell::back` says of what.
    pub(crate) fn back<F: Float>(&self, p: &[F], at: &Before<'_, F>, g: &mut Back<'_, F>, mut room: &mut [F]) {
        let (room, units) = (&mut room, self.units);
        let new = take(room, units);
        let left = take(room, self.room_len());
        let g_heads = take(room, 4 * units);
        let (g_last, g_sum) = (take(room, self.widest()), take(room, self.widest()));
        new.copy_from_slice(at.state);
        self.step(p, at.x, at.elapsed, new, left);
        let (values, heads) = left.split_at(left.len() - 4 * units);
        self.heads.back(p, at.elapsed, heads, g.state, g_heads, g.parameters);
        // `values` ends with the last layer, whose sums come before what the activation made of them.
        let mut end = values.len();
        let width = self.backbone.last().map_or(end, |layer| layer.outputs());
        g_last.fill(F::ZERO);
        for (map, g_head) in self.heads.maps().iter().zip(g_heads.chunks_exact(units)) {
            map.back(p, &values[end - width..end], g_head, g.parameters, g_last);
        }
        for layer in self.backbone.iter().rev() {
            let start = end - 2 * layer.outputs();
            let g_sum = &mut g_sum[..layer.outputs()];
            self.activation.slopes(&values[start..][..layer.outputs()], g_sum);
            for (g_sum, g) in g_sum.iter_mut().zip(&*g_last) {
                *g_sum = *g * *g_sum;
            }
            g_last.fill(F::ZERO);
            layer.back(p, &values[start - layer.inputs()..start], g_sum, g.parameters, g_last);
            end = start;
        }
        g.state.copy_from_slice(&g_last[self.inputs..][..units]);
        g.add_to_x(&g_last[..self.inputs]);
    }
}

impl Heads {
    /// Computes the gradients of the outputs of the maps from the gradients of the new state. Adds the gradients of `w_tau`
    /// and `A` to `g_p`.
    fn back<F: Float>(&self, p: &[F], elapsed: F, heads: &[F], g_new: &[F], g_heads: &mut [F], g_p: &mut [F]) {
        let units = g_new.len();
        for (unit, g) in g_new.iter().copied().enumerate() {
            let of = |head: usize| heads[head * units + unit];
            match self {
                Self::Timed { gate, .. } => {
                    let (ff1, ff2, open) = (of(0), of(1), of(2));
                    let (share, pull) = if *gate { (F::ONE - open, ff2 - ff1) } else { (F::ONE, ff2) };
                    let g_open = g * pull * (open * (F::ONE - open));
                    let all =
                        [g * share * (F::ONE - ff1 * ff1), g * open * (F::ONE - ff2 * ff2), g_open * elapsed, g_open];
                    for (head, value) in all.into_iter().enumerate() {
                        g_heads[head * units + unit] = value;
                    }
                }
                Self::Pure { w_tau, a: start, .. } => {
                    let (ff1, decay, w, a) = (of(0), of(1), p[w_tau + unit], p[start + unit]);
                    g_p[start + unit] += g * (F::ONE - decay * ff1);
                    g_p[w_tau + unit] += g * a * decay * ff1 * elapsed * sign(w);
                    g_heads[unit] = -(g * a * decay * (F::ONE - elapsed * ff1.abs()));
                }
            }
        }
    }
}
