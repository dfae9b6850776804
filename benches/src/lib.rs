//! What the criterion suites and `cargo xtask bench` share: inputs, the paths of an operation, the limits of this
//! CPU, and interleaved measuring of what is promised.
//!
//! # Features
//!
//! - `peers`: other libraries on the same shapes ([`peers`]); one of them needs a C compiler.

pub mod bars;
pub mod inputs;
pub mod limits;
pub mod paths;
pub mod peers;
pub mod rounds;
