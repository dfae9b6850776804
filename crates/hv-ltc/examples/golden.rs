//! Computes a recording of ncps in double precision, and prints its outputs, last state and gradients.
//!
//! `cargo run -p hv-ltc --example golden FILE` prints one JSON object with `output` (a list for each step), `state`,
//! and `grad`: the gradient of the loss with respect to each parameter of the file, by its name and in its shape.
//! Weights that the wiring masks have the gradient 0.

use std::process::ExitCode;

use hv_ltc::{LtcError, Recording};
use serde_json::{Map, Value, json};

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: golden FILE");
        return ExitCode::from(2);
    };
    let answer = std::fs::read_to_string(&path)
        .map_err(|error| error.to_string())
        .and_then(|text| compute(&text).map_err(|error| error.to_string()));
    match answer {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

fn compute(text: &str) -> Result<Value, LtcError> {
    let recording = Recording::<f64>::from_json(text)?;
    let gradients = recording.gradients()?;
    let network = &recording.network;
    let mut grad = Map::new();
    for tensor in network.tensors() {
        if let Some(values) = network.dense(tensor.name(), &gradients.parameters)? {
            grad.insert(tensor.name().to_owned(), nested(&values, tensor.shape()));
        }
    }
    let output: Vec<_> = gradients.run.outputs.chunks(network.outputs()).collect();
    Ok(json!({ "output": output, "state": gradients.run.state, "grad": grad }))
}

/// Values row by row as nested lists of a shape.
fn nested(values: &[f64], shape: &[usize]) -> Value {
    match shape {
        [_] | [] => json!(values),
        [0, ..] => json!([]),
        [count, rest @ ..] => {
            let size = values.len() / count;
            (0..*count).map(|row| nested(&values[row * size..][..size], rest)).collect()
        }
    }
}
