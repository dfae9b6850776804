//! Networks of ncps 1.0.1 with a sequence, from JSON.

use serde_json::Value;

use crate::activation::Activation;
use crate::blueprint::CfcSizes;
use crate::cfc::Mode;
use crate::error::{LtcError, check_length};
use crate::float::Float;
use crate::gradients::Gradients;
use crate::json::{Object, shaped, wrong};
use crate::ltc::LtcOptions;
use crate::network::Network;
use crate::state::Sequence;
use crate::wiring::Wiring;

/// A network of ncps 1.0.1 with a sequence that it was run on.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording<F> {
    /// The network with the parameters of the recording.
    pub network: Network<F>,
    /// The inputs of all steps, one step after the other.
    pub inputs: Vec<F>,
    /// The elapsed time of each step.
    pub elapsed: Vec<F>,
    /// The state before the first step.
    pub state: Vec<F>,
    /// The loss is the sum of the outputs times these.
    pub loss_weights: Vec<F>,
}

impl<F: Float> Recording<F> {
    /// Reads a recording from a JSON object.
    ///
    /// `kind` is `ltc` (with `adjacency` and `sensory_adjacency`, `unfolds` and `epsilon`), `cfc` (with `mode`,
    /// `backbone_layers`, `backbone_units` and `activation`) or `wired_cfc` (with the adjacencies, `mode` and
    /// `layers`).
    ///
    /// All have `inputs`, `units` and `outputs`, `params` by the names of ncps, and the sequence: `x`, `elapsed`,
    /// `state0` and `loss_weights`. Other fields are ignored. The weights that a wiring masks are ignored, too. An
    /// `ltc` computes with the softplus of `w`, `sensory_w`, `cm` and `gleak`, as `LTC` of ncps does by default, unless
    /// `implicit_param_constraints` is false. It may lack the maps `input_w`, `input_b`, `output_w` and `output_b`,
    /// which then change nothing.
    ///
    /// # Errors
    ///
    /// [`LtcError::Json`], [`LtcError::Field`] for a field that is missing or of another form, and the errors of what
    /// is made of them.
    pub fn from_json(text: &str) -> Result<Self, LtcError> {
        let value: Value = serde_json::from_str(text).map_err(|error| LtcError::Json { reason: error.to_string() })?;
        let object = Object::of("the whole text", &value)?;
        let network = network(&object)?;
        let narrow = |values: Vec<f64>| values.into_iter().map(F::from_f64).collect::<Vec<_>>();
        let recording = Self {
            inputs: narrow(object.matrix("x", network.inputs())?),
            elapsed: narrow(object.vector("elapsed")?),
            state: narrow(object.vector("state0")?),
            loss_weights: narrow(object.matrix("loss_weights", network.outputs())?),
            network,
        };
        let Self { network, inputs, elapsed, state, .. } = &recording;
        network.check_sequence(&Sequence { inputs, elapsed, state })?;
        let weights = recording.elapsed.len() * recording.network.outputs();
        check_length("loss_weights", recording.loss_weights.len(), weights)?;
        Ok(recording)
    }

    /// Runs the sequence, and computes the gradients of the loss.
    ///
    /// # Errors
    ///
    /// Those of [`Network::gradients`], where the fields were changed.
    pub fn gradients(&self) -> Result<Gradients<F>, LtcError> {
        let of_state = vec![F::ZERO; self.network.state_len()];
        self.network.gradients(&self.inputs, &self.elapsed, &self.state, &self.loss_weights, &of_state)
    }
}

fn network<F: Float>(object: &Object<'_>) -> Result<Network<F>, LtcError> {
    let params = object.object("params")?;
    let mut network = match object.text("kind")? {
        "ltc" => Network::ltc_with(&wiring(object)?, LtcOptions::of_json(object)?, 0)?,
        "wired_cfc" => {
            Network::wired_cfc(&wiring(object)?.with_layers(object.indices("layers")?)?, Mode::of_json(object)?, 0)
        }
        "cfc" => cfc(object, &params)?,
        _ => return Err(wrong("kind", "\"ltc\", \"cfc\" or \"wired_cfc\"")),
    };
    check_length("the list of units", network.state_len(), object.count("units")?)?;
    check_length("an output", network.outputs(), object.count("outputs")?)?;
    let tensors = network.tensors().to_vec();
    for tensor in &tensors {
        let map = ["input_w", "input_b", "output_w", "output_b"].contains(&tensor.name());
        if !map && !params.has(tensor.name()) {
            return Err(wrong(tensor.name(), &format!("a list of the shape {:?}", tensor.shape())));
        }
    }
    for (name, value) in params.fields() {
        let tensor = tensors.iter().find(|tensor| tensor.name() == name);
        let tensor = tensor.ok_or_else(|| LtcError::Name { name: name.clone() })?;
        let values: Vec<F> = shaped(name, value, tensor.shape())?.into_iter().map(F::from_f64).collect();
        network.set_dense(name, &values)?;
    }
    Ok(network)
}

fn wiring(object: &Object<'_>) -> Result<Wiring, LtcError> {
    let matrix = |field: &str| -> Result<Vec<Vec<i8>>, LtcError> {
        let sign = |value: f64| [-1.0, 0.0, 1.0].contains(&value).then_some(value as i8);
        let rows = object.rows(field)?;
        let rows = rows.into_iter().map(|row| row.into_iter().map(sign).collect()).collect::<Option<_>>();
        rows.ok_or_else(|| wrong(field, "a matrix of -1, 0 and 1"))
    };
    let (sensory, inner) = (matrix("sensory_adjacency")?, matrix("adjacency")?);
    check_length("sensory_adjacency", sensory.len(), object.count("inputs")?)?;
    Wiring::from_matrices(&sensory, &inner, object.count("outputs")?)
}

/// Reads a CfC. Its sizes are first compared with the sizes of its parameters, so that a wrong number does not ask for all
/// memory.
fn cfc<F: Float>(object: &Object<'_>, params: &Object<'_>) -> Result<Network<F>, LtcError> {
    let (inputs, units, backbone_layers) =
        (object.count("inputs")?, object.count("units")?, object.count("backbone_layers")?);
    check_length("ff1.bias", params.vector("ff1.bias")?.len(), units)?;
    let (first, backbone_units) = match backbone_layers {
        0 => ("ff1.weight", 0),
        _ => ("backbone.0.weight", object.count("backbone_units")?),
    };
    for layer in 0..backbone_layers {
        let bias = format!("backbone.{}.bias", 2 * layer);
        check_length(&bias, params.vector(&bias)?.len(), backbone_units)?;
    }
    let row = params.rows(first)?.first().map_or(0, Vec::len);
    check_length(&format!("a row of {first}"), row, inputs.saturating_add(units))?;
    let (mode, activation) = (Mode::of_json(object)?, Activation::of_json(object)?);
    Network::cfc(CfcSizes { inputs, units, mode, backbone_layers, backbone_units, activation }, 0)
}
