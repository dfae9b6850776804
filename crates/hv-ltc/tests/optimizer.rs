//! Optimisers are their formulas, and networks learn by them.

use hv_ltc::{Adam, LtcError, LtcOptions, Mode, Network, Positive, RmsProp, Wiring, clip_norm};

fn small() -> Network<f64> {
    Network::wired_cfc(&Wiring::auto_ncp(2, 8, 1, 0.5, 1).unwrap(), Mode::Default, 2)
}

/// Gradients of step `n`, one for each parameter.
fn gradients(network: &Network<f64>, n: usize) -> Vec<f64> {
    (0..network.parameters().len()).map(|i| ((i * 7 + n * 3) as f64).sin() * (1 + i % 4) as f64).collect()
}

fn assert_near(ours: &[f64], theirs: &[f64]) {
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a - b).abs() < 1e-13, "{a} {b}");
    }
}

#[test]
fn adam_is_its_formula() {
    let mut network = small();
    let mut adam = Adam::new(0.01).unwrap().with_betas(0.8, 0.95).unwrap();
    let mut p = network.parameters().to_vec();
    let (mut m, mut s) = (vec![0.0; p.len()], vec![0.0; p.len()]);
    for n in 1..=5 {
        let g = gradients(&network, n);
        adam.step(&mut network, &g).unwrap();
        for i in 0..p.len() {
            m[i] = 0.8 * m[i] + 0.2 * g[i];
            s[i] = 0.95 * s[i] + 0.05 * g[i] * g[i];
            let (first, second) = (m[i] / (1.0 - 0.8f64.powi(n as i32)), s[i] / (1.0 - 0.95f64.powi(n as i32)));
            p[i] -= 0.01 * first / (second.sqrt() + 1e-8);
        }
        assert_near(network.parameters(), &p);
    }
}

#[test]
fn rmsprop_is_its_formula() {
    let mut network = small();
    let mut optimiser = RmsProp::new(0.01, 0.9).unwrap();
    let mut p = network.parameters().to_vec();
    let mut s = vec![0.0; p.len()];
    for n in 1..=5 {
        let g = gradients(&network, n);
        optimiser.step(&mut network, &g).unwrap();
        for i in 0..p.len() {
            s[i] = 0.9 * s[i] + 0.1 * g[i] * g[i];
            p[i] -= 0.01 * g[i] / (s[i].sqrt() + 1e-8);
        }
        assert_near(network.parameters(), &p);
    }
}

#[test]
fn clipping_keeps_the_direction() {
    let mut long = [3.0, -4.0];
    assert_eq!(clip_norm(&mut long, 1.0).unwrap(), 5.0);
    assert_near(&long, &[0.6, -0.8]);
    let mut short = [0.3f32, 0.4];
    clip_norm(&mut short, 1.0).unwrap();
    assert_eq!(short, [0.3, 0.4]);
}

/// Teaches a network to show its input of the step before, scaled, and returns the mean squared error before and after.
fn teach(network: &mut Network<f64>, mut learn: impl FnMut(&mut Network<f64>, &[f64])) -> (f64, f64) {
    let x: Vec<f64> = (0..30).map(|i| (f64::from(i) * 1.7).sin()).collect();
    let times: Vec<f64> = (0..30).map(|i| 0.5 + f64::from(i % 3) / 2.0).collect();
    let wanted: Vec<f64> = std::iter::once(0.0).chain(x.iter().map(|x| x * 0.5)).take(30).collect();
    let state = vec![0.0; network.state_len()];
    let mut errors = Vec::new();
    for _ in 0..300 {
        let run = network.run(&x, &times, &state).unwrap();
        let off: Vec<f64> = run.outputs.iter().zip(&wanted).map(|(a, b)| a - b).collect();
        errors.push(off.iter().map(|off| off * off).sum::<f64>() / 30.0);
        let of_outputs: Vec<f64> = off.iter().map(|off| off / 15.0).collect();
        let mut gradients = network.gradients(&x, &times, &state, &of_outputs, &state).unwrap().parameters;
        clip_norm(&mut gradients, 1.0).unwrap();
        learn(network, &gradients);
    }
    (errors[0], errors[299])
}

#[test]
fn networks_learn() {
    let wiring = Wiring::auto_ncp(1, 10, 1, 0.5, 1).unwrap();
    let clipped = LtcOptions { positive: Positive::Clip, ..LtcOptions::default() };
    for (name, network, least) in [
        ("ltc", Network::ltc(&wiring, 1), 2.0),
        ("clipped ltc", Network::ltc_with(&wiring, clipped, 1).unwrap(), 2.0),
        ("cfc", Network::wired_cfc(&wiring, Mode::Default, 1), 5.0),
        ("mixed", Network::wired_cfc(&wiring, Mode::NoGate, 1).with_mixed_memory(1), 5.0),
    ] {
        let (mut adam, mut rms) = (Adam::new(0.02).unwrap(), RmsProp::new(0.005, 0.95).unwrap());
        let mut first = network.clone();
        let (before, by_adam) = teach(&mut first, |network, g| adam.step(network, g).unwrap());
        let (_, by_rms) = teach(&mut network.clone(), |network, g| rms.step(network, g).unwrap());
        println!("{name}: {before:.5}, by Adam {by_adam:.5}, by RMSprop {by_rms:.5}");
        assert!(before > least * by_adam && before > least * by_rms, "{name}: {before} {by_adam} {by_rms}");
        if name == "clipped ltc" {
            let w = first.dense("w", first.parameters()).unwrap().unwrap();
            assert!(w.iter().all(|w| *w >= 0.0));
        }
    }
}

#[test]
fn bad_gradients_and_settings_are_errors_and_change_nothing() {
    let mut network = small();
    let mut adam = Adam::new(0.01).unwrap();
    let good = gradients(&network, 1);
    adam.step(&mut network, &good).unwrap();
    let before = (network.clone(), adam.clone());
    let mut bad = good.clone();
    bad[3] = f64::NAN;
    let error = adam.step(&mut network, &bad).unwrap_err().to_string();
    assert_eq!(error, "the list of gradients has NaN at index 3; every value must be finite");
    assert!(matches!(adam.step(&mut network, &good[1..]), Err(LtcError::Length { .. })));
    bad[3] = 1e200; // its square is infinite
    assert!(adam.step(&mut network, &bad).is_err());
    assert_eq!((network, adam), before);
    assert!(Adam::<f32>::new(0.0).is_err() && Adam::<f32>::new(f64::NAN).is_err());
    assert!(Adam::<f32>::new(0.1).unwrap().with_betas(1.0, 0.9).is_err());
    assert!(RmsProp::<f32>::new(0.1, 1.0).is_err());
    let mut huge = [1e200, 1e200];
    assert!(clip_norm(&mut huge, 1.0).is_err() && clip_norm(&mut [1.0], 0.0).is_err());
    assert_eq!(huge, [1e200, 1e200]);
}
