//! Liquid time-constant networks: small recurrent networks whose synapses are sparse and whose steps may be of any
//! length of time.
//!
//! A [`Wiring`] says which neurons are connected, and with which polarity:
//!
//! ```
//! use hv_ltc::Wiring;
//!
//! let wiring = Wiring::auto_ncp(4, 16, 3, 0.5, 7)?; // 4 inputs, 16 units, 3 of them outputs
//! assert_eq!(wiring.layers().len(), 3);             // inter, command, motor
//! println!("{wiring}");                             // as a table
//! assert!(wiring.svg().starts_with("<svg"));
//! # Ok::<(), hv_ltc::LtcError>(())
//! ```
//!
//! A [`Network`] computes step after step; each has an elapsed time of its own, since irregular sampling is what these
//! networks are for:
//!
//! ```
//! use hv_ltc::{Network, Wiring};
//!
//! let network = Network::<f32>::ltc(&Wiring::auto_ncp(4, 16, 3, 0.5, 7)?, 1);
//! let mut state = network.state();
//! let output = network.step(&[0.1, 0.2, 0.3, 0.4], 0.5, &mut state)?; // half a unit of time later
//! assert_eq!(output.len(), 3);
//! assert!(network.step(&[0.1, 0.2, 0.3, 0.4], -0.5, &mut state).is_err());
//! # Ok::<(), hv_ltc::LtcError>(())
//! ```
//!
//! [`Network::step_batch`] advances several states in one call. [`Network::gradients`] computes the gradients of every
//! parameter through time, and [`Network::batch_gradients`] those of a batch of sequences, in parallel. [`Adam`] and
//! [`RmsProp`] train a network with them. [`Network::to_json`] and [`Network::from_json`] save and load it.
//!
//! Results are the same on every machine: sums have one order, in eight lanes, and no operations are fused. Exponential,
//! sigmoid and hyperbolic tangent are this crate's own; their relative error is at most 4 epsilon.

mod activation;
mod back;
mod batch;
mod blueprint;
mod cell;
mod cfc;
mod cfc_back;
mod checks;
mod error;
mod float;
mod gradients;
mod json;
mod kernels;
mod lanes;
mod layout;
mod level;
mod linear;
mod lstm;
mod ltc;
mod ltc_back;
mod math;
mod network;
mod optimizer;
mod pattern;
mod plain;
mod random;
mod recording;
mod room;
mod saved;
mod state;
mod synapses;
mod training;
mod wired;
mod wiring;
#[doc(hidden)]
pub mod workspace_internals;

pub use activation::Activation;
pub use batch::Batch;
pub use blueprint::CfcSizes;
pub use cfc::Mode;
pub use error::LtcError;
pub use float::Float;
pub use gradients::Gradients;
pub use layout::Tensor;
pub use ltc::{LtcOptions, Positive};
pub use network::Network;
pub use optimizer::{Adam, RmsProp, clip_norm};
pub use recording::Recording;
pub use state::{Run, Sequence, State};
pub use training::{BatchGradients, Loss};
pub use wiring::ncp::Ncp;
pub use wiring::{NeuronKind, Polarity, Synapse, Wiring};
