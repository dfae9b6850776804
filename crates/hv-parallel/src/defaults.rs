//! The measured defaults of [`Thresholds`](crate::Thresholds): the work from which waking the pool pays.
//!
//! Written by `cargo xtask tune-thresholds --write`, which measures where the parallel curve of each operation
//! crosses the sequential one. Reasons and units are with the fields of `Thresholds`.
//!
//! Machine: AMD EPYC (Zen 3), 2 cores, AVX2
//! Date: 2026-11-22

use crate::Thresholds;

pub(crate) const MEASURED: Thresholds =
    Thresholds { bind: 4_000, similarity: 12_000, bundle: 4_000, nearest: 12_000, top_k: 12_000 };
