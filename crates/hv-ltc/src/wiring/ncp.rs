//! Neural circuit policies: inter, command and motor neurons in layers.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Draft, Polarity, Wiring};
use crate::error::LtcError;
use crate::random::Random;

/// The sizes of a neural circuit policy (Lechner and others: Neural circuit policies enabling auditable autonomy,
/// Nature Machine Intelligence 2020), for [`Wiring::ncp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ncp {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of inter neurons.
    pub inter: usize,
    /// Number of command neurons.
    pub command: usize,
    /// Number of motor neurons, which are the outputs.
    pub motor: usize,
    /// Number of inter neurons that each input is connected to.
    pub sensory_fanout: usize,
    /// Number of command neurons that each inter neuron is connected to.
    pub inter_fanout: usize,
    /// Number of synapses drawn among command neurons. Where two have the same ends, the second takes the first's
    /// place.
    pub recurrent_command: usize,
    /// Number of command neurons that each motor neuron is connected from.
    pub motor_fanin: usize,
}

impl Wiring {
    /// A neural circuit policy. The units are the motor neurons, then the command neurons, then the inter neurons.
    ///
    /// Each layer is connected to the next by the given numbers of synapses. A neuron that was left out is then
    /// connected by as many as the others have on average (at least 1). Half of the synapses excite.
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] if a layer is empty, or a fan-out or fan-in is larger than the layer that it chooses
    /// from.
    pub fn ncp(sizes: Ncp, seed: u64) -> Result<Self, LtcError> {
        let Ncp { inputs, inter, command, motor, .. } = sizes;
        for (what, given) in
            [("inputs", inputs), ("inter neurons", inter), ("command neurons", command), ("motor neurons", motor)]
        {
            if given == 0 {
                return Err(LtcError::out_of_range(&format!("the number of {what}"), 0.0, "1 or more"));
            }
        }
        for (what, given, most) in [
            ("the fan-out of inputs", sizes.sensory_fanout, inter),
            ("the fan-out of inter neurons", sizes.inter_fanout, command),
            ("the fan-in of motor neurons", sizes.motor_fanin, command),
        ] {
            if given > most {
                return Err(LtcError::out_of_range(
                    what,
                    given as f64,
                    format!("at most {most}, the size of the layer,"),
                ));
            }
        }
        let motors = 0..motor;
        let commands = motor..motor + command;
        let inters = commands.end..commands.end + inter;
        let mut draft = Draft::new(inputs, inters.end, motor)?;
        let mut random = Random::new(seed);
        let links = connect(0..inputs, inters.clone(), sizes.sensory_fanout, &mut random);
        draft.sensory.extend(links.into_iter().map(|((from, to), polarity)| ((to, from), polarity)));
        let links = connect(inters.clone(), commands.clone(), sizes.inter_fanout, &mut random);
        draft.synapses.extend(links.into_iter().map(|((from, to), polarity)| ((to, from), polarity)));
        for _ in 0..sizes.recurrent_command {
            let [from, to] = [(); 2].map(|()| motor + random.below(command));
            draft.synapses.insert((to, from), Polarity::even(&mut random));
        }
        // Motor neurons choose, so here the chosen neurons are the senders.
        draft.synapses.extend(connect(motors.clone(), commands.clone(), sizes.motor_fanin, &mut random));
        Ok(draft.finish(command, vec![inters.collect(), commands.collect(), motors.collect()]))
    }

    /// A neural circuit policy whose sizes follow from the number of units and outputs: 40 % of the units that are no
    /// outputs are command neurons, and `1 - sparsity` of the synapses between neighbouring layers exist.
    ///
    /// The rule is that of `AutoNCP` in ncps 1.0.1.
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] if there are no inputs, not 1 to `units - 3` outputs, or a `sparsity` outside of 0.1 to
    /// 1.
    pub fn auto_ncp(inputs: usize, units: usize, outputs: usize, sparsity: f64, seed: u64) -> Result<Self, LtcError> {
        if !(0.1..=1.0).contains(&sparsity) {
            return Err(LtcError::out_of_range("the sparsity", sparsity, "0.1 to 1"));
        }
        if outputs == 0 || outputs.saturating_add(2) >= units {
            let expected = format!("at least 1 and less than {units} units - 2");
            return Err(LtcError::out_of_range("the number of outputs", outputs as f64, expected));
        }
        let density = 1.0 - sparsity;
        let part = |of: usize, part: f64| ((of as f64 * part) as usize).max(1);
        let command = part(units - outputs, 0.4);
        let inter = units - outputs - command;
        let sizes = Ncp {
            inputs,
            inter,
            command,
            motor: outputs,
            sensory_fanout: part(inter, density),
            inter_fanout: part(command, density),
            recurrent_command: ((command as f64 * density * 2.0) as usize).max(1),
            motor_fanin: part(command, density),
        };
        Self::ncp(sizes, seed)
    }
}

/// Connects each chooser to `count` of the others, and then each of the others that nobody chose to the average number
/// of choosers. Keys are (chooser, chosen).
fn connect(
    choosers: Range<usize>,
    others: Range<usize>,
    count: usize,
    random: &mut Random,
) -> BTreeMap<(usize, usize), Polarity> {
    let mut links = BTreeMap::new();
    let mut left_out = vec![true; others.len()];
    for chooser in choosers.clone() {
        for index in random.distinct(others.len(), count) {
            left_out[index] = false;
            links.insert((chooser, others.start + index), Polarity::even(random));
        }
    }
    let average = (choosers.len() * count / others.len()).clamp(1, choosers.len());
    for (index, _) in left_out.iter().enumerate().filter(|(_, left_out)| **left_out) {
        for chooser in random.distinct(choosers.len(), average) {
            links.insert((choosers.start + chooser, others.start + index), Polarity::even(random));
        }
    }
    links
}
