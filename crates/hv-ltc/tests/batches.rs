//! A batch gives each state and each sequence what it gets alone, on any number of threads.

mod common;

use std::num::NonZeroUsize;

use common::{all, sequence};
use hv_ltc::{BatchGradients, Loss, LtcError, Network, Run, Sequence};
use proptest::prelude::*;

fn wave(count: usize, pace: f64) -> Vec<f64> {
    (0..count).map(|i| (i as f64 * pace).cos()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_batch_of_states_steps_as_each_does_alone(count in 0usize..40, pace in 0.1f64..2.0) {
        for network in all::<f64>() {
            let mut batch = network.batch(count);
            batch.set_values(&wave(count * network.state_len(), pace)).unwrap();
            let mut alone: Vec<_> = batch.values().chunks(network.state_len()).map(<[f64]>::to_vec).collect();
            for step in 1..3 {
                let inputs = wave(count * network.inputs(), pace * f64::from(step));
                let times: Vec<f64> = wave(count, 0.3 * pace).iter().map(|time| time.abs()).collect();
                let outputs = network.step_batch(&inputs, &times, &mut batch).unwrap().to_vec();
                for index in 0..count {
                    let mut state = network.state();
                    state.set_values(&alone[index]).unwrap();
                    let x = &inputs[index * network.inputs()..][..network.inputs()];
                    let output = network.step(x, times[index], &mut state).unwrap();
                    prop_assert_eq!(output, &outputs[index * output.len()..][..output.len()]);
                    alone[index] = state.values().to_vec();
                }
                prop_assert_eq!(batch.values(), alone.concat());
                prop_assert_eq!(batch.outputs(), outputs);
            }
        }
    }
}

#[test]
fn a_bad_batch_is_an_error_that_names_it_and_changes_nothing() {
    for network in all::<f32>() {
        let mut batch = network.batch(2);
        network.step_batch(&[0.1; 6], &[1.0; 2], &mut batch).unwrap();
        let before = batch.clone();
        let mut text = |x: &[f32], times: &[f32]| network.step_batch(x, times, &mut batch).unwrap_err().to_string();
        assert_eq!(text(&[0.0; 5], &[1.0; 2]), "the inputs has 5 values, and 6 are needed");
        assert_eq!(text(&[0.0; 6], &[1.0; 3]), "the list of elapsed times has 3 values, and 2 are needed");
        assert_eq!(text(&[0.0; 6], &[1.0, -2.0]), "the elapsed time at index 1 is -2; a time must be 0 or more");
        let bad = [0.0, 0.0, 0.0, 0.0, f32::NAN, 0.0];
        assert_eq!(text(&bad, &[1.0; 2]), "the inputs has NaN at index 4; every value must be finite");
        assert_eq!(batch, before);
        assert!(batch.set_values(&[0.0]).is_err());
        assert!(batch.set_values(&vec![f32::NAN; 2 * network.state_len()]).is_err());
        assert_eq!(batch, before);
    }
    let mut other = all::<f32>()[0].batch(1);
    assert!(all::<f32>()[5].step_batch(&[0.0; 3], &[1.0], &mut other).is_err());
}

/// Twenty sequences, each of another length.
fn sequences<'a>(inputs: &'a [f64], times: &'a [f64], state: &'a [f64], width: usize) -> Vec<Sequence<'a, f64>> {
    (0..20)
        .map(|index| {
            let steps = 1 + index % times.len();
            Sequence { inputs: &inputs[..steps * width], elapsed: &times[..steps], state }
        })
        .collect()
}

/// The derivatives of a sum of squares, a little different for each sequence.
fn squares(index: usize, run: &Run<f64>) -> Loss<f64> {
    let scale = 1.0 + index as f64 / 10.0;
    let of = |values: &[f64]| values.iter().map(|value| 2.0 * scale * value).collect::<Vec<_>>();
    let value = scale * run.outputs.iter().chain(&run.state).map(|value| value * value).sum::<f64>();
    Loss { value, of_outputs: of(&run.outputs), of_state: of(&run.state) }
}

fn on_threads(threads: usize, network: &Network<f64>, all: &[Sequence<'_, f64>]) -> BatchGradients<f64> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| network.batch_gradients(all, None, squares)).unwrap()
}

#[test]
fn batch_gradients_are_the_sum_of_each_on_any_number_of_threads() {
    for network in all::<f64>() {
        let (inputs, times, state) = sequence(&network);
        let sequences = sequences(&inputs, &times, &state, network.inputs());
        let batch = on_threads(1, &network, &sequences);
        for threads in [2, 3, 8] {
            assert_eq!(on_threads(threads, &network, &sequences), batch, "{threads} threads");
        }
        let mut sum = vec![0.0; network.parameters().len()];
        for (index, one) in sequences.iter().enumerate() {
            let run = network.run(one.inputs, one.elapsed, one.state).unwrap();
            let Loss { value, of_outputs, of_state } = squares(index, &run);
            let alone = network.gradients(one.inputs, one.elapsed, one.state, &of_outputs, &of_state).unwrap();
            assert_eq!((&batch.runs[index], batch.losses[index]), (&run, value));
            sum.iter_mut().zip(alone.parameters).for_each(|(sum, g)| *sum += g);
        }
        let scale = sum.iter().fold(1.0, |most: f64, g| most.max(g.abs()));
        assert!(sum.iter().zip(&batch.parameters).all(|(a, b)| (a - b).abs() < 1e-12 * scale));
    }
}

#[test]
fn a_window_cuts_gradients_and_not_states() {
    for network in all::<f64>() {
        let (inputs, times, state) = sequence(&network);
        let whole = Sequence { inputs: &inputs, elapsed: &times, state: &state };
        let cut = network.batch_gradients(&[whole], NonZeroUsize::new(4), squares).unwrap();
        assert_eq!(cut.runs[0], network.run(&inputs, &times, &state).unwrap());
        // The same by hand: 4, 4 and 2 steps, each piece from the state that the one before left.
        let Loss { of_outputs, of_state, .. } = squares(0, &cut.runs[0]);
        let (mut sum, mut now) = (vec![0.0; network.parameters().len()], state.clone());
        for (first, steps) in [(0, 4), (4, 4), (8, 2)] {
            let part = |all: &'_ [f64], width: usize| all[first * width..][..steps * width].to_vec();
            let last = if first == 8 { of_state.clone() } else { vec![0.0; of_state.len()] };
            let (x, y) = (part(&inputs, network.inputs()), part(&of_outputs, network.outputs()));
            let piece = network.gradients(&x, &part(&times, 1), &now, &y, &last).unwrap();
            sum.iter_mut().zip(piece.parameters).for_each(|(sum, g)| *sum += g);
            now = piece.run.state;
        }
        let scale = sum.iter().fold(1.0, |most: f64, g| most.max(g.abs()));
        assert!(sum.iter().zip(&cut.parameters).all(|(a, b)| (a - b).abs() < 1e-12 * scale));
        let all = network.batch_gradients(&[whole], None, squares).unwrap();
        assert_ne!(all.parameters, cut.parameters);
        let wide = network.batch_gradients(&[whole], NonZeroUsize::new(10), squares).unwrap();
        assert_eq!(wide, all);
    }
}

#[test]
fn the_first_bad_sequence_is_named() {
    let network = &all::<f64>()[0];
    let (inputs, times, state) = sequence(network);
    let mut many = sequences(&inputs, &times, &state, network.inputs());
    many[17].inputs = &inputs[1..];
    many[12].state = &state[1..];
    let error = network.batch_gradients(&many, None, squares).unwrap_err();
    assert_eq!(error.to_string(), "sequence 12: the state has 13 values, and 14 are needed");
    let good = &many[..3];
    let of = |loss: fn(usize, &Run<f64>) -> Loss<f64>| network.batch_gradients(good, None, loss).unwrap_err();
    let error = of(|index, run| Loss { value: f64::NAN, ..squares(index, run) });
    assert_eq!(error.to_string(), "sequence 0: the loss has NaN at index 0; every value must be finite");
    let error = of(|index, run| Loss { of_state: vec![0.0; index], ..squares(index, run) });
    assert!(matches!(error, LtcError::Sequence { index: 0, .. }), "{error}");
    let none = network.batch_gradients(&[], None, squares).unwrap();
    assert!(none.runs.is_empty() && none.parameters.iter().all(|g| *g == 0.0));
}
