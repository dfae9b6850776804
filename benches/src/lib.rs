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

/// The examples of the READMEs and of the guide are compiled and run as documentation tests.
#[cfg(doctest)]
mod texts {
    macro_rules! texts {
        ($($name:ident $file:literal)*) => { $(#[doc = include_str!($file)] struct $name;)* };
    }

    texts! {
        Readme "../../README.md"
        GuideHypervectors "../../docs/guide/hypervectors.md"
        GuideEncoding "../../docs/guide/encoding.md"
        GuideStructures "../../docs/guide/structures.md"
        GuideSearching "../../docs/guide/searching.md"
        GuideLearning "../../docs/guide/learning.md"
        GuideMemory "../../docs/guide/memory.md"
        GuideProgram "../../docs/guide/program.md"
        Design "../../docs/design.md"
        Compare "../../COMPARE.md"
        Core "../../crates/hv-core/README.md"
        Simd "../../crates/hv-simd/README.md"
        Parallel "../../crates/hv-parallel/README.md"
        Memory "../../crates/hv-memory/README.md"
        Encode "../../crates/hv-encode/README.md"
        Ltc "../../crates/hv-ltc/README.md"
    }
}
