//! A wiring as JSON.

use serde_json::{Value, json};

use super::{Draft, Synapse, Wiring, polarity_of};
use crate::error::LtcError;
use crate::json::{Object, wrong};

/// The most inputs or units that a file may ask for, so that a wrong number does not ask for all memory.
pub(crate) const MOST: usize = 1 << 24;

impl Wiring {
    pub(crate) fn to_json(&self) -> Value {
        let list = |synapses: &[Synapse]| -> Vec<_> {
            synapses.iter().map(|synapse| (synapse.from, synapse.to, synapse.polarity.sign())).collect()
        };
        json!({
            "inputs": self.inputs,
            "units": self.units,
            "outputs": self.outputs,
            "layers": self.layers,
            "sensory_synapses": list(&self.sensory),
            "synapses": list(&self.synapses),
        })
    }

    pub(crate) fn from_json(object: &Object<'_>) -> Result<Self, LtcError> {
        let [inputs, units, outputs] =
            [object.count_to("inputs", MOST)?, object.count_to("units", MOST)?, object.count_to("outputs", MOST)?];
        let mut draft = Draft::new(inputs, units, outputs)?;
        for (field, senders, map) in
            [("sensory_synapses", inputs, &mut draft.sensory), ("synapses", units, &mut draft.synapses)]
        {
            let wrong = || wrong(field, "a list of different synapses, each [from, to, -1 or 1], of existing neurons,");
            for row in object.rows(field)? {
                let whole = |value: f64, most: usize| {
                    (value >= 0.0 && value < most as f64 && value.fract() == 0.0).then_some(value as usize)
                };
                let &[from, to, sign] = &row[..] else { return Err(wrong()) };
                let (Some(from), Some(to)) = (whole(from, senders), whole(to, units)) else { return Err(wrong()) };
                let polarity = if sign.abs() == 1.0 { polarity_of(sign as i8)? } else { None };
                if map.insert((to, from), polarity.ok_or_else(wrong)?).is_some() {
                    return Err(wrong());
                }
            }
        }
        let layers = object.indices("layers")?;
        let one = vec![(0..units).collect::<Vec<_>>()];
        if layers == one { Ok(draft.finish(0, one)) } else { draft.finish(0, one).with_layers(layers) }
    }
}
