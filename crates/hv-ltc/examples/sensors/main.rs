//! Finds the odd stretch in irregular readings of three sensors, by memory.
//!
//! A CfC by wiring learns to predict the next reading from the first part of the readings, which is sound. Then it runs
//! over all of them, each step as long as the time between two readings. Its states become hypervectors, which are stored
//! as episodes. The nearest earlier episode of a state says how usual the state is; the oddest stretch is where these are
//! farthest. In the odd stretch one sensor lags behind. Each value by itself is within its usual range all the time.
//!
//! `cargo run --release -p hv-ltc --example sensors` exits with 1 if it finds another stretch.

mod readings;

use std::error::Error;
use std::process::ExitCode;

use hv_encode::FloatEncoder;
use hv_ltc::{Adam, Loss, Mode, Network, Sequence, Wiring, clip_norm};
use hv_memory::{Conditions, EpisodicMemory, NewEpisode};

use crate::readings::{ODD, Readings, SENSORS};

/// The end of the part that is known to be sound.
const SOUND: f64 = 200.0;

/// Number of readings in a sequence to learn from, and in a stretch.
const LENGTH: usize = 32;

/// How far back an episode must lie to be compared with, so that a stretch is not compared with itself.
const APART: f64 = 40.0;

/// Microseconds in a unit of time.
const MICROSECONDS: f64 = 1e6;

fn main() -> ExitCode {
    match find() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("sensors: that is not the odd stretch, {} to {}", ODD.start, ODD.end);
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("sensors: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the stretch that was found is the odd one.
fn find() -> Result<bool, Box<dyn Error>> {
    let readings = Readings::new(400.0, 7);
    let sound = readings.times.partition_point(|time| *time < SOUND);
    let network = learned(&readings, sound)?;

    // The state after each reading.
    let mut state = network.state();
    let mut states = Vec::new();
    for (values, elapsed) in readings.values.chunks(SENSORS).zip(&readings.elapsed) {
        network.step(values, *elapsed, &mut state)?;
        states.extend_from_slice(state.values());
    }
    let width = network.state_len();
    let encoder = FloatEncoder::new(width, 1).learn_thresholds(&states[..sound * width])?;
    let vectors = encoder.encode_batch(&states)?;

    // Each state is an episode, and is asked for the nearest one that lies some time back.
    let memory = EpisodicMemory::in_memory();
    let mut distances = Vec::new();
    for (index, (content, time)) in vectors.into_iter().zip(&readings.times).enumerate() {
        let at = |time: f64| (time * MICROSECONDS) as i64;
        if *time >= SOUND {
            let earlier = Conditions::new().time(..at(time - APART));
            let nearest = memory.recall_where(&content, 1, &earlier)?;
            distances.push(nearest.first().map_or(0.0, |nearest| f64::from(nearest.distance)));
        }
        let payload = index.to_le_bytes().to_vec();
        memory.store(NewEpisode { content, time: at(*time), payload, ..NewEpisode::default() })?;
    }

    let mean = |distances: &[f64]| distances.iter().sum::<f64>() / distances.len() as f64;
    let means: Vec<f64> = distances.windows(LENGTH).map(mean).collect();
    let oddest = (0..means.len()).max_by(|a, b| means[*a].total_cmp(&means[*b])).ok_or("too few readings")?;
    let (start, end) = (readings.times[sound + oddest], readings.times[sound + oddest + LENGTH - 1]);
    println!("{} readings, {} episodes", readings.times.len(), memory.len());
    println!(
        "the oddest stretch is {start:.1} to {end:.1}: the nearest earlier states are {:.0} bits away, {:.0} on the whole",
        means[oddest],
        mean(&distances)
    );
    Ok(ODD.start < end && start < ODD.end)
}

/// A network that has learned to predict the next reading from the sound ones.
fn learned(readings: &Readings, sound: usize) -> Result<Network<f32>, Box<dyn Error>> {
    let wiring = Wiring::auto_ncp(SENSORS, 32, 6, 0.5, 1)?;
    let mut network = Network::wired_cfc(&wiring, Mode::Default, 2).with_projection(SENSORS, 3)?;
    let mut adam = Adam::new(0.01)?;
    let zeros = vec![0.0; network.state_len()];
    // The values that follow those of a sequence are its goals.
    let starts: Vec<usize> = (0..sound - LENGTH).step_by(LENGTH / 2).collect();
    let sequences: Vec<_> = starts
        .iter()
        .map(|start| Sequence {
            inputs: &readings.values[start * SENSORS..][..LENGTH * SENSORS],
            elapsed: &readings.elapsed[*start..][..LENGTH],
            state: &zeros,
        })
        .collect();
    for epoch in 0..150 {
        let mut gradients = network.batch_gradients(&sequences, None, |index, run| {
            let goals = &readings.values[(starts[index] + 1) * SENSORS..][..LENGTH * SENSORS];
            let share = 1.0 / (goals.len() * starts.len()) as f32;
            let off: Vec<f32> = run.outputs.iter().zip(goals).map(|(output, goal)| output - goal).collect();
            let value = share * off.iter().map(|off| off * off).sum::<f32>();
            let of_outputs = off.iter().map(|off| 2.0 * share * off).collect();
            Loss { value, of_outputs, of_state: zeros.clone() }
        })?;
        if epoch % 50 == 49 {
            println!("epoch {}: mean square error {:.4}", epoch + 1, gradients.losses.iter().sum::<f32>());
        }
        clip_norm(&mut gradients.parameters, 1.0)?;
        adam.step(&mut network, &gradients.parameters)?;
    }
    Ok(network)
}
