//! CfC cells are their formulas: modes, activations, wiring and mixed memory.

use hv_ltc::{Activation, CfcSizes, Mode, Network, Wiring};

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn of(network: &Network<f64>, name: &str) -> Vec<f64> {
    network.dense(name, network.parameters()).unwrap().unwrap()
}

/// The dense linear map of this name.
fn map(network: &Network<f64>, name: &str, x: &[f64]) -> Vec<f64> {
    let weights = of(network, &format!("{name}.weight"));
    let rows = weights.chunks(x.len()).zip(of(network, &format!("{name}.bias")));
    rows.map(|(row, bias)| row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + bias).collect()
}

/// The next state by the formula of a mode, from the output of the backbone.
fn heads(network: &Network<f64>, prefix: &str, mode: Mode, x: &[f64], t: f64) -> Vec<f64> {
    let map = |name: &str| map(network, &format!("{prefix}{name}"), x);
    let ff1 = map("ff1");
    if mode == Mode::Pure {
        let (w, a) = (of(network, &format!("{prefix}w_tau")), of(network, &format!("{prefix}A")));
        return (0..ff1.len()).map(|i| a[i] - a[i] * (-t * (w[i].abs() + ff1[i].abs())).exp() * ff1[i]).collect();
    }
    let (ff2, a, b) = (map("ff2"), map("time_a"), map("time_b"));
    let next = |i: usize| {
        let (first, second, gate) = (ff1[i].tanh(), ff2[i].tanh(), sigmoid(a[i] * t + b[i]));
        if mode == Mode::NoGate { first + gate * second } else { first * (1.0 - gate) + gate * second }
    };
    (0..ff1.len()).map(next).collect()
}

fn assert_near(what: &str, ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a - b).abs() < 1e-13, "{what}: {a} {b}");
    }
}

/// An activation as a plain function.
type Function = fn(f64) -> f64;

const STATE: [f64; 4] = [0.5, -0.5, 0.25, 0.0];
const MODES: [Mode; 3] = [Mode::Default, Mode::NoGate, Mode::Pure];

#[test]
fn a_cfc_is_its_formula_in_every_mode_and_activation() {
    let activations: [(Activation, Function); 5] = [
        (Activation::LecunTanh, |x| 1.7159 * (0.666 * x).tanh()),
        (Activation::Tanh, f64::tanh),
        (Activation::Relu, |x| x.max(0.0)),
        (Activation::Silu, |x| x * sigmoid(x)),
        // The error function by its power series, which is exact enough for small numbers.
        (Activation::Gelu, |x| {
            let z = x / 2f64.sqrt();
            let (mut term, mut sum) = (z, z);
            for n in 1..40 {
                term *= -z * z / f64::from(n);
                sum += term / f64::from(2 * n + 1);
            }
            x * (1.0 + sum * 2.0 / std::f64::consts::PI.sqrt()) / 2.0
        }),
    ];
    for (activation, function) in activations {
        for (mode, backbone_layers) in MODES.into_iter().flat_map(|mode| [(mode, 0), (mode, 2)]) {
            let sizes = CfcSizes { inputs: 2, units: 4, mode, backbone_layers, backbone_units: 5, activation };
            let network = Network::<f64>::cfc(sizes, 3).unwrap();
            let mut x = [&[0.75, -0.25], &STATE[..]].concat();
            for layer in 0..backbone_layers {
                x = map(&network, &format!("backbone.{}", 2 * layer), &x).into_iter().map(function).collect();
            }
            let run = network.run(&[0.75, -0.25], &[1.5], &STATE).unwrap();
            assert_near(&format!("{mode:?} {activation:?}"), &run.state, &heads(&network, "", mode, &x, 1.5));
            assert_eq!(run.outputs, run.state);
        }
    }
}

#[test]
fn a_cfc_by_wiring_is_a_masked_cfc_for_each_layer() {
    let wiring = Wiring::auto_ncp(3, 12, 2, 0.6, 5).unwrap();
    let state: Vec<f64> = (0..12).map(|i| (f64::from(i) * 0.9).sin()).collect();
    for mode in MODES {
        let network = Network::<f64>::wired_cfc(&wiring, mode, 4);
        let (mut x, mut start, mut all) = (vec![0.5, -1.0, 0.25], 0, Vec::new());
        let mut senders: Vec<usize> = (0..3).collect();
        for (index, layer) in wiring.layers().iter().enumerate() {
            let prefix = format!("layer_{index}.");
            let weights = of(&network, &format!("{prefix}ff1.weight"));
            let synapses = if index == 0 { wiring.sensory_synapses() } else { wiring.synapses() };
            for (at, weight) in weights.iter().enumerate() {
                let (to, from) = (layer[at / (x.len() + layer.len())], at % (x.len() + layer.len()));
                let is = from >= x.len() || synapses.iter().any(|s| s.to == to && s.from == senders[from]);
                assert_eq!(*weight != 0.0, is, "{mode:?}, layer {index}, weight {at}");
            }
            x.extend_from_slice(&state[start..][..layer.len()]);
            x = heads(&network, &prefix, mode, &x, 0.75);
            all.extend_from_slice(&x);
            start += layer.len();
            senders.clone_from(layer);
        }
        let run = network.run(&[0.5, -1.0, 0.25], &[0.75], &state).unwrap();
        assert_near(&format!("{mode:?}"), &run.state, &all);
        assert_near(&format!("{mode:?}"), &run.outputs, &x);
    }
}

#[test]
fn mixed_memory_is_an_lstm_before_the_cell() {
    let sizes = CfcSizes {
        inputs: 2,
        units: 4,
        mode: Mode::Default,
        backbone_layers: 1,
        backbone_units: 3,
        activation: Activation::Tanh,
    };
    let cell = Network::<f64>::cfc(sizes, 3).unwrap();
    let mixed = cell.clone().with_mixed_memory(9);
    assert_eq!(mixed.clone().with_mixed_memory(9), mixed);
    let (x, memory) = ([0.75, -0.25], [0.1, -0.2, 0.3, 0.9]);
    let recurrent = of(&mixed, "lstm.recurrent_map.weight");
    let by_state = recurrent.chunks(4).map(|row| row.iter().zip(STATE).map(|(w, x)| w * x).sum::<f64>());
    let sums: Vec<f64> = map(&mixed, "lstm.input_map", &x).iter().zip(by_state).map(|(a, b)| a + b).collect();
    let next: Vec<f64> =
        (0..4).map(|i| memory[i] * sigmoid(sums[8 + i] + 1.0) + sums[i].tanh() * sigmoid(sums[4 + i])).collect();
    let hidden: Vec<f64> = (0..4).map(|i| next[i].tanh() * sigmoid(sums[12 + i])).collect();
    let run = mixed.run(&x, &[1.5], &[STATE, memory].concat()).unwrap();
    assert_near("memory", &run.state[4..], &next);
    assert_near("output", &run.outputs, &cell.run(&x, &[1.5], &hidden).unwrap().outputs);
    assert_eq!(run.outputs, run.state[..4]);
}
