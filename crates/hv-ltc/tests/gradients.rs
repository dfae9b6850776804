//! Gradients are what finite differences say, for every cell and with respect to everything.

mod common;

use common::{all, sequence};
use hv_ltc::{Network, Run};

fn wave(count: usize, pace: f64) -> Vec<f64> {
    (0..count).map(|i| (i as f64 * pace).cos()).collect()
}

fn loss(run: &Run<f64>, of_outputs: &[f64], of_state: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    dot(&run.outputs, of_outputs) + dot(&run.state, of_state)
}

/// The central difference of each value of a list.
fn differences(values: &[f64], mut loss: impl FnMut(&[f64]) -> f64) -> Vec<f64> {
    let mut values = values.to_vec();
    (0..values.len())
        .map(|index| {
            let value = values[index];
            let mut at = |step: f64| {
                values[index] = value + step;
                loss(&values)
            };
            let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
            values[index] = value;
            difference
        })
        .collect()
}

fn assert_near(what: &str, ours: &[f64], theirs: &[f64], part: f64) {
    let scale = theirs.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
    for (index, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() < part * scale, "{what} {index}: {a} is not {b}, on a scale of {scale}");
    }
}

#[test]
fn gradients_are_the_finite_differences() {
    for (number, network) in all::<f64>().into_iter().enumerate() {
        let (inputs, times, state) = sequence(&network);
        let (of_outputs, of_state) = (wave(10 * network.outputs(), 0.4), wave(network.state_len(), 1.1));
        let gradients = network.gradients(&inputs, &times, &state, &of_outputs, &of_state).unwrap();
        assert_eq!(gradients.run, network.run(&inputs, &times, &state).unwrap());
        let of = |network: &Network<f64>, inputs: &[f64], state: &[f64]| {
            loss(&network.run(inputs, &times, state).unwrap(), &of_outputs, &of_state)
        };
        let by_inputs = differences(&inputs, |inputs| of(&network, inputs, &state));
        assert_near(&format!("network {number}, input"), &gradients.inputs, &by_inputs, 1e-7);
        let by_state = differences(&state, |state| of(&network, &inputs, state));
        assert_near(&format!("network {number}, state"), &gradients.state, &by_state, 1e-7);
        let mut other = network.clone();
        let by_parameters = differences(network.parameters(), |parameters| {
            other.set_parameters(parameters).unwrap();
            of(&other, &inputs, &state)
        });
        for tensor in network.tensors() {
            let what = format!("network {number}, {}", tensor.name());
            let (ours, theirs) = (&gradients.parameters[tensor.range()], &by_parameters[tensor.range()]);
            assert_near(&what, ours, theirs, 1e-7);
            let used = theirs.iter().any(|value| value.abs() > 1e-6);
            assert!(used, "{what} has no influence, so that its gradient is not tested");
        }
    }
}

#[test]
fn single_precision_gradients_are_near_the_double_ones() {
    let narrow = |values: &[f64]| values.iter().map(|value| *value as f32).collect::<Vec<_>>();
    for (number, (wide, single)) in all::<f64>().into_iter().zip(all::<f32>()).enumerate() {
        let (inputs, times, state) = sequence(&wide);
        let (of_outputs, of_state) = (wave(10 * wide.outputs(), 0.4), wave(wide.state_len(), 1.1));
        let ours = single
            .gradients(&narrow(&inputs), &narrow(&times), &narrow(&state), &narrow(&of_outputs), &narrow(&of_state))
            .unwrap();
        let ours: Vec<f64> = ours.parameters.iter().map(|value| f64::from(*value)).collect();
        let theirs = wide.gradients(&inputs, &times, &state, &of_outputs, &of_state).unwrap();
        assert_near(&format!("network {number}, parameter"), &ours, &theirs.parameters, 1e-4);
    }
}

#[test]
fn bad_derivatives_are_errors_that_name_them() {
    let network = &all::<f64>()[0];
    let (inputs, times, state) = sequence(network);
    let (of_outputs, of_state) = (vec![0.0; 10 * network.outputs()], vec![0.0; network.state_len()]);
    let text = |outputs: &[f64], last: &[f64]| {
        network.gradients(&inputs, &times, &state, outputs, last).unwrap_err().to_string()
    };
    assert!(text(&of_outputs[1..], &of_state).starts_with("the derivatives of the outputs has 19 values"));
    assert!(text(&of_outputs, &of_state[1..]).starts_with("the derivatives of the last state has 13 values"));
    assert!(text(&of_outputs, &[f64::NAN; 14]).contains("NaN at index 0"));
}
