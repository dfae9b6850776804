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
pub mod quiet;
pub mod rounds;

/// The examples of the README and the guide are compiled and run as documentation tests.
#[cfg(doctest)]
mod texts {
    #[doc = include_str!("../../README.md")]
    struct Readme;

    #[doc = include_str!("../../docs/guide.md")]
    struct Guide;
}
