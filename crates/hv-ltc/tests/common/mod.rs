//! Networks and a sequence that several tests use.

use hv_ltc::{Activation, CfcSizes, LtcOptions, Mode, Network, Positive, Wiring};

fn sizes(mode: Mode, backbone_layers: usize, activation: Activation) -> CfcSizes {
    CfcSizes { inputs: 3, units: 5, mode, backbone_layers, backbone_units: 7, activation }
}

/// A network of each cell, mode and activation, with and without mixed memory, and some with a projection.
pub fn all<F: hv_ltc::Float>() -> Vec<Network<F>> {
    let wiring = Wiring::auto_ncp(3, 14, 2, 0.5, 3).unwrap();
    let mut networks = vec![Network::ltc(&wiring, 1), Network::plain(&wiring, 2)];
    let options = LtcOptions { unfolds: 3, epsilon: 0.5, positive: Positive::Clip };
    networks.push(Network::ltc_with(&wiring, options, 8).unwrap());
    for mode in [Mode::Default, Mode::NoGate, Mode::Pure] {
        networks.push(Network::wired_cfc(&wiring, mode, 4));
        networks.push(Network::cfc(sizes(mode, 2, Activation::LecunTanh), 3).unwrap());
    }
    for activation in [Activation::Tanh, Activation::Relu, Activation::Silu, Activation::Gelu] {
        networks.push(Network::cfc(sizes(Mode::Default, 1, activation), 5).unwrap());
    }
    networks.push(Network::cfc(sizes(Mode::Default, 0, Activation::Tanh), 6).unwrap());
    let mixed: Vec<_> = networks.iter().map(|network| network.clone().with_mixed_memory(7)).collect();
    let projected = [&networks[0], &networks[3], &mixed[1], &mixed[4]];
    let projected: Vec<_> =
        projected.into_iter().map(|network| network.clone().with_projection(4, 9).unwrap()).collect();
    networks.extend(mixed);
    networks.extend(projected);
    networks
}

#[allow(dead_code)] // not every test program needs it
/// Inputs, times and a state of ten steps, by a simple rule.
pub fn sequence(network: &Network<f64>) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let wave = |count: usize, pace: f64| (0..count).map(|i| (i as f64 * pace).sin()).collect::<Vec<_>>();
    let times = wave(10, 1.3).iter().map(|time| time.abs() * 2.0).collect();
    let state = wave(network.state_len(), 0.7).iter().map(|value| (value + 1.0) / 2.0).collect();
    (wave(10 * network.inputs(), 0.9), times, state)
}
