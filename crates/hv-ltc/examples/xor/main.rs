//! Learns the XOR of a stream of bits that is seen as events: a value each time that the bit changes, and the time since
//! the value before. The task, the sizes and the schedules are those of `train_xor.py` in the repository raminmh/CfC.
//!
//! `cargo run --release -p hv-ltc --example xor -- cfc CURVE.svg` trains a CfC of 64 units with mixed memory until it is
//! right about 99.0 % of the streams that were held out, or for an hour. `ltc` in place of `cfc` trains an LTC of 64 units
//! for 30 minutes; the paper has 49 % for it, which is chance. A number of minutes may follow. The curve of the accuracy is
//! written after each epoch.

mod curve;
mod streams;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use hv_ltc::{
    Activation, Adam, BatchGradients, CfcSizes, Loss, LtcError, Mode, Network, RmsProp, Run, Sequence, Wiring,
    clip_norm,
};
use rayon::prelude::*;

use crate::curve::Curve;
use crate::streams::{Stream, streams};

const UNITS: usize = 64;

/// Where the training of a CfC may stop.
const GOAL: f64 = 0.99;

/// What to train, and how.
struct Plan {
    name: &'static str,
    network: Network<f32>,
    optimizer: Optimizer,
    /// The first learning rate, and what each epoch multiplies it by.
    rate: (f64, f64),
    /// The limit of the gradients' norm.
    limit: f32,
    batch: usize,
    time: Duration,
    /// Whether to stop at the goal.
    stops: bool,
}

enum Optimizer {
    Adam(Adam<f32>),
    RmsProp(RmsProp<f32>),
}

impl Optimizer {
    fn step(&mut self, network: &mut Network<f32>, gradients: &[f32], rate: f64) -> Result<(), LtcError> {
        match self {
            Self::Adam(adam) => adam.set_rate(rate).and_then(|()| adam.step(network, gradients)),
            Self::RmsProp(rms) => rms.set_rate(rate).and_then(|()| rms.step(network, gradients)),
        }
    }
}

fn cfc() -> Result<Plan, LtcError> {
    let sizes = CfcSizes {
        inputs: 1,
        units: UNITS,
        mode: Mode::Default,
        backbone_layers: 1,
        backbone_units: 128,
        activation: Activation::Relu,
    };
    Ok(Plan {
        name: "CfC of 64 units with mixed memory",
        network: Network::cfc(sizes, 1)?.with_mixed_memory(2).with_projection(1, 3)?,
        optimizer: Optimizer::RmsProp(RmsProp::new(0.005, 0.9)?),
        rate: (0.005, 0.95),
        limit: 10.0,
        batch: 128,
        time: Duration::from_secs(3600),
        stops: true,
    })
}

fn ltc() -> Result<Plan, LtcError> {
    Ok(Plan {
        name: "LTC of 64 units",
        network: Network::ltc(&Wiring::fully_connected(1, UNITS, UNITS, 1)?, 2).with_projection(1, 3)?,
        optimizer: Optimizer::Adam(Adam::new(0.005)?),
        rate: (0.005, 0.9),
        limit: 5.0,
        batch: 256,
        time: Duration::from_secs(1800),
        stops: false,
    })
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (plan, rest) = match arguments.split_first() {
        Some((cell, rest)) if cell == "cfc" => (cfc(), rest),
        Some((cell, rest)) if cell == "ltc" => (ltc(), rest),
        _ => return usage(),
    };
    let (path, minutes) = match rest {
        [path] => (path, None),
        [path, minutes] => match minutes.parse::<u32>() {
            Ok(minutes) => (path, Some(Duration::from_secs(60 * u64::from(minutes)))),
            Err(_) => return usage(),
        },
        _ => return usage(),
    };
    let result = plan.map_err(Into::into).and_then(|mut plan| {
        plan.time = minutes.unwrap_or(plan.time);
        train(plan, PathBuf::from(path))
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xor: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: xor cfc|ltc CURVE.svg [MINUTES]");
    ExitCode::from(2)
}

fn train(mut plan: Plan, path: PathBuf) -> Result<(), Box<dyn Error>> {
    let (mut learned, held_out) = (streams(100_000, 1_234_984), streams(10_000, 48_736));
    let start = Instant::now();
    let mut curve = Curve::new(plan.name);
    curve.add(0.0, accuracy(&plan.network, &held_out)?);
    for epoch in 1.. {
        let rate = plan.rate.0 * plan.rate.1.powi(epoch - 1);
        streams::shuffle(&mut learned, epoch as u64);
        let mut loss = 0.0;
        for batch in learned.chunks(plan.batch) {
            let mut gradients = batch_gradients(&plan.network, batch)?;
            loss += gradients.losses.iter().map(|loss| f64::from(*loss)).sum::<f64>();
            clip_norm(&mut gradients.parameters, plan.limit)?;
            plan.optimizer.step(&mut plan.network, &gradients.parameters, rate)?;
            if start.elapsed() > plan.time {
                break;
            }
        }
        let accuracy = accuracy(&plan.network, &held_out)?;
        let minutes = start.elapsed().as_secs_f64() / 60.0;
        println!("epoch {epoch}, {minutes:.1} minutes: loss {loss:.4}, held out {:.2} % right", 100.0 * accuracy);
        curve.add(minutes, accuracy);
        std::fs::write(&path, curve.svg()).map_err(|error| format!("{}: {error}", path.display()))?;
        if start.elapsed() > plan.time || plan.stops && accuracy >= GOAL {
            break;
        }
    }
    Ok(())
}

/// The gradients of the mean of the cross-entropies of the last outputs, and the part of each stream in that mean.
fn batch_gradients(network: &Network<f32>, batch: &[Stream]) -> Result<BatchGradients<f32>, LtcError> {
    let zeros = vec![0.0; network.state_len()];
    let sequences: Vec<_> =
        batch.iter().map(|stream| Sequence { inputs: &stream.bits, elapsed: &stream.elapsed, state: &zeros }).collect();
    network.batch_gradients(&sequences, None, |index, run| {
        let (label, logit, share) = (batch[index].label, last(run), 1.0 / batch.len() as f32);
        let mut of_outputs = vec![0.0; run.outputs.len()];
        of_outputs[run.outputs.len() - 1] = share * (1.0 / (1.0 + (-logit).exp()) - label);
        let value = share * (logit.max(0.0) - logit * label + (-logit.abs()).exp().ln_1p());
        Loss { value, of_outputs, of_state: zeros.clone() }
    })
}

/// The share of streams whose last output has the sign of the label.
fn accuracy(network: &Network<f32>, streams: &[Stream]) -> Result<f64, LtcError> {
    let zeros = vec![0.0; network.state_len()];
    let right: Vec<bool> = streams
        .par_iter()
        .map(|stream| {
            let run = network.run(&stream.bits, &stream.elapsed, &zeros)?;
            Ok((last(&run) > 0.0) == (stream.label > 0.5))
        })
        .collect::<Result<_, LtcError>>()?;
    Ok(right.iter().filter(|right| **right).count() as f64 / streams.len() as f64)
}

/// The output of the last step; a stream has one step at least.
fn last(run: &Run<f32>) -> f32 {
    run.outputs.last().copied().unwrap_or_default()
}
