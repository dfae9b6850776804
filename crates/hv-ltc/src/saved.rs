//! Networks as text: a JSON object with the version of its form.

use serde_json::{Map, Value, json};

use crate::activation::Activation;
use crate::blueprint::{Blueprint, CfcSizes, CorePlan};
use crate::cfc::Mode;
use crate::error::{LtcError, check_length};
use crate::float::Float;
use crate::json::{Object, wrong};
use crate::ltc::{LtcOptions, Positive};
use crate::network::{Network, check_cfc, check_ltc};
use crate::wiring::Wiring;
use crate::wiring::saved::MOST;

/// What the field `format` says.
const FORMAT: &str = "hv-ltc network";

/// The version that this program writes, and the latest that it reads.
const VERSION: usize = 1;

impl<F: Float> Network<F> {
    /// The network with its parameters as a JSON object, which [`Network::from_json`] reads.
    ///
    /// Numbers are exact. A sparse matrix has one number for each synapse. The state of a sequence is not in it.
    pub fn to_json(&self) -> String {
        let Blueprint { core, mixed_memory, projection } = &self.blueprint;
        let values = |values: &[F]| values.iter().map(|value| value.to_f64()).collect::<Vec<_>>();
        let tensors = self.tensors().iter();
        let parameters: Map<String, Value> =
            tensors.map(|tensor| (tensor.name().into(), values(&self.parameters()[tensor.range()]).into())).collect();
        json!({
            "format": FORMAT,
            "version": VERSION,
            "cell": cell_to_json(core),
            "mixed_memory": mixed_memory,
            "projection": projection,
            "parameters": parameters,
        })
        .to_string()
    }

    /// Reads a network that [`Network::to_json`] wrote, from `f32` or `f64`; numbers are rounded to the type.
    ///
    /// # Errors
    ///
    /// [`LtcError::Json`] for a text that is not JSON, for example one that was cut off, [`LtcError::Version`] for a version
    /// that this program does not know, [`LtcError::Field`] for a field that is missing or of another form, and the errors
    /// of what is made of them.
    pub fn from_json(text: &str) -> Result<Self, LtcError> {
        let value: Value = serde_json::from_str(text).map_err(|error| LtcError::Json { reason: error.to_string() })?;
        let object = Object::of("the whole text", &value)?;
        if object.text("format").ok() != Some(FORMAT) {
            return Err(wrong("format", &format!("{FORMAT:?}, which says that this is a saved network,")));
        }
        match object.count("version")? {
            VERSION => {}
            found => return Err(LtcError::Version { found, known: VERSION }),
        }
        let parameters = object.object("parameters")?;
        let mut lists = Vec::new();
        for (name, _) in parameters.fields() {
            lists.push((name, parameters.vector(name)?));
        }
        let total: usize = lists.iter().map(|(_, list)| list.len()).sum();
        let core = cell_from_json(&object.object("cell")?)?;
        check_size(&core, total)?;
        let projection = object.optional("projection", |object, field| object.count_to(field, MOST))?;
        if projection == Some(0) {
            return Err(wrong("projection", "null or a number of outputs, 1 or more,"));
        }
        let mixed_memory = object.flag("mixed_memory")?.ok_or_else(|| wrong("mixed_memory", "true or false"))?;
        let (blueprint, mut values) = (Blueprint { core, mixed_memory, projection }, Vec::new());
        let (cell, layout) = blueprint.build();
        check_length("the list of parameters in the file", total, layout.len)?;
        for tensor in &layout.tensors {
            let list = lists.iter().find(|(name, _)| *name == tensor.name());
            let (_, list) = list.ok_or_else(|| wrong(tensor.name(), "a list of numbers among the parameters"))?;
            check_length(tensor.name(), list.len(), tensor.range().len())?;
            values.extend(list.iter().copied().map(F::from_f64));
        }
        let mut network = Self::of(blueprint, cell, layout, vec![F::ZERO; total]);
        network.set_parameters(&values)?;
        Ok(network)
    }
}

/// Refuses sizes that the parameters of the file cannot have, before anything of these sizes is made.
fn check_size(core: &CorePlan, parameters: usize) -> Result<(), LtcError> {
    let least = match core {
        CorePlan::Ltc(wiring, _) => wiring.units().max(wiring.inputs()),
        CorePlan::Plain(wiring) => wiring.units(),
        CorePlan::Wired(wiring, _) => wiring.layers().iter().map(|layer| layer.len().pow(2)).sum(),
        CorePlan::Cfc(sizes) => sizes.units.max(sizes.backbone_layers).max(sizes.inputs),
    };
    if least > parameters {
        let expected = format!("at least {least}, by the sizes of the cell,");
        return Err(LtcError::out_of_range("the number of parameters in the file", parameters as f64, expected));
    }
    Ok(())
}

fn cell_to_json(core: &CorePlan) -> Value {
    match core {
        CorePlan::Ltc(wiring, LtcOptions { unfolds, epsilon, positive }) => {
            let implicit = *positive == Positive::Softplus;
            let wiring = wiring.to_json();
            json!({
                "kind": "ltc",
                "wiring": wiring,
                "unfolds": unfolds,
                "epsilon": epsilon,
                "implicit_param_constraints": implicit,
            })
        }
        CorePlan::Cfc(CfcSizes { inputs, units, mode, backbone_layers, backbone_units, activation }) => json!({
            "kind": "cfc",
            "inputs": inputs,
            "units": units,
            "mode": mode.name(),
            "backbone_layers": backbone_layers,
            "backbone_units": backbone_units,
            "activation": activation.name(),
        }),
        CorePlan::Wired(wiring, mode) => {
            json!({ "kind": "wired_cfc", "wiring": wiring.to_json(), "mode": mode.name() })
        }
        CorePlan::Plain(wiring) => json!({ "kind": "plain", "wiring": wiring.to_json() }),
    }
}

fn cell_from_json(object: &Object<'_>) -> Result<CorePlan, LtcError> {
    let wiring = || Wiring::from_json(&object.object("wiring")?);
    match object.text("kind")? {
        "ltc" => {
            let options = LtcOptions::of_json(object)?;
            check_ltc(options)?;
            Ok(CorePlan::Ltc(wiring()?, options))
        }
        "cfc" => {
            let [inputs, units] = [object.count_to("inputs", MOST)?, object.count_to("units", MOST)?];
            let backbone_layers = object.count_to("backbone_layers", MOST)?;
            let backbone_units = object.count_to("backbone_units", MOST)?;
            let (mode, activation) = (Mode::of_json(object)?, Activation::of_json(object)?);
            let sizes = CfcSizes { inputs, units, mode, backbone_layers, backbone_units, activation };
            check_cfc(sizes)?;
            Ok(CorePlan::Cfc(sizes))
        }
        "wired_cfc" => Ok(CorePlan::Wired(wiring()?, Mode::of_json(object)?)),
        "plain" => Ok(CorePlan::Plain(wiring()?)),
        _ => Err(wrong("kind", "\"ltc\", \"cfc\", \"wired_cfc\" or \"plain\"")),
    }
}
