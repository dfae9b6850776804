//! What the fuzzer runs: a function for each target, which panics where it finds a bug.
//!
//! The same functions run as ordinary tests on the files of `corpus`.

#![forbid(unsafe_code)]

mod byte_forms;
mod folders;
mod import;
mod input;
mod kernels;
mod open_store;
mod panics;
mod thresholds;

pub use byte_forms::byte_forms;
pub use import::import;
pub use kernels::kernels;
pub use open_store::{Base, base, open_store};
pub use thresholds::thresholds;
