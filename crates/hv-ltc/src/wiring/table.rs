//! A wiring as a table: a row for each neuron, with the synapses that leave it.

use std::fmt;

use super::{NeuronKind, Polarity, Synapse, Wiring};

/// A line of counts, then a row for each input and each unit: its kind, its index, and the units that it is connected
/// to, with `+` where the synapse excites and `-` where it inhibits.
impl fmt::Display for Wiring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [inter, command, motor] =
            [NeuronKind::Inter, NeuronKind::Command, NeuronKind::Motor].map(|kind| self.count(kind));
        writeln!(
            f,
            "{} inputs, {} units ({inter} inter, {command} command, {motor} motor), {} sensory synapses, {} synapses",
            self.inputs,
            self.units,
            self.sensory.len(),
            self.synapses.len()
        )?;
        writeln!(f, "{:8} {:>6}  to units", "kind", "index")?;
        for (from, targets) in by_sender(&self.sensory, self.inputs).into_iter().enumerate() {
            row(f, "sensory", from, &targets)?;
        }
        for (from, targets) in by_sender(&self.synapses, self.units).into_iter().enumerate() {
            row(f, self.kind(from).name(), from, &targets)?;
        }
        Ok(())
    }
}

fn by_sender(synapses: &[Synapse], senders: usize) -> Vec<Vec<Synapse>> {
    let mut rows = vec![Vec::new(); senders];
    for synapse in synapses {
        rows[synapse.from].push(*synapse);
    }
    rows
}

fn row(f: &mut fmt::Formatter<'_>, kind: &str, index: usize, targets: &[Synapse]) -> fmt::Result {
    write!(f, "{kind:8} {index:>6} ")?;
    for synapse in targets {
        let sign = if synapse.polarity == Polarity::Excitatory { '+' } else { '-' };
        write!(f, " {sign}{}", synapse.to)?;
    }
    writeln!(f)
}
