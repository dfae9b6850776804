//! Classifiers over hypervectors: of binary vectors and counts, and whole models of tables and texts.
//!
//! | you have | take |
//! |---|---|
//! | a table or texts, and a label for each row | [`Model`], which chooses an encoder, trains, and calibrates its probabilities |
//! | vectors and the class of each | [`Classifier`]: centroids, retraining, several prototypes a class |
//! | counters that grow, to be read at any time | [`Prototypes`] |
//! | vectors without classes | [`k_means`] |
//!
//! [`Confusion`] counts what is taken for what, and [`Calibration`] makes probabilities of scores, and sets of classes
//! with a stated coverage.
//!
//! All training is a function of its input and a seed: the same for any number of threads, on every backend.
//!
//! # Features
//!
//! - `serde`: `Serialize` and `Deserialize` for [`HV16`](hv_encode::HV16).
//! - `bytemuck`: zero-copy casts between `[HV16]` and bytes.

#![forbid(unsafe_code)]

mod calibration;
mod classifier;
mod confusion;
mod counts;
mod encoder;
mod error;
mod format;
mod k_means;
mod model;
mod prototypes;
mod random;
mod table;
mod training;
mod vector;

pub use calibration::Calibration;
pub use classifier::Classifier;
pub use confusion::Confusion;
pub use counts::Counts;
pub use encoder::{Encoder, Kind};
pub use error::LearnError;
pub use hv_encode;
pub use hv_encode::hv_parallel::Progress;
pub use k_means::{Clusters, k_means};
pub use model::{Method, Model};
pub use prototypes::{BinaryPrototypes, CounterPrototypes, Prototypes};
pub use table::{Column, Table};
pub use training::{Rule, Training};
pub use vector::Vector;
