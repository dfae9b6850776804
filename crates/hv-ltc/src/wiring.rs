//! Which neurons are connected: `Wiring`.

use std::collections::BTreeMap;

use crate::error::{LtcError, check_length};
use crate::random::Random;

pub(crate) mod ncp;
pub(crate) mod saved;
mod svg;
mod table;
mod unlayered;

/// Whether a synapse excites or inhibits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// Pulls the receiving neuron down: the reversal potential is -1.
    Inhibitory,
    /// Pulls the receiving neuron up: the reversal potential is 1.
    Excitatory,
}

impl Polarity {
    /// Excitatory in one of two cases, as NCP wirings have it.
    fn even(random: &mut Random) -> Self {
        if random.below(2) == 0 { Self::Inhibitory } else { Self::Excitatory }
    }

    /// Excitatory in two of three cases, as other wirings have it.
    fn mostly_excitatory(random: &mut Random) -> Self {
        if random.below(3) == 0 { Self::Inhibitory } else { Self::Excitatory }
    }

    /// -1 or 1.
    pub fn sign(self) -> i8 {
        match self {
            Self::Inhibitory => -1,
            Self::Excitatory => 1,
        }
    }
}

/// A connection to a unit, from an input or from a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Synapse {
    /// Index of the sending input or unit.
    pub from: usize,
    /// Index of the receiving unit.
    pub to: usize,
    /// Whether it excites.
    pub polarity: Polarity,
}

/// What a unit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NeuronKind {
    /// Gets the inputs, or is neither of the other kinds.
    Inter,
    /// Is connected to itself and other command neurons.
    Command,
    /// Is an output.
    Motor,
}

impl NeuronKind {
    /// The kind as a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inter => "inter",
            Self::Command => "command",
            Self::Motor => "motor",
        }
    }
}

/// The connections of a network: from inputs to units, and from units to units.
///
/// Units have the indices 0 to `units - 1`, and the first `outputs` of them are the motor neurons. There is at most one
/// synapse from one neuron to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Wiring {
    inputs: usize,
    units: usize,
    outputs: usize,
    /// Number of command neurons; they follow the motor neurons.
    commands: usize,
    layers: Vec<Vec<usize>>,
    sensory: Vec<Synapse>,
    synapses: Vec<Synapse>,
}

impl Wiring {
    /// The wiring of two matrices, `[from][to]`: 0 is no synapse, 1 an excitatory one, -1 an inhibitory one.
    ///
    /// `sensory` has a row for each input, `adjacency` one for each unit. The wiring has one layer.
    ///
    /// # Errors
    ///
    /// [`LtcError::NotSquare`] if `adjacency` is not square, [`LtcError::Length`] if a row of `sensory` has not one
    /// value for each unit, [`LtcError::OutOfRange`] for other values and if there are not 1 to `units` outputs.
    pub fn from_matrices(sensory: &[Vec<i8>], adjacency: &[Vec<i8>], outputs: usize) -> Result<Self, LtcError> {
        let units = adjacency.len();
        if let Some((row, values)) = adjacency.iter().enumerate().find(|(_, row)| row.len() != units) {
            let what = "the matrix of the units".into();
            return Err(LtcError::NotSquare { what, rows: units, row, columns: values.len() });
        }
        for (row, values) in sensory.iter().enumerate() {
            check_length(&format!("row {row} of the matrix of the inputs"), values.len(), units)?;
        }
        let mut draft = Draft::new(sensory.len(), units, outputs)?;
        for (from, row) in sensory.iter().enumerate() {
            for (to, value) in row.iter().enumerate() {
                draft.sensory.extend(polarity_of(*value)?.map(|polarity| ((to, from), polarity)));
            }
        }
        for (from, row) in adjacency.iter().enumerate() {
            for (to, value) in row.iter().enumerate() {
                draft.synapses.extend(polarity_of(*value)?.map(|polarity| ((to, from), polarity)));
            }
        }
        Ok(draft.finish(0, vec![(0..units).collect()]))
    }

    /// The same wiring with other layers, in the order in which a CfC by wiring computes them. The last has the
    /// outputs.
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] unless each unit is in exactly one layer, no layer is empty, and the last one has the
    /// units 0 to `outputs - 1` in this order.
    pub fn with_layers(mut self, layers: Vec<Vec<usize>>) -> Result<Self, LtcError> {
        let mut all: Vec<usize> = layers.iter().flatten().copied().collect();
        all.sort_unstable();
        if let Some(empty) = layers.iter().position(Vec::is_empty) {
            return Err(LtcError::out_of_range(&format!("the size of layer {empty}"), 0.0, "1 or more"));
        }
        if let Some((index, unit)) = all.iter().enumerate().find(|(index, unit)| index != *unit) {
            let expected = format!("each unit in one layer, so {index} next,");
            return Err(LtcError::out_of_range("a unit of the layers, in ascending order,", *unit as f64, expected));
        }
        check_length("the list of units in layers", all.len(), self.units)?;
        if !layers.last().is_some_and(|last| last.iter().copied().eq(0..self.outputs)) {
            let given = layers.last().map_or(0, Vec::len) as f64;
            let expected = format!("a last layer of the units 0 to {}", self.outputs - 1);
            return Err(LtcError::out_of_range("the size of the last layer", given, expected));
        }
        self.commands = if layers.len() == 3 { layers[1].len() } else { 0 };
        self.layers = layers;
        Ok(self)
    }

    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Number of units.
    pub fn units(&self) -> usize {
        self.units
    }

    /// Number of outputs, which are the first units.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The units of each layer in the order of computation: inter, command and motor for an NCP, else all in one.
    pub fn layers(&self) -> &[Vec<usize>] {
        &self.layers
    }

    /// The synapses from inputs to units, by receiving unit, then by input.
    pub fn sensory_synapses(&self) -> &[Synapse] {
        &self.sensory
    }

    /// The synapses from units to units, by receiving unit, then by sending unit.
    pub fn synapses(&self) -> &[Synapse] {
        &self.synapses
    }

    /// What a unit is for. A unit that does not exist is said to be an inter neuron.
    pub fn kind(&self, unit: usize) -> NeuronKind {
        let layer = |index: usize| self.layers.len() == 3 && self.layers[index].contains(&unit);
        match unit {
            unit if unit < self.outputs => NeuronKind::Motor,
            _ if layer(1) => NeuronKind::Command,
            _ => NeuronKind::Inter,
        }
    }

    fn count(&self, kind: NeuronKind) -> usize {
        match kind {
            NeuronKind::Motor => self.outputs,
            NeuronKind::Command => self.commands,
            NeuronKind::Inter => self.units - self.outputs - self.commands,
        }
    }
}

fn polarity_of(value: i8) -> Result<Option<Polarity>, LtcError> {
    match value {
        0 => Ok(None),
        1 => Ok(Some(Polarity::Excitatory)),
        -1 => Ok(Some(Polarity::Inhibitory)),
        _ => Err(LtcError::out_of_range("a value of an adjacency matrix", f64::from(value), "-1, 0 or 1")),
    }
}

/// A wiring under construction. Its keys are (to, from), the order in which a wiring keeps its synapses.
struct Draft {
    inputs: usize,
    units: usize,
    outputs: usize,
    sensory: BTreeMap<(usize, usize), Polarity>,
    synapses: BTreeMap<(usize, usize), Polarity>,
}

impl Draft {
    fn new(inputs: usize, units: usize, outputs: usize) -> Result<Self, LtcError> {
        if outputs == 0 || outputs > units {
            let expected = format!("1 to {units}, the number of units,");
            return Err(LtcError::out_of_range("the number of outputs", outputs as f64, expected));
        }
        Ok(Self { inputs, units, outputs, sensory: BTreeMap::new(), synapses: BTreeMap::new() })
    }

    fn finish(self, commands: usize, layers: Vec<Vec<usize>>) -> Wiring {
        let list = |map: BTreeMap<(usize, usize), Polarity>| {
            map.into_iter().map(|((to, from), polarity)| Synapse { from, to, polarity }).collect()
        };
        let (inputs, units, outputs) = (self.inputs, self.units, self.outputs);
        let (sensory, synapses) = (list(self.sensory), list(self.synapses));
        Wiring { inputs, units, outputs, commands, layers, sensory, synapses }
    }
}
