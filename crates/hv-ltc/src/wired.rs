//! The CfC by wiring: a small CfC for each layer of neurons.

use crate::activation::Activation;
use crate::back::{Back, Before};
use crate::cfc::{Cfc, Mode, Sizes};
use crate::float::Float;
use crate::layout::Layout;
use crate::pattern::Pattern;
use crate::room::take;
use crate::wiring::Wiring;

/// A CfC by wiring, as `WiredCfCCell` of ncps 1.0.1 computes it: each layer is a CfC without a backbone, over the
/// inputs or the new state of the layer before, and its own state. The output is the state of the last layer.
///
/// `ff1` and `ff2` have weights where the wiring has a synapse between the layers, and between all units of one layer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wired {
    pub(crate) layers: Vec<Cfc>,
}

impl Wired {
    pub(crate) fn new(layout: &mut Layout, wiring: &Wiring, mode: Mode) -> Self {
        let mut layers = Vec::new();
        let inputs: Vec<usize> = (0..wiring.inputs()).collect();
        let (mut senders, mut synapses) = (&inputs, wiring.sensory_synapses());
        for (index, units) in wiring.layers().iter().enumerate() {
            let place_of = |list: &[usize], neuron| list.iter().position(|other| *other == neuron);
            let between = synapses.iter().filter_map(|s| Some((place_of(units, s.to)?, place_of(senders, s.from)?)));
            let count = units.len();
            let own = (0..count).flat_map(|to| (0..count).map(move |from| (to, from)));
            let mut positions: Vec<_> = between.chain(own.map(|(to, from)| (to, senders.len() + from))).collect();
            positions.sort_unstable();
            let mask = Pattern::new(count, &positions);
            let sizes = Sizes { inputs: senders.len(), units: count, backbone: (0, 0) };
            let prefix = format!("layer_{index}.");
            layers.push(Cfc::new(layout, &prefix, &sizes, (mode, Activation::LecunTanh), Some(mask)));
            (senders, synapses) = (units, wiring.synapses());
        }
        Self { layers }
    }

    pub(crate) fn inputs(&self) -> usize {
        self.layers[0].inputs
    }

    pub(crate) fn units(&self) -> usize {
        self.layers.iter().map(|layer| layer.units).sum()
    }

    pub(crate) fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.units)
    }

    pub(crate) fn room_len(&self) -> usize {
        self.layers.iter().map(Cfc::room_len).sum()
    }

    pub(crate) fn step<F: Float>(&self, p: &[F], x: &[F], elapsed: F, mut state: &mut [F], mut room: &mut [F]) {
        let mut senders = x;
        for layer in &self.layers {
            let own = take(&mut state, layer.units);
            layer.step(p, senders, elapsed, own, take(&mut room, layer.room_len()));
            senders = own;
        }
    }

    pub(crate) fn back_room_len(&self) -> usize {
        let layers = self.layers.iter().map(Cfc::back_room_len);
        self.units() + self.room_len().max(layers.max().unwrap_or(0))
    }

    /// The gradients of a step; `Cell::back` says of what.
    pub(crate) fn back<F: Float>(&self, p: &[F], at: &Before<'_, F>, g: &mut Back<'_, F>, mut room: &mut [F]) {
        let new = take(&mut room, self.units());
        new.copy_from_slice(at.state);
        self.step(p, at.x, at.elapsed, new, room);
        let mut end = self.units();
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let start = end - layer.units;
            // The state of the layer before is this one's input.
            let before = index.checked_sub(1).map(|index| start - self.layers[index].units);
            let (g_before, g_own) = g.state.split_at_mut(start);
            let (x, g_x) = match before {
                None => (at.x, &mut *g.x),
                Some(before) => (&new[before..start], &mut g_before[before..]),
            };
            let at = Before { x, state: &at.state[start..end], after: &at.after[start..end], ..*at };
            let state = &mut g_own[..layer.units];
            layer.back(p, &at, &mut Back { state, x: g_x, parameters: g.parameters }, room);
            end = start;
        }
    }
}
