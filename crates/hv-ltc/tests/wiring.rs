//! Wirings keep the rules of their papers, for any sizes.

use hv_ltc::{LtcError, Ncp, NeuronKind, Polarity, Wiring};
use proptest::prelude::*;

fn out_of(wiring: &Wiring, from: usize) -> usize {
    wiring.synapses().iter().filter(|synapse| synapse.from == from).count()
}

fn into(wiring: &Wiring, to: usize) -> usize {
    wiring.synapses().iter().filter(|synapse| synapse.to == to).count()
}

proptest! {
    #[test]
    fn an_ncp_connects_each_layer_to_the_next_and_leaves_no_neuron_out(
        inputs in 1usize..8, inter in 1usize..12, command in 1usize..8, motor in 1usize..6, seed in any::<u64>(),
        shares in [0.0f64..1.0, 0.0..1.0, 0.0..1.0], recurrent_command in 0usize..12,
    ) {
        let part = |of: usize, share: f64| 1 + (share * (of - 1) as f64).round() as usize;
        let [sensory_fanout, inter_fanout, motor_fanin] =
            [part(inter, shares[0]), part(command, shares[1]), part(command, shares[2])];
        let sizes = Ncp { inputs, inter, command, motor, sensory_fanout, inter_fanout, recurrent_command, motor_fanin };
        let wiring = Wiring::ncp(sizes, seed).unwrap();
        prop_assert_eq!(&wiring, &Wiring::ncp(sizes, seed).unwrap());
        let layer = |unit: usize| wiring.kind(unit);
        for input in 0..inputs {
            prop_assert!(wiring.sensory_synapses().iter().filter(|s| s.from == input).count() >= sensory_fanout);
        }
        for synapse in wiring.sensory_synapses() {
            prop_assert_eq!(layer(synapse.to), NeuronKind::Inter);
        }
        let mut recurrent = 0;
        for synapse in wiring.synapses() {
            match (layer(synapse.from), layer(synapse.to)) {
                (NeuronKind::Inter, NeuronKind::Command) | (NeuronKind::Command, NeuronKind::Motor) => {}
                (NeuronKind::Command, NeuronKind::Command) => recurrent += 1,
                pair => prop_assert!(false, "{:?}", pair),
            }
        }
        prop_assert!(recurrent <= recurrent_command);
        for unit in 0..wiring.units() {
            match layer(unit) {
                NeuronKind::Inter => {
                    prop_assert!(out_of(&wiring, unit) >= inter_fanout);
                    prop_assert!(wiring.sensory_synapses().iter().any(|s| s.to == unit));
                }
                NeuronKind::Command => {
                    prop_assert!(wiring.synapses().iter().any(|s| s.to == unit && layer(s.from) == NeuronKind::Inter));
                    prop_assert!(wiring.synapses().iter().any(|s| s.from == unit && layer(s.to) == NeuronKind::Motor));
                }
                NeuronKind::Motor => prop_assert!(into(&wiring, unit) >= motor_fanin),
            }
        }
    }

    #[test]
    fn a_random_wiring_has_its_share_of_synapses(
        inputs in 0usize..6, units in 1usize..20, tenths in 0u32..10, seed in any::<u64>(),
    ) {
        let density = 1.0 - f64::from(tenths) / 10.0;
        let wiring = Wiring::random(inputs, units, 1, f64::from(tenths) / 10.0, seed).unwrap();
        prop_assert_eq!(wiring.synapses().len(), ((units * units) as f64 * density).round_ties_even() as usize);
        let sensory = ((inputs * units) as f64 * density).round_ties_even() as usize;
        prop_assert_eq!(wiring.sensory_synapses().len(), sensory);
        prop_assert!(wiring.synapses().windows(2).all(|pair| (pair[0].to, pair[0].from) < (pair[1].to, pair[1].from)));
    }
}

#[test]
fn an_auto_ncp_has_the_sizes_of_the_reference() {
    // ncps 1.0.1: AutoNCP(16, 3, 0.5) has 5 command and 8 inter neurons, and each input reaches 4 of these.
    let wiring = Wiring::auto_ncp(4, 16, 3, 0.5, 22_222).unwrap();
    assert_eq!(wiring.layers(), [(8..16).collect(), (3..8).collect(), (0..3).collect::<Vec<_>>()]);
    assert!((0..4).all(|input| wiring.sensory_synapses().iter().filter(|s| s.from == input).count() >= 4));
    assert!((0..3).all(|motor| into(&wiring, motor) >= 2));
}

#[test]
fn an_ncp_has_no_more_synapses_than_its_sizes_say_where_no_neuron_is_left_out() {
    let sizes = Ncp {
        inputs: 60,
        inter: 60,
        command: 10,
        motor: 60,
        sensory_fanout: 8,
        inter_fanout: 3,
        recurrent_command: 0,
        motor_fanin: 4,
    };
    let wiring = Wiring::ncp(sizes, 1).unwrap();
    assert_eq!(wiring.sensory_synapses().len(), 60 * 8);
    assert_eq!(wiring.synapses().len(), 60 * 3 + 60 * 4);
}

#[test]
fn two_of_three_synapses_excite_without_layers_and_half_in_an_ncp() {
    let share = |wiring: &Wiring| {
        let excite = wiring.synapses().iter().filter(|s| s.polarity == Polarity::Excitatory).count();
        excite as f64 / wiring.synapses().len() as f64
    };
    let full = share(&Wiring::fully_connected(0, 200, 1, 1).unwrap());
    assert!((full - 2.0 / 3.0).abs() < 0.01, "{full}");
    let ncp = share(&Wiring::auto_ncp(10, 400, 20, 0.2, 1).unwrap());
    assert!((ncp - 0.5).abs() < 0.02, "{ncp}");
}

#[test]
fn a_wiring_of_matrices_prints_them() {
    let wiring = Wiring::from_matrices(&[vec![0, 1, -1]], &[vec![0, 0, 0], vec![1, 0, 0], vec![-1, 1, 1]], 1).unwrap();
    let table = "1 inputs, 3 units (2 inter, 0 command, 1 motor), 2 sensory synapses, 4 synapses\n\
                 kind      index  to units\n\
                 sensory       0  +1 -2\n\
                 motor         0 \n\
                 inter         1  +0\n\
                 inter         2  -0 +1 +2\n";
    assert_eq!(wiring.to_string(), table);
}

#[test]
fn a_drawing_has_a_circle_for_each_neuron_and_a_line_for_each_synapse() {
    let wiring = Wiring::auto_ncp(4, 16, 3, 0.5, 1).unwrap();
    let svg = wiring.svg();
    let count = |what: &str| svg.matches(what).count();
    assert_eq!(count("<circle"), 4 + 16);
    assert_eq!(count("<path"), wiring.sensory_synapses().len() + wiring.synapses().len());
    let inhibitory = wiring.sensory_synapses().iter().chain(wiring.synapses());
    assert_eq!(count("dasharray"), inhibitory.filter(|s| s.polarity == Polarity::Inhibitory).count());
    for name in ["sensory", "inter", "command", "motor"] {
        assert_eq!(count(&format!(">{name}<")), 1);
    }
}

#[test]
fn bad_wirings_are_errors_that_name_what_is_wrong() {
    let text = |result: Result<Wiring, LtcError>| result.unwrap_err().to_string();
    let error = text(Wiring::from_matrices(&[], &[vec![0, 0], vec![0]], 1));
    assert_eq!(error, "the matrix of the units has 2 rows, and row 1 has 1 columns; a square matrix is needed");
    let error = text(Wiring::from_matrices(&[vec![0]], &[vec![0, 0], vec![0, 0]], 1));
    assert_eq!(error, "row 0 of the matrix of the inputs has 1 values, and 2 are needed");
    let error = text(Wiring::from_matrices(&[], &[vec![2]], 1));
    assert_eq!(error, "a value of an adjacency matrix is 2; -1, 0 or 1 is needed");
    let error = text(Wiring::random(1, 4, 5, 0.5, 1));
    assert_eq!(error, "the number of outputs is 5; 1 to 4, the number of units, is needed");
    assert!(text(Wiring::random(1, 4, 1, f64::NAN, 1)).starts_with("the sparsity is NaN"));
    assert!(text(Wiring::auto_ncp(1, 5, 3, 0.5, 1)).starts_with("the number of outputs is 3"));
    let sizes = Ncp {
        inputs: 1,
        inter: 2,
        command: 2,
        motor: 1,
        sensory_fanout: 3,
        inter_fanout: 1,
        recurrent_command: 0,
        motor_fanin: 1,
    };
    assert!(text(Wiring::ncp(sizes, 1)).starts_with("the fan-out of inputs is 3; at most 2"));
    let wiring = Wiring::fully_connected(1, 3, 1, 1).unwrap();
    assert!(wiring.clone().with_layers(vec![vec![1, 2], vec![0]]).is_ok());
    for layers in [
        vec![],
        vec![vec![1], vec![0]],
        vec![vec![1, 1, 2], vec![0]],
        vec![vec![0], vec![1, 2]],
        vec![vec![], vec![1, 2], vec![0]],
    ] {
        assert!(wiring.clone().with_layers(layers.clone()).is_err(), "{layers:?}");
    }
}
