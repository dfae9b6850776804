//! The contract: every public name that users and outside checks rely on, used as they use it. Where the contract gives a
//! signature, a function pointer of that type holds it. A change that breaks this file breaks programs of others.
//!
//! The names of the program `hv` are held by the transcript of hv-cli.

#![allow(clippy::op_ref, clippy::type_complexity, reason = "operators and signatures as the contract writes them")]

mod core;
mod environment;
mod memory;
mod parallel;
mod simd;

use hv_core::HV16;

/// `n` unrelated vectors.
fn vectors(n: u64) -> Vec<HV16> {
    (0..n).map(HV16::random).collect()
}
