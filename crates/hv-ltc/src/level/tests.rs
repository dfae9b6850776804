//! All instructions that the machine has compute the same bits, and the functions keep their bounds.

use std::cell::Cell;

use fearless_simd::Level;

use crate::lanes::dot_of;
use crate::math::{exp_all, sigmoid_all, tanh_all};
use crate::{Activation, CfcSizes, Float, LtcOptions, Mode, Network, Positive, Wiring};

thread_local! {
    pub(super) static FORCED: Cell<Option<Level>> = const { Cell::new(None) };
}

/// All levels that this machine has, from the scalar form to the best.
fn levels() -> Vec<Level> {
    let best = Level::new();
    let mut levels = vec![Level::fallback()];
    #[cfg(target_arch = "x86_64")]
    {
        let sse2 = best.as_sse2().map(Level::Sse2);
        let sse4_2 = best.as_sse4_2().map(Level::Sse4_2);
        let avx2 = best.as_avx2().map(Level::Avx2);
        levels.extend([sse2, sse4_2, avx2].into_iter().flatten());
    }
    levels.push(best);
    levels
}

/// Checks that all levels give the same, and returns it.
fn on_all_levels<T: PartialEq + std::fmt::Debug>(what: impl Fn() -> T) -> T {
    let mut results = levels().into_iter().map(|level| {
        FORCED.set(Some(level));
        let result = what();
        FORCED.set(None);
        (level, result)
    });
    let (_, first) = results.next().unwrap();
    for (level, result) in results {
        assert_eq!(result, first, "{level:?}");
    }
    first
}

/// Numbers of all magnitudes, both signs and both zeros.
fn numbers() -> Vec<f64> {
    let magnitudes = (0..4000).map(|i| (f64::from(i) * 0.618).fract() * 2f64.powi(i % 1000 / 40 - 18));
    let mut all: Vec<f64> = magnitudes.flat_map(|value| [value, -value]).collect();
    all.extend((-1000..1000).map(|i| f64::from(i) * 0.0871));
    all.extend([0.0, -0.0]);
    all
}

fn bits<F: Float>(values: &[F]) -> Vec<u64> {
    values.iter().map(|value| value.to_f64().to_bits()).collect()
}

/// The largest relative error of a function of this crate against its definition in `f64`.
fn worst<F: Float>(ours: fn(&mut [F]), theirs: fn(f64) -> f64) -> f64 {
    let given: Vec<F> = numbers().into_iter().map(F::from_f64).filter(|x| x.abs() <= F::from_f64(87.0)).collect();
    let mut values = given.clone();
    on_all_levels(|| values_of(ours, &given));
    ours(&mut values);
    let errors = given.iter().zip(&values).map(|(x, y)| {
        let exact = theirs(x.to_f64());
        let error = (y.to_f64() - exact).abs();
        if exact == 0.0 { error } else { error / exact.abs() }
    });
    errors.fold(0.0, f64::max)
}

fn values_of<F: Float>(of: fn(&mut [F]), x: &[F]) -> Vec<u64> {
    let mut values = x.to_vec();
    of(&mut values);
    bits(&values)
}

#[test]
fn exponential_sigmoid_and_tangent_keep_their_bound() {
    let sigmoid = |x: f64| 1.0 / (1.0 + libm::exp(-x));
    let double =
        [worst(exp_all::<f64>, libm::exp), worst(sigmoid_all::<f64>, sigmoid), worst(tanh_all::<f64>, libm::tanh)];
    let single =
        [worst(exp_all::<f32>, libm::exp), worst(sigmoid_all::<f32>, sigmoid), worst(tanh_all::<f32>, libm::tanh)];
    println!("f64 {double:?} of {:e}, f32 {single:?} of {:e}", f64::EPSILON, f32::EPSILON);
    assert!(double.iter().all(|error| *error <= 4.0 * f64::EPSILON), "{double:?}");
    assert!(single.iter().all(|error| *error <= 4.0 * f64::from(f32::EPSILON)), "{single:?}");
}

#[test]
fn what_is_out_of_range_gets_the_value_at_its_end() {
    fn ends<F: Float>(least: f64) {
        let far = [1e30, f64::INFINITY, -1e30, f64::NEG_INFINITY, f64::NAN].map(F::from_f64);
        for of in [exp_all::<F>, sigmoid_all::<F>, tanh_all::<F>] {
            on_all_levels(|| values_of(of, &far)[..4].to_vec());
        }
        let of = |of: fn(&mut [F])| {
            let mut values = far;
            of(&mut values);
            values.map(F::to_f64)
        };
        assert_eq!(of(tanh_all::<F>)[..4], [1.0, 1.0, -1.0, -1.0]);
        let sigmoids = of(sigmoid_all::<F>);
        assert_eq!(sigmoids[..2], [1.0, 1.0]);
        assert!(sigmoids[2] < least && sigmoids[2] > 0.0 && sigmoids[2] == sigmoids[3], "{sigmoids:?}");
        assert!(of(exp_all::<F>)[..4].iter().all(|value| value.is_finite()));
        assert!([exp_all::<F>, sigmoid_all::<F>, tanh_all::<F>].iter().all(|f| of(*f)[4].is_nan()));
    }
    ends::<f32>(4e-38);
    ends::<f64>(4e-308);
}

#[test]
fn sums_are_in_eight_lanes_in_one_order() {
    let (x, weights) = (numbers(), numbers().into_iter().rev().collect::<Vec<_>>());
    for count in (0..40).chain([999, 1000, 1001]) {
        let mut sums = [0.0; 8];
        let mut singles = [0f32; 8];
        for index in 0..count {
            sums[index % 8] += weights[index] * x[index];
            singles[index % 8] += weights[index] as f32 * x[index] as f32;
        }
        let narrow = |values: &[f64]| values.iter().map(|value| *value as f32).collect::<Vec<_>>();
        let expected = |[a, b, c, d, e, f, g, h]: [f64; 8]| ((a + e) + (c + g)) + ((b + f) + (d + h));
        let [a, b, c, d, e, f, g, h] = singles;
        let single = ((a + e) + (c + g)) + ((b + f) + (d + h));
        let ours = on_all_levels(|| dot_of(&weights[..count], &x[..count]).to_bits());
        assert_eq!(ours, expected(sums).to_bits(), "{count}");
        let ours = on_all_levels(|| dot_of(&narrow(&weights[..count]), &narrow(&x[..count])).to_bits());
        assert_eq!(ours, single.to_bits(), "{count}");
    }
}

/// A network of each kind, with rows of all lengths.
fn networks<F: Float>() -> Vec<Network<F>> {
    let wiring = Wiring::random(5, 37, 3, 0.6, 3).unwrap();
    let ncp = Wiring::auto_ncp(5, 37, 3, 0.5, 3).unwrap();
    let clip = LtcOptions { positive: Positive::Clip, ..LtcOptions::default() };
    let mut all = vec![Network::ltc(&wiring, 1), Network::plain(&wiring, 2), Network::ltc_with(&ncp, clip, 3).unwrap()];
    for mode in [Mode::Default, Mode::NoGate, Mode::Pure] {
        all.push(Network::wired_cfc(&ncp, mode, 4).with_mixed_memory(5));
        let sizes = CfcSizes {
            inputs: 5,
            units: 19,
            mode,
            backbone_layers: 1,
            backbone_units: 21,
            activation: Activation::Silu,
        };
        all.push(Network::cfc(sizes, 6).unwrap());
        all.push(Network::cfc(CfcSizes { activation: Activation::Gelu, ..sizes }, 7).unwrap());
    }
    all
}

#[test]
fn networks_and_their_gradients_are_the_same_on_all_levels() {
    fn all<F: Float>() {
        for network in networks::<F>() {
            let wave = |count: usize, pace: f64| -> Vec<F> {
                (0..count).map(|i| F::from_f64((i as f64 * pace).sin().abs())).collect()
            };
            let (inputs, times, state) = (wave(6 * 5, 0.9), wave(6, 1.3), wave(network.state_len(), 0.7));
            let (of_outputs, of_state) = (wave(6 * network.outputs(), 0.4), wave(network.state_len(), 1.1));
            on_all_levels(|| {
                let all = network.gradients(&inputs, &times, &state, &of_outputs, &of_state).unwrap();
                let run = [all.run.outputs, all.run.state].concat();
                bits(&[run, all.parameters, all.inputs, all.state].concat())
            });
        }
    }
    all::<f32>();
    all::<f64>();
}
