//! What the criterion suites and `cargo xtask bench` share: inputs, the paths of an operation, the limits of this
//! CPU, and interleaved measuring.
//!
//! # Features
//!
//! - `peers`: other libraries on the same shapes ([`peers`]); one of them needs a C compiler.

pub mod inputs;
pub mod limits;
pub mod paths;
pub mod rounds;
