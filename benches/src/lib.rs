//! What `cargo bench`, `cargo xtask bench` and `cargo xtask tune-thresholds` share: inputs, operations by path, the
//! limits of this CPU, and the one timer, which measures in turns and leaves out what was disturbed.
//!
//! # Features
//!
//! - `peers`: other libraries on the same shapes ([`peers`]); one of them needs a C compiler.

pub mod bars;
pub mod inputs;
pub mod limits;
pub mod memory;
pub mod operations;
pub mod peers;
pub mod quiet;
pub mod rounds;
pub mod suites;

#[cfg(doctest)]
#[path = "../tests/units/texts.rs"]
mod texts;
