//! Readings of three sensors at irregular times, made up.

use std::ops::Range;

/// Number of sensors.
pub const SENSORS: usize = 3;

/// When the third sensor lags behind by half a period.
pub const ODD: Range<f64> = 310.0..325.0;

pub struct Readings {
    /// When each reading was taken.
    pub times: Vec<f64>,
    /// The time since the reading before.
    pub elapsed: Vec<f32>,
    /// Three values a reading, one reading after the other.
    pub values: Vec<f32>,
}

impl Readings {
    /// The readings up to a time.
    pub fn new(end: f64, seed: u64) -> Self {
        let mut readings = Self { times: Vec::new(), elapsed: Vec::new(), values: Vec::new() };
        let (mut random, mut time) = (seed, 0.0);
        while time < end {
            let since = 0.05 + 0.5 * uniform(&mut random);
            time += since;
            let lag = if ODD.contains(&time) { std::f64::consts::PI } else { 0.0 };
            let exact = [
                (time / 3.0).sin(),
                0.8 * (time / 3.0 + 1.0).sin() + 0.3 * (1.1 * time).sin(),
                0.5 * (2.0 * time / 3.0 + 2.0 + lag).sin(),
            ];
            readings.times.push(time);
            readings.elapsed.push(since as f32);
            readings.values.extend(exact.map(|value| (value + 0.04 * (uniform(&mut random) - 0.5)) as f32));
        }
        readings
    }
}

/// A number from 0 to 1, by SplitMix64.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}
