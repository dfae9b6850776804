//! Cells compute what their formulas say, and refuse what they cannot compute with.

mod common;

use common::{all, sequence};
use hv_ltc::{LtcError, LtcOptions, Network, Positive, Wiring};

fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|value| *value as f32).collect()
}

#[test]
fn both_precisions_agree_and_a_run_is_its_steps() {
    for (wide, single) in all::<f64>().iter().zip(all::<f32>()) {
        let (inputs, times, state) = sequence(wide);
        let run = wide.run(&inputs, &times, &state).unwrap();
        let other = single.run(&narrow(&inputs), &narrow(&times), &narrow(&state)).unwrap();
        for (a, b) in run.outputs.iter().chain(&run.state).zip(other.outputs.iter().chain(&other.state)) {
            assert!((a - f64::from(*b)).abs() < 2e-5, "{a} {b}");
        }
        let mut now = wide.state();
        now.set_values(&state).unwrap();
        for (step, time) in times.iter().enumerate() {
            let output = wide.step(&inputs[step * 3..][..3], *time, &mut now).unwrap();
            assert_eq!(output, &run.outputs[step * output.len()..][..output.len()]);
        }
        assert_eq!(now.values(), run.state);
    }
}

#[test]
fn the_sparse_ltc_step_is_its_formula_over_all_synapses() {
    let wiring = Wiring::random(3, 30, 4, 0.6, 5).unwrap();
    let options = LtcOptions { positive: Positive::Clip, ..LtcOptions::default() };
    let network = Network::<f64>::ltc_with(&wiring, options, 9).unwrap();
    let of = |name: &str| network.dense(name, network.parameters()).unwrap().unwrap();
    let [w, mu, sigma, erev] = ["w", "mu", "sigma", "erev"].map(of);
    let [sw, smu, ssigma, serev] = ["sensory_w", "sensory_mu", "sensory_sigma", "sensory_erev"].map(of);
    let [gleak, vleak, cm] = ["gleak", "vleak", "cm"].map(of);
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let x = [0.3, -0.2, 0.9];
    let mut v = vec![0.1; 30];
    for _ in 0..6 {
        let next = |to: usize| {
            let (mut pull, mut sum) = (0.0, 0.0);
            let mut add = |s: f64, erev: f64| {
                pull += s * erev;
                sum += s;
            };
            for (from, v) in v.iter().enumerate() {
                let at = from * 30 + to;
                add(w[at] * sigmoid(sigma[at] * (v - mu[at])), erev[at]);
            }
            for (from, x) in x.iter().enumerate() {
                let at = from * 30 + to;
                add(sw[at] * sigmoid(ssigma[at] * (x - smu[at])), serev[at]);
            }
            let c = cm[to] / (0.75 / 6.0);
            (c * v[to] + gleak[to] * vleak[to] + pull) / (c + gleak[to] + sum + 1e-8)
        };
        v = (0..30).map(next).collect();
    }
    let run = network.run(&x, &[0.75], &[0.1; 30]).unwrap();
    for (ours, theirs) in run.state.iter().zip(&v) {
        assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}");
    }
    assert_eq!(run.outputs, run.state[..4]);
}

#[test]
fn the_plain_step_is_its_formula_and_stays_within_0_to_1() {
    let wiring = Wiring::random(0, 50, 50, 0.9, 5).unwrap();
    let network = Network::<f64>::plain(&wiring, 9);
    let of = |name: &str| network.dense(name, network.parameters()).unwrap().unwrap();
    let [w, b, tau] = ["map.weight", "map.bias", "tau"].map(of);
    assert!(tau.iter().all(|tau| (0.5..2.0).contains(tau)));
    assert_eq!(w.iter().filter(|w| **w != 0.0).count(), 250);
    let x: Vec<f64> = (0..50).map(|i| f64::from(i) / 49.0).collect();
    let run = network.run(&[], &[0.1], &x).unwrap();
    for to in 0..50 {
        let sum: f64 = (0..50).map(|from| w[to * 50 + from] * x[from]).sum::<f64>() + b[to];
        let next = x[to] + 0.1 * (-x[to] / tau[to] + 1.0 / (1.0 + (-sum).exp()));
        assert!((run.state[to] - next.clamp(0.0, 1.0)).abs() < 1e-12);
    }
    let long = network.run(&[], &[1e6, 1e6], &x).unwrap();
    assert!(long.state.iter().all(|value| (0.0..=1.0).contains(value)));
}

#[test]
fn an_ltc_stays_within_its_potentials_at_any_time() {
    // The state is bounded by the reversal potentials and the leak's (theorem 2 of the paper).
    let network = Network::<f64>::ltc(&Wiring::fully_connected(2, 12, 1, 3).unwrap(), 4);
    for time in [0.0, 5e-324, 1e-300, 1e-9, 1.0, 1e9, 1e300, f64::MAX] {
        let run = network.run(&[1e6, -1e6].repeat(3), &[time; 3], &[0.5; 12]).unwrap();
        assert!(run.state.iter().all(|v| (-1.0..=1.0).contains(v)), "{time}: {:?}", run.state);
        if time < 1e-20 {
            assert!(run.state.iter().all(|v| (v - 0.5).abs() < 1e-12), "{time}: {:?}", run.state);
        }
    }
}

#[test]
fn an_ltc_without_capacity_and_leak_has_a_state_at_any_time() {
    let options = LtcOptions { positive: Positive::Clip, ..LtcOptions::default() };
    let wiring = Wiring::from_matrices(&[], &[vec![0]], 1).unwrap();
    let mut network = Network::<f64>::ltc_with(&wiring, options, 4).unwrap();
    for name in ["cm", "gleak"] {
        network.set_dense(name, &[0.0]).unwrap();
    }
    assert_eq!(network.run(&[], &[0.0, 5e-324], &[0.5]).unwrap().state, [0.5]);
}

#[test]
fn softplus_and_clipping_keep_parameters_positive() {
    let wiring = Wiring::random(2, 8, 2, 0.5, 5).unwrap();
    let clipped = LtcOptions { positive: Positive::Clip, ..LtcOptions::default() };
    let mut soft = Network::<f64>::ltc(&wiring, 9);
    let mut clip = Network::<f64>::ltc_with(&wiring, clipped, 9).unwrap();
    assert_eq!(soft.parameters(), clip.parameters());
    for name in ["w", "sensory_w", "cm", "gleak"] {
        let values = soft.dense(name, soft.parameters()).unwrap().unwrap();
        let values: Vec<f64> =
            values.iter().enumerate().map(|(i, value)| value - (i % 3) as f64 + 21.0 * (i % 5 / 4) as f64).collect();
        soft.set_dense(name, &values).unwrap();
        let positive: Vec<f64> = values.iter().map(|value| value.exp().ln_1p()).collect();
        clip.set_dense(name, &positive).unwrap();
    }
    let run = |network: &Network<f64>| network.run(&[0.5, -0.5, 0.25, 0.1], &[0.5, 1.5], &[0.3; 8]).unwrap();
    for (a, b) in run(&soft).state.iter().zip(run(&clip).state) {
        assert!((a - b).abs() < 1e-8, "{a} {b}");
    }
    let before = soft.clone();
    soft.constrain();
    assert_eq!(soft, before);
    let count = clip.parameters().len();
    clip.set_parameters(&vec![-1.0; count]).unwrap();
    clip.constrain();
    let of = |name: &str| clip.dense(name, clip.parameters()).unwrap().unwrap();
    for name in ["w", "sensory_w", "cm", "gleak"] {
        assert!(of(name).iter().all(|value| *value == 0.0), "{name}");
    }
    assert!(of("vleak").iter().all(|value| *value == -1.0));
    let mut plain = Network::<f32>::plain(&wiring, 1);
    plain.set_dense("tau", &[0.1, 0.5, 1.0, 2.0, 3.0, 1.0, 1.0, 1.0]).unwrap();
    plain.constrain();
    let tau = plain.dense("tau", plain.parameters()).unwrap().unwrap();
    assert_eq!(tau, [0.5, 0.5, 1.0, 2.0, 2.0, 1.0, 1.0, 1.0]);
}

#[test]
fn bad_input_is_an_error_that_names_it_and_changes_nothing() {
    for network in all::<f32>() {
        let mut state = network.state();
        network.step(&[0.1; 3], 1.0, &mut state).unwrap();
        let before = state.clone();
        let mut text = |x: &[f32], time| network.step(x, time, &mut state).unwrap_err().to_string();
        assert_eq!(text(&[0.0; 2], 1.0), "the input has 2 values, and 3 are needed");
        assert_eq!(text(&[0.0, f32::NAN, 0.0], 1.0), "the input has NaN at index 1; every value must be finite");
        assert_eq!(text(&[0.0; 3], -1.0), "the elapsed time at index 0 is -1; a time must be 0 or more");
        assert!(text(&[0.0; 3], f32::INFINITY).starts_with("the elapsed times has inf"));
        assert_eq!(state, before);
        assert!(matches!(state.set_values(&[f32::NAN].repeat(network.state_len())), Err(LtcError::NotFinite { .. })));
        assert_eq!(state, before);
    }
    let mut network = Network::<f64>::plain(&Wiring::fully_connected(0, 2, 1, 1).unwrap(), 1);
    assert!(network.run(&[], &[1.0, f64::NAN], &[0.0; 2]).unwrap_err().to_string().contains("NaN at index 1"));
    assert_eq!(network.run(&[], &[1.0], &[0.0]).unwrap_err().to_string(), "the state has 1 values, and 2 are needed");
    let mut other = Network::<f64>::plain(&Wiring::fully_connected(0, 3, 1, 1).unwrap(), 1).state();
    assert!(network.step(&[], 1.0, &mut other).is_err());
    assert!(network.set_dense("tau", &[1.0, 0.0]).is_err());
    assert!(network.set_dense("nothing", &[]).unwrap_err().to_string().contains("nothing"));
    assert!(network.set_parameters(&[f64::NAN]).is_err());
    let wiring = Wiring::fully_connected(1, 2, 1, 1).unwrap();
    assert!(Network::<f64>::ltc_with(&wiring, LtcOptions { unfolds: 0, ..LtcOptions::default() }, 1).is_err());
    assert!(Network::<f64>::ltc_with(&wiring, LtcOptions { epsilon: f64::NAN, ..LtcOptions::default() }, 1).is_err());
}
